"""Types of the language as Python's: how they are annotated, what reads their values from an answer, how they are sent."""

from __future__ import annotations

from actionlang.clients.contract import Contract, keys_of
from actionlang.clients.python.code import mapping
from actionlang.clients.python.names import PythonNames
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table

PLAIN: dict[type[t.Type], tuple[str, str]] = {
    t.Text: ("str", "v.text"),
    t.Integer: ("int", "v.integer"),
    t.Decimal: ("Decimal", "v.decimal"),
    t.Money: ("Decimal", "v.decimal"),
    t.Float: ("float", "v.number"),
    t.Boolean: ("bool", "v.boolean"),
    t.Date: ("dt.date", "v.day"),
    t.DateTime: ("dt.datetime", "v.moment"),
    t.Duration: ("dt.timedelta", "v.duration"),
    t.Id: ("UUID", "v.uuid"),
    t.Json: ("v.JSON", "v.any_json"),
    t.File: ("str", "v.text"),
}
"""The annotation, and the function that reads it."""


class PythonTypes:
    """Types of one contract."""

    def __init__(self, contract: Contract, names: PythonNames) -> None:
        self.contract = contract
        self.names = names

    def sent(self, type_: t.Type) -> str:
        """The annotation of what callers give: as much as is not mistaken for something else."""
        if isinstance(type_, t.ListOf):
            item = self.sent(type_.item)
            # A text is a sequence of texts, too, so that one that should be a list would pass.
            return f"list[{item}] | tuple[{item}, ...]" if item == "str" else f"Sequence[{item}]"
        if isinstance(type_, t.Choices):
            return f"Collection[{self.names.choice(type_.name)}]"
        if isinstance(type_, t.Row):
            return " | ".join(self.names.any(table) for table in type_.tables)
        if isinstance(type_, t.Decimal | t.Money):
            return "Decimal | int"
        return self.got(type_)

    def got(self, type_: t.Type) -> str:
        """The annotation of what callers get."""
        if isinstance(type_, t.ListOf):
            return f"tuple[{self.got(type_.item)}, ...]"
        if isinstance(type_, t.Choice):
            return self.names.choice(type_.name)
        if isinstance(type_, t.Choices):
            return f"tuple[{self.names.choice(type_.name)}, ...]"
        if isinstance(type_, t.Row):
            return " | ".join(self.names.ref(table) for table in type_.tables)
        return PLAIN[type(type_)][0]

    def reader(self, type_: t.Type) -> str:
        """What reads a value out of an answer's JSON: an expression that can be called."""
        if isinstance(type_, t.ListOf):
            return f"v.each({self.reader(type_.item)})"
        if isinstance(type_, t.Choice):
            return f"v.member({self.names.choice(type_.name)})"
        if isinstance(type_, t.Choices):
            return f"v.several({self.names.choice(type_.name)})"
        if isinstance(type_, t.Row):
            if len(type_.tables) == 1:
                return f"{self.names.ref(type_.tables[0])}.from_wire"
            readers = ((self._entity_type(table), f"{self.names.ref(table)}.from_wire") for table in type_.tables)
            return f"v.OneOf[{self.got(type_)}]({mapping(readers, 3)})"
        return PLAIN[type(type_)][1]

    def sending(self, type_: t.Type, name: str) -> str:
        """What is sent for an argument."""
        return f"v.joined({name})" if isinstance(type_, t.Choices) else name

    def any_of(self, table: Table) -> list[str]:
        """The classes that name a row of a table."""
        return [
            self.names.ref(table.name),
            *(self.names.key(table.name, key) for key in keys_of(table)),
        ]

    def _entity_type(self, table: str) -> str:
        return self.contract.names.entity_type(table)
