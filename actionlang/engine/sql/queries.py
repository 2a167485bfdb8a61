"""Queries of the interpreter as single statements: conditions, order, limit and aggregates, as far as they are proved to mean the
same. The statements are written when a query is first asked, once for each set of parameters that are empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any

import attrs

from actionlang.engine.decimals import WIDE
from actionlang.engine.interpreter.certainty import never_fails
from actionlang.engine.interpreter.pushdown import conjuncts, equality
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.engine.sql.asking import Asked, Asking, Shape, Statement, shapes_of
from actionlang.engine.sql.codecs import NeverStored, NotConforming
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.sql.rows import RowReader
from actionlang.engine.sql.storage import Cell, Storage, StoredColumn, StoredTable
from actionlang.engine.store import StoredRow, TakenAggregate, TakenQuery
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e

UNORDERED = (t.Row, t.Json, t.Choices, t.File)
"""Types of values by which rows are not put in an order here."""

SUMMED = (t.Integer, t.Decimal, t.Money, t.Duration)
NO_EXTREME = (t.Row, t.Boolean, t.Json, t.Choices, t.File, t.Float)

Told = Callable[[StoredTable, Sequence[StoredColumn]], AbstractContextManager[None]]
"""Within what it gives, an error of the driver becomes a StoredValueError or a StoreError."""


@attrs.frozen
class Queries:
    """What takes queries for a store. `_asking` puts their expressions into SQL."""

    _cursor: Cursor
    _dialect: Dialect
    _storage: Storage
    _told: Told
    _asking: type[Asking] = Asking

    def query(self, query: e.Query, columns: tuple[str, ...], any_order: bool) -> TakenQuery | None:
        """See `Store.prepare_query`."""
        stored = self._storage.table(query.table)
        if not all(part.ordered for part in stored.primary):
            return None
        with asked(query, self._asking(self._dialect, self._storage)) as asking:
            taken, left = _split(query, asking)
            order = None if left else _order(query, stored.table, asking)
        if not taken and order is None:
            return None
        chosen = tuple(stored.columns[name] for name in columns)
        whole = not left and order is not None

        def write(asking: Asking) -> str:
            texts, odd = _conditions(taken, query, stored.table, asking)
            keys = _order(query, stored.table, asking) if whole else None
            columns = f"{_listed((*stored.primary, *chosen), asking)}, {odd}"
            text = f"SELECT {columns} FROM {_named(stored.table, asking)}{_where(texts)}"
            if whole and any_order:
                return text
            return f"{text} ORDER BY {', '.join(keys if keys is not None else _key_order(stored.table, asking))}"

        statements = Statements(self._dialect, self._storage, query, asking.parameters, write, self._asking)
        nodes = tuple(parameter.node for parameter in asking.parameters)
        return TakenQuery(nodes, left, whole, self._rows(statements, stored, chosen, whole))

    def _rows(
        self, statements: Statements, stored: StoredTable, chosen: tuple[StoredColumn, ...], whole: bool
    ) -> Callable[[Sequence[object], int | None], Iterator[StoredRow] | None]:
        reader = RowReader(stored, chosen, with_key=True)
        key_of, values_of = reader.key, reader.values
        execute, fetch, told = self._cursor.execute, self._cursor.fetchall, self._told
        all_columns = (*stored.primary, *chosen)

        def rows(values: Sequence[object], most: int | None) -> Iterator[StoredRow] | None:
            found = statements.find(values)
            if found is None:
                return None
            text, arguments = found
            with told(stored, all_columns):
                execute(f"{text} LIMIT {most}" if whole and most is not None else text, arguments)
                fetched = fetch()
            # Where a row does not conform, which one the run comes to first is found out row by row.
            return None if any(cells[-1] for cells in fetched) else read(fetched)

        def read(fetched: Iterable[Sequence[Any]]) -> Iterator[StoredRow]:
            for cells in fetched:
                key = key_of(cells)
                yield StoredRow(key, values_of(key, cells))

        return rows

    # ---------------------------------------------------------------------------------------------- aggregates

    def aggregate(self, node: e.Aggregate) -> TakenAggregate | None:
        """See `Store.prepare_aggregate`."""
        query, stored = node.query, self._storage.table(node.query.table)
        with asked(query, self._asking(self._dialect, self._storage)) as asking:
            taken, left = _split(query, asking)
            value = None if left else _value(node, asking)
        if left or (value is None and node.kind != "count"):
            return None

        def write(asking: Asking) -> str:
            texts, _ = _conditions(taken, query, stored.table, asking)
            found = _found(node, _value(node, asking), asking)
            odd = f"count(*) FILTER (WHERE ({_conforming(asking.reads.get(ROW, {}).values(), asking)}) IS NOT TRUE)"
            return f"SELECT {odd}, {', '.join(found)} FROM {_named(stored.table, asking)}{_where(texts)}"

        statements = Statements(self._dialect, self._storage, query, asking.parameters, write, self._asking)
        nodes = tuple(parameter.node for parameter in asking.parameters)
        return TakenAggregate(nodes, self._result(statements, stored, self._reader(node, value)))

    def _result(
        self, statements: Statements, stored: StoredTable, read: Callable[[Any], Any]
    ) -> Callable[[Sequence[object]], Sequence[Any] | None]:
        execute, fetch, told, error_class = self._cursor.execute, self._cursor.fetchone, self._told, self._dialect.error
        lives_on = not self._dialect.error_ends_transaction

        def result(values: Sequence[object]) -> Sequence[Any] | None:
            found = statements.find(values)
            if found is None:
                return None
            with told(stored, stored.primary):
                try:
                    execute(*found)
                    odd, first, *others = fetch()
                except error_class:
                    if lives_on:
                        # A sum that leaves SQLite's 64 bits.
                        return None
                    raise
            try:
                # Where a row does not conform it is told which, row by row.
                return None if odd else [None if first is None else read(first), *others]
            except NotConforming:
                return None

        return result

    def _reader(self, node: e.Aggregate, value: Sql | None) -> Callable[[Any], Any]:
        """What reads the result of a statement that is not empty."""
        if node.value is None or value is None:
            return int
        if isinstance(value.type, t.Decimal | t.Money):
            if self._dialect.name == "sqlite":
                scale = value.scale
                return lambda found: Decimal(found).scaleb(-scale, WIDE)
            return Decimal
        if node.kind in ("sum", "average"):
            return int
        return self._dialect.codec_of(node.value.type, self._storage.schema).read


ROW = "r1"
"""The alias of a query's row."""


