"""Why a database refused a write, in the language's words: which kind, which columns."""

from __future__ import annotations

from actionlang.engine.sql.dialect import Refusal
from actionlang.engine.sql.storage import StoredColumn, StoredTable
from actionlang.engine.store import ConstraintError


def check_name(stored_table: str, column: StoredColumn) -> str:
    """The name of the constraint that checks a column's cells."""
    return f"{stored_table}.{column.column.stored}"


def constraint_error(refusal: Refusal, stored: StoredTable) -> ConstraintError:
    """The error for a refused write."""
    if refusal.kind == "check":
        named = (
            column.column.name
            for column in stored.columns.values()
            if refusal.name == check_name(stored.table.stored, column)
        )
        return ConstraintError("check", stored.table.name, tuple(named))
    return ConstraintError(refusal.kind, stored.table.name, _columns_of(refusal.cells, stored))


def _columns_of(cells: tuple[str, ...], stored: StoredTable) -> tuple[str, ...]:
    """The columns that stored columns belong to, each once, in the order named."""
    found: dict[str, None] = {}
    for name in cells:
        for column in stored.columns.values():
            if any(cell.name.lower() == name.lower() for cell in column.cells):
                found[column.column.name] = None
    return tuple(found)
