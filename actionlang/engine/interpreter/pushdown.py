"""Which part of a query's condition the store can look for by itself.

Only `row.column = value` is handed over, where every store holds values of the type so that equal ones are
stored alike, and only as far as no condition that might fail stands before it: rows that the store passes
over must not be rows at which the run would have failed.
"""

from __future__ import annotations

import attrs

from actionlang.engine.interpreter.certainty import depends_on, never_fails
from actionlang.engine.interpreter.constants import bare
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e

STORED_ALIKE = (t.Text, t.Integer, t.Boolean, t.Date, t.DateTime, t.Duration, t.Id, t.Choice, t.Row)


@attrs.frozen
class Split:
    """A condition in two: columns that must equal values, and what is left to test, row by row."""

    columns: tuple[str, ...]
    values: tuple[e.Expression, ...]
    rest: tuple[e.Expression, ...]


def split(query: e.Query, table: Table) -> Split:
    """Split a query's condition."""
    equal: dict[str, e.Expression] = {}
    rest: list[e.Expression] = []
    certain = True
    for condition in conjuncts(query.where):
        found = equality(condition, query.row, table) if certain else None
        if found is not None and found[0] not in equal:
            equal[found[0]] = found[1]
        else:
            rest.append(condition)
            certain = certain and never_fails(condition, query.row)
    return Split(tuple(equal), tuple(equal.values()), tuple(rest))


def conjuncts(condition: e.Expression | None) -> list[e.Expression]:
    """The conditions that all have to hold, in order."""
    if condition is None:
        return []
    if isinstance(condition, e.And):
        return [inner for operand in condition.operands for inner in conjuncts(operand)]
    return [condition]


def equality(condition: e.Expression, row: str, table: Table) -> tuple[str, e.Expression] | None:
    """The column and the value that it must equal, where that is all that a condition says."""
    if not isinstance(condition, e.Compare) or condition.operator != "=":
        return None
    for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
        column = bare(one)
        if isinstance(column, e.Column) and _is_row(column.row, row) and not depends_on(other, row):
            stored = table.by_name[column.column].type
            if isinstance(stored, STORED_ALIKE) and _same_kind(stored, other.type):
                return column.column, other
    return None


def _is_row(node: e.Expression, row: str) -> bool:
    local = bare(node)
    return isinstance(local, e.Local) and local.name == row


def _same_kind(stored: t.Type, other: t.Type) -> bool:
    """Whether every value of the other type could stand in the column, or is empty."""
    if isinstance(stored, t.Row):
        return isinstance(other, t.Empty) or (isinstance(other, t.Row) and set(other.tables) <= set(stored.tables))
    return isinstance(other, type(stored) | t.Empty)
