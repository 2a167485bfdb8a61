"""Values that may be empty where one is needed."""

from __future__ import annotations

from actionlang.check.body import Body
from actionlang.check.dispatch import unknown
from actionlang.check.excerpt import excerpt, named, operand
from actionlang.check.mending import filled_with, source_of
from actionlang.diagnostics.catalogue import types as codes
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.syntax import ast

STAND_INS: dict[type[t.Type], str] = {
    t.Text: '""',
    t.Integer: "0",
    t.Decimal: "0",
    t.Money: "0",
    t.Boolean: "false",
    t.Date: "today()",
    t.DateTime: "now()",
    t.Duration: "0 minutes",
}
"""What a script could say instead of an empty value, by class of types."""


def filled(value: e.Expression, node: ast.Expression, body: Body, why: str) -> e.Expression:
    """An expression that is never empty; unknown after a complaint, whose reason is `why` (`and + needs a value`)."""
    if not value.optional:
        return value
    if isinstance(node, ast.EmptyLiteral):
        body.report(codes.MAY_BE_EMPTY, node, f"This is empty, {why}.", "Write a value.")
    else:
        instead = _stand_in(value.type, body)
        fixes = () if instead is None or "\n" in source_of(node, body) else filled_with(node, instead, body)
        hint = _hint(value, node, body)
        body.report(codes.MAY_BE_EMPTY, node, f"{named(node, body)} may be empty, {why}.", hint, (), fixes)
    return unknown()


def _hint(value: e.Expression, node: ast.Expression, body: Body) -> str:
    written = operand(node, body)
    instead = _stand_in(value.type, body)
    asked = excerpt(node, body) if isinstance(node, ast.NameExpression | ast.Path) else None
    ask = f"if ({asked} is not empty) < ... >" if asked else "give it a name with let and test that"
    if instead is None:
        return f"Ask first: {ask}." if asked else f"Ask first: {ask}: if (name is not empty) < ... >."
    return f"Say what counts instead of an empty value: {written} otherwise {instead}. Or ask first: {ask}."


def _stand_in(type_: t.Type, body: Body) -> str | None:
    if isinstance(type_, t.Choice):
        return body.universe.choices[type_.name].members[0].name
    return STAND_INS.get(type(type_))
