"""Expressions of a query in SQL for the interpreter: what is the same for every row is a parameter, worked out by the interpreter
beforehand, and nothing is put into SQL that might fail there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import attrs

from actionlang.engine.decimals import DIGITS
from actionlang.engine.interpreter.constants import constant
from actionlang.engine.relational import rows
from actionlang.engine.relational.expressions import RULES
from actionlang.engine.relational.postgres import PostgresSpelling
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.spelling import MONEY_DIGITS, Spelling
from actionlang.engine.relational.sqlite import SqliteSpelling
from actionlang.engine.relational.value import SCALARS, Sql
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import NeverStored
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.sql.storage import Cell, Cells, Storage, StoredColumn, spread_key
from actionlang.engine.store import RowRef
from actionlang.engine.values import MONEY_SCALE
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.walk import nodes

TAKEN_APART = (e.And, e.Or, e.Not, e.Literal, e.ListLiteral)
"""Expressions that are no parameter as a whole: what stands behind a test in them must not be worked out without it."""

MARKER = re.compile("\x00([0-9]+) ([0-9]+)\x00")
"""Where a parameter's cell stands in a text while it is put together: no text of ours has such a character."""

LONGEST_TWICE = 120
"""Characters of a text that may be written twice."""

Shape = str | bool | None
"""What SQL depends on of a parameter's value: None for empty, a row's table, True for anything else."""

Writer = Callable[[object], Cells]


class SureSqlite(SqliteSpelling):
    """SQL that raises nothing: a run's failures are the interpreter's."""

    def fail(self, code: str, type_: t.Type) -> str:
        """See `Spelling`."""
        raise self.refuse("what may fail")


class SurePostgres(PostgresSpelling):
    """The same. A comparison with a parameter is spelt so that an index helps: with `IS NOT DISTINCT FROM` none does."""

    def fail(self, code: str, type_: t.Type) -> str:
        """See `Spelling`."""
        raise self.refuse("what may fail")

    def same(self, left: str, right: str, type_: t.Type, maybe_empty: bool) -> str:
        """See `Spelling`."""
        for one, other in ((left, right), (right, left)):
            if maybe_empty and MARKER.match(other) and not MARKER.match(one) and len(one) <= LONGEST_TWICE:
                return f"({super().same(one, other, type_, maybe_empty=False)} AND {one} IS NOT NULL)"
        return super().same(left, right, type_, maybe_empty)


def spelling_of(dialect: Dialect, schema: Schema) -> Spelling:
    """How a database spells what can not fail."""
    return SureSqlite(schema) if dialect.name == "sqlite" else SurePostgres(schema)


@attrs.frozen
class Asked:
    """An expression that is worked out before its query is asked: `write` makes cells of its value, raising NeverStored."""

    node: e.Expression
    write: Writer


