"""What plug-ins are shown of a row."""

from __future__ import annotations

from collections.abc import Callable

from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.rows import TableRows
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit


def image_of(rows: TableRows) -> Callable[[Unit, RowRef], dict[str, object] | None]:
    """What gives a row of a table as it is now, key and columns by name; None when it is not there."""
    keys = tuple(column.name for column in rows.table.primary)
    names = (*keys, *rows.columns)
    has_one_key = len(keys) == 1

    def image(unit: Unit, row: RowRef) -> dict[str, object] | None:
        values = unit.rows.get(row) or rows.find(unit, row)
        if values is None:
            return None
        if has_one_key:
            return dict(zip(names, (row.key, *values), strict=True))
        assert isinstance(row.key, tuple)
        return dict(zip(names, (*row.key, *values), strict=True))

    return image


def on_row(failure: Failure, row: RowRef | None, column: str | None = None) -> None:
    """Note which row a failure is about, unless that is known."""
    if failure.site is None and failure.row is None:
        failure.row = row
        failure.column = failure.column or column
