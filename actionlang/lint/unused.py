"""How to mend names and imports that nothing uses: the checker finds them, and knows nothing of edits."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Code, Diagnostic
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Span
from actionlang.lint.removing import removal
from actionlang.lint.script import Script
from actionlang.syntax import ast

NEVER_FAIL = (
    ast.NumberLiteral,
    ast.DurationLiteral,
    ast.TextLiteral,
    ast.BooleanLiteral,
    ast.TypedLiteral,
    ast.NameExpression,
)
"""Expressions that always have a value, so that nothing is lost when they are not worked out."""


def with_fixes(diagnostic: Diagnostic, script: Script) -> Diagnostic:
    """A diagnostic of the checker with the ways to mend it."""
    rule = RULES.get(diagnostic.code)
    if rule is None or diagnostic.primary is None:
        return diagnostic
    return attrs.evolve(diagnostic, fixes=(*diagnostic.fixes, *rule(diagnostic.primary.span, script)))


def _of_import(place: Span, script: Script) -> tuple[Fix, ...]:
    return (Fix("Remove the import", (removal(script.source.text, place),), safe=True),)


def _of_name(place: Span, script: Script) -> tuple[Fix, ...]:
    node = script.binders.get(place.start)
    text = script.source.text
    if isinstance(node, ast.Let):
        return (Fix("Remove it", (removal(text, node.span),), safe=_never_fails(node.value)),)
    if isinstance(node, ast.Create | ast.Perform | ast.Inherited):
        before = text.rfind("as", node.start, place.start)
        if not text[before + 2 : place.start].strip(" \t\n`") and not text[place.end :].startswith("`"):
            start = len(text[:before].rstrip(" \t\n"))
            return (Fix("Give it no name", (Edit(Span(start, place.end), ""),), safe=True),)
    return ()


def _never_fails(value: ast.Expression) -> bool:
    """Whether an expression always has a value: a literal, a name, columns that are read from it; a caller may be missing."""
    while isinstance(value, ast.Path):
        value = value.target
    return isinstance(value, NEVER_FAIL) and not (isinstance(value, ast.NameExpression) and value.text == "caller")


RULES: dict[Code, Callable[[Span, Script], tuple[Fix, ...]]] = {
    codes.UNUSED_IMPORT: _of_import,
    codes.UNUSED_NAME: _of_name,
}
