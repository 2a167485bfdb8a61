"""Values that a query needs and that are the same for all its rows, worked out before it is asked for its rows.

What is written behind a test (`owner is not empty and row.team = owner.team`) must not be worked out where the test does not
hold. There it is empty instead: the test, which stands in the query too, decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from actionlang.engine.interpreter.frame import Evaluate, Frame
from actionlang.engine.interpreter.scope import Scope
from actionlang.plan import expressions as e
from actionlang.plan.walk import nodes

TESTING = (e.And, e.Or, e.Otherwise, e.Aggregate, e.CallVerb)
"""Expressions of which a part may be worked out only after a test in another part."""


class NotKnown(Exception):
    """A value can not be worked out without its query's rows."""


def bind_parameter(node: e.Expression, scope: Scope) -> Evaluate:
    """An expression; empty where something that it takes for filled is not.

    What is returned raises NotKnown where that can not be told.
    """
    value = scope.evaluate(node)
    believed = _believed(node)
    if not believed:
        return value
    plainly = not any(isinstance(inner, TESTING) for inner in nodes(node))
    operands = tuple(scope.evaluate(operand) for operand in believed)

    def parameter(frame: Frame) -> Any:
        for operand in operands:
            if operand(frame) is None:
                if plainly:
                    return None
                raise NotKnown
        return value(frame)

    return parameter


def _believed(node: e.Expression) -> list[e.Expression]:
    """What an expression takes for filled because of a test, the innermost first."""
    found = list(nodes(node))
    own = {inner.row for inner in found if isinstance(inner, e.Query)}
    return [narrow.operand for narrow in reversed(found) if isinstance(narrow, e.Narrow) and _is_believed(narrow, own)]


def _is_believed(narrow: e.Narrow, own: set[str]) -> bool:
    if narrow.optional or not narrow.operand.optional:
        return False
    return not any(name in own for name in _names(narrow.operand))


def _names(node: e.Expression) -> Iterator[str]:
    return (inner.name for inner in nodes(node) if isinstance(inner, e.Local))
