"""Up to which day something deprecated is kept: `deprecated "Give reason instead." until date "2027-01-01"`."""

from __future__ import annotations

import datetime as dt

from actionlang.check.body import Reporter
from actionlang.diagnostics.catalogue import metadata as codes
from actionlang.syntax import ast


def read_until(node: ast.Clause | ast.Modifier | None, reporter: Reporter) -> str | None:
    """The day, in ISO form; None where none is named, or after a complaint."""
    if node is None or node.value is None:
        return None
    if isinstance(node.value, ast.TypedLiteral) and node.value.kind == "date":
        assert isinstance(node.value.value, dt.date)
        return node.value.value.isoformat()
    kind = node.value.kind if isinstance(node.value, ast.TypedLiteral) else "value"
    message = f"Something deprecated is kept until the end of a day: a date, not a {kind}."
    reporter.report(codes.WRONG_MODIFIER, node.value, message, 'Write until date "2027-01-01", say.')
    return None
