"""Which expressions can not fail, whatever the rows hold."""

from __future__ import annotations

from actionlang.engine.interpreter.constants import bare
from actionlang.plan import expressions as e
from actionlang.plan.walk import nodes

NEVER_FAIL = (
    e.Literal,
    e.Local,
    e.Narrow,
    e.Convert,
    e.Not,
    e.And,
    e.Or,
    e.IsEmpty,
    e.IsTable,
    e.In,
    e.Otherwise,
    e.ListLiteral,
)


def never_fails(node: e.Expression, row: str) -> bool:
    """Whether an expression gives a value for every `row` that a query looks at. False when that is not
    certain."""
    return all(_harmless(inner, row) for inner in nodes(node))


def _harmless(node: object, row: str) -> bool:
    if isinstance(node, e.Column):
        local = bare(node.row)
        return isinstance(local, e.Local) and local.name == row
    return isinstance(node, NEVER_FAIL) or (isinstance(node, e.Compare) and node.operator in ("=", "!="))


def depends_on(node: e.Expression, row: str) -> bool:
    """Whether an expression mentions a row."""
    return any(isinstance(inner, e.Local) and inner.name == row for inner in nodes(node))