class Statements:
    """The statements of a query, one for each set of its parameters' shapes."""

    def __init__(
        self,
        dialect: Dialect,
        storage: Storage,
        query: e.Query,
        parameters: Sequence[Asked],
        write: Callable[[Asking], str],
        asking: type[Asking] = Asking,
    ) -> None:
        self._dialect = dialect
        self._storage = storage
        self._query = query
        self._writers = tuple(parameter.write for parameter in parameters)
        self._write = write
        self._asking = asking
        self._known: dict[tuple[Shape, ...], Statement | None] = {}

    def find(self, values: Sequence[object]) -> tuple[str, list[object]] | None:
        """The statement for these values of the parameters, and what the driver is given; None when there is none."""
        shapes = shapes_of(values)
        if shapes in self._known:
            statement = self._known[shapes]
        else:
            statement = self._known[shapes] = self._make(shapes)
        if statement is None:
            return None
        try:
            cells = [() if value is None else write(value) for write, value in zip(self._writers, values, strict=True)]
        except NeverStored:
            return None
        return statement.text, statement.arguments(cells)

    def _make(self, shapes: tuple[Shape, ...]) -> Statement | None:
        try:
            with asked(self._query, self._asking(self._dialect, self._storage, shapes)) as asking:
                return Statement.of(self._write(asking), self._dialect)
        except NotRelational:
            return None


@contextmanager
def asked(query: e.Query, asking: Asking) -> Iterator[Asking]:
    """While this lasts, the query's row stands in `ROW`."""
    alias = asking.new_alias()
    assert alias == ROW
    with asking.scanning(query.row, alias):
        yield asking


def _split(query: e.Query, asking: Asking) -> tuple[list[e.Expression], tuple[e.Expression, ...]]:
    """The conditions that the database tests, as far as no condition that might fail stands before them, and the others."""
    taken: list[e.Expression] = []
    left: list[e.Expression] = []
    certain = True
    for condition in conjuncts(query.where):
        if certain and _translates(condition, asking):
            taken.append(condition)
        else:
            left.append(condition)
            certain = certain and never_fails(condition, query.row)
    return taken, tuple(left)


