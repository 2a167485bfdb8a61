"""Binding the reading of a row's column."""

from __future__ import annotations

from typing import Any

from actionlang.engine.interpreter.frame import UNIT, Evaluate, Frame
from actionlang.engine.interpreter.scope import ScanRow, Scope
from actionlang.metadata.types import Row
from actionlang.plan import expressions as e


def bind_column(node: e.Column, scope: Scope) -> Evaluate:
    """A column of a row: of a row that a query looks at, of a local, or of whatever gives a row."""
    scan = scope.scan_of(node.row)
    if scan is not None:
        return _scanned(scan, node.column, scope)
    assert isinstance(node.row.type, Row)
    tables = node.row.type.tables
    readers = {table: scope.plan.tables[table].reader(node.column) for table in tables}
    slot = scope.slot_of(node.row)
    if len(tables) == 1:
        stored = scope.plan.tables[tables[0]]
        if slot is not None and not node.row.optional and node.column in stored.index:
            return _of_local(slot, stored.index[node.column], stored.load)
        read = readers[tables[0]]
        row = scope.evaluate(node.row)
        if not node.row.optional:
            return lambda frame: read(frame[UNIT], row(frame))

    row = scope.evaluate(node.row)

    def column(frame: Frame) -> Any:
        found = row(frame)
        return None if found is None else readers[found.table](frame[UNIT], found)

    return column


def _of_local(slot: int, position: int, load: Any) -> Evaluate:
    """The most frequent of all expressions, with nothing in its way."""

    def column(frame: Frame) -> Any:
        row = frame[slot]
        unit = frame[UNIT]
        return (unit.rows.get(row) or load(unit, row))[position]

    return column


def _scanned(scan: ScanRow, column: str, scope: Scope) -> Evaluate:
    slot = scan.slot
    primary = [known.name for known in scope.plan.schema.tables[scan.table].primary]
    if column in primary:
        if len(primary) == 1:
            return lambda frame: frame[slot][0]
        part = primary.index(column)
        return lambda frame: frame[slot][0][part]
    position = scan.positions[column]
    return lambda frame: frame[slot][1][position]
