"""Fixes that the checker offers: what to put in the place of a value, where that is known."""

from __future__ import annotations

import re

from actionlang.check.body import Body
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Span
from actionlang.metadata import types as t
from actionlang.syntax import ast
from actionlang.syntax.days import day_meant

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z", re.ASCII)
DURATION = re.compile(r"[0-9]+(\.[0-9]+)? (weeks?|days?|hours?|minutes?|seconds?)\Z", re.ASCII)
EXACT = (t.Integer, t.Decimal, t.Money)
NEAR = 80
"""Characters around a value in which an operator is looked for."""

TIGHTER = "+-*/"
"""Operators that bind tighter than `otherwise`."""


def replaced(place: ast.Node | Span, text: str, *, safe: bool = False, title: str | None = None) -> tuple[Fix, ...]:
    """The fix that puts a text in the place of something."""
    span = place.span if isinstance(place, ast.Node) else place
    return (Fix(title or f"Write {text}", (Edit(span, text),), safe),)


def inserted(offset: int, text: str, title: str, *, safe: bool = False) -> tuple[Fix, ...]:
    """The fix that puts a text in at a place."""
    return (Fix(title, (Edit(Span(offset, offset), text),), safe),)


def of_type(found: t.Type, wanted: t.Type, node: ast.Expression, body: Body) -> tuple[Fix, ...]:
    """The fix that makes a value of one type one of another, where what is written says how."""
    if isinstance(wanted, t.Date):
        written = node.value if isinstance(node, ast.TextLiteral) else source_of(node, body)
        day = day_meant(written)
        return replaced(node, f'date "{day.isoformat()}"', safe=True) if day else ()
    if isinstance(node, ast.TextLiteral):
        return _of_text(node, wanted, body)
    if isinstance(node, ast.NumberLiteral) and isinstance(wanted, t.Text):
        return replaced(node, f'"{source_of(node, body)}"', safe=True)
    if isinstance(wanted, t.Text) and isinstance(found, (*EXACT, t.Date, t.DateTime, t.Choice, t.Boolean, t.Duration)):
        written = source_of(node, body)
        return replaced(node, f'"{{{written}}}"') if "\n" not in written and len(written) < 60 else ()
    return ()


def _of_text(node: ast.TextLiteral, wanted: t.Type, body: Body) -> tuple[Fix, ...]:
    """What stands in quotes and should not."""
    if isinstance(wanted, t.Choice | t.Choices):
        members = body.universe.choices[wanted.name].by_name
        meant = [name for name in members if name.lower() == node.value.strip().lower()]
        return replaced(node, meant[0], safe=True) if meant else ()
    if isinstance(wanted, EXACT) and NUMBER.match(node.value):
        return replaced(node, node.value, safe=True)
    if isinstance(wanted, t.Duration) and DURATION.match(node.value):
        return replaced(node, node.value, safe=True)
    if isinstance(wanted, t.Boolean) and node.value.lower() in ("true", "false"):
        return replaced(node, node.value.lower(), safe=True)
    return ()


def filled_with(node: ast.Expression, stand_in: str, body: Body) -> tuple[Fix, ...]:
    """The fix that says what counts instead of an empty value."""
    written = source_of(node, body)
    if isinstance(node, ast.Binary):
        written = f"({written})"
    text = body.reporter.source.text
    before, after = (
        text[max(0, node.start - NEAR) : node.start].rstrip()[-1:],
        text[node.end : node.end + NEAR].lstrip()[:1],
    )
    whole = f"{written} otherwise {stand_in}"
    if (before and before in TIGHTER) or (after and after in TIGHTER):
        whole = f"({whole})"
    return replaced(node, whole, title=f"Count {stand_in} instead")


def source_of(node: ast.Node, body: Body) -> str:
    """What the script says at a node."""
    return body.reporter.source.text[node.start : node.end]
