"""Reading rows outside of runs: a page of a table's rows, how many there are, rows by their keys; held to the caller's rights.

Conditions and order go to the database as the engine's own SQL, so that values mean what they mean in verbs; what can not be
asked so is refused. Nothing is looked through row by row here, and nothing is counted that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

import attrs
import sqlalchemy as sa

from actionlang.access.grants import RightsReader
from actionlang.access.refusing import nobody_reads
from actionlang.access.rights import Rights
from actionlang.access.tables import TABLES
from actionlang.diagnostics.catalogue import database as database_codes
from actionlang.diagnostics.catalogue import run as run_codes
from actionlang.diagnostics.catalogue import server as codes
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.rows import stored_value
from actionlang.engine.schema import Schema
from actionlang.engine.sql.queries import Queries
from actionlang.engine.sql.reading_asking import ReadingAsking, register_functions
from actionlang.engine.sql.storage import Storage
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef, StoredValueError, TakenQuery
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Integer, Row
from actionlang.plan import expressions as e
from actionlang.plan.walk import nodes
from actionlang.runtime.database import Database
from actionlang.runtime.drift import Fitting
from actionlang.runtime.own_tables import see_table
from actionlang.runtime.positions import Position, Sort, behind, orderings
from actionlang.runtime.readable import BOOLEAN, ROW, Columns, Readable, every, refused, with_people
from actionlang.runtime.reflection import find_tables
from actionlang.runtime.row_version import Versioning
from actionlang.runtime.session import Session
from actionlang.runtime.time_limit import held_to_time, limited, see_that_there_is_time
from actionlang.runtime.troubles import told_as_codes

MOST_ROWS = 5000
"""Rows of a page, at most: as many as Dataverse gives at once."""

KEYS_AT_ONCE = 100
NOTHING: Mapping[str, object] = {}

Where = Callable[[Columns], e.Expression]
"""Gives the condition on a row, which is named by `Columns.row` and whose columns are those that `Columns.value` gives."""


@attrs.frozen
class Masked:
    """Stands for a value that is told to nobody."""

    def __str__(self) -> str:
        return "***"


MASKED = Masked()


@attrs.frozen
class RowsQuery:
    """Which rows of a table are wanted, and what of them.

    `columns` are those wanted (None: all); `where` gives the condition, `values` what its names stand for (see `e.Local`);
    `order` puts rows in an order in which their primary key is last; `most` rows are given at once, those behind `after`, of
    which the first `skip` are left out. `versions` says whether each row's version is wanted.
    """

    table: str
    columns: tuple[str, ...] | None = None
    where: Where | None = None
    values: Mapping[str, object] = NOTHING
    order: tuple[Sort, ...] = ()
    most: int = attrs.field(default=100, validator=[attrs.validators.ge(0), attrs.validators.le(MOST_ROWS)])
    after: Position | None = None
    skip: int = attrs.field(default=0, validator=[attrs.validators.ge(0), attrs.validators.le(MOST_ROWS)])
    versions: bool = False


@attrs.frozen
class FoundRow:
    """A row: which one, its values by column, its version where that was asked for. Values of sensitive columns are `MASKED`, of
    lookups a RowRef; all others are the language's (see `engine.values`)."""

    row: RowRef
    values: Mapping[str, object]
    version: str | None = None


@attrs.frozen
class Page:
    """Rows in their order. `rest` is the place behind which there are more; None where these are the last."""

    rows: tuple[FoundRow, ...]
    rest: Position | None = None


@contextmanager
def reading(
    database: Database, schema: Schema, caller: object = None, *, seconds: float | None = None
) -> Iterator[Reading]:
    """Read rows of a schema's tables, all in one transaction that sees one state of them, with the rights of a caller, who is
    named as for a run. Where the database has no policy, everybody reads everything. `seconds` limits how long that may take.

    Raises ActionLangError when the caller is no user, when the tables are not there, or when the database fails.
    """
    with limited(seconds), database.connection() as connection:
        session = Session.on(connection, database.hosting)
        stored = _stored(database, schema, connection)
        with (
            told_as_codes(database.dialect),
            _failures_told(),
            held_to_time(lambda: database.dialect.stop(session.driver)),
            _transaction(session),
        ):
            yield Reading(database, stored, session, caller)


@contextmanager
def _transaction(session: Session) -> Iterator[None]:
    """One view of all rows, in which nothing is written and nobody is waited for."""
    # Looking at tables has begun one.
    if session.in_transaction:
        session.cursor.execute("ROLLBACK")
    session.cursor.execute(BEGIN[session.dialect.name])
    try:
        yield
    finally:
        with suppress(session.dialect.error):
            session.cursor.execute("ROLLBACK")


BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except StoredValueError as error:
        raise ActionLangError(stored_value(error).diagnostic()) from None
    except Failure as failure:
        raise ActionLangError(failure.diagnostic()) from None


