"""Actions and functions of a `$metadata` document to contracts of the host."""

from __future__ import annotations

from collections import Counter

from actionlang.metadata.emit_contracts import Argument, Contract
from actionlang.metadata.sources.dataverse_annotations import notes_of
from actionlang.metadata.sources.dataverse_model import Csdl, Facets, Operation, Property, TypeUse
from actionlang.metadata.sources.dataverse_names import Names, Unique
from actionlang.metadata.sources.dataverse_types import Made, value_type
from actionlang.metadata.sources.dataverse_xml import Place

RESULT = "result"
"""What an operation's answer is called where it has no name of its own."""


class Contracts:
    """Makes the contracts of a document."""

    def __init__(self, csdl: Csdl, names: Names) -> None:
        self.csdl = csdl
        self.names = names
        self.overloads = Counter(each.name.casefold() for each in csdl.operations)
        self.tables = {full.rpartition(".")[2] for full in names.tables.values()}
        self.unique = Unique()

    def make(self) -> list[Contract]:
        """All contracts, in the order of their names. Operations on rows of tables that were left out are left out, too."""
        wanted = [each for each in self.csdl.operations if not is_left_out(each, self.names)]
        wanted.sort(key=lambda each: (_wanted(each, self.overloads).casefold(), each.place.line, each.place.column))
        return [_ContractMaking(self, each).make() for each in wanted]

    def name(self, operation: Operation) -> str:
        """An operation's name, each once. A function of a table's name would hide the table's rows, `team("Tier 2")`."""
        wanted = _wanted(operation, self.overloads)
        hides = operation.kind == "Function" and wanted in self.tables
        return self.unique.take(f"{wanted}_function" if hides else wanted)


def is_left_out(operation: Operation, names: Names) -> bool:
    """Whether an operation is not asked for: where only some tables are, it is on none of them, or on others as well."""
    used = [*operation.parameters, *([operation.returns] if operation.returns else [])]
    types = {each.type.name for each in used}
    return bool(names.left_out) and (bool(types & names.left_out) or not types & names.tables.keys())


def _wanted(operation: Operation, overloads: Counter[str]) -> str:
    """An operation's name; of several of one name each is called after what it is on as well: `AddItemCampaign_list`."""
    if overloads[operation.name.casefold()] > 1 and operation.bound and operation.parameters:
        return f"{operation.name}_{operation.parameters[0].type.short}"
    return operation.name


class _ContractMaking:
    """One contract being made."""

    def __init__(self, contracts: Contracts, operation: Operation) -> None:
        self.csdl = contracts.csdl
        self.names = contracts.names
        self.operation = operation
        self.name = contracts.name(operation)
        self.notices: list[str] = []

    def make(self) -> Contract:
        """The contract. What it can not express is said above it."""
        operation = self.operation
        parameters = list(operation.parameters)
        table = self._table(parameters[0].type) if operation.bound and parameters else None
        row = None
        if table is not None:
            row = table.rpartition(".")[2]
            parameters = parameters[1:]
        inputs = self._inputs(parameters, row)
        outputs = self._outputs()
        function = operation.kind == "Function" and len(outputs) == 1
        if operation.kind == "Function" and not function:
            told = f"a function, which writes nothing. It returns {len(outputs)} values, so it is an action here."
            self._say(f"{operation.name} is {told}", operation.place)
        return Contract(
            self.name,
            function,
            table,
            inputs,
            outputs,
            self._described(),
            tuple(self.notices),
        )

    def _table(self, use: TypeUse) -> str | None:
        return None if use.collection else self.names.tables.get(use.name)

    def _described(self) -> str:
        notes = notes_of(self.csdl, self.operation.annotations)
        called = "" if self.name == self.operation.name else f"Called {self.operation.name} in Dataverse."
        return "\n".join(part for part in (notes.doc, called) if part)

    def _say(self, text: str, place: Place) -> None:
        told = str(place)
        self.notices.append(f"{told[:1].upper()}{told[1:]}: {text}")

    def _inputs(self, parameters: list[Property], row: str | None) -> tuple[Argument, ...]:
        taken = Unique(() if row is None else (row,))
        found = []
        for each in parameters:
            notes = notes_of(self.csdl, each.annotations)
            optional = notes.optional or (each.nullable and not each.type.collection)
            found.append(self._argument(each, taken.take(each.name), optional=optional, doc=notes.doc))
        return tuple(found)

    def _outputs(self) -> tuple[Argument, ...]:
        """What it returns: the properties of a complex type, which is how Dataverse names several values, or one `result`."""
        returns = self.operation.returns
        if returns is None:
            return ()
        properties = [] if returns.type.collection else self._properties(returns.type)
        if not properties:
            optional = returns.nullable and not returns.type.collection
            return (self._argument(returns, RESULT, optional=optional),)
        taken = Unique()
        return tuple(
            self._argument(
                each,
                taken.take(each.name),
                optional=(each.nullable and not each.type.collection),
                doc=notes_of(self.csdl, each.annotations).doc,
            )
            for each in properties
        )

    def _properties(self, use: TypeUse) -> list[Property]:
        """The properties of a complex type, those that lead to rows among them; what it is a kind of goes first."""
        found: dict[str, Property] = {}
        for kind in reversed(list(self.csdl.complex_kinds(use.name))):
            found.update({each.name: each for each in kind.properties})
            for each in kind.navigations:
                found[each.name] = Property(each.name, each.type, True, Facets(), each.place, each.annotations)
        return list(found.values())

    def _argument(self, each: Property, name: str, *, optional: bool, doc: str = "") -> Argument:
        made: Made = value_type(each.type, each.facets, self.csdl, self.names)
        if made.notice:
            self._say(f"{name} is {made.notice}", each.place)
        if name not in (each.name, RESULT):
            self._say(f"{each.name} is called {name} here: its own name is taken.", each.place)
        return Argument(name, made.type, optional, doc)
