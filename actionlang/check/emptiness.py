"""Values that may be empty where one is needed."""

from __future__ import annotations

from actionlang.check.body import Body
from actionlang.check.dispatch import unknown
from actionlang.check.excerpt import excerpt, named, operand
from actionlang.check.mending import filled_with, source_of
from actionlang.diagnostics.catalogue import types as codes
from actionlang.diagnostics.source import Span
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.facts import path_of, plain
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
        message = f"{named(node, body)} may be empty, {why}."
        body.report(codes.MAY_BE_EMPTY, node, message, hint, _others(value, body), fixes)
    return unknown()


def _others(value: e.Expression, body: Body) -> tuple[tuple[Span, str], ...]:
    """Where what was known of a value was forgotten, if that is why it may be empty."""
    path = path_of(value)
    statement = None if path is None else body.forgotten.get(plain(path))
    if statement is None:
        return ()
    first = body.reporter.source.text[statement.start : statement.end].partition("\n")[0].rstrip()
    return ((Span(statement.start, statement.start + len(first)), "others may write once this is committed"),)


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
