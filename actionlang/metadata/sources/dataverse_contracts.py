"""Actions and functions of a `$metadata` document to contracts of the host."""

from __future__ import annotations

from collections import Counter

from actionlang.metadata.emit_contracts import Argument, Contract
from actionlang.metadata.sources.dataverse_annotations import notes_of
from actionlang.metadata.sources.dataverse_model import Csdl, Facets, Operation, Property, TypeUse
from actionlang.metadata.sources.dataverse_names import Names, Unique
from actionlang.metadata.sources.dataverse_own import type_of
from actionlang.metadata.sources.dataverse_said import holds, own_name, said_of, texts_of
from actionlang.metadata.sources.dataverse_types import Made, value_type
from actionlang.metadata.sources.dataverse_xml import Place
from actionlang.metadata.wire_names import read

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
        wanted.sort(
            key=lambda each: (_wanted(self.csdl, each, self.overloads).casefold(), each.place.line, each.place.column)
        )
        return [_ContractMaking(self, each).make() for each in wanted]

    def name(self, operation: Operation) -> str:
        """An operation's name, each once. A function of a table's name would hide the table's rows, `team("Tier 2")`."""
        wanted = _wanted(self.csdl, operation, self.overloads)
        hides = operation.kind == "Function" and wanted in self.tables
        return self.unique.take(f"{wanted}_function" if hides else wanted)


def is_left_out(operation: Operation, names: Names) -> bool:
    """Whether an operation is not asked for: where only some tables are, it is on none of them, or on others as well."""
    used = [*operation.parameters, *([operation.returns] if operation.returns else [])]
    types = {each.type.name for each in used}
    return bool(names.left_out) and (bool(types & names.left_out) or not types & names.tables.keys())


def _wanted(csdl: Csdl, operation: Operation, overloads: Counter[str]) -> str:
    """An operation's name, or the one that a document of our own says; of several of one name each is called after what it is on
    as well: `AddItemCampaign_list`."""
    if (said := own_name(csdl, operation)) is not None:
        return said.rpartition(".")[2]
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
        self.is_own = own_name(contracts.csdl, operation) is not None
        self.notices: list[str] = []

    def called(self, each: Property) -> str:
        """What a parameter or output is called."""
        return read(each.name) if self.is_own else each.name

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
        called = (
            "" if self.is_own or self.name == self.operation.name else f"Called {self.operation.name} in Dataverse."
        )
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
            found.append(self._argument(each, taken.take(self.called(each)), optional=optional, doc=notes.doc))
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
                taken.take(self.called(each)),
                optional=(each.nullable and not each.type.collection),
                doc=notes_of(self.csdl, each.annotations).doc,
            )
            for each in properties
        )

    def _properties(self, use: TypeUse) -> list[Property]:
        """The properties of a complex type, those that lead to rows among them; what it is a kind of goes first."""
        found: dict[str, Property] = {}
        order: tuple[str, ...] = ()
        for kind in reversed(list(self.csdl.complex_kinds(use.name))):
            found.update({each.name: each for each in kind.properties})
            order = texts_of(said_of(self.csdl, kind.annotations), "Order") or order
            for each in kind.navigations:
                made = Property(each.name, each.type, each.nullable, Facets(), each.place, each.annotations)
                found[each.name] = made
        ranks = {name: at for at, name in enumerate(order)}
        return sorted(found.values(), key=lambda each: ranks.get(each.name, len(ranks)))

    def _argument(self, each: Property, name: str, *, optional: bool, doc: str = "") -> Argument:
        said = said_of(self.csdl, each.annotations)
        own = type_of(said, self.names)
        made: Made = Made(own) if own else value_type(each.type, each.facets, self.csdl, self.names)
        optional = optional or holds(said, "Optional")
        if made.notice:
            self._say(f"{name} is {made.notice}", each.place)
        if name not in (self.called(each), RESULT):
            self._say(f"{each.name} is called {name} here: its own name is taken.", each.place)
        return Argument(name, made.type, optional, doc)
