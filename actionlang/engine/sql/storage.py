"""In which stored columns a table's columns stand.

Most stand in one. A lookup stands in one for each column of the key it refers to, whose names may be said one by one; a lookup
to several tables has those for each table (`owner_user`, `owner_team`), of which at most one table's are filled. So every lookup
is a true foreign key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

import attrs

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Codec, NotConforming
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.store import Key, RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table

Cells = tuple[object, ...]
Spread = Callable[[object], Cells]
Gather = Callable[[Cells], object]
CodecIn = Callable[[str, str, t.Type], Codec]
"""What gives the codec of a type in a column of a table, both by their stored names."""


@attrs.frozen
class Cell:
    """One stored column: its name, its codec, and the type of what it holds (never a row)."""

    name: str
    codec: Codec
    type: t.Type


@attrs.frozen
class Reference:
    """A foreign key: the table referred to, and which of the column's cells hold its key, in that key's order."""

    table: Table
    cells: tuple[Cell, ...]
    target_cells: tuple[Cell, ...]


@attrs.frozen(slots=False)
class StoredColumn:
    """A column and its cells. `spread` makes cells of a value (which may be None), `gather` a value of cells, and raises
    NotConforming. Where there is one cell only, `one` is what writes and reads the value as that cell."""

    column: Column
    cells: tuple[Cell, ...]
    spread: Spread
    gather: Gather
    one: Codec | None = None
    references: tuple[Reference, ...] = ()

    @property
    def ordered(self) -> bool:
        """Whether the database orders the cells as the language orders the values."""
        return len(self.references) < 2 and all(cell.codec.ordered for cell in self.cells)

    @property
    def exact(self) -> bool:
        """Whether equal values are always stored alike."""
        return all(cell.codec.exact for cell in self.cells)


@attrs.frozen(slots=False)
class StoredTable:
    """A table and how its columns are stored, by column name."""

    table: Table
    columns: Mapping[str, StoredColumn]

    @cached_property
    def primary(self) -> tuple[StoredColumn, ...]:
        """The primary key's columns."""
        return tuple(self.columns[column.name] for column in self.table.primary)

    @cached_property
    def key_cells(self) -> tuple[Cell, ...]:
        """The primary key's cells."""
        return tuple(cell for stored in self.primary for cell in stored.cells)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells."""
        return tuple(cell for stored in self.columns.values() for cell in stored.cells)


class Storage:
    """How the tables of a schema are stored on a kind of database: in columns that we make, or, with `codec_in`, in those that a
    database has."""

    def __init__(self, schema: Schema, dialect: Dialect, codec_in: CodecIn | None = None) -> None:
        self.schema = schema
        self._tells_capitals = dialect.tells_capitals
        self._codec_in: CodecIn = codec_in or (lambda table, name, type_: dialect.codec_of(type_, schema))
        self._stored: dict[str, StoredTable] = {}
        self._open: list[str] = []

    def table(self, name: str) -> StoredTable:
        """How a table is stored.

        Raises ActionLangError when two of its columns would be stored under one name, or its key refers to itself.
        """
        if name not in self._stored:
            table = self.schema.tables[name]
            stored = StoredTable(table, {column.name: self._column(table, column) for column in table.columns})
            _check_names(stored, self._tells_capitals)
            self._stored[name] = stored
        return self._stored[name]

    def key(self, table: Table) -> tuple[StoredColumn, ...]:
        """How a table's primary key is stored; its other columns are not looked at."""
        if table.name in self._open:
            message = f"The primary key of {table.short_name} refers to itself, so that it can not be stored."
            raise ActionLangError(Diagnostic(codes.STORED_NAMES_CLASH, message))
        self._open.append(table.name)
        try:
            return tuple(self._column(table, column) for column in table.primary)
        finally:
            self._open.pop()

    def _column(self, table: Table, column: Column, names: Iterator[str] | None = None) -> StoredColumn:
        """How a column is stored in a table: its own, or one of a key referred to, whose cells there have these names."""
        if isinstance(column.type, t.Row):
            return self._lookup(table, column, column.type, names)
        name = column.stored if names is None else next(names)
        codec = self._codec_in(table.stored, name, column.type)
        cells = (Cell(name, codec, column.type),)
        return StoredColumn(column, cells, _spread_one(codec), _gather_one(codec), codec)

    def _lookup(self, table: Table, column: Column, type_: t.Row, names: Iterator[str] | None) -> StoredColumn:
        targets = [self.schema.tables[name] for name in type_.tables]
        short = [target.short_name for target in targets]
        references, keys = [], []
        for target in targets:
            label = target.short_name if short.count(target.short_name) == 1 else target.name.replace(".", "_")
            stem = column.stored if len(targets) == 1 else f"{column.stored}_{label}"
            target_cells = tuple(cell for part in self.key(target) for cell in part.cells)
            spelt = names or iter(_names_of_cells(stem, target_cells))
            key = tuple(self._column(table, part, spelt) for part in target.primary)
            own = tuple(cell for part in key for cell in part.cells)
            references.append(Reference(target, own, target_cells))
            keys.append(key)
        cells = tuple(cell for reference in references for cell in reference.cells)
        if len(cells) == 1:
            one = _lookup_codec(targets[0].name, keys[0][0])
            return StoredColumn(column, cells, _spread_one(one), _gather_one(one), one, tuple(references))
        spread = _spread_lookup(references, [spread_key(key) for key in keys])
        gather = _gather_lookup(references, [gather_key(key) for key in keys])
        return StoredColumn(column, cells, spread, gather, None, tuple(references))


