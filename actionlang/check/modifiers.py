"""The words behind a column or parameter: `required`, `unique`, `default 3`, `stored as "x"`."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.check.body import Reporter
from actionlang.check.names import listed
from actionlang.diagnostics.catalogue import metadata as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.syntax import ast

Modifiers = dict[str, ast.Modifier]
"""Modifiers by their word."""


def read_modifiers(written: Iterable[ast.Modifier], what: str, reporter: Reporter) -> Modifiers:
    """Modifiers by word, each once."""
    found: Modifiers = {}
    for modifier in written:
        if modifier.word in found:
            message = f"{what} says {modifier.word} twice."
            places = ((found[modifier.word].span, "first said here"),)
            reporter.report(codes.WRONG_MODIFIER, modifier, message, "Leave one of the two out.", places)
        else:
            found[modifier.word] = modifier
    return found


def refuse(
    found: Modifiers,
    words: Iterable[str],
    reason: str,
    reporter: Reporter,
    hint: str | None = None,
    code: Code | None = None,
) -> None:
    """Complain of the modifiers of these words and drop them. `reason` may have a place for the word."""
    for word in words:
        modifier = found.pop(word, None)
        if modifier is not None:
            mended = hint or f"Leave {listed([word])} out."
            reporter.report(code or codes.WRONG_MODIFIER, modifier, reason.format(word), mended)