@attrs.frozen(eq=False)
class _Stored:
    """How the tables of a schema are stored, and by table what the database lacks of it. `given` is the schema without the tables
    that say who somebody is."""

    given: Schema
    storage: Storage
    lacking: Mapping[str, str]


_kept: WeakKeyDictionary[Database, dict[int, _Stored]] = WeakKeyDictionary()
"""For the schemas used last, where a database has all of their tables."""

MOST_KEPT = 4


class Reading:
    """Reads, as long as `reading` lasts. `readable` says what the caller may read."""

    def __init__(self, database: Database, stored: _Stored, session: Session, caller: object) -> None:
        self._session = session
        self._policy = database.hosting.policy
        self._stored = stored
        self._user: RowRef | None = None
        rights = self._rights(caller)
        self._schema = schema = stored.storage.schema
        self.readable = Readable(schema, rights)
        cursor, dialect = session.cursor, session.dialect
        store = SqlStore(cursor, dialect, schema, stored.storage)
        self._queries = Queries(cursor, dialect, stored.storage, store.told, ReadingAsking)
        if dialect.name == "sqlite":
            register_functions(cursor, schema)

    # --------------------------------------------------------------------------------------------------------- asked

    def page(self, query: RowsQuery) -> Page:
        """Rows for which the condition holds and that the caller may read, in the order asked for.

        Raises ActionLangError when the query asks for what is not there, for what the caller may not read, or for what databases
        are not asked; and when the database fails.
        """
        table, columns = self._table(query.table)
        order = orderings(query.order, columns)
        place = None if query.after is None else behind(query.after, query.order, columns)
        where = self._where(query, columns, () if place is None else (place.condition,))
        # Whoever gives the condition gives its values with it.
        values = query.values if place is None else {**query.values, **place.values}
        wanted = tuple(table.by_name) if query.columns is None else query.columns
        versioning = Versioning(table) if query.versions else None
        read = _columns_read(table, wanted, query, versioning)
        asked = e.Query(table.name, ROW, where, order)
        found = self._rows(asked, read, values, query.skip + query.most + 1)[query.skip :]
        rows = [self._found(table, wanted, read, row.key, row.values, versioning) for row in found[: query.most]]
        rest = None
        if len(found) > query.most > 0:
            rest = self._place(table, query.order, read, found[query.most - 1])
        return Page(tuple(rows), rest)

    def count(self, query: RowsQuery) -> int:
        """How many rows there are for which the condition holds and that the caller may read, on all pages. Raises what `page`
        raises."""
        table, columns = self._table(query.table)
        asked = e.Query(table.name, ROW, self._where(query, columns, ()))
        taken = self._queries.aggregate(e.Aggregate(Integer(), False, "count", asked, None))
        if taken is None:
            raise _unsupported(table)
        result = taken.result([self._worked_out(node, query.values) for node in taken.parameters])
        if result is None:
            raise _odd(table)
        return int(result[0])

    def by_keys(
        self, table_name: str, keys: Sequence[object], columns: tuple[str, ...], *, versions: bool = False
    ) -> dict[object, FoundRow]:
        """Those rows with these primary keys that the caller may read, by key. Raises what `page` raises."""
        found: dict[object, FoundRow] = {}
        unique = list(dict.fromkeys(keys))
        type_ = Row((table_name,))
        for start in range(0, len(unique), KEYS_AT_ONCE):
            some = unique[start : start + KEYS_AT_ONCE]
            values = {f" key {at}": RowRef(table_name, key) for at, key in enumerate(some)}

            def is_one(asked: Columns, names: tuple[str, ...] = tuple(values)) -> e.Expression:
                alike = tuple(e.Compare(BOOLEAN, False, "=", asked.row, e.Local(type_, False, name)) for name in names)
                return alike[0] if len(alike) == 1 else e.Or(BOOLEAN, False, alike)

            query = RowsQuery(table_name, columns, is_one, values, most=KEYS_AT_ONCE, versions=versions)
            found |= {each.row.key: each for each in self.page(query).rows}
        return found

    # ------------------------------------------------------------------------------------------------------ conditions

    def _table(self, name: str) -> tuple[Table, Columns]:
        see_that_there_is_time()
        table = self._schema.tables.get(name)
        if table is None:
            raise refused(codes.WRONG_QUERY, f"There is no table {name}.")
        self.readable.see(name)
        if any(self.readable.is_hidden(column) for column in table.primary):
            raise refused(codes.SENSITIVE_ASKED, f"Rows of {table.short_name} are not read: their key is sensitive.")
        return table, Columns(self.readable, table)

    def _where(self, query: RowsQuery, columns: Columns, others: tuple[e.Expression, ...]) -> e.Expression | None:
        """The whole condition: that the row may be read, first of all."""
        asked = () if query.where is None else (query.where(columns),)
        conditions = (*self.readable.rule(query.table, columns.row), *asked, *others)
        used = {node.table for node in nodes(conditions) if isinstance(node, e.Query)}
        used |= {name for node in nodes(conditions) if isinstance(node, e.Column) for name in _tables_of(node)}
        self._see_that_they_are_there(used | {query.table})
        return every(conditions)

    def _worked_out(self, node: e.Expression, values: Mapping[str, object]) -> object:
        """The value of what is the same for all rows."""
        if isinstance(node, e.Local):
            return values[node.name]
        if isinstance(node, e.Literal):
            return node.value
        if isinstance(node, e.Caller):
            return self._user
        if isinstance(node, e.Narrow | e.Convert) and isinstance(node.type, Row):
            return self._worked_out(node.operand, values)
        raise refused(
            codes.QUERY_UNSUPPORTED, "A part of the condition is the same for all rows, and not one plain value."
        )

    # ----------------------------------------------------------------------------------------------------------- rows

    def _rows(self, query: e.Query, read: tuple[str, ...], values: Mapping[str, object], most: int) -> list[Any]:
        table = self._schema.tables[query.table]
        taken: TakenQuery | None = self._queries.query(query, read, False)
        if taken is None or taken.left or not taken.ordered:
            raise _unsupported(table)
        found = taken.rows([self._worked_out(node, values) for node in taken.parameters], most)
        if found is None:
            raise _odd(table)
        return list(found)

    def _found(
        self,
        table: Table,
        wanted: tuple[str, ...],
        read: tuple[str, ...],
        key: object,
        cells: Sequence[object],
        versioning: Versioning | None,
    ) -> FoundRow:
        row = RowRef(table.name, key)
        known = {**_key_values(table, key), **dict(zip(read, cells, strict=True))}
        version = None
        if versioning is not None:
            version = versioning.version(row, [known[name] for name in versioning.names])
        shown = {name: MASKED if self.readable.is_hidden(table.by_name[name]) else known[name] for name in wanted}
        return FoundRow(row, shown, version)

    @staticmethod
    def _place(table: Table, order: tuple[Sort, ...], read: tuple[str, ...], row: Any) -> Position:
        known = {**_key_values(table, row.key), **dict(zip(read, row.values, strict=True))}
        return Position(tuple(known[sort.column] for sort in order), row.key)

    # -------------------------------------------------------------------------------------------------- who, and where

    def _rights(self, caller: object) -> Rights | None:
        """The caller's rights, read in this transaction; None where there are no rules."""
        policy = self._policy
        if policy is None:
            return None
        reader = RightsReader(self._session.cursor, self._session.dialect)
        if caller is not None and policy.row_security:
            reader.announce(caller)
        rights = None if caller is None else reader.read(caller)
        if rights is None:
            raise nobody_reads(caller)
        self._user = rights.user
        return rights

    def _see_that_they_are_there(self, tables: set[str]) -> None:
        for name in sorted(tables):
            if name in self._stored.lacking:
                message = f"The database does not have the tables that this needs: {self._stored.lacking[name]}."
                raise refused(database_codes.DATABASE_DIFFERS, message)


