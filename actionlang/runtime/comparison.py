"""A database beside the metadata: where they disagree, in both directions, and what that means for each verb."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs
import sqlalchemy as sa

from actionlang.engine.schema import Schema
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.sql.storage import StoredTable
from actionlang.metadata.tables import Table
from actionlang.plan.plan import StepPlan
from actionlang.runtime import audit
from actionlang.runtime.differences import Difference, Kind
from actionlang.runtime.drift import Fitting, missing_records
from actionlang.runtime.made_keys import otherwise_made
from actionlang.runtime.narrower import Found, narrower
from actionlang.runtime.reflection import find_tables, of_any_type, same_name
from actionlang.runtime.uses import Use, uses_of

OF_RUNS = "actionlang_"
"""How the names of the tables begin that runs need for themselves; some are made only when a run needs them."""

OF_REVISIONS = "alembic_version"
"""Where Alembic keeps which revisions were run, those of `actionlang tables migrate` among them."""


@attrs.frozen
class Consequence:
    """What a difference means for a verb (its full name): it can not run, or what may happen when it runs."""

    verb: str
    text: str


def compare(schema: Schema, connection: sa.Connection, dialect: Dialect) -> tuple[Difference, ...]:
    """All differences: first those that stop verbs, then what the database says otherwise, then what only the database has.

    Raises what SQLAlchemy raises.
    """
    of_runs = (audit.RUNS.name, audit.CHANGES.name)
    found = find_tables((*(table.stored for table in schema.tables.values()), *of_runs), connection, dialect)
    fitting = Fitting(schema, found, dialect)
    stopping = [*fitting.differences(), *missing_records(found)]
    inspector = sa.inspect(connection)
    others: list[Difference] = []
    surplus: list[Difference] = []
    for table in schema.tables.values():
        if table.stored in found:
            beside = _Beside(table, fitting.storage.table(table.name), inspector, dialect)
            others += beside.otherwise_said()
            others += beside.narrower(schema)
            others += beside.otherwise_made()
            surplus += beside.unknown_columns()
    return (*stopping, *others, *surplus, *_unknown_tables(schema, inspector, dialect))


def _unknown_tables(schema: Schema, inspector: sa.Inspector, dialect: Dialect) -> Iterator[Difference]:
    """Tables that no script describes, of the namespaces that the metadata's tables are in and of the one that is meant where
    none is named."""
    default = inspector.default_schema_name
    known = {(space or default, same_name(name, dialect)) for space, name in map(dialect.namespace_of, _stored(schema))}
    for namespace in sorted({space or "" for space, _ in known} | {default or ""}):
        for name in sorted(inspector.get_table_names(namespace or None)):
            if (namespace or default, same_name(name, dialect)) not in known and not _is_kept_by_tools(name):
                stored = str(name) if namespace in ("", default) else f"{namespace}.{name}"
                yield Difference(Kind.UNKNOWN_TABLE, stored, f"no script describes the table {stored}")


def _is_kept_by_tools(name: str) -> bool:
    return name.startswith(OF_RUNS) or name == OF_REVISIONS


def _stored(schema: Schema) -> list[str]:
    return [table.stored for table in schema.tables.values()]


class _Beside:
    """One table of the metadata, and the one of the database."""

    def __init__(self, table: Table, stored: StoredTable, inspector: sa.Inspector, dialect: Dialect) -> None:
        self._table = table
        self._stored = stored
        self._dialect = dialect
        namespace, name = dialect.namespace_of(table.stored)
        names = (*inspector.get_table_names(namespace), *inspector.get_view_names(namespace))
        real = next((each for each in names if same_name(each, dialect) == same_name(name, dialect)), name)
        self._inspector, self._name = inspector, real
        with of_any_type():
            self._columns = {same_name(each["name"], dialect): each for each in inspector.get_columns(real, namespace)}
        self._checks = tuple(str(each["sqltext"]) for each in inspector.get_check_constraints(real, namespace))
        unique: list[Iterable[str | None]] = [inspector.get_pk_constraint(real, namespace)["constrained_columns"]]
        unique += [each["column_names"] for each in inspector.get_unique_constraints(real, namespace)]
        # An index over an expression has no name there, and says nothing of columns alone.
        unique += [each["column_names"] for each in inspector.get_indexes(real, namespace) if each["unique"]]
        self._unique = [
            {same_name(each, dialect) for each in names if each is not None} for names in unique if None not in names
        ]

    def otherwise_said(self) -> Iterator[Difference]:
        """What is said in another way of a column or key that both have."""
        table = self._table
        for column in self._stored.columns.values():
            for cell in column.cells if len(column.references) < 2 else ():
                real = self._columns.get(same_name(cell.name, self._dialect))
                if real is None or column.column.primary or column.column.readonly:
                    continue
                named = f"{table.stored}.{cell.name}"
                if column.column.optional and not real["nullable"] and real.get("default") is None:
                    text = f"{named} must not be empty in the database, and {column.column.name} may be"
                    yield self._difference(Kind.NEVER_EMPTY, text, cell.name, column.column.name)
                elif not column.column.optional and real["nullable"]:
                    text = f"{named} may be empty in the database, and {column.column.name} must not be"
                    yield self._difference(Kind.MAY_BE_EMPTY, text, cell.name, column.column.name)
        for columns in dict.fromkeys((*table.keys, *table.uniques)):
            cells = {
                same_name(cell.name, self._dialect) for name in columns for cell in self._stored.columns[name].cells
            }
            whole = all(len(self._stored.columns[name].references) < 2 for name in columns)
            if whole and not any(unique and unique <= cells for unique in self._unique):
                text = f"the database does not see that {' and '.join(columns)} of {table.stored} is there once only"
                yield Difference(Kind.NOT_UNIQUE, table.stored, text, None, table.name, columns)

    def narrower(self, schema: Schema) -> Iterator[Difference]:
        """Columns that can not hold all that the metadata lets them have."""
        types = {name: column["type"] for name, column in self._columns.items()}
        return narrower(self._stored, Found(types, self._checks), schema, self._dialect)

    def otherwise_made(self) -> Iterator[Difference]:
        """Keys that the database makes, and the metadata does not leave to it, or the other way round."""
        real = {cell.name: self._columns.get(same_name(cell.name, self._dialect)) for cell in self._stored.key_cells}
        found = {name: column for name, column in real.items() if column is not None}
        return otherwise_made(self._stored, found, self._inspector, self._name)

    def unknown_columns(self) -> Iterator[Difference]:
        """Columns that no script describes."""
        known = {same_name(cell.name, self._dialect) for cell in self._stored.cells}
        for name, real in self._columns.items():
            if name in known:
                continue
            filled = real["nullable"] or real.get("default") is not None or "computed" in real or "identity" in real
            named = f"{self._table.stored}.{real['name']}"
            if filled:
                yield self._difference(Kind.UNKNOWN_COLUMN, f"no script describes the column {named}", real["name"])
            else:
                text = f"no script describes the column {named}, which must not be empty and has no default"
                yield self._difference(Kind.DEMANDED_COLUMN, text, real["name"])

    def _difference(self, kind: Kind, text: str, cell: str, column: str | None = None) -> Difference:
        columns = () if column is None else (column,)
        return Difference(kind, self._table.stored, text, str(cell), self._table.name, columns)


# ---------------------------------------------------------------------------------------------------------- consequences


def consequences(difference: Difference, plans: Iterable[StepPlan]) -> tuple[Consequence, ...]:
    """What a difference means for each of these plans' verbs, by name."""
    found: dict[str, Consequence] = {}
    for plan in plans:
        text = _consequence(difference, uses_of(plan), plan.entry)
        if text is not None:
            found[plan.entry] = Consequence(plan.entry, text)
    return tuple(found[verb] for verb in sorted(found))


