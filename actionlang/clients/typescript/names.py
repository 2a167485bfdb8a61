"""What tables, choices, verbs, parameters and columns are called in a TypeScript client."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from actionlang.clients.contract import Contract
from actionlang.clients.names import ClientNames, classes_of, members_of
from actionlang.clients.naming import camel, free_names, named, pascal
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.wire_names import read
from actionlang.plan.plan import Parameter

CLASSES = frozenset(
    {
        "ActionLangError", "ActionOptions", "AbortSignal", "Array", "ArrayBuffer", "BigInt", "Boolean", "CallOptions", "Client",
        "ClientOptions", "Data", "Date", "Day", "Decimal", "Duration", "Error", "ErrorDetail", "Function", "Id", "Infinity",
        "Integer", "Json", "ListOptions", "Map", "Moment", "NaN", "NoArguments", "Number", "Object", "Promise", "Read",
        "Readonly", "ReadonlyArray", "Record", "Response", "Row", "Rows", "StartOptions", "Started", "StartedOutcome", "String",
        "Symbol", "Transport", "UnexpectedAnswer", "WaitOptions",
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
class TypeScriptNames(ClientNames):
    """Names of classes and interfaces, of the constants of choices, and of the client's methods and properties."""

    @staticmethod
    def of(contract: Contract) -> TypeScriptNames:
        """The names of all that is in a contract."""
        classes = classes_of(contract)
        for verb in contract.verbs:
            name = pascal(read(contract.names.verb(verb.name)))
            classes["arguments", verb.name] = f"{name}Arguments"
            if verb.outputs:
                classes["result", verb.name] = f"{name}Result"
        return TypeScriptNames(free_names(classes, CLASSES), free_names(members_of(contract, camel), MEMBERS))

    def arguments(self, verb: str) -> str:
        """The interface of what a verb takes."""
        return self.classes["arguments", verb]


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