def _stored(database: Database, given: Schema, connection: sa.Connection) -> _Stored:
    known = _kept.setdefault(database, {})
    found = known.get(id(given))
    if found is not None:
        return found
    if database.hosting.policy is not None:
        for table in TABLES:
            see_table(connection, table, "rules of access")
    schema = with_people(given)
    names = [table.stored for table in schema.tables.values()]
    fitting = Fitting(schema, find_tables(names, connection, database.dialect), database.dialect)
    lacking: dict[str, str] = {}
    for difference in fitting.differences():
        lacking.setdefault(difference.table or "", difference.text)
    found = _Stored(given, fitting.storage, lacking)
    if not lacking:
        while len(known) >= MOST_KEPT:
            del known[next(iter(known))]
        known[id(given)] = found
    return found


def _tables_of(node: e.Column) -> tuple[str, ...]:
    return node.row.type.tables if isinstance(node.row.type, Row) else ()


def _columns_read(
    table: Table, wanted: tuple[str, ...], query: RowsQuery, versioning: Versioning | None
) -> tuple[str, ...]:
    """The columns to read: those wanted, those of the order, those that make the version; not those of the key, which are read
    in any case."""
    for name in wanted:
        if name not in table.by_name:
            raise refused(codes.WRONG_QUERY, f"{table.short_name} has no column {name}.")
    names = dict.fromkeys((*wanted, *(sort.column for sort in query.order), *(versioning.names if versioning else ())))
    return tuple(name for name in names if not table.by_name[name].primary)


def _key_values(table: Table, key: object) -> dict[str, object]:
    values = key if isinstance(key, tuple) and not isinstance(key, RowRef) else (key,)
    return dict(zip((column.name for column in table.primary), values, strict=True))


def _unsupported(table: Table) -> ActionLangError:
    message = f"The database can not be asked this about {table.short_name} in a way that means the same."
    return refused(codes.QUERY_UNSUPPORTED, message, "ask for less, and choose among the rows yourself")


def _odd(table: Table) -> ActionLangError:
    message = f"A row of {table.short_name} has something stored in a column that is no value of that column."
    return refused(run_codes.STORED_VALUE, message)
