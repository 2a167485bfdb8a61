"""Mistakes in what a step sets: columns joined by `and`, a status that is set, a column that is left to the database."""

from __future__ import annotations

from collections.abc import Sequence

from actionlang.check.body import Body
from actionlang.check.mending import source_of
from actionlang.diagnostics.catalogue import types as codes
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Span
from actionlang.metadata.tables import Table
from actionlang.syntax import ast


def complain_of_and(assignment: ast.Assignment, table: Table, body: Body) -> bool:
    """Complain of columns joined by `and` (`set priority = high and title = "..."`); whether it was so."""
    edits: list[Edit] = []
    value = assignment.value
    while isinstance(value, ast.Binary) and value.operator == "and" and _sets(value.right, table, body):
        start = body.reporter.source.text.find("and", value.left.end)
        edits.append(Edit(Span(value.left.end, start + len("and")), ","))
        value = value.left
    if not edits:
        return False
    end = edits[-1].span.end
    fixes = (Fix("Write a comma", tuple(reversed(edits)), True),)
    message = "What a step sets is separated by commas; and joins conditions."
    body.report(codes.WRONG_OPERANDS, Span(end - len("and"), end), message, "Write a comma.", (), fixes)
    return True


def _sets(node: ast.Expression, table: Table, body: Body) -> bool:
    """Whether a comparison looks like what sets a column."""
    if not (isinstance(node, ast.Binary) and node.operator == "=" and isinstance(node.left, ast.NameExpression)):
        return False
    return node.left.text in table.by_name and node.left.text not in body.locals


def left_out(assignments: Sequence[ast.Assignment], which: ast.Assignment) -> tuple[Fix, ...]:
    """The fix that leaves one column out of several that are set."""
    edit = _without(assignments, which)
    return () if edit is None else (Fix(f"Leave {which.column.text} out", (edit,)),)


def _without(assignments: Sequence[ast.Assignment], which: ast.Assignment) -> Edit | None:
    place = next(i for i, assignment in enumerate(assignments) if assignment is which)
    if place:
        return Edit(Span(assignments[place - 1].end, which.end), "")
    return Edit(Span(which.start, assignments[1].start), "") if len(assignments) > 1 else None


def moved(node: ast.Update, status: ast.Assignment, body: Body) -> tuple[Fix, ...]:
    """The fix that moves a row where its status was set."""
    if not isinstance(status.value, ast.NameExpression):
        return ()
    move = f"move {source_of(node.row, body)} to {status.value.text}"
    edit = _without(node.assignments, status)
    if edit is None:
        return (Fix("Move it", (Edit(node.span, move),), True),)
    return (Fix("Move it", (edit, Edit(Span(node.end, node.end), f"; {move}")), True),)
