"""A store in memory: for tests, and for trying things out. It enforces what a database would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from actionlang.engine.decimals import LARGEST_INTEGER
from actionlang.engine.ordering import key_order
from actionlang.engine.store import (
    ConstraintError,
    Delete,
    Insert,
    InsertKeyless,
    Key,
    LookUp,
    Read,
    RowRef,
    Scan,
    StoredRow,
    Update,
)
from actionlang.metadata.tables import Choice, Table
from actionlang.metadata.types import Id, Integer, Row
from actionlang.plan import expressions as e

Values = list[Any]


class MemoryStore:
    """Tables of rows in memory, with savepoints. Not for several threads at once."""

    takes_queries = False

    def __init__(self, tables: Iterable[Table] = (), choices: Iterable[Choice] = ()) -> None:
        self._choices = {choice.name: choice for choice in choices}
        self._tables: dict[str, _Rows] = {}
        self._references: Counter[RowRef] = Counter()
        self._log: list[Callable[[], None]] = []
        self._marks = 0
        for table in tables:
            self._rows(table)

    def _rows(self, table: Table) -> _Rows:
        rows = self._tables.get(table.name)
        if rows is None:
            rows = self._tables[table.name] = _Rows(table, self._choices)
        return rows

    def prepare_read(self, table: Table, columns: tuple[str, ...]) -> Read:
        rows = self._rows(table)
        positions = rows.positions(columns)

        def read(key: Key) -> Sequence[object] | None:
            values = rows.values.get(key)
            return None if values is None else [values[at] for at in positions]

        return read

    def prepare_look_up(self, table: Table, columns: tuple[str, ...]) -> LookUp:
        rows = self._rows(table)
        unique = next((known for known in rows.unique if set(known) == set(columns)), None)
        if unique is None:
            raise ValueError(f"{', '.join(columns)} is no key of {table.name}")
        order = [columns.index(name) for name in unique]
        index = rows.unique[unique]
        return lambda values: index.get(tuple([values[at] for at in order]))

    def prepare_scan(self, table: Table, columns: tuple[str, ...], equal: tuple[str, ...]) -> Scan:
        rows = self._rows(table)
        positions, wanted = rows.positions(columns), rows.readers(equal)

        def scan(values: Sequence[object]) -> Iterator[StoredRow]:
            tests = list(zip(wanted, values, strict=True))
            found = [
                StoredRow(key, [stored[at] for at in positions])
                for key, stored in rows.sorted_rows()
                if all(read(key, stored) == value for read, value in tests)
            ]
            yield from found

        return scan

    def prepare_query(self, query: e.Query, columns: tuple[str, ...], *, any_order: bool = False) -> None:
        """Nothing is gained by it here."""

    def prepare_aggregate(self, node: e.Aggregate) -> None:
        """Nothing is gained by it here."""

    def prepare_insert(self, table: Table, columns: tuple[str, ...]) -> Insert:
        rows = self._rows(table)
        positions = rows.positions(columns)

        def insert(key: Key, given: Sequence[object]) -> None:
            if key in rows.values:
                raise ConstraintError("unique", table.name, tuple(column.name for column in table.primary))
            values: Values = [None] * len(rows.columns)
            for at, value in zip(positions, given, strict=True):
                values[at] = value
            self._check(rows, key, values)
            self._put(rows, key, None, values)

        return insert

    def prepare_insert_keyless(self, table: Table, columns: tuple[str, ...]) -> InsertKeyless:
        rows = self._rows(table)
        insert = self.prepare_insert(table, columns)
        (primary,) = table.primary
        if isinstance(primary.type, Id):

            def insert_with_id(given: Sequence[object], new_id: Callable[[], str]) -> Key:
                key = new_id()
                insert(key, given)
                return key

            return insert_with_id

        def insert_counted(given: Sequence[object], _: Callable[[], str]) -> Key:
            key = rows.highest + 1
            if key > LARGEST_INTEGER:
                raise ConstraintError("check", table.name, (primary.name,))
            insert(key, given)
            return key

        return insert_counted

    def prepare_update(self, table: Table, columns: tuple[str, ...]) -> Update:
        rows = self._rows(table)
        positions = rows.positions(columns)

        def update(key: Key, given: Sequence[object]) -> None:
            before = rows.values.get(key)
            if before is None:
                raise ConstraintError("missing", table.name)
            values = before.copy()
            for at, value in zip(positions, given, strict=True):
                values[at] = value
            self._check(rows, key, values)
            self._put(rows, key, before, values)

        return update

    def prepare_delete(self, table: Table) -> Delete:
        rows = self._rows(table)

        def delete(key: Key) -> None:
            before = rows.values.get(key)
            if before is None:
                raise ConstraintError("missing", table.name)
            row = RowRef(table.name, key)
            if self._references[row] > rows.references(key, before).count(row):
                raise self._referenced(row)
            self._put(rows, key, before, None)

        return delete

    def savepoint(self) -> object:
        self._marks += 1
        return len(self._log)

    def undo(self, mark: object) -> None:
        assert isinstance(mark, int)
        while len(self._log) > mark:
            self._log.pop()()
        self._marks -= 1

    def keep(self, mark: object) -> None:
        self._marks -= 1
        if not self._marks:
            self._log.clear()

    def _check(self, rows: _Rows, key: Key, values: Values) -> None:
        """See that a row may be stored.

        Raises ConstraintError when it may not.
        """
        table = rows.table
        for at in rows.required:
            if values[at] is None:
                raise ConstraintError("required", table.name, (rows.columns[at],))
        for columns, index in rows.unique.items():
            entry = rows.entry(columns, key, values)
            if entry is not None and index.get(entry, key) != key:
                raise ConstraintError("unique", table.name, columns)
        for name, reference in zip(rows.lookups, rows.references(key, values), strict=True):
            if reference is not None and reference != (table.name, key) and not self._exists(reference):
                raise ConstraintError("foreign key", table.name, (name,))

    def _exists(self, row: RowRef) -> bool:
        rows = self._tables.get(row.table)
        return rows is not None and row.key in rows.values

    def _referenced(self, row: RowRef) -> ConstraintError:
        """The refusal to delete a row, naming the first table and column that refer to it."""
        return next(
            ConstraintError("referenced", rows.table.name, (name,))
            for rows in self._tables.values()
            for key, values in rows.values.items()
            for name, reference in zip(rows.lookups, rows.references(key, values), strict=True)
            if reference == row
        )

    def _put(self, rows: _Rows, key: Key, before: Values | None, after: Values | None) -> None:
        """Replace a row's values (None: no row), so that it can be undone."""
        highest = rows.highest
        self._replace(rows, key, before, after)
        if rows.counts and before is None:
            rows.highest = max(highest, key)  # type: ignore[call-overload]
        if self._marks:
            self._log.append(lambda: self._take_back(rows, key, after, before, highest))

    def _take_back(self, rows: _Rows, key: Key, after: Values | None, before: Values | None, highest: int) -> None:
        self._replace(rows, key, after, before)
        rows.highest = highest

    def _replace(self, rows: _Rows, key: Key, before: Values | None, after: Values | None) -> None:
        if before is not None:
            rows.take(key, before)
            self._references.subtract(filter(None, rows.references(key, before)))
        if after is not None:
            rows.add(key, after)
            self._references.update(filter(None, rows.references(key, after)))
        if before is None or after is None:
            rows.unsort()


