"""Tables as a database describes them: what SQLAlchemy's reflection finds, table by table, before anything is made of it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.engine.reflection import ObjectKind

from actionlang.metadata.sources.database_row_numbers import row_number

OF_RUNS = "actionlang_"
"""How the names of tables begin that runs keep for themselves."""

SYSTEM_SCHEMAS = re.compile(r"information_schema|pg_.*|sys|crdb_internal|mysql|performance_schema")
UUIDS = frozenset({"uuid", "guid", "uniqueidentifier"})
"""How a column for UUIDs is declared, on a database that has no such type."""

UNRECOGNISED = re.compile(r"Did not recognize type '(.*)' of column '(.*)'", re.DOTALL)


@attrs.frozen
class FoundForeignKey:
    """A foreign key: its columns, the stored name of the table it refers to, and that table's columns."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@attrs.frozen
class FoundColumn:
    """A column. `spelt` is its type in the database's words; `default` is SQL; `computed` tells a generated column from
    `counted` ones, whose values the database counts (`always`: nobody else can give them)."""

    name: str
    type: sa.types.TypeEngine[Any]
    spelt: str
    required: bool
    default: str | None
    computed: bool
    counted: bool
    always: bool
    comment: str


@attrs.frozen
class FoundTable:
    """A table. `stored` is the name that the metadata keeps: behind the schema's where that is not the default one.
    `partial` are unique indexes over some rows, or over expressions; `checks` are SQL."""

    name: str
    schema: str | None
    stored: str
    columns: tuple[FoundColumn, ...]
    primary: tuple[str, ...]
    foreign_keys: tuple[FoundForeignKey, ...]
    uniques: tuple[tuple[str, ...], ...]
    partial: tuple[str, ...]
    checks: tuple[str, ...]
    comment: str

    @property
    def by_name(self) -> dict[str, FoundColumn]:
        """Columns by name."""
        return {column.name: column for column in self.columns}


@attrs.frozen
class Found:
    """A database's tables that were asked for, by name; the views, and the tables that are parts of others, that were; all there
    are."""

    tables: tuple[FoundTable, ...]
    views: tuple[str, ...]
    parts: tuple[str, ...]
    everything: frozenset[str]


def reflect(connection: sa.Connection, patterns: Iterable[str] = ()) -> Found:
    """What a database has, of tables and views whose names fit one of the patterns (any, where there is none).

    A pattern is as in a shell, `order*`; it is compared with `sales.order` and, for tables of the default schema, with `order`.
    """
    inspector = sa.inspect(connection)
    patterns = tuple(patterns)
    tables: list[FoundTable] = []
    views: list[str] = []
    parts: list[str] = []
    everything: set[str] = set()
    with _unrecognised_types() as unrecognised:
        for schema in _schemas(inspector):
            names = {name: _stored(name, schema, inspector) for name in inspector.get_table_names(schema)}
            names = {name: stored for name, stored in names.items() if not name.startswith(OF_RUNS)}
            everything.update(names.values())
            asked = [name for name in sorted(names) if _fits(name, schema, inspector, patterns)]
            partitions = _parts(connection, schema or inspector.default_schema_name)
            parts += [names[name] for name in asked if name in partitions]
            asked = [name for name in asked if name not in partitions]
            found = _tables(inspector, schema, asked, unrecognised)
            tables += (_without_parts(table, {names[each] for each in partitions if each in names}) for table in found)
            seen = {name: _stored(name, schema, inspector) for name in _views(inspector, schema)}
            everything.update(seen.values())
            views += [stored for name, stored in seen.items() if _fits(name, schema, inspector, patterns)]
    return Found(tuple(tables), tuple(sorted(views)), tuple(parts), frozenset(everything))


def _schemas(inspector: sa.Inspector) -> list[str | None]:
    """The default schema, then the others by name."""
    if inspector.dialect.name == "sqlite":  # its schemas are other files, attached to this connection
        return [None]
    others = sorted(
        name
        for name in inspector.get_schema_names()
        if name != inspector.default_schema_name and not SYSTEM_SCHEMAS.fullmatch(name)
    )
    return [None, *others]


def _stored(name: str, schema: str | None, inspector: sa.Inspector) -> str:
    if schema is None and "." not in name:
        return name
    return f"{schema or inspector.default_schema_name}.{name}"


def _parts(connection: sa.Connection, schema: str | None) -> set[str]:
    """Tables that are parts of another one, and are reached through that: PostgreSQL's partitions, and what SQLite's virtual
    tables keep their rows in."""
    if connection.dialect.name == "sqlite":
        # Older ones do not tell: https://sqlite.org/pragma.html#pragma_table_list
        if (connection.dialect.server_version_info or ()) < (3, 37):
            return set()
        return {row[1] for row in connection.exec_driver_sql("PRAGMA table_list") if row[2] == "shadow"}
    if connection.dialect.name != "postgresql":
        return set()
    sql = "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    found = connection.execute(sa.text(f"{sql} WHERE c.relispartition AND n.nspname = :schema"), {"schema": schema})
    return set(found.scalars())


def _without_parts(table: FoundTable, parts: set[str]) -> FoundTable:
    """Without the foreign keys that PostgreSQL makes for itself beside one to a partitioned table: to each of its parts."""
    to_whole = {key.columns for key in table.foreign_keys if key.table not in parts}
    kept = tuple(key for key in table.foreign_keys if key.table not in parts or key.columns not in to_whole)
    return attrs.evolve(table, foreign_keys=kept)


def _fits(name: str, schema: str | None, inspector: sa.Inspector, patterns: tuple[str, ...]) -> bool:
    whole = f"{schema or inspector.default_schema_name}.{name}"
    spelt = (whole, name) if schema is None else (whole,)
    return not patterns or any(fnmatchcase(each, pattern) for each in spelt for pattern in patterns)


