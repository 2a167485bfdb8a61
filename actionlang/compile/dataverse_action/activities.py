"""The XAML of steps to activities. What is not known becomes an `Unknown`, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from actionlang.compile.dataverse_action import model as m
from actionlang.compile.dataverse_action.documents import Document, Node
from actionlang.compile.dataverse_action.visual_basic import (
    NEW_ROW,
    REFERENCE,
    is_id_of_row,
    operands,
    row_key,
    variable,
)

PLATFORM = "Microsoft.Crm.Workflow."
STEPS = (
    "AssignEntity",
    "CreateEntity",
    "InvokeSdkMessageActivity",
    "SendEmail",
    "SetState",
    "StartChildWorkflow",
    "TerminateWorkflow",
    "UpdateEntity",
)
"""Activities that do something, for counting what stands in one that is not known."""

SKIPPED = frozenset({"Persist", "Null", "Variable"})
"""What has no meaning of its own: a background workflow's points of saving, and what is declared."""

ROW_ACTIVITIES: dict[str, Callable[[m.Place, m.Key, str], m.Activity]] = {
    "CreateEntity": m.Create,
    "UpdateEntity": m.Update,
    "SetAttributeValue": m.Update,
    "SendEmail": lambda place, row, table: m.Create(place, row, table or "email", sent=True),
}


