"""The text of the store's statements, written once for each when a plan is bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actionlang.engine.sql.codecs import Kind
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.sql.storage import Cell, StoredColumn, StoredTable


class Statements:
    """Writes statements on one table in a dialect. Parameters stand in the order in which cells are named."""

    def __init__(self, dialect: Dialect, stored: StoredTable) -> None:
        self._dialect = dialect
        self._stored = stored
        self._table = dialect.quoted_table(stored.table.stored)

    def select_by_key(self, columns: Sequence[StoredColumn]) -> str:
        """Columns of the row with a primary key. Without columns it selects a 1."""
        return f"SELECT {self._listed(_cells(columns)) or '1'} FROM {self._table} WHERE {self._with_key()}"

    def select_key(self, columns: Sequence[StoredColumn], empty: Sequence[bool] | None = None) -> str:
        """The primary key of the row in which columns, an alternate key, have certain values, none of them empty. For `empty` see
        `select`: a lookup to several tables has empty cells."""
        where = self._same(columns, filled=True) if empty is None else self._empty_or_equal(columns, empty)
        return f"SELECT {self._listed(self._stored.key_cells)} FROM {self._table} WHERE {where} LIMIT 1"

    def select(
        self,
        columns: Sequence[StoredColumn],
        equal: Sequence[StoredColumn],
        in_order: bool,
        empty: Sequence[bool] | None = None,
    ) -> str:
        """Primary key and columns of the rows in which `equal` have certain values, or are empty with them. Where the dialect has
        no comparison for both, `empty` says which of the cells of `equal` are to be empty: those have no parameter."""
        text = f"SELECT {self._listed((*self._stored.key_cells, *_cells(columns)))} FROM {self._table}"
        if equal:
            text += f" WHERE {self._same(equal) if empty is None else self._empty_or_equal(equal, empty)}"
        if in_order:
            text += f" ORDER BY {', '.join(self._sorted(cell) for cell in self._stored.key_cells)}"
        return text

    def insert(self, columns: Sequence[StoredColumn]) -> str:
        """A row: primary key, then columns."""
        cells = (*self._stored.key_cells, *_cells(columns))
        values = ", ".join([self._dialect.parameter] * len(cells))
        return f"INSERT INTO {self._table} ({self._listed(cells)}) VALUES ({values})"

    def insert_keyless(self, columns: Sequence[StoredColumn]) -> str:
        """A row of columns, whose primary key the database makes and gives."""
        cells = _cells(columns)
        values = ", ".join([self._dialect.parameter] * len(cells))
        given = f"({self._listed(cells)}) VALUES ({values})" if cells else "DEFAULT VALUES"
        return f"INSERT INTO {self._table} {given} RETURNING {self._listed(self._stored.key_cells)}"

    def update(self, columns: Sequence[StoredColumn]) -> str:
        """Columns of the row with a primary key."""
        changes = ", ".join(f"{self._name(cell)} = {self._dialect.parameter}" for cell in _cells(columns))
        return f"UPDATE {self._table} SET {changes} WHERE {self._with_key()}"

    def delete(self) -> str:
        """The row with a primary key."""
        return f"DELETE FROM {self._table} WHERE {self._with_key()}"

    def select_bytes(self, columns: Sequence[StoredColumn]) -> str:
        """Primary key of every row, then the texts in columns as bytes, to find one that is no UTF-8."""
        texts = [f"CAST({self._name(cell)} AS BLOB)" for cell in _cells(columns) if cell.codec.kind is Kind.TEXT]
        return f"SELECT {', '.join((self._listed(self._stored.key_cells), *texts))} FROM {self._table}"

    def _name(self, cell: Cell) -> str:
        return self._dialect.quoted(cell.name)

    def _listed(self, cells: Iterable[Cell]) -> str:
        return ", ".join(self._name(cell) for cell in cells)

    def _sorted(self, cell: Cell) -> str:
        return self._name(cell) + (self._dialect.by_code_point if cell.codec.kind is Kind.TEXT else "")

    def _compared(self, cell: Cell) -> str:
        spelt = cell.codec.compared.format(self._name(cell))
        return spelt + (self._dialect.equal_by_code_point if cell.codec.kind is Kind.TEXT else "")

    def _parameter(self, cell: Cell) -> str:
        return self._dialect.parameter + self._dialect.casts.get(cell.codec.kind, "")

    def _equals(self, cells: Iterable[Cell]) -> str:
        return " AND ".join(f"{self._compared(cell)} = {self._parameter(cell)}" for cell in cells)

    def _empty_or_equal(self, columns: Iterable[StoredColumn], empty: Sequence[bool]) -> str:
        return " AND ".join(
            f"{self._name(cell)} IS NULL" if is_empty else self._equals((cell,))
            for cell, is_empty in zip(_cells(columns), empty, strict=True)
        )

    def _same(self, columns: Iterable[StoredColumn], filled: bool = False) -> str:
        """That columns have certain values; `filled` says that none of these is empty."""
        conditions = []
        for stored in columns:
            # Of a lookup to several tables some cells are empty in any case; elsewhere the plain `=` finds all rows.
            never_empty = (filled or not stored.column.optional) and len(stored.references) < 2
            same = self._dialect.same
            conditions += [
                self._equals((cell,)) if never_empty or same is None else same.format(self._compared(cell))
                for cell in stored.cells
            ]
        return " AND ".join(conditions)

    def _with_key(self) -> str:
        return self._equals(self._stored.key_cells)


def _cells(columns: Iterable[StoredColumn]) -> tuple[Cell, ...]:
    return tuple(cell for stored in columns for cell in stored.cells)
