"""`actionlang registry init`: makes all tables of ActionLang's own in a database, and adds what later versions brought.

Each room with tables offers them as `TABLES` in its module `tables`, and what else it needs (indexes, triggers) as
`ddl(dialect)`: statements that change nothing when they are run again. What is there already is left alone: tables that
are missing are made, columns that are missing are added, empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import attrs
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from actionlang.access import api_keys
from actionlang.access import tables as access
from actionlang.audit import tables as audit
from actionlang.delivery import tables as delivery
from actionlang.diagnostics.catalogue import registry as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.registry import kept_calls
from actionlang.registry import tables as registry
from actionlang.registry.alone import alone
from actionlang.registry.tables import REGISTRY, SCHEMA
from actionlang.runtime import background
from actionlang.runtime.database import Database
from actionlang.runtime.tables import OF_RUNS

ROOMS: tuple[tuple[tuple[sa.Table, ...], Callable[[str], Iterable[str]]], ...] = (
    (access.TABLES, lambda _: ()),
    (api_keys.TABLES, lambda _: ()),
    (audit.TABLES, audit.ddl),
    (delivery.TABLES, lambda _: ()),
    (registry.TABLES, registry.ddl),
    (kept_calls.TABLES, lambda _: ()),
    (background.TABLES, lambda _: ()),
)
"""What rooms offer besides the runtime: tables, and what gives the statements for the rest."""

MADE = re.compile(
    r"CREATE (?:OR REPLACE )?(?:UNIQUE )?(TRIGGER|FUNCTION|INDEX) (?:IF NOT EXISTS )?\"?(\w+)", re.IGNORECASE
)


@attrs.frozen
class Installed:
    """What was done, or would be: the statements in their order, and in words what each one brings."""

    statements: tuple[str, ...]
    changes: tuple[str, ...]


@attrs.frozen
class Room:
    """A room's tables, and statements that make what else belongs to them."""

    tables: tuple[sa.Table, ...]
    more: tuple[str, ...] = ()


def install(database: Database, *, dry_run: bool = False) -> Installed:
    """Make what is missing, all of it or nothing; two at once are safe. With `dry_run` only tell.

    Raises ActionLangError when the registry is of a newer ActionLang, or the database fails.
    """
    with database.connection() as connection, connection.begin():
        if not dry_run:
            alone(connection, database.dialect.name)
        _see_that_it_is_not_newer(connection)
        found = tuple(_missing(rooms(database.dialect.name), connection))
        if not dry_run:
            for statement, _ in found:
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    return Installed(tuple(statement for statement, _ in found), tuple(words for _, words in found))


def is_installed(connection: sa.Connection) -> bool:
    """Whether the database has a registry, be it of an earlier version."""
    return sa.inspect(connection).has_table(REGISTRY.name)


def rooms(dialect: str) -> Iterator[Room]:
    """All rooms' tables, those of runs first, for `sqlite` or `postgresql`."""
    yield Room(OF_RUNS)
    for tables, ddl in ROOMS:
        yield Room(tables, tuple(ddl(dialect)))


Piece = tuple[str, str]
"""A statement, and what it brings, in words."""


def _missing(all_rooms: Iterable[Room], connection: sa.Connection) -> Iterator[Piece]:
    """Statements that make what is missing, or bring up to date what is of an earlier version."""
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    found = connection.scalar(sa.select(REGISTRY.c.schema_version)) if REGISTRY.name in there else None
    made = _triggers_and_functions(connection)
    earlier = made if found is not None and found < SCHEMA else set()
    for room in all_rooms:
        for table in room.tables:
            yield from _missing_of_table(table, inspector if table.name in there else None, connection)
        yield from _missing_rest(room.more, made, earlier, connection.dialect.name)
    if found is None:
        first = f"INSERT INTO {REGISTRY.name} (id, schema_version, generation) VALUES (1, {SCHEMA}, 0)"
        yield first, "the registry, in which no verb is active yet"
    elif found < SCHEMA:
        yield f"UPDATE {REGISTRY.name} SET schema_version = {SCHEMA}", f"the registry's version {SCHEMA}"


def _missing_of_table(table: sa.Table, inspector: sa.Inspector | None, connection: sa.Connection) -> Iterator[Piece]:
    """A table with its indexes; of one that is there, for which there is an inspector, what it lacks."""
    indexes: set[str | None] = set()
    if inspector is None:
        yield _text(CreateTable(table), connection), f"the table {table.name}"
    else:
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        yield from _missing_columns(table, columns, connection)
        indexes = {index["name"] for index in inspector.get_indexes(table.name)}
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        if index.name not in indexes:
            yield _text(CreateIndex(index), connection), f"the index {index.name}"


def _missing_rest(statements: Iterable[str], made: set[str], earlier: set[str], dialect: str) -> Iterator[Piece]:
    """Indexes, functions and triggers that are not `made`. Those of an earlier version are made anew: what they do may be another
    thing now."""
    for statement in statements:
        named = MADE.match(statement)
        assert named is not None, statement
        kind, name = named[1].lower(), named[2]
        if name in earlier and kind != "index":
            if kind == "trigger" and dialect == "sqlite":
                yield f"DROP TRIGGER {name}", f"the earlier trigger {name}"
            yield statement, f"the {kind} {name}"
        elif name not in made:
            yield statement, f"the {kind} {name}"
        made.add(name)
        earlier.discard(name)


def _missing_columns(table: sa.Table, there: set[str], connection: sa.Connection) -> Iterator[tuple[str, str]]:
    quote = connection.dialect.identifier_preparer.quote
    for column in table.columns:
        if column.name not in there:
            assert column.nullable, f"{table.name}.{column.name} can not be added to rows that are there"
            kind = column.type.compile(dialect=connection.dialect)
            statement = f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(column.name)} {kind}"
            yield statement, f"the column {table.name}.{column.name}"


def _text(statement: sa.schema.ExecutableDDLElement, connection: sa.Connection) -> str:
    return str(statement.compile(dialect=connection.dialect)).strip().replace("\t", "    ")


def _triggers_and_functions(connection: sa.Connection) -> set[str]:
    """The names of triggers, functions and indexes that are there."""
    if connection.dialect.name == "sqlite":
        statement = "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'index')"
    else:
        statement = (
            "SELECT tgname FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid WHERE pg_table_is_visible(tgrelid) "
            "UNION SELECT proname FROM pg_proc WHERE pg_function_is_visible(oid) "
            "UNION SELECT relname FROM pg_class WHERE relkind = 'i' AND pg_table_is_visible(oid)"
        )
    return {name for (name,) in connection.exec_driver_sql(statement)}


def _see_that_it_is_not_newer(connection: sa.Connection) -> None:
    if is_installed(connection):
        see_that_it_is_known(connection.scalar(sa.select(REGISTRY.c.schema_version)))


def see_that_it_is_known(schema_version: int | None) -> None:
    """See that this program knows a registry's version. Raises ActionLangError when it does not."""
    if schema_version is not None and schema_version > SCHEMA:
        message = f"The registry in this database is of version {schema_version}; this ActionLang knows up to version {SCHEMA}."
        raise ActionLangError(Diagnostic(codes.NEWER_REGISTRY, message, hint="install the ActionLang that made it"))
