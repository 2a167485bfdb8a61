"""What tables, choices, verbs, parameters and columns are called in a Python client."""

from __future__ import annotations

import keyword
from collections.abc import Iterable

import attrs

from actionlang.clients.contract import Contract, keys_of
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
        "ActionLangError", "AsyncBaseClient", "AsyncClient", "AsyncRows", "BaseClient", "Call", "ClassVar", "Client", "Data",
        "Decimal", "IntEnum", "JSON", "Mapping", "Row", "Rows", "Self", "Sequence", "StrEnum", "TypeAlias", "UUID",
        "UnexpectedAnswer", "Collection", *KEYWORDS,
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
class PythonNames:
    """Names of classes by what they stand for: a kind, and the full name of a table, choice or verb. Those of what the clients
    have, by kind as well: `verb` or `rows`."""

    classes: dict[tuple[str, ...], str]
    members: dict[tuple[str, str], str]

    @staticmethod
    def of(contract: Contract) -> PythonNames:
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
        for verb in (each for each in contract.verbs if each.outputs):
            classes["result", verb.name] = f"{pascal(read(wire.verb(verb.name)))}Result"
        members: dict[tuple[str, str], str] = {}
        for verb in contract.verbs:
            members["verb", verb.name] = snake(read(wire.verb(verb.name)))
        for name in contract.tables:
            members["rows", name] = snake(read(wire.entity_set(name)))
        return PythonNames(free_names(classes, CLASSES), free_names(members, MEMBERS))

    def choice(self, name: str) -> str:
        """The class of a choice."""
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

    def result(self, verb: str) -> str:
        """The class of what a verb returns."""
        return self.classes["result", verb]

    def method(self, verb: str) -> str:
        """The method that calls a verb."""
        return self.members["verb", verb]

    def rows(self, table: str) -> str:
        """The attribute of a client by which a table's rows are read."""
        return self.members["rows", table]


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
