"""Finding the row that a text names (`case CAS-0042`), also when it is gone by now: then the records tell what its key was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.json_form import from_json, key_from_json, to_json
from actionlang.engine.schema import Schema
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.types import Row
from actionlang.plan.plan import Effects, StepPlan, Verb
from actionlang.runtime.audit import CHANGES
from actionlang.runtime.database import Database
from actionlang.runtime.drift import Fitting
from actionlang.runtime.log import written
from actionlang.runtime.reflection import find_tables
from actionlang.runtime.row_names import RowNames
from actionlang.runtime.troubles import told_as_codes

KEYS_AT_ONCE = 500

NO_VERB = Verb("", "function", None, (), (), (), False, False, None, "", Effects(), (), "", 1)


@contextmanager
def store_on(database: Database, schema: Schema) -> Iterator[SqlStore]:
    """A store of a schema's tables, as far as the database has them, on a connection of its own.

    Raises ActionLangError when the database fails.
    """
    with database.connection() as connection, told_as_codes(database.dialect):
        driver = connection.connection.driver_connection
        assert driver is not None
        stored = [table.stored for table in schema.tables.values()]
        storage = Fitting(schema, find_tables(stored, connection, database.dialect), database.dialect).storage
        yield SqlStore(driver.cursor(), database.dialect, schema, storage)


def find_row(database: Database, schema: Schema, tables: tuple[str, ...], given: object) -> RowRef | None:
    """The row of one of these tables (full names) that something stands for, be it there or deleted; None when there is none.

    Raises ActionLangError when the database fails.
    """
    plan = StepPlan("", (NO_VERB,), tuple(schema.tables.values()), tuple(schema.choices.values()))
    with store_on(database, schema) as store:
        try:
            return ArgumentReader(plan, store).row(tables, given)
        except ValueError:
            pass
    return None if not isinstance(given, str) else _gone(database, schema, tables, given)


def key_data(row: RowRef, schema: Schema) -> object:
    """A row's key as the records hold it."""
    table = schema.tables[row.table]
    parts = row.key if len(table.primary) > 1 and isinstance(row.key, tuple) else (row.key,)
    found = [
        key_data(part, schema)
        if isinstance(column.type, Row) and len(column.type.tables) == 1 and isinstance(part, RowRef)
        else to_json(part, column.type)
        for column, part in zip(table.primary, parts, strict=True)
    ]
    return found[0] if len(found) == 1 else found


def _gone(database: Database, schema: Schema, tables: tuple[str, ...], given: str) -> RowRef | None:
    """A row that was deleted, by the key that its last record has."""
    with database.connection() as connection:
        if not sa.inspect(connection).has_table(CHANGES.name):
            return None
        for table in (schema.tables[name] for name in tables):
            for text in (*without_table(given, table), given):
                found = _key_in_records(connection, schema, table, text)
                if found is not None:
                    return RowRef(table.name, key_from_json(json.loads(found), table.name, schema))
    return None


def without_table(text: str, table: Table) -> list[str]:
    """What stands behind a table's name in a text, if it begins with one."""
    names = (table.name, table.short_name, f"`{table.short_name}`")
    return [text.removeprefix(f"{name} ").strip() for name in names if text.startswith(f"{name} ")][:1]


def _key_in_records(connection: sa.Connection, schema: Schema, table: Table, text: str) -> str | None:
    """The key of the last row of a table that was deleted, and went by this text."""
    primary = tuple(column.name for column in table.primary)
    conditions = []
    for columns in {*table.keys, primary}:
        values = _typed(schema, [table.by_name[name] for name in columns], text)
        if values is None:
            continue
        if columns == primary:
            conditions.append(CHANGES.c.row_key == written(values[0] if len(values) == 1 else values))
        # A number may be the beginning of another one.
        members = [f"{written(name)}:{written(value)}" for name, value in zip(columns, values, strict=True)]
        found = (
            sa.or_(*(CHANGES.c.before.contains(f"{member}{end}", autoescape=True) for end in ",}"))
            for member in members
        )
        conditions.append(sa.and_(*found))
    if not conditions:
        return None
    of_table = sa.and_(CHANGES.c.row_table == table.name, CHANGES.c.operation == "delete")
    query = sa.select(CHANGES.c.row_key).where(of_table, sa.or_(*conditions))
    return connection.scalar(query.order_by(CHANGES.c.run.desc()).limit(1))


def _typed(schema: Schema, columns: Sequence[Column], text: str) -> list[object] | None:
    """The values of a key's columns as JSON data, out of a text; None where it is none of this key. What is sensitive is in no
    record."""
    parts = [text] if len(columns) == 1 else [part.strip() for part in text.split(",")]
    if len(parts) != len(columns) or any(column.sensitive for column in columns):
        return None
    try:
        return [
            part if isinstance(column.type, Row) else to_json(from_json(part, column.type, schema), column.type)
            for column, part in zip(columns, parts, strict=True)
        ]
    except ValueError:
        return None


# --------------------------------------------------------------------------------------------------------------- names


def read_names(database: Database, schema: Schema, names: RowNames, rows: Iterable[RowRef]) -> None:
    """Read what people call rows; those that are gone by the keys that they had, where there is a record of their deletion.

    Raises ActionLangError when the database fails.
    """
    wanted = list(rows)
    names.read(database, wanted)
    gone: dict[str, dict[str, RowRef]] = {}
    for row in names.unnamed(wanted):
        gone.setdefault(row.table, {})[written(key_data(row, schema))] = row
    with database.connection() as connection, told_as_codes(database.dialect):
        for table, keys in gone.items():
            texts = list(keys)
            for start in range(0, len(texts), KEYS_AT_ONCE):
                query = sa.select(CHANGES.c.row_key, CHANGES.c.before).where(
                    CHANGES.c.row_table == table,
                    CHANGES.c.operation == "delete",
                    CHANGES.c.row_key.in_(texts[start : start + KEYS_AT_ONCE]),
                )
                for key, before in connection.execute(query.order_by(CHANGES.c.run)):
                    with suppress(ValueError, LookupError, TypeError):
                        names.note(keys[key], json.loads(before))
