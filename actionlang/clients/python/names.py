"""What tables, choices, verbs, parameters and columns are called in a Python client."""

from __future__ import annotations

import keyword
from collections.abc import Iterable

import attrs

from actionlang.clients.contract import Contract
from actionlang.clients.names import ClientNames, classes_of, members_of
from actionlang.clients.naming import free_names, named, pascal, shout, snake
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.metadata.wire_names import read
from actionlang.plan.plan import Parameter, Verb

KEYWORDS = frozenset(keyword.kwlist)
BUILTINS = frozenset(
    {"bool", "classmethod", "float", "int", "list", "object", "property", "staticmethod", "str", "tuple"}
)
"""What generated classes say in their bodies, where a name of the class's own would hide it."""

CLASSES = frozenset(
    {
        "ActionLangError", "AsyncBaseClient", "AsyncClient", "AsyncRows", "AsyncStarted", "BaseClient", "Call", "ClassVar",
        "Client", "Collection", "Data", "Decimal", "IntEnum", "JSON", "Mapping", "Pending", "Row", "Rows", "Self",
        "Sequence", "Started", "StrEnum", "TypeAlias", "UUID", "UnexpectedAnswer", *KEYWORDS,
    }
)  # fmt: skip
MEMBERS = KEYWORDS | BUILTINS | {"close", "deprecated", "dt", "m", "v"}
PARAMETERS = KEYWORDS | {"self", "key", "expected", "dry_run", "dt", "v"}
ATTRIBUTES = (
    KEYWORDS
    | BUILTINS
    | {"attrs", "cls", "dt", "etag", "from_wire", "of_key", "self", "v", "wire_key", "wire_primary", "wire_set"}
)
ENUM_MEMBERS = KEYWORDS


@attrs.frozen
class PythonNames(ClientNames):
    """Names of classes, and of the methods and attributes of both clients."""

    @staticmethod
    def of(contract: Contract) -> PythonNames:
        """The names of all that is in a contract."""
        classes = classes_of(contract)
        for verb in (each for each in contract.verbs if each.outputs):
            classes["result", verb.name] = f"{pascal(read(contract.names.verb(verb.name)))}Result"
        return PythonNames(free_names(classes, CLASSES), free_names(members_of(contract, snake), MEMBERS))


def parameter_names(verb: Verb) -> dict[str, str]:
    """Names of a method's parameters, by those of the verb's; that of the row by an empty name."""
    row = {} if verb.binding is None else {"": snake(verb.binding.table.rpartition(".")[2])}
    inputs = named([each.name for each in verb.inputs], snake, PARAMETERS)
    taken = {*PARAMETERS, *inputs.values()}
    return {**inputs, **free_names(row, taken)}


def attribute_names(columns: Iterable[Column | Parameter]) -> dict[str, str]:
    """Names of a class's attributes, by those of columns or outputs."""
    return named([each.name for each in columns], snake, ATTRIBUTES)


def row_names(table: Table) -> dict[str, str]:
    """Names of the attributes of rows that were read: those of the key as what names rows by it has them."""
    keys = attribute_names(table.primary)
    others = [each.name for each in table.columns if not each.primary]
    return {**keys, **named(others, snake, {*ATTRIBUTES, *keys.values()})}


def member_names(choice: Choice) -> dict[str, str]:
    """Names of an enumeration's members, by those of the choice's."""
    return named([each.name for each in choice.members], shout, ENUM_MEMBERS)
