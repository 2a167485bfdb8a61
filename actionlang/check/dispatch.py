"""The way from an expression to the rule that checks it. `expressions` fills the table; rules come back here for operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.check.body import Body
from actionlang.metadata.types import Type, Unknown
from actionlang.plan import expressions as e
from actionlang.syntax import ast

Rule = Callable[[Any, Body, Type | None], e.Expression]
RULES: dict[type[ast.Expression], Rule] = {}
"""For each class of expressions what checks it, given the type that is wanted there if one is known."""

POISON = e.Literal(Unknown(), False, None)


def check_expression(node: ast.Expression, body: Body, wanted: Type | None = None) -> e.Expression:
    """An expression with its type. `wanted` is what stands around it: bare words are members of a choice that is wanted.
    It is a hint, not a demand: the result may be of another type."""
    return RULES[node.__class__](node, body, wanted)


def unknown() -> e.Expression:
    """What stands for an expression that was complained about: it fits everywhere, so that a mistake is told once."""
    return POISON


def is_unknown(expression: e.Expression) -> bool:
    """Whether an expression was complained about already."""
    return expression.type.__class__ is Unknown