def _consequence(difference: Difference, uses: tuple[Use, ...], entry: str) -> str | None:
    if difference.kind is Kind.NO_RECORDS:
        return "can not run"
    relevant = [use for use in uses if use.table == difference.table]
    if difference.columns:
        relevant = [use for use in relevant if use.column in difference.columns]
    by_how: Mapping[str, Use] = {use.how: use for use in reversed(relevant)}
    if difference.stops:
        first = next((use for use in relevant if use.how != "names"), None)
        return None if first is None else f"can not run: {_told(first, entry)}"
    if difference.kind in (Kind.DEMANDED_COLUMN, Kind.OTHERWISE_MADE) and "creates" in by_how:
        return f"fails when {_told(by_how['creates'], entry)}"
    if difference.kind is Kind.NEVER_EMPTY:
        writing = by_how.get("creates") or by_how.get("changes")
        return None if writing is None else f"fails when {_told(writing, entry)} and leaves it empty"
    if difference.kind is Kind.NARROWER:
        writing = by_how.get("creates") or by_how.get("changes")
        return None if writing is None else f"fails when {_told(writing, entry)} and gives it what does not fit"
    if difference.kind is Kind.MAY_BE_EMPTY and "reads" in by_how:
        return f"fails at a row in which it is empty: {_told(by_how['reads'], entry)}"
    if difference.kind is Kind.NOT_UNIQUE and by_how:
        first = next(iter(relevant))
        return f"may find any of several rows, or make a second one: {_told(first, entry)}"
    return None


def _told(use: Use, entry: str) -> str:
    """Who does it, and where: the verb itself, or one that it performs."""
    who = "it" if use.verb == entry else f"{use.verb.rpartition('.')[2]}, which it performs,"
    what = {"creates": "creates such a row", "deletes": "deletes such a row"}.get(use.how, f"{use.how} it")
    return f"{who} {what} at line {use.line}"
