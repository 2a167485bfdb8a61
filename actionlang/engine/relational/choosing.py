"""The targets of a run, put aside: their keys in a temporary table, numbered in key order, read page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.running import row_of_cells, spelling_of
from actionlang.engine.relational.setplan import Known, Selection, keys_query
from actionlang.engine.relational.sqlite import SqliteSpelling
from actionlang.engine.relational.statements import Ids
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.sql.storage import Storage, spread_key
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.types import Row
from actionlang.plan.plan import StepPlan

GIVEN = "actionlang_given"
CHOSEN = "actionlang_chosen"
PAGE = 500
"""Targets read at a time."""


class Choosing:
    """Puts the targets of a verb aside, in whatever transaction is open. All methods raise the driver's errors."""

    def __init__(self, plan: StepPlan, cursor: Cursor, dialect: Dialect, storage: Storage) -> None:
        binding = plan.verb.binding
        assert binding is not None
        self._plan = plan
        self._cursor = cursor
        self._dialect = dialect
        self._storage = storage
        self._table = storage.schema.tables[binding.table]
        stored = storage.table(self._table.name)
        self._names = [f"k{number}" for number, _ in enumerate(stored.key_cells, 1)]
        self._spread = spread_key(stored.primary)
        self._place = "rowid" if dialect.name == "sqlite" else "place"

    def give(self, rows: Iterable[RowRef]) -> Selection:
        """The selection of rows that are named one by one."""
        self._drop(GIVEN)
        stored = self._dialect.quoted_table(self._table.stored)
        cells = ", ".join(self._dialect.quoted(cell.name) for cell in self._storage.table(self._table.name).key_cells)
        empty = f"SELECT {cells} FROM {stored} WHERE 1 = 0"
        columns = ", ".join(self._names)
        self._cursor.execute(f"CREATE TEMPORARY TABLE {GIVEN}({columns}) AS {empty}" if self._place == "place" else
                             f"CREATE TEMPORARY TABLE {GIVEN}({columns}, UNIQUE ({columns}))")  # fmt: skip
        insert = f"INSERT INTO {GIVEN} VALUES ({', '.join([self._dialect.parameter] * len(self._names))})"
        seen: set[RowRef] = set()
        batch: list[tuple[object, ...]] = []
        for row in rows:
            if row not in seen:
                seen.add(row)
                batch.append(self._spread(row.key))
        self._cursor.executemany(insert, batch)
        return Selection(keys=GIVEN)

    def choose(self, selection: Selection, unit: Unit) -> int:
        """Put the targets aside. Gives how many there are.

        Raises NotRelational where the condition has no form in SQL, or fails on a row.
        """
        if selection.keys == CHOSEN:
            return self._count()
        spelling = spelling_of(self._dialect.name, self._storage.schema)
        query = keys_query(Known(self._plan, spelling, self._storage, "''", Ids(None)), selection)
        if isinstance(spelling, SqliteSpelling):
            for function in spelling.functions.values():
                self._cursor.connection.create_function(function.name, function.arity, function.make(unit))
        self._drop(CHOSEN)
        self._cursor.execute(f"SAVEPOINT {CHOSEN}")
        try:
            self._cursor.execute(f"CREATE TEMPORARY TABLE {CHOSEN} AS {query}")
        except self._dialect.error as error:
            self._cursor.execute(f"ROLLBACK TO SAVEPOINT {CHOSEN}")
            raise NotRelational("the condition fails on a row") from error
        finally:
            self._cursor.execute(f"RELEASE SAVEPOINT {CHOSEN}")
        return self._count()

    def rows(self, chosen: str = CHOSEN) -> Iterator[RowRef]:
        """The targets in order, or those of another such table. Between two of them the cursor may be used for anything."""
        after = 0
        wanted = Row((self._table.name,))
        statement = (
            f"SELECT {self._place}, {', '.join(self._names)} FROM {chosen} WHERE {self._place} > {self._dialect.parameter} "
            f"ORDER BY {self._place} LIMIT {PAGE}"
        )
        while True:
            self._cursor.execute(statement, (after,))
            page = self._cursor.fetchall()
            for place, *cells in page:
                row = row_of_cells(wanted, tuple(cells), self._storage)
                assert row is not None
                yield row
                after = place
            if len(page) < PAGE:
                return

    def clean(self) -> None:
        """Drop what was put aside."""
        self._drop(GIVEN)
        self._drop(CHOSEN)

    def _count(self) -> int:
        self._cursor.execute(f"SELECT count(*) FROM {CHOSEN}")
        found: int = self._cursor.fetchone()[0]
        return found

    def _drop(self, name: str) -> None:
        schema = "temp" if self._place == "rowid" else "pg_temp"
        self._cursor.execute(f"DROP TABLE IF EXISTS {schema}.{name}")
