"""Types of the language as TypeScript's: what callers give and get, what sends it, what reads it from an answer."""

from __future__ import annotations

import attrs

from actionlang.clients.contract import Contract
from actionlang.clients.typescript.code import member
from actionlang.clients.typescript.names import TypeScriptNames
from actionlang.metadata import types as t


@attrs.frozen
class Plain:
    """A type that is the same in every contract: what callers give, what they get, the functions that send and read it."""

    sent: str
    got: str
    send: str
    read: str


PLAIN: dict[type[t.Type], Plain] = {
    t.Text: Plain("string", "string", "v.text", "v.asText"),
    t.Integer: Plain("v.Integer", "bigint", "v.integer", "v.asInteger"),
    t.Decimal: Plain("v.Decimal", "v.Decimal", "v.decimal", "v.asDecimal"),
    t.Money: Plain("v.Decimal", "v.Decimal", "v.decimal", "v.asDecimal"),
    t.Float: Plain("number", "number", "v.float", "v.asFloat"),
    t.Boolean: Plain("boolean", "boolean", "v.boolean", "v.asBoolean"),
    t.Date: Plain("v.Day", "v.Day", "v.day", "v.asDay"),
    t.DateTime: Plain("v.Moment | Date", "v.Moment", "v.instant", "v.asMoment"),
    t.Duration: Plain("v.Duration", "v.Duration", "v.duration", "v.asDuration"),
    t.Id: Plain("v.Id", "v.Id", "v.id", "v.asId"),
    t.Json: Plain("v.Json", "v.Json", "v.json", "v.asJson"),
    t.File: Plain("string", "string", "v.text", "v.asText"),
}


class TypeScriptTypes:
    """Types of one contract."""

    def __init__(self, contract: Contract, names: TypeScriptNames) -> None:
        self.contract = contract
        self.names = names

    def sent(self, type_: t.Type) -> str:
        """The type of what callers give."""
        if isinstance(type_, t.ListOf):
            return f"readonly {_grouped(self.sent(type_.item))}[]"
        if isinstance(type_, t.Choice):
            return self.names.choice(type_.name)
        if isinstance(type_, t.Choices):
            return f"readonly {self.names.choice(type_.name)}[]"
        if isinstance(type_, t.Row):
            return " | ".join(self.names.any(table) for table in type_.tables)
        return PLAIN[type(type_)].sent

    def got(self, type_: t.Type) -> str:
        """The type of what callers get."""
        if isinstance(type_, t.ListOf):
            return f"readonly {_grouped(self.got(type_.item))}[]"
        if isinstance(type_, t.Row):
            return " | ".join(self.names.ref(table) for table in type_.tables)
        return self.sent(type_) if isinstance(type_, t.Choice | t.Choices) else PLAIN[type(type_)].got

    def sender(self, type_: t.Type) -> str:
        """The function that sends a value."""
        if isinstance(type_, t.ListOf):
            return f"v.list({self.sender(type_.item)})"
        if isinstance(type_, t.Choice):
            return "v.choice"
        if isinstance(type_, t.Choices):
            return "v.choices"
        return "v.row" if isinstance(type_, t.Row) else PLAIN[type(type_)].send

    def reader(self, type_: t.Type) -> str:
        """The function that reads a value out of an answer's JSON."""
        if isinstance(type_, t.ListOf):
            return f"v.asList({self.reader(type_.item)})"
        if isinstance(type_, t.Choice):
            return f"v.asMember({self.names.choice(type_.name)})"
        if isinstance(type_, t.Choices):
            return f"v.asMembers({self.names.choice(type_.name)})"
        if isinstance(type_, t.Row):
            if len(type_.tables) == 1:
                return f"{self.names.ref(type_.tables[0])}.fromWire"
            return f"v.asOneOf<{self.got(type_)}>({self.by_type(type_, 'fromWire')})"
        return PLAIN[type(type_)].read

    def by_type(self, type_: t.Row, how: str) -> str:
        """The functions that read rows of several tables, by what their types are called."""
        names = self.contract.names
        pairs = (f"{member(names.entity_type(table))}: {self.names.ref(table)}.{how}" for table in type_.tables)
        return f"{{ {', '.join(pairs)} }}"


def _grouped(type_: str) -> str:
    return f"({type_})" if " " in type_ else type_
