"""Why a database refused a write, in the language's words: which kind, which columns."""

from __future__ import annotations

import hashlib

from actionlang.engine.sql.dialect import Refusal
from actionlang.engine.sql.storage import StoredColumn, StoredTable
from actionlang.engine.store import ConstraintError

LONGEST_NAME = 63
"""Bytes of a name that PostgreSQL keeps."""

DIGEST_LENGTH = 10


def made_name(stored_table: str, stored_column: str) -> str:
    """The name of what we make for a column: a check or an index. One that is too long ends in a digest of all of it."""
    name = f"{stored_table}.{stored_column}"
    if len(name.encode()) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:DIGEST_LENGTH]
    return name.encode()[: LONGEST_NAME - DIGEST_LENGTH - 1].decode(errors="ignore") + "." + digest


def check_name(stored_table: str, column: StoredColumn) -> str:
    """The name of the constraint that checks a column's cells."""
    return made_name(stored_table, column.column.stored)


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