def _names_of_cells(stored: str, targets: tuple[Cell, ...]) -> list[str]:
    """The stored columns of a lookup: named one by one (`stored as "order_year, order_no"`), or each after what it refers to."""
    named = stored.split(", ")
    if len(targets) == len(named):
        return named
    return [f"{stored}_{cell.name}" for cell in targets]


def _check_names(stored: StoredTable, tells_capitals: bool) -> None:
    """See that no two cells of a table have one name."""
    seen: dict[str, str] = {}
    for column in stored.columns.values():
        for cell in column.cells:
            other = seen.setdefault(cell.name if tells_capitals else cell.name.lower(), column.column.name)
            if other != column.column.name:
                message = (
                    f"{other} and {column.column.name} of {stored.table.short_name} would both be stored "
                    f"in a column named {cell.name}."
                )
                hint = 'rename one of them, or say where it is stored: stored as "another_name"'
                raise ActionLangError(Diagnostic(codes.STORED_NAMES_CLASH, message, hint=hint))


# ------------------------------------------------------------------------------------------------ values and their cells


def _spread_one(codec: Codec) -> Spread:
    write = codec.write
    if write is None:
        return lambda value: (value,)
    return lambda value: (None if value is None else write(value),)


def _gather_one(codec: Codec) -> Gather:
    read = codec.read
    return lambda cells: None if cells[0] is None else read(cells[0])


def spread_key(key: tuple[StoredColumn, ...]) -> Callable[[Key], Cells]:
    """What makes cells of a primary key: of a scalar, or of a tuple when the key has several columns."""
    if len(key) == 1:
        return key[0].spread
    spreads = [part.spread for part in key]

    def spread(value: Key) -> Cells:
        cells: Cells = ()
        for each, part in zip(spreads, value, strict=True):  # type: ignore[call-overload]
            cells += each(part)
        return cells

    return spread


def gather_key(key: Iterable[StoredColumn]) -> Callable[[Cells], Key]:
    """What makes a primary key of its cells, none of which is None.

    What it returns raises NotConforming.
    """
    parts = []
    start = 0
    for part in key:
        parts.append((part.gather, slice(start, start + len(part.cells))))
        start += len(part.cells)
    if len(parts) == 1:
        return parts[0][0]
    return lambda cells: tuple(gather(cells[where]) for gather, where in parts)


def _lookup_codec(table: str, key: StoredColumn) -> Codec:
    """A lookup whose one cell holds the one column of the key it refers to."""
    codec = key.one
    assert codec is not None
    write_key, read_key = codec.write, codec.read

    def write(row: RowRef) -> object:
        return row.key if write_key is None else write_key(row.key)

    def read(cell: object) -> RowRef:
        return RowRef(table, read_key(cell))

    return attrs.evolve(codec, write=write, read=read)


def _spread_lookup(references: list[Reference], spreads: list[Callable[[Key], Cells]]) -> Spread:
    width = sum(len(reference.cells) for reference in references)
    nothing = (None,) * width
    places = {}
    start = 0
    for reference, spread in zip(references, spreads, strict=True):
        end = start + len(reference.cells)
        places[reference.table.name] = (spread, nothing[:start], nothing[end:])
        start = end

    def spread_row(row: object) -> Cells:
        if row is None:
            return nothing
        assert isinstance(row, RowRef)
        spread, before, after = places[row.table]
        return before + spread(row.key) + after

    return spread_row


def _gather_lookup(references: list[Reference], gathers: list[Callable[[Cells], Key]]) -> Gather:
    parts = []
    start = 0
    for reference, gather in zip(references, gathers, strict=True):
        end = start + len(reference.cells)
        parts.append((reference.table.name, gather, slice(start, end)))
        start = end

    def gather_row(cells: Cells) -> object:
        found = None
        for table, gather, where in parts:
            key_cells = cells[where]
            if None not in key_cells:
                if found is not None:
                    raise NotConforming
                found = RowRef(table, gather(key_cells))
            elif any(cell is not None for cell in key_cells):
                raise NotConforming
        return found

    return gather_row
