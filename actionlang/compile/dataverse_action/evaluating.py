"""What the variables of an action hold, step by step."""

from __future__ import annotations

from actionlang.compile.dataverse_action import model as m
from actionlang.compile.dataverse_action import values as v
from actionlang.compile.dataverse_action.written import CanNotSay

PRIMARY = "primaryEntity"
CALCULATIONS = ("Add", "Subtract", "Multiply", "Divide")


class Variables:
    """Variables and rows by name, as far as the steps have come."""

    def __init__(self, workflow: m.Workflow) -> None:
        self.primary = workflow.table
        self.arguments = {argument.name for argument in workflow.arguments}
        self.held: dict[str, v.Value] = {}
        self.state: object = object()
        self.rows: dict[str, v.RowSource | None] = {}

    def value(self, name: str) -> v.Value:
        """What a variable holds; nothing, if it was never filled."""
        if name in self.held:
            return self.held[name]
        return v.ArgumentValue(name) if name in self.arguments else v.Nothing()

    def row(self, key: m.Key, table: str) -> v.RowSource:
        """The row that a key stands for. Raises CanNotSay where there is none."""
        if key.text == PRIMARY:
            if self.primary is None:
                raise CanNotSay("a global action has no row of its own")
            return v.PrimaryRow(self.primary)
        if key.text in self.rows:
            found = self.rows[key.text]
            if found is None:
                raise CanNotSay("the row is one that only a branch above makes")
            return found
        if key.text.startswith("related_") and "#" in key.text and self.primary is not None:
            lookup, _, related = key.text.removeprefix("related_").partition("#")
            return v.RelatedRow(related or table, v.PrimaryRow(self.primary), lookup)
        raise CanNotSay(f"the row {key.text}, which no step before makes")

    def leave(self, before: dict[str, v.RowSource | None], held: dict[str, v.Value]) -> None:
        """Forget what a branch has made: its names are not known behind it."""
        for key in self.rows:
            if key not in before:
                self.rows[key] = None
        for name, value in self.held.items():
            if isinstance(value, v.OutputOf) and name not in held:
                self.held[name] = v.Unreadable("it is what only a branch above returns", m.Place("above"))

    def written(self) -> None:
        """A step has written: what was read before may be another value now."""
        self.state = object()

    def take(self, activity: m.Activity) -> bool:
        """Note what an activity puts into a variable; False for one that does something else."""
        match activity:
            case m.Define():
                self.held[activity.variable] = v.Period(activity.span)
            case m.Convert():
                self.held[activity.variable] = self.value(activity.value)
            case m.GetProperty():
                self.held[activity.variable] = self._column(activity)
            case m.Evaluate():
                self.held[activity.variable] = self._evaluated(activity)
            case m.Compare():
                parameters = tuple(self._operand(operand) for operand in activity.parameters)
                self.held[activity.variable] = v.Comparison(activity.operator, self.value(activity.operand), parameters)
            case m.Combine():
                sides = (self.value(activity.left), self.value(activity.right))
                self.held[activity.variable] = v.Both(activity.operator, *sides)
            case m.Retrieve():
                self.rows[activity.row.text] = v.ReturnedRow(activity.table, self.value(activity.variable))
            case _:
                return False
        return True

    def _column(self, activity: m.GetProperty) -> v.Value:
        try:
            row = self.row(activity.row, activity.table)
        except CanNotSay as reason:
            return v.Unreadable(str(reason), activity.place)
        return v.ColumnOf(row, activity.column, activity.type, self.state)

    def _operand(self, operand: m.Operand) -> v.Value:
        return v.Literal("String", operand.text) if isinstance(operand, m.Quoted) else self.value(operand.text)

    def _evaluated(self, activity: m.Evaluate) -> v.Value:
        parts = tuple(self._operand(operand) for operand in activity.operands)
        if activity.operator == "CreateCrmType":
            return self._constant(activity)
        if activity.operator == "RetrieveCurrentTime":
            return v.Now()
        if activity.operator == "CustomOperationArguments" and len(parts) == 1:
            return parts[0]
        if activity.operator == "SelectFirstNonNull":
            return v.FirstOf(parts, activity.type)
        if activity.operator == "Add" and activity.type == "EntityCollection":
            return v.Parties(parts)
        if activity.operator == "Concat":
            return v.Calculation("Add", parts, "String")
        if activity.operator in CALCULATIONS:
            return v.Calculation(activity.operator, parts, activity.type)
        return v.Unreadable(f"the calculation {activity.operator}", activity.place)

    def _constant(self, activity: m.Evaluate) -> v.Value:
        """`CreateCrmType`: which type, then the value, in several parts for a row."""
        kind = activity.operands[0].text.rpartition(".")[2] if activity.operands else ""
        rest = activity.operands[1:]
        if kind == "PartyList":
            return v.Parties(tuple(self.value(part.text) for part in rest if isinstance(part, m.Name)))
        if kind == "EntityReference" and len(rest) >= 3 and isinstance(rest[0], m.Quoted):
            number = self._operand(rest[2])
            if isinstance(number, v.Literal):
                return v.Reference(rest[0].text, number.text, rest[1].text)
        elif rest:
            return v.Literal(kind, rest[0].text) if isinstance(rest[0], m.Quoted) else self.value(rest[0].text)
        return v.Unreadable(f"a constant of type {kind or 'unknown'}", activity.place)