class Asking(Scope):
    """Expressions over a query's row. `shapes` say what is known of the parameters found so far, in the order in which they are
    found, which is always the same; of those after them values that are not empty are expected."""

    def __init__(self, dialect: Dialect, storage: Storage, shapes: Sequence[Shape] = ()) -> None:
        super().__init__(spelling_of(dialect, storage.schema), storage, RULES)
        self._dialect = dialect
        self._shapes = shapes
        self.parameters: list[Asked] = []
        self._found: dict[int, int] = {}
        self.reads: dict[str, dict[str, StoredColumn]] = {}

    # --------------------------------------------------------------------------------------------- see `Scope`

    def local(self, node: e.Local) -> Sql:
        """See `Scope`: every name that is no query's row is a parameter, or a part of one."""
        raise AssertionError(node.name)

    def conforms(self, alias: str, stored: StoredColumn) -> None:
        """See `Scope`."""
        self.reads.setdefault(alias, {})[stored.column.name] = stored

    def constant(self, node: e.Expression) -> Sql | None:
        """See `Scope`."""
        if isinstance(node, TAKEN_APART) or constant(node) is not None or self._is_of_a_row(node):
            return None
        at = self._found.get(id(node))
        if at is None:
            at = len(self.parameters)
            self.parameters.append(Asked(node, self._writer(node.type)))
            self._found[id(node)] = at
        return self._given(at, node)

    def _is_of_a_row(self, node: e.Expression) -> bool:
        scans = self.scans
        return any(isinstance(inner, e.Local) and inner.name in scans for inner in nodes(node))

    # -------------------------------------------------------------------------------------------- parameters

    def _given(self, at: int, node: e.Expression) -> Sql:
        type_ = node.type
        shape: Shape = self._shapes[at] if at < len(self._shapes) else True
        if isinstance(type_, t.Row):
            if shape is None:
                return rows.empty(type_, self)
            table = shape if isinstance(shape, str) else type_.tables[0]
            cells = self.storage.table(table).key_cells
            texts = tuple(self._marker(at, number, cell.type) for number, cell in enumerate(cells))
            return rows.as_row(Sql(texts, t.Row((table,)), simple=True, fixed=True), type_, self)
        if shape is None:
            return self.spelling.literal(None, type_)
        sql = Sql((self._marker(at, 0, type_),), type_, simple=True, fixed=True)
        if not isinstance(type_, t.Decimal) or type_.scale is not None:
            return self.spelling.sized(sql, type_)
        if isinstance(self.spelling, SqliteSpelling):
            return attrs.evolve(sql, whole=MONEY_DIGITS, scale=MONEY_SCALE)
        return attrs.evolve(sql, scale=DIGITS)

    def _marker(self, at: int, cell: int, type_: t.Type) -> str:
        marker = f"\x00{at} {cell}\x00"
        return f"{marker}::{self.spelling.sql_type(type_)}" if isinstance(self.spelling, PostgresSpelling) else marker

    def _writer(self, type_: t.Type) -> Writer:
        """What makes canonical cells of a parameter's value."""
        if isinstance(type_, t.Row):
            return self._row_writer(type_)
        if not isinstance(type_, SCALARS):
            raise NotRelational(f"a value of type {type_} is compared here")
        # Of a decimal without a precision SQLite takes as many places as of money.
        loose = isinstance(type_, t.Decimal) and type_.scale is None and isinstance(self.spelling, SqliteSpelling)
        codec = self._dialect.codec_of(t.Money() if loose else type_, self.schema)
        self.spelling.writing(Cell("", codec, type_), "")
        write = codec.write
        if isinstance(type_, t.Text):
            return lambda value: (_writable(value),)
        return (lambda value: (value,)) if write is None else (lambda value: (write(value),))

    def _row_writer(self, type_: t.Row) -> Writer:
        spreads: dict[str, Writer] = {}
        for name in type_.tables:
            if name not in self.schema.tables:
                raise NotRelational("a row of a table that the plan does not know is compared here")
            stored = self.storage.table(name)
            for cell in stored.key_cells:
                self.spelling.writing(cell, "")
            spreads[name] = spread_key(stored.primary)

        def write(row: object) -> Cells:
            assert isinstance(row, RowRef)
            return spreads[row.table](row.key)

        return write

    # ------------------------------------------------------------------------------------------------- texts

    def surely(self, node: e.Expression) -> Sql:
        """An expression in SQL that can not fail. Raises NotRelational, as if nothing had been asked."""
        with self._as_before():
            functions = self.spelling.functions if isinstance(self.spelling, SqliteSpelling) else {}
            functions.clear()
            sql = self.translate(node)
            if sql.fails or functions:
                raise NotRelational("what is asked here may fail")
            if not all(is_writable(MARKER.sub("", text)) for text in sql.cells):
                raise NotRelational("a text here has a character that no database takes")
            return sql

    @contextmanager
    def _as_before(self) -> Iterator[None]:
        """What was found while this lasted is forgotten when it fails."""
        parameters, found = len(self.parameters), dict(self._found)
        reads = {alias: dict(columns) for alias, columns in self.reads.items()}
        try:
            yield
        except NotRelational:
            del self.parameters[parameters:]
            self._found, self.reads = found, reads
            raise


def is_writable(text: str) -> bool:
    """Whether every database takes a text."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return False
    return "\x00" not in text


def _writable(value: object) -> object:
    assert isinstance(value, str)
    if not is_writable(value):
        raise NeverStored
    return value


def shapes_of(values: Sequence[object]) -> tuple[Shape, ...]:
    """What SQL depends on of parameters' values."""
    return tuple([None if value is None else value.table if isinstance(value, RowRef) else True for value in values])


@attrs.frozen
class Statement:
    """A statement and which cells of which parameters stand in it, in their order."""

    text: str
    places: tuple[tuple[int, int], ...]

    @staticmethod
    def of(text: str, dialect: Dialect) -> Statement:
        """A statement with markers in it."""
        if dialect.percent_doubled:
            text = text.replace("%", "%%")
        places = tuple((int(found[1]), int(found[2])) for found in MARKER.finditer(text))
        return Statement(MARKER.sub(lambda _: dialect.parameter, text), places)

    def arguments(self, cells: Sequence[Cells]) -> list[object]:
        """What the driver is given, of the parameters' cells."""
        return [cells[at][cell] for at, cell in self.places]