class ActivityReader:
    """Reads the activities of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def place(self, node: Node) -> m.Place:
        """Where a node stands. A file of one long line needs the column, too."""
        long = len(self.document.source.line(node.line)) > 1000
        return m.Place(f"line {node.line}{f', column {node.column}' if long else ''} of {self.document.prefix}")

    def read(self, nodes: Iterable[Node]) -> tuple[m.Activity, ...]:
        """All activities in order; lists of them are taken apart."""
        return tuple(activity for node in nodes for activity in self._activities(node))

    def _activities(self, node: Node) -> Iterator[m.Activity]:
        if node.name in SKIPPED or ("." in node.name and node.name.endswith(".TargetType")):
            return
        if node.name in ("Sequence.Variables", "Workflow.Variables"):
            yield from self._spans(node)
        elif node.name == "Collection":
            yield from self._spans(node) if node.attributes.get("x:Key") == "Variables" else self.read(node.children)
        elif node.name == "Sequence":
            yield m.Step(self.place(node), _description(node), self.read(node.children))
        elif node.name == "ActivityReference":
            yield self._reference(node)
        else:
            found = self._plain(node)
            if found is not None:
                yield found

    def _spans(self, node: Node) -> Iterator[m.Activity]:
        for declared in node.named("Variable"):
            for span in declared.within("XrmTimeSpan"):
                numbers = {key.lower(): int(value) for key, value in span.attributes.items() if _is_number(value)}
                known = {key: numbers.get(key, 0) for key in ("years", "months", "days", "hours", "minutes")}
                yield m.Define(self.place(declared), declared.attributes.get("Name", ""), m.Span(**known))

    # ---------------------------------------------------------------------------------------- elements of their own

    def _plain(self, node: Node) -> m.Activity | None:
        place, given = self.place(node), node.attributes
        row = row_key(given.get("Entity", ""))
        table = _known(given.get("EntityName", ""))
        if node.name == "Assign":
            return self._assign(node)
        if node.name == "TerminateWorkflow":
            return self._stop(node)
        if node.name == "If":
            return self._if(node)
        if node.name == "InvokeSdkMessageActivity":
            return self._message(node)
        if row is not None:
            value = variable(given.get("Value", ""))
            if node.name == "GetEntityProperty" and value:
                return m.GetProperty(place, value[0], row, table, given.get("Attribute", ""), _target_type(node))
            if node.name == "SetEntityProperty" and value:
                return m.SetProperty(place, row, given.get("Attribute", ""), value[0])
            if node.name == "AssignEntity":
                return self._owner(node, row, table)
            if node.name == "SetState":
                return self._state(node, row, table)
            if node.name in ROW_ACTIVITIES:
                return ROW_ACTIVITIES[node.name](place, row, table)
        if node.name == "StartChildWorkflow":
            row = row_key(given.get("EntityId", "").removesuffix(".Id]")) or m.Key("primaryEntity")
            return m.StartChild(place, given.get("WorkflowId", ""), row, table)
        return self._unknown(node)

    def _assign(self, node: Node) -> m.Activity | None:
        """`Assign`: begins a row, ends one, or sets an output."""
        to, value = node.attributes.get("To", ""), node.attributes.get("Value", "")
        row = row_key(to)
        if row is not None and (is_id_of_row(to) or row_key(value)):
            return None
        if row is not None and NEW_ROW.fullmatch(value.strip()):
            return m.NewRow(self.place(node), row)
        target, source = variable(to), variable(value)
        if target and source and row is None:
            return m.SetOutput(self.place(node), target[0], source[0], source[1])
        return self._unknown(node)

    def _owner(self, node: Node, row: m.Key, table: str) -> m.Activity:
        owner = node.attributes.get("Owner", "")
        found, by = REFERENCE.fullmatch(owner.strip()), variable(owner)
        if found:
            return m.Assign(self.place(node), row, table, owner_table=found[1], owner_id=found[2])
        return m.Assign(self.place(node), row, table, variable=by[0]) if by else self._unknown(node)

    def _state(self, node: Node, row: m.Key, table: str) -> m.Activity:
        numbers = [
            next((value.attributes.get("Value", "") for value in part.within("OptionSetValue")), "")
            for name in ("SetState.State", "SetState.Status")
            for part in node.named(name)
        ]
        if len(numbers) != 2 or not all(_is_number(number) for number in numbers):
            return self._unknown(node)
        return m.SetState(self.place(node), row, table, int(numbers[0]), int(numbers[1]))

    def _stop(self, node: Node) -> m.Activity:
        outcome, reason = node.attributes.get("Exception", ""), node.attributes.get("Reason", "")
        if "OperationStatus.Canceled" not in outcome and "OperationStatus.Succeeded" not in outcome:
            return self._unknown(node)
        by = variable(reason) if reason.startswith("[") else None
        failed = "OperationStatus.Canceled" in outcome
        return m.Stop(self.place(node), failed, by[0] if by else "", "" if by else _known(reason))

    def _if(self, node: Node) -> m.Activity:
        """The designer writes `If` only around the reading of a row that something else returned."""
        for found in node.within("RetrieveEntity"):
            row = row_key(found.attributes.get("Entity", ""))
            by = variable(found.attributes.get("EntityId", "").replace(".Id", ""))
            if row and by:
                return m.Retrieve(self.place(found), row, _known(found.attributes.get("EntityName", "")), by[0])
        return self._unknown(node)

    def _message(self, node: Node) -> m.Activity:
        name = _known(node.attributes.get("SdkMessageName", ""))
        table = _known(node.attributes.get("SdkMessageEntityName", ""))
        arguments = node.child("InvokeSdkMessageActivity.Arguments")
        return self._perform(node, name, "action", table, arguments) if name else self._unknown(node)

    def _perform(self, node: Node, verb: str, kind: str, table: str, arguments: Node | None) -> m.Activity:
        inputs, outputs = list[m.Given](), list[m.Given]()
        for argument in arguments.children if arguments else ():
            by = variable(argument.text)
            if argument.name not in ("InArgument", "OutArgument") or by is None:
                return self._unknown(node)
            type_name = _last(argument.attributes.get("x:TypeArguments", ""))
            given = m.Given(argument.attributes.get("x:Key", ""), type_name, by[0])
            (outputs if argument.name == "OutArgument" else inputs).append(given)
        return m.Perform(self.place(node), verb, kind, table, tuple(inputs), tuple(outputs))

    def _unknown(self, node: Node) -> m.Activity:
        named = node.attributes.get("AssemblyQualifiedName", "").partition(",")[0]
        label = node.attributes.get("DisplayName", "")
        inside = sum(1 for name in STEPS for _ in node.within(name))
        also = f", with {inside} step{'' if inside == 1 else 's'} in it," if inside else ""
        what = f"activity {named.rpartition('.')[2] or node.name}{f' ({label})' if label else ''}{also}"
        filled = [variable(found.text) for found in node.within("OutArgument")]
        filled += [variable(node.attributes.get(key, "")) for key in ("Value", "Result", "To")]
        return m.Unknown(self.place(node), what, tuple(found[0] for found in filled if found))

    # ------------------------------------------------------------------------------------------ ActivityReference

    def _reference(self, node: Node) -> m.Activity:
        full = node.attributes.get("AssemblyQualifiedName", "").partition(",")[0].strip()
        name = full.rpartition(".")[2]
        arguments = node.child("ActivityReference.Arguments")
        if not full.startswith(PLATFORM):
            return self._perform(node, name, "activity", "", arguments) if full else self._unknown(node)
        values = {
            argument.attributes.get("x:Key", ""): argument for argument in (arguments.children if arguments else ())
        }
        if name in ("Composite", "SequenceStep", "StageComposite", "StepComposite"):
            return self._composite(node)
        if name == "ConditionSequence":
            return self._condition(node, values)
        known = self._value_activity(node, name, values)
        return known if known is not None else self._unknown(node)

    def _value_activity(self, node: Node, name: str, values: dict[str, Node]) -> m.Activity | None:
        place = self.place(node)
        result = _variable_of(values, "Result")
        if not result:
            return None
        if name == "EvaluateExpression":
            found = operands(values["Parameters"].text) if "Parameters" in values else ()
            operator = values["ExpressionOperator"].text if "ExpressionOperator" in values else ""
            kind = _type_in(values["TargetType"]) if "TargetType" in values else None
            return None if found is None else m.Evaluate(place, result, operator.strip(), found, kind)
        if name == "ConvertCrmXrmTypes":
            return m.Convert(place, result, _variable_of(values, "Value"))
        if name == "EvaluateCondition":
            given = values.get("Parameters")
            found = () if given is None or given.name == "Null" else operands(given.text)
            operator = values["ConditionOperator"].text.strip() if "ConditionOperator" in values else ""
            return None if found is None else m.Compare(place, result, operator, _variable_of(values, "Operand"), found)
        if name in ("EvaluateLogicalCondition", "EvaluateLogicalExpression"):
            operator = values["LogicalOperator"].text.strip() if "LogicalOperator" in values else ""
            sides = (_variable_of(values, "LeftOperand"), _variable_of(values, "RightOperand"))
            return m.Combine(place, result, operator, *sides) if operator in ("And", "Or") and all(sides) else None
        return None

    def _composite(self, node: Node) -> m.Activity:
        properties = node.child("ActivityReference.Properties")
        activities = self.read(properties.children if properties else ())
        title = node.attributes.get("DisplayName", "")
        if title.startswith("StageStep"):
            return m.Stage(self.place(node), _description(node) or title.partition(":")[0], activities)
        return m.Step(self.place(node), _description(node), activities)

    def _condition(self, node: Node, values: dict[str, Node]) -> m.Activity:
        properties = node.child("ActivityReference.Properties")
        branches, before = list[m.Branch](), list[m.Activity]()
        found = [part for part in (properties.children if properties else ()) if part.name == "Collection"]
        for part in found:
            if part.attributes.get("x:Key") == "Variables":
                before += self._spans(part)
                continue
            for child in part.children:
                full = child.attributes.get("AssemblyQualifiedName", "").partition(",")[0]
                if full == f"{PLATFORM}Activities.ConditionBranch":
                    branches += self._branch(child, tuple(before))
                    before = []
                else:
                    before += self._activities(child)
        waits = "Wait" in values and values["Wait"].text.strip() == "True"
        return m.Condition(self.place(node), _description(node), tuple(branches), waits)

    def _branch(self, node: Node, before: tuple[m.Activity, ...]) -> Iterator[m.Branch]:
        arguments = node.child("ActivityReference.Arguments")
        properties = node.child("ActivityReference.Properties")
        condition = next((part.text.strip() for part in (arguments.children if arguments else ())), "")
        parts = {part.attributes.get("x:Key", ""): part for part in (properties.children if properties else ())}
        by = variable(condition)
        name = "" if condition in ("True", "[True]") or by is None else by[0]
        described = parts["Description"].text.strip() if "Description" in parts else ""
        for key, held in (("Then", name), ("Else", "")):
            part = parts.get(key)
            if part is not None and part.name != "Null":
                yield m.Branch(held, described or _description(node), before, self._steps(part), self.place(node))
            elif key == "Then":
                yield m.Branch(held, described or _description(node), before, (), self.place(node))
            before = ()

    def _steps(self, node: Node) -> tuple[m.Activity, ...]:
        """What a branch does, without the wrapper around it."""
        found = self.read((node,))
        return found[0].activities if len(found) == 1 and isinstance(found[0], m.Step) else found


def _description(node: Node) -> str:
    """What the designer was told of a step: behind the colon of `UpdateStep3: Close the case`."""
    return " ".join(node.attributes.get("DisplayName", "").partition(":")[2].split())


def _target_type(node: Node) -> str | None:
    return next((_type_in(part) for part in node.children if part.name.endswith(".TargetType")), None)


def _type_in(node: Node) -> str | None:
    return next(
        (_last(found.attributes["Value"]) for found in node.within("ReferenceLiteral") if "Value" in found.attributes),
        None,
    )


def _last(name: str) -> str:
    """`mxs:EntityReference` without its prefix."""
    return name.rpartition(":")[2]


def _known(text: str) -> str:
    return "" if text == "{x:Null}" else text


def _variable_of(values: dict[str, Node], key: str) -> str:
    found = variable(values[key].text) if key in values else None
    return found[0] if found else ""


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()
