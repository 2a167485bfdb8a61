"""Binding a row named by its key: `team("Tier 2")`."""

from __future__ import annotations

from collections.abc import Callable

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.display import Write, display_plainly
from actionlang.engine.interpreter.frame import UNIT, Evaluate, Frame
from actionlang.engine.interpreter.rows import stored_value
from actionlang.engine.interpreter.scope import PlanBinding, Scope
from actionlang.engine.store import RowRef, StoredValueError
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e


def bind_row_by_key(node: e.RowByKey, scope: Scope) -> Evaluate:
    table = scope.plan.schema.tables[node.table]
    values = tuple(scope.evaluate(value) for value in node.values)
    missing = _missing(table, node.columns, scope.plan)
    find = _finder(table, node.columns, scope.plan)

    def row_by_key(frame: Frame) -> RowRef:
        wanted = [value(frame) for value in values]
        row = find(frame[UNIT], wanted)
        if row is None:
            raise missing(frame[UNIT], wanted)
        return row

    return row_by_key


def _finder(table: Table, columns: tuple[str, ...], plan: PlanBinding) -> Callable[[Unit, list[object]], RowRef | None]:
    primary = [column.name for column in table.primary]
    name = table.name
    if set(columns) != set(primary):
        look_up = plan.store.prepare_look_up(table, columns)

        def by_alternate_key(unit: Unit, wanted: list[object]) -> RowRef | None:
            try:
                key = look_up(wanted)
            except StoredValueError as error:
                raise stored_value(error) from None
            return None if key is None else RowRef(name, key)

        return by_alternate_key

    order = [columns.index(column) for column in primary]
    rows = plan.tables[name]

    def by_primary_key(unit: Unit, wanted: list[object]) -> RowRef | None:
        row = RowRef(name, wanted[0] if len(order) == 1 else tuple([wanted[at] for at in order]))
        return row if row in unit.rows or rows.find(unit, row) is not None else None

    return by_primary_key


def _missing(table: Table, columns: tuple[str, ...], plan: PlanBinding) -> Callable[[Unit, list[object]], Failure]:
    """What makes the failure for a key that no row has. A sensitive value is not repeated."""
    parts = [(table.by_name[name], display_plainly(table.by_name[name].type, plan)) for name in columns]

    def missing(unit: Unit, wanted: list[object]) -> Failure:
        shown = [
            f"{column.name} {_shown(column.sensitive, unit, write, value)}"
            for (column, write), value in zip(parts, wanted, strict=True)
        ]
        return Failure(
            codes.NOT_FOUND,
            f"There is no {table.short_name} with {' and '.join(shown)}.",
            hint=f"ask for it with find optional {table.short_name} if it may be missing",
        )

    return missing


def _shown(sensitive: bool, unit: Unit, write: Write, value: object) -> str:
    if sensitive:
        return "***"
    return "empty" if value is None else write(unit, value)
