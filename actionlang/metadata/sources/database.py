"""The tables of a database that is there already, as metadata.

All that reflection finds and the language can say is said; what it can not say becomes a notice, never nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.catalogue import importing as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.metadata import types as t
from actionlang.metadata.emit import Notice, Script
from actionlang.metadata.sources.database_choices import Choices
from actionlang.metadata.sources.database_columns import IN_DATABASE, NOT_IMPORTED, Made, make_columns, notice
from actionlang.metadata.sources.database_lookups import Keyed, find_lookups
from actionlang.metadata.sources.database_names import table_name
from actionlang.metadata.sources.database_reflection import Found, FoundTable, reflect
from actionlang.metadata.sources.database_types import language_type, underlying
from actionlang.metadata.tables import Column, Table

WITHOUT_KEY = (t.Choices, t.Json, t.File, t.Float)
"""Types whose values make no key."""

NAMING = (t.Text, t.Integer, t.Id)
"""Types whose values name a row where they are unique and never empty."""


@attrs.frozen
class Imported:
    """The script that a database makes, and the stored names of all its tables and views, asked for or not."""

    script: Script
    everything: frozenset[str]


def read_database(connection: sa.Connection, module: str, patterns: Iterable[str] = ()) -> Imported:
    """The tables whose names fit one of the patterns (all, where there is none), as those of a module.

    Raises ActionLangError when there is no such table, or none that can be imported.
    """
    patterns = tuple(patterns)
    found = reflect(connection, patterns)
    keyed = {table.stored: Keyed(table, key) for table in found.tables if (key := _key(table))}
    if not keyed:
        raise ActionLangError(_nothing(found, patterns))
    names: dict[str, str] = {}
    for each in keyed.values():
        names[each.table.stored] = table_name(each.table.name, each.table.schema, names.values())
    full = {stored: f"{module}.{name}" for stored, name in names.items()}
    choices = Choices(module, names.values())
    lookups = find_lookups(keyed)
    tables: list[Table] = []
    notices: list[Notice] = [*_left_out(found)]
    for stored, each in keyed.items():
        made = make_columns(full[stored], each, lookups[stored], full, choices)
        table, more = _table(full[stored], each, made)
        tables.append(table)
        notices += [*made.notices, *more]
    return Imported(Script(module, tuple(choices.made.values()), tables, notices), found.everything)


def _nothing(found: Found, patterns: tuple[str, ...]) -> Diagnostic:
    if found.tables:
        message = "None of the tables has a primary key, or one that can be imported."
        notes = tuple(each.text for each in _left_out(found))
        return Diagnostic(codes.NOTHING_TO_IMPORT, message, notes=notes)
    if not found.everything:
        message, hint = "The database has no tables.", "see whether the URL names the right database and user"
    else:
        message = f"The database has no table whose name fits {' or '.join(patterns)}."
        some = sorted(found.everything)
        more = f" and {len(some) - 10} more" if len(some) > 10 else ""
        hint = f"its tables are {', '.join(some[:10])}{more}; a table of another schema is written schema.table"
    return Diagnostic(codes.NOTHING_TO_IMPORT, message, hint=hint)


def _key(table: FoundTable) -> tuple[str, ...]:
    """The columns of the key that a table has in the script: its primary key, or else the first columns that are unique and
    never empty; none where the language has no such key."""
    columns = table.by_name
    ways = (
        [table.primary]
        if table.primary
        else [each for each in table.uniques if all(columns[name].required for name in each)]
    )
    for way in ways:
        if all(_makes_key(columns[name].type) for name in way):
            return way
    return ()


def _makes_key(type_: sa.types.TypeEngine[object]) -> bool:
    type_ = underlying(type_)
    known = language_type(type_)
    return isinstance(type_, sa.Enum) or (known is not None and not isinstance(known, WITHOUT_KEY))


def _left_out(found: Found) -> Iterator[Notice]:
    for table in found.tables:
        if not _key(table):
            reason = "it has no primary key"
            if table.primary:
                columns = table.by_name
                odd = next(name for name in table.primary if not _makes_key(columns[name].type))
                reason = f"its primary key has {odd}, of type {columns[odd].spelt}"
            yield notice(f"{NOT_IMPORTED}the table {table.stored}: {reason}")
    for part in found.parts:
        yield notice(f"{NOT_IMPORTED}the table {part}: it is a part of another table")
    for view in found.views:
        yield notice(f"{NOT_IMPORTED}the view {view}: it has no primary key")


def _table(name: str, keyed: Keyed, made: Made) -> tuple[Table, list[Notice]]:
    """A table with its unique columns, and what there is to say of them."""
    columns = {column.name: column for column in made.columns}
    keys: list[tuple[str, ...]] = []
    uniques: list[tuple[str, ...]] = []
    notices = [
        notice(f"{IN_DATABASE}the unique index {index} is over a part of the rows, or over what is worked out", name)
        for index in keyed.table.partial
    ]
    for stored in keyed.table.uniques:
        if set(stored) == set(keyed.key):
            continue
        together = _together(stored, made, columns)
        if together is None:
            notices.append(notice(f"{IN_DATABASE}unique ({', '.join(stored)})", name))
        elif len(together) > 1:
            uniques.append(together)
        else:
            column = columns[together[0]]
            naming = column.required and isinstance(column.type, NAMING)
            columns[column.name] = attrs.evolve(column, key=naming, unique=not naming)
            (keys if naming else uniques).append(together)
    table = keyed.table
    found = Table(name, table.stored, tuple(columns.values()), tuple(keys), tuple(uniques), None, table.comment)
    return found, notices


def _together(stored: tuple[str, ...], made: Made, columns: dict[str, Column]) -> tuple[str, ...] | None:
    """The script's columns that are stored in these; None where that is not all of each."""
    names = tuple(dict.fromkeys(made.names.get(each, "") for each in stored))
    if any(name not in columns or isinstance(columns[name].type, WITHOUT_KEY) for name in names):
        return None
    cells = {cell for cell, name in made.names.items() if name in names}
    return names if cells == set(stored) else None
