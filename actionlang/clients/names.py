"""What a client calls what a contract has, whatever its language: the names that are wanted, and those that they got."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from actionlang.clients.contract import Contract, is_started, keys_of
from actionlang.clients.naming import Style, pascal
from actionlang.metadata.wire_names import read

Classes = dict[tuple[str, ...], str]
Members = dict[tuple[str, str], str]


@attrs.frozen
class ClientNames:
    """Names of classes and other types by what they stand for: a kind, and the full name of a table, choice or verb. Those of
    what a client has, by kind as well: `verb`, `rows`, `started` or `dry run`."""

    classes: Classes
    members: Members

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

    def started(self, verb: str) -> str:
        """The method that gives what a background action has started, by its id."""
        return self.members["started", verb]

    def dry_run(self, verb: str) -> str:
        """The method that sees whether a background action could be started."""
        return self.members["dry run", verb]

    def rows(self, table: str) -> str:
        """The member of a client by which a table's rows are read."""
        return self.members["rows", table]


def classes_of(contract: Contract) -> Classes:
    """What the classes of choices and rows are to be called."""
    wire = contract.names
    classes: Classes = {}
    for choice in contract.choices:
        classes["choice", choice] = pascal(read(wire.enum(choice)))
    for name, table in contract.tables.items():
        entity = pascal(read(wire.entity_type(name)))
        classes["row", name] = entity
        classes["ref", name] = f"{entity}Ref"
        for key in keys_of(table):
            classes["key", name, *key] = f"{entity}By{''.join(map(pascal, key))}"
        classes["any", name] = f"Any{entity}"
    return classes


def members_of(contract: Contract, style: Style) -> Members:
    """What the members of a client are to be called."""
    wire = contract.names
    members: Members = {("verb", each.name): style(read(wire.verb(each.name))) for each in contract.verbs}
    members |= {("rows", name): style(read(wire.entity_set(name))) for name in contract.tables}
    members |= {
        (kind, each.name): style(f"{read(wire.verb(each.name))} {kind}")
        for each in filter(is_started, contract.verbs)
        for kind in ("dry run", "started")
    }
    return members