class _Rows:
    """One table's rows: values of the columns beside the primary key by key, with an index for every unique
    set; where it counts its keys, the highest that it has had, at least 0."""

    def __init__(self, table: Table, choices: dict[str, Choice]) -> None:
        self.table = table
        self.columns = tuple(column.name for column in table.columns if not column.primary)
        self.required = [
            at
            for at, name in enumerate(self.columns)
            if not table.by_name[name].optional and not table.by_name[name].readonly
        ]
        self.lookups = tuple(column.name for column in table.columns if isinstance(column.type, Row))
        self.values: dict[Key, Values] = {}
        self.counts = table.makes_key and isinstance(table.primary[0].type, Integer)
        self.highest = 0
        self.unique: dict[tuple[str, ...], dict[tuple[Any, ...], Key]] = {
            columns: {} for columns in (*table.keys, *table.uniques)
        }
        self._order = key_order(table, choices)
        self._sorted: list[Key] | None = []
        self._readers = {name: self._reader(name) for name in table.by_name}

    def _reader(self, name: str) -> Callable[[Any, Values], Any]:
        """What gives a column's value, out of the key for a primary one."""
        if name in self.columns:
            at = self.columns.index(name)
            return lambda key, values: values[at]
        primary = [column.name for column in self.table.primary]
        if len(primary) == 1:
            return lambda key, values: key
        part = primary.index(name)
        return lambda key, values: key[part]

    def positions(self, columns: tuple[str, ...]) -> list[int]:
        """Where a row's values hold these columns."""
        return [self.columns.index(name) for name in columns]

    def readers(self, columns: tuple[str, ...]) -> list[Callable[[Any, Values], Any]]:
        """What reads these columns, primary ones too."""
        return [self._readers[name] for name in columns]

    def entry(self, columns: tuple[str, ...], key: Key, values: Values) -> tuple[Any, ...] | None:
        """A row's entry in the index of a unique set; None when a column is empty, for empties clash with
        nothing."""
        entry = tuple([self._readers[name](key, values) for name in columns])
        return None if None in entry else entry

    def references(self, key: Key, values: Values) -> list[Any]:
        """What a row's lookups refer to, None for an empty one."""
        return [self._readers[name](key, values) for name in self.lookups]

    def add(self, key: Key, values: Values) -> None:
        """Put a row in place."""
        self.values[key] = values
        for columns, index in self.unique.items():
            entry = self.entry(columns, key, values)
            if entry is not None:
                index[entry] = key

    def take(self, key: Key, values: Values) -> None:
        """Take a row out."""
        del self.values[key]
        for columns, index in self.unique.items():
            entry = self.entry(columns, key, values)
            if entry is not None:
                del index[entry]

    def unsort(self) -> None:
        """A key came or went."""
        self._sorted = None

    def sorted_rows(self) -> list[tuple[Key, Values]]:
        """Keys and rows in primary key order."""
        if self._sorted is None:
            self._sorted = sorted(self.values, key=self._order)  # type: ignore[type-var, arg-type]
        return [(key, self.values[key]) for key in self._sorted]
