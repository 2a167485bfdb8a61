"""Reading rows during a run: each row once, every column that the plan needs of its table at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.store import RowRef, Store, StoredValueError
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table

ReadColumn = Callable[[Unit, RowRef], Any]


def key_text(key: object) -> str:
    """A primary key as people read it."""
    if isinstance(key, RowRef):
        return key_text(key.key)
    return ", ".join(map(key_text, key)) if isinstance(key, tuple) else str(key)


def gone(row: RowRef) -> Failure:
    """The failure of using a row that is no longer there."""
    short = row.table.rpartition(".")[2]
    return Failure(codes.ROW_GONE, f"The {short} {key_text(row.key)} is no longer there.", row=row)


def stored_value(error: StoredValueError) -> Failure:
    """The failure of reading a row that does not conform to the metadata."""
    row = RowRef(error.table, error.key)
    short = error.table.rpartition(".")[2]
    failure = Failure(
        codes.STORED_VALUE,
        f"The {short} {key_text(error.key)} has {error.found} stored in `{error.column}`, "
        "which is no value of that column.",
        hint="mend the row in the database, or the column's type in the table's declaration",
        row=row,
    )
    failure.column = error.column
    return failure


class TableRows:
    """How a plan reads one table's rows. `columns` are those it needs, in the order in which rows hold
    them."""

    def __init__(self, table: Table, columns: tuple[str, ...], store: Store) -> None:
        self.table = table
        self.columns = columns
        self.index = {name: position for position, name in enumerate(columns)}
        self.computed = any(table.by_name[name].readonly for name in columns)
        self._required = required_positions(table, columns)
        self._read = store.prepare_read(table, columns)

    def load(self, unit: Unit, row: RowRef) -> list[object]:
        """Read a row and keep it in the unit.

        Raises Failure when it is not there, or holds what its table does not allow.
        """
        values = self.find(unit, row)
        if values is None:
            raise gone(row)
        return values

    def find(self, unit: Unit, row: RowRef) -> list[object] | None:
        """Read a row and keep it in the unit; None when there is no such row."""
        try:
            read = self._read(row.key)
        except StoredValueError as error:
            raise stored_value(error) from None
        if read is None:
            return None
        values = list(read)
        if None in values:
            check_required(self.table, self._required, row.key, values)
        unit.rows[row] = values
        return values

    def reader(self, column: str) -> ReadColumn:
        """What reads one column of a row of this table, its primary key's columns included."""
        primary = [known.name for known in self.table.primary]
        if column in primary:
            return key_reader(None if len(primary) == 1 else primary.index(column))
        position, load = self.index[column], self.load

        def read(unit: Unit, row: RowRef) -> Any:
            return (unit.rows.get(row) or load(unit, row))[position]

        return read


def key_reader(position: int | None) -> ReadColumn:
    """What reads a primary key, or the part of it at a position."""

    def read(unit: Unit, row: RowRef) -> Any:
        if row in unit.gone:
            raise gone(row)
        return row.key if position is None else row.key[position]  # type: ignore[index]

    return read


def required_positions(table: Table, columns: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Where among the columns read those stand that are never empty."""
    return tuple((at, name) for at, name in enumerate(columns) if not table.by_name[name].optional)


def check_required(table: Table, required: tuple[tuple[int, str], ...], key: object, values: Sequence[object]) -> None:
    """See that a row as stored has what its table requires.

    Raises Failure when it does not.
    """
    for position, name in required:
        if values[position] is None:
            raise stored_value(StoredValueError(table.name, key, name, "nothing"))
