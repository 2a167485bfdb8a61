"""What tables, choices, verbs, parameters and columns are called in a TypeScript client."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from actionlang.clients.contract import Contract, keys_of
from actionlang.clients.naming import camel, free_names, named, pascal
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.wire_names import read
from actionlang.plan.plan import Parameter

CLASSES = frozenset(
    {
        "ActionLangError", "ActionOptions", "AbortSignal", "Array", "ArrayBuffer", "BigInt", "Boolean", "CallOptions", "Client",
        "ClientOptions", "Data", "Date", "Day", "Decimal", "Duration", "Error", "ErrorDetail", "Function", "Id", "Infinity",
        "Integer", "Json", "ListOptions", "Map", "Moment", "NaN", "NoArguments", "Number", "Object", "Promise", "Read",
        "Readonly", "ReadonlyArray", "Record", "Response", "Row", "Rows", "String", "Symbol", "Transport", "UnexpectedAnswer",
    }
)  # fmt: skip
MEMBERS = frozenset({"constructor", "then", "toString", "valueOf", "hasOwnProperty"})
"""Names that objects have already; one with `then` would be taken for a promise."""


RESERVED = frozenset(
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false "
    "finally for function if implements import in instanceof interface let new null package private protected public return "
    "static super switch this throw true try typeof var void while with yield etag".split()
)
"""Words that no parameter can be called, and what rows that were read have besides their columns."""


@attrs.frozen
class TypeScriptNames:
    """Names of classes and interfaces by what they stand for: a kind, and the full name of a table, choice or verb. Those of what
    the client has, by kind as well: `verb` or `rows`."""

    classes: dict[tuple[str, ...], str]
    members: dict[tuple[str, str], str]

    @staticmethod
    def of(contract: Contract) -> TypeScriptNames:
        """The names of all that is in a contract."""
        wire = contract.names
        classes: dict[tuple[str, ...], str] = {}
        for choice in contract.choices:
            classes["choice", choice] = pascal(read(wire.enum(choice)))
        for name, table in contract.tables.items():
            entity = pascal(read(wire.entity_type(name)))
            classes["row", name] = entity
            classes["ref", name] = f"{entity}Ref"
            for key in keys_of(table):
                classes["key", name, *key] = f"{entity}By{''.join(map(pascal, key))}"
            classes["any", name] = f"Any{entity}"
        for verb in contract.verbs:
            classes["arguments", verb.name] = f"{pascal(read(wire.verb(verb.name)))}Arguments"
            if verb.outputs:
                classes["result", verb.name] = f"{pascal(read(wire.verb(verb.name)))}Result"
        members: dict[tuple[str, str], str] = {}
        for verb in contract.verbs:
            members["verb", verb.name] = camel(read(wire.verb(verb.name)))
        for name in contract.tables:
            members["rows", name] = camel(read(wire.entity_set(name)))
        return TypeScriptNames(free_names(classes, CLASSES), free_names(members, MEMBERS))

    def choice(self, name: str) -> str:
        """The constant of a choice, and the type of its members."""
        return self.classes["choice", name]

    def row(self, table: str) -> str:
        """The class of rows that were read."""
        return self.classes["row", table]

    def ref(self, table: str) -> str:
        """The class of what names a row by its primary key."""
        return self.classes["ref", table]

    def key(self, table: str, key: Iterable[str]) -> str:
        """The class of what names a row by another key."""
        return self.classes["key", table, *key]

    def any(self, table: str) -> str:
        """All of these that name a row."""
        return self.classes["any", table]

    def arguments(self, verb: str) -> str:
        """The interface of what a verb takes."""
        return self.classes["arguments", verb]

    def result(self, verb: str) -> str:
        """The interface of what a verb returns."""
        return self.classes["result", verb]

    def method(self, verb: str) -> str:
        """The method that calls a verb."""
        return self.members["verb", verb]

    def rows(self, table: str) -> str:
        """The property of a client by which a table's rows are read."""
        return self.members["rows", table]


def property_names(columns: Iterable[Column | Parameter]) -> dict[str, str]:
    """Names of an object's properties, by those of parameters or outputs."""
    return named([each.name for each in columns], camel, MEMBERS)


def key_names(columns: Iterable[Column]) -> dict[str, str]:
    """Names of the columns of a key, which are those of a constructor's parameters, too."""
    return named([each.name for each in columns], camel, MEMBERS | RESERVED)


def row_names(table: Table) -> dict[str, str]:
    """Names of the properties of rows that were read: those of the key as what names rows by it has them."""
    keys = key_names(table.primary)
    others = [each.name for each in table.columns if not each.primary]
    return {**keys, **named(others, camel, {*MEMBERS, *keys.values(), "etag"})}
