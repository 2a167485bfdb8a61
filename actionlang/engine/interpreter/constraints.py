"""What the store refuses, said as a failure of the language."""

from __future__ import annotations

from collections.abc import Mapping

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.display import display_plainly
from actionlang.engine.interpreter.rows import gone
from actionlang.engine.interpreter.scope import PlanBinding
from actionlang.engine.store import ConstraintError, RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table


def refused(
    error: ConstraintError,
    row: RowRef | None,
    table: Table,
    values: Mapping[str, object],
    unit: Unit,
    plan: PlanBinding,
) -> Failure:
    """The failure of a write that the store refused; `values` are those written, by column. A new row has no reference where the
    store was to make its key."""
    if error.kind == "missing" and row is not None:
        return gone(row)
    failure = _failure(error, table, values, unit, plan)
    failure.row = row
    failure.column = error.columns[0] if len(error.columns) == 1 and error.kind != "referenced" else None
    return failure


def _failure(
    error: ConstraintError, table: Table, values: Mapping[str, object], unit: Unit, plan: PlanBinding
) -> Failure:
    named = " and ".join(f"`{name}`" for name in error.columns)
    if error.kind == "unique":
        return Failure(codes.NOT_UNIQUE, _not_unique(error, table, values, unit, plan))
    if error.kind == "foreign key":
        told = f"What {named} refers to is not there." if named else "It refers to a row that is not there."
        return Failure(codes.NO_SUCH_REFERENCE, told)
    if error.kind == "referenced":
        known = error.table in plan.schema.tables and (error.table != table.name or error.columns)
        others = error.table.rpartition(".")[2] if known else "other"
        return Failure(
            codes.STILL_REFERENCED,
            f"The {table.short_name} can not be deleted: {others} rows refer to it.",
            hint="delete them first, or make them refer to something else",
        )
    if error.kind == "required":
        return Failure(codes.REQUIRED_EMPTY, f"{named or 'A required column'} of the {table.short_name} is empty.")
    return Failure(codes.CHECK_REFUSED, f"The database has a check that refuses this {table.short_name}.")


def _not_unique(
    error: ConstraintError, table: Table, values: Mapping[str, object], unit: Unit, plan: PlanBinding
) -> str:
    columns = [table.by_name[name] for name in error.columns]
    if not columns or any(values.get(column.name) is None or column.sensitive for column in columns):
        named = " and ".join(f"`{column.name}`" for column in columns)
        return f"There is already a {table.short_name} with the same {named or 'key'}."
    shown = " and ".join(
        f"{column.name} {display_plainly(column.type, plan)(unit, values[column.name])}" for column in columns
    )
    return f"There is already a {table.short_name} with {shown}."
