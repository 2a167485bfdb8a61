"""Tables, columns and choices: the metadata that scripts are checked against and plans carry with them."""

from __future__ import annotations

from functools import cached_property

import attrs

from actionlang.metadata.types import OWNER, Id, Integer, Type

MADE = (Integer, Id)
"""Types of primary keys that a database makes."""


@attrs.frozen
class Member:
    """One member of a choice. Without a number it is stored by name and has no order."""

    name: str
    number: int | None = None
    label: str | None = None


@attrs.frozen(slots=False)
class Choice:
    """A choice: its full name (`helpdesk.Priority`) and members in declared order; all are numbered or none is."""

    name: str
    members: tuple[Member, ...]
    doc: str = ""

    @cached_property
    def by_name(self) -> dict[str, Member]:
        """Members by name."""
        return {member.name: member for member in self.members}

    @property
    def numbered(self) -> bool:
        """Whether members have numbers, and with them an order."""
        return self.members[0].number is not None


@attrs.frozen
class Moves:
    """The legal moves of a status column out of one state."""

    state: str
    targets: tuple[str, ...]


@attrs.frozen
class Default:
    """A column's default: a constant in plan form (see `plan.values`), or the name of a run-fixed function
    (`now`, `today`) when `function` is set."""

    value: object = None
    function: str | None = None


@attrs.frozen
class Column:
    """A column: name, type and what else is known of it.

    `stored` is its name in the database. `moves` is set on a status column only. `hierarchy` marks a lookup to the
    column's own table as a tree. A lookup to several tables is stored in one column a table.
    """

    name: str
    type: Type
    stored: str
    required: bool = False
    unique: bool = False
    key: bool = False
    primary: bool = False
    default: Default | None = None
    readonly: bool = False
    sensitive: bool = False
    hierarchy: bool = False
    moves: tuple[Moves, ...] | None = None
    doc: str = ""

    @property
    def optional(self) -> bool:
        """Whether the column may be empty."""
        return not (self.required or self.primary or self.moves is not None)


@attrs.frozen(slots=False)
class Table:
    """A table: full name (`helpdesk.case`), stored name, columns in declared order.

    `keys` are the alternate keys and `uniques` the other unique column sets, each a tuple of column names;
    single `key` and `unique` columns are in them too.
    """

    name: str
    stored: str
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    label: str | None = None
    doc: str = ""

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def primary(self) -> tuple[Column, ...]:
        """The primary key's columns, in declared order."""
        return tuple(column for column in self.columns if column.primary)

    @cached_property
    def makes_key(self) -> bool:
        """Whether the database makes the primary key of a new row: one column, `readonly`, of one of `MADE` types."""
        return any(column.readonly for column in self.primary)

    @cached_property
    def status(self) -> Column | None:
        """The status column, if the table has one."""
        return next((column for column in self.columns if column.moves is not None), None)

    @cached_property
    def owner(self) -> Column | None:
        """The column that `assign` changes: the one of type owner (of several, the one named `owner`), if any."""
        owners = [column for column in self.columns if column.type == OWNER]
        return next((column for column in owners if column.name == "owner"), owners[0] if owners else None)

    @property
    def short_name(self) -> str:
        """The name people read: the last part of the full one."""
        return self.name.rpartition(".")[2]