def _translates(condition: e.Expression, asking: Asking) -> bool:
    try:
        asking.surely(condition)
    except NotRelational:
        return False
    return True


def _order(query: e.Query, table: Table, asking: Asking) -> list[str] | None:
    """What the query's rows are ordered by, their key last; None when that has to be worked out elsewhere."""
    keys: list[str] = []
    try:
        for ordering in query.order:
            value = asking.surely(ordering.value)
            if isinstance(value.type, UNORDERED) or len(value.cells) != 1:
                return None
            if value.known is None:
                keys.append(_in_order(value, ordering.descending, asking))
        return [*keys, *_key_order(table, asking)]
    except NotRelational:
        return None


def _in_order(value: Sql, descending: bool, asking: Asking) -> str:
    if value.optional:
        return asking.spelling.in_order(value.text, value.type, descending)
    # As an index is ordered.
    return asking.spelling.key_order(value.text, value.type) + (" DESC" if descending else "")


def _key_order(table: Table, asking: Asking) -> list[str]:
    cells: tuple[Cell, ...] = asking.storage.table(table.name).key_cells
    texts = asking.key_of(ROW, table).cells
    return [asking.spelling.key_order(text, cell.type) for text, cell in zip(texts, cells, strict=True)]


def _value(node: e.Aggregate, asking: Asking) -> Sql | None:
    """What is summed up or compared; None when there is nothing, or it has to be worked out elsewhere."""
    if node.value is None:
        return None
    refused = NO_EXTREME if node.kind in ("min", "max") else ()
    try:
        value = asking.surely(node.value)
    except NotRelational:
        return None
    if isinstance(value.type, refused) or (not refused and not isinstance(value.type, SUMMED)):
        return None
    return value


def _found(node: e.Aggregate, value: Sql | None, asking: Asking) -> list[str]:
    if value is None:
        return ["count(*)"]
    if node.kind in ("min", "max"):
        return [asking.spelling.extreme(node.kind, value)]
    return [f"coalesce(sum({value.text}), 0)", f"count({value.text})"]


def _conditions(taken: list[e.Expression], query: e.Query, table: Table, asking: Asking) -> tuple[list[str], str]:
    """What stands behind WHERE, and whether a row that is found is an odd one.

    SQLite's columns may hold anything: a row that does not conform must not be passed over where it does not meet a condition by
    that alone, so it is found too. Not so where a column must equal a value: there an index is to be used.
    """
    texts: list[str] = []
    odd: list[str] = []
    for condition in taken:
        before = set(asking.reads.get(ROW, {}))
        text = asking.surely(condition).text
        if asking.spelling.name == "sqlite" and equality(condition, query.row, table) is None:
            read = [stored for name, stored in asking.reads.get(ROW, {}).items() if name not in before]
            conforms = _conforming(read, asking)
            if conforms != asking.spelling.true:
                odd.append(f"({conforms}) IS NOT TRUE")
                text = f"({text} OR {odd[-1]})"
        texts.append(text)
    return texts, " OR ".join(odd) or asking.spelling.false


def _conforming(columns: Iterable[StoredColumn], asking: Asking) -> str:
    """That columns of the query's row hold what they must."""
    conditions = []
    spelling = asking.spelling
    for stored in columns:
        if stored.column.primary or len(stored.cells) != 1:
            continue
        cell = stored.cells[0]
        text = f"{ROW}.{spelling.quoted(cell.name)}"
        held = None if stored.references else spelling.conforming(cell, text, stored.column.type)
        if held is not None and isinstance(stored.column.type, t.Text) and spelling.name == "sqlite":
            held = f"({held} AND instr({text}, char(0)) = 0)"
        if not stored.column.optional:
            conditions.append(f"{text} IS NOT NULL")
        if held is not None:
            conditions.append(f"({text} IS NULL OR {held})" if stored.column.optional else held)
    return " AND ".join(conditions) or spelling.true


def _listed(columns: Iterable[StoredColumn], asking: Asking) -> str:
    return ", ".join(f"{ROW}.{asking.spelling.quoted(cell.name)}" for column in columns for cell in column.cells)


def _named(table: Table, asking: Asking) -> str:
    return asking.named(table, ROW)


def _where(texts: list[str]) -> str:
    return f" WHERE {' AND '.join(texts)}" if texts else ""
