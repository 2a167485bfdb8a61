"""Diagnostics put together from a script and the words in it that they point at."""

from __future__ import annotations

from actionlang.diagnostics.catalogue import types as codes
from actionlang.diagnostics.diagnostic import Code, Diagnostic, Label
from actionlang.diagnostics.source import Source, Span


def label(source: Source, words: str, message: str = "") -> Label:
    """A label at the first place where the words stand."""
    start = source.text.index(words)
    return Label(source, Span(start, start + len(words)), message)


def diagnostic(
    primary: Label | None,
    *secondary: Label,
    hint: str | None = None,
    notes: tuple[str, ...] = (),
    code: Code = codes.MAY_BE_EMPTY,
) -> Diagnostic:
    """A diagnostic with a message of no importance."""
    return Diagnostic(code, "This does not fit.", primary, secondary, hint, notes)