def _views(inspector: sa.Inspector, schema: str | None) -> set[str]:
    names = set(inspector.get_view_names(schema))
    with suppress(NotImplementedError):
        names.update(inspector.get_materialized_view_names(schema))
    return names


@contextmanager
def _unrecognised_types() -> Iterator[list[warnings.WarningMessage]]:
    """SQLAlchemy warns of types that it does not know, and tells their names nowhere else."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def _tables(
    inspector: sa.Inspector,
    schema: str | None,
    asked: list[str],
    unrecognised: list[warnings.WarningMessage],
) -> Iterator[FoundTable]:
    if not asked:
        return
    options: dict[str, Any] = {"schema": schema, "filter_names": asked, "kind": ObjectKind.TABLE}
    columns_of = inspector.get_multi_columns(**options)
    keys = inspector.get_multi_pk_constraint(**options)
    foreign = inspector.get_multi_foreign_keys(**options)
    uniques = inspector.get_multi_unique_constraints(**options)
    # SQLite has an index for each UNIQUE of a column; SQLAlchemy does not find all of them among the constraints.
    indexes = inspector.get_multi_indexes(**options, include_auto_indexes=True)
    checks = inspector.get_multi_check_constraints(**options)
    comments = _comments(inspector, options)
    for name in asked:
        at = (schema, name)
        columns: list[Any] = columns_of.get(at) or []
        spelt = _declared(inspector, name)
        if not spelt and any(isinstance(column["type"], sa.types.NullType) for column in columns):
            del unrecognised[:]
            columns = list(inspector.get_columns(name, schema))
            spelt = dict(_names_of_types(unrecognised))
        columns = [_of_known_type(column, spelt.get(str(column["name"]), "")) for column in columns]
        counted = row_number(inspector, name)
        columns = [{**column, "counted": column["name"] == counted} for column in columns]
        found, partial = _uniques(uniques.get(at) or (), indexes.get(at) or ())
        yield FoundTable(
            name,
            schema,
            _stored(name, schema, inspector),
            tuple(_column(column, spelt, inspector.dialect) for column in columns),
            tuple(keys[at]["constrained_columns"] or ()) if at in keys else (),
            tuple(_foreign_key(each, schema, inspector) for each in foreign.get(at) or ()),
            found,
            partial,
            tuple(str(each["sqltext"]) for each in checks.get(at) or ()),
            comments.get(at) or "",
        )


def _comments(inspector: sa.Inspector, options: dict[str, Any]) -> dict[Any, str | None]:
    try:
        return {at: comment["text"] for at, comment in inspector.get_multi_table_comment(**options).items()}
    except NotImplementedError:
        return {}


def _names_of_types(unrecognised: Iterable[warnings.WarningMessage]) -> Iterator[tuple[str, str]]:
    for warning in unrecognised:
        found = UNRECOGNISED.match(str(warning.message))
        if found:
            yield found[2], found[1]


def _declared(inspector: sa.Inspector, table: str) -> dict[str, str]:
    """SQLite's types as they were declared: SQLAlchemy takes those that it does not know for numbers, as SQLite does."""
    if inspector.dialect.name != "sqlite":
        return {}
    quoted = inspector.dialect.identifier_preparer.quote_identifier(table)
    assert isinstance(inspector.bind, sa.Connection)
    found = inspector.bind.exec_driver_sql(f"PRAGMA table_xinfo({quoted})")
    return {str(row[1]): str(row[2]).lower() or "unknown" for row in found}


def _of_known_type(column: Any, declared: str) -> Any:
    if declared == "any":  # of SQLite's strict tables: each value of a type of its own
        return {**column, "type": sa.types.NullType()}
    return {**column, "type": sa.Uuid()} if declared in UUIDS else column


def _column(column: Any, spelt: Mapping[str, str], dialect: sa.Dialect) -> FoundColumn:
    name: str = column["name"]
    default = column.get("default")
    identity = column.get("identity")
    counted = column["counted"] or identity is not None or str(default or "").lower().startswith("nextval(")
    return FoundColumn(
        name,
        column["type"],
        spelt.get(name) or _spelt(column["type"], dialect),
        not column["nullable"],
        None if default is None or counted else str(default),
        column.get("computed") is not None,
        counted,
        bool(identity and identity.get("always")),
        column.get("comment") or "",
    )


def _spelt(type_: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    try:
        return type_.compile(dialect=dialect).lower()
    except sa.exc.CompileError:
        return type(type_).__name__.lower()


def _foreign_key(key: Any, schema: str | None, inspector: sa.Inspector) -> FoundForeignKey:
    referred = key["referred_schema"]
    if referred == inspector.default_schema_name:
        referred = None
    table = _stored(key["referred_table"], referred, inspector)
    return FoundForeignKey(tuple(key["constrained_columns"]), table, tuple(key["referred_columns"]))


def _uniques(constraints: Iterable[Any], indexes: Iterable[Any]) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The sets of columns that are unique in all rows, each once, and the names of unique indexes that say something else."""
    found: dict[tuple[str, ...], None] = dict.fromkeys(tuple(each["column_names"]) for each in constraints)
    partial: list[str] = []
    for index in indexes:
        if not index["unique"]:
            continue
        options = index.get("dialect_options", {})
        columns = tuple(index["column_names"])
        if None in columns or any(options.get(key) is not None for key in options if key.endswith("_where")):
            partial.append(str(index["name"]))
        elif not any(set(columns) == set(known) for known in found):
            found[columns] = None
    return tuple(found), tuple(partial)
