"""Columns of a database that can not hold all that the metadata lets a column have: shorter texts, fewer digits, a check that
does not know a member of a choice. A verb runs on them, and fails when it writes what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from actionlang.engine.schema import Schema
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.sql.existing import bounds_of
from actionlang.engine.sql.storage import Cell, StoredColumn, StoredTable
from actionlang.metadata import types as t
from actionlang.metadata.sources.database_checks import AtMost, OneOf, Rule, rules_of
from actionlang.runtime.differences import Difference, Kind
from actionlang.runtime.reflection import same_name


@attrs.frozen
class Found:
    """What a table of the database says of its columns: their types by name, as the dialect compares names, and its checks."""

    types: Mapping[str, sa.types.TypeEngine[Any]]
    checks: tuple[str, ...]


def narrower(stored: StoredTable, found: Found, schema: Schema, dialect: Dialect) -> Iterator[Difference]:
    """A difference for each column that verbs may write and that is narrower in the database. Values of an enumerated type are
    looked at where it is seen whether a column fits at all (see `drift`)."""
    rules = [rule for sql in found.checks for rule in rules_of(sql)]
    for column in stored.columns.values():
        if column.column.readonly or column.references:
            continue
        for cell in column.cells:
            name = same_name(cell.name, dialect)
            limits = _Limits(_enforced(found.types.get(name), dialect), _about(name, rules, dialect))
            text = limits.tell(f"{stored.table.stored}.{cell.name}", column, cell, schema)
            if text is not None:
                columns = (column.column.name,)
                yield Difference(Kind.NARROWER, stored.table.stored, text, cell.name, stored.table.name, columns)


def _enforced(found: sa.types.TypeEngine[Any] | None, dialect: Dialect) -> sa.types.TypeEngine[Any] | None:
    """The type, if the database sees to it that values fit. SQLite does not: VARCHAR(5) takes any text there."""
    if dialect.name == "sqlite":
        return None
    while isinstance(found, postgresql.DOMAIN):
        found = found.data_type
    return found


def _about(name: str, rules: Iterable[Rule], dialect: Dialect) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if same_name(rule.column, dialect) == name)


class _Limits:
    """What one column of the database can hold."""

    def __init__(self, found: sa.types.TypeEngine[Any] | None, rules: tuple[Rule, ...]) -> None:
        self._found = found
        lengths = [rule.length for rule in rules if isinstance(rule, AtMost)]
        if isinstance(found, sa.String) and not isinstance(found, sa.Enum) and found.length is not None:
            lengths.append(found.length)
        self._length = min(lengths, default=None)
        self._values = [rule.values for rule in rules if isinstance(rule, OneOf)]

    def tell(self, named: str, column: StoredColumn, cell: Cell, schema: Schema) -> str | None:
        """What does not fit into it, as a part of a sentence; None when everything does."""
        if isinstance(cell.type, t.Text):
            return self._tell_text(named, column.column.name, cell.type)
        if isinstance(cell.type, t.Choice):
            return self._tell_choice(named, cell.type, schema)
        if bounds_of(cell.type) is not None:
            return self._tell_number(named, column.column.name, cell.type)
        return None

    def _tell_text(self, named: str, name: str, type_: t.Text) -> str | None:
        if self._length is None or (type_.length is not None and type_.length <= self._length):
            return None
        wanted = "any number of them" if type_.length is None else str(type_.length)
        return f"{named} holds at most {self._length} characters, and {name} may have {wanted}"

    def _tell_choice(self, named: str, type_: t.Choice, schema: Schema) -> str | None:
        choice = schema.choices[type_.name]
        unknown = [
            member.name
            for member in choice.members
            if any((member.number if choice.numbered else member.name) not in values for values in self._values)
        ]
        if unknown:
            return f"the database's check on {named} does not know {', '.join(unknown)}"
        if self._length is None or choice.numbered:
            return None
        longer = [member.name for member in choice.members if len(member.name) > self._length]
        return f"{named} holds at most {self._length} characters, too few for {', '.join(longer)}" if longer else None

    def _tell_number(self, named: str, name: str, type_: t.Type) -> str | None:
        found = self._found
        if not isinstance(found, sa.Numeric) or isinstance(found, sa.Float) or found.precision is None:
            return None
        bounds = bounds_of(type_)
        assert bounds is not None
        scale, _, largest = bounds
        found_scale = found.scale or 0
        whole_digits = len(str(int(largest))) if largest >= 1 else 0
        if found_scale >= scale and found.precision - found_scale >= whole_digits:
            return None
        return f"{named} is {found}, and {name} may have any value of type {type_}"
