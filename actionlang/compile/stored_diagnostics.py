"""Diagnostics as plain data, for the cache: sources go by name, and their text is found again when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.diagnostics.catalogue import by_id
from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Source, Span

FindSource = Callable[[str], Source]
"""Gives the source of a name; raises LookupError when there is none."""


def to_data(diagnostic: Diagnostic) -> list[Any]:
    """A diagnostic as JSON data."""
    return [
        diagnostic.code.id,
        diagnostic.message,
        diagnostic.primary and _label_data(diagnostic.primary),
        [_label_data(label) for label in diagnostic.secondary],
        diagnostic.hint,
        list(diagnostic.notes),
        [_fix_data(fix) for fix in diagnostic.fixes],
    ]


def from_data(data: list[Any], source: FindSource) -> Diagnostic:
    """The diagnostic of such data. Raises LookupError when its code or a source is not there."""
    id_, message, primary, secondary, hint, notes, fixes = data
    code = by_id(id_)
    if code is None:
        raise LookupError(id_)
    return Diagnostic(
        code,
        message,
        primary and _label(primary, source),
        tuple(_label(label, source) for label in secondary),
        hint,
        tuple(notes),
        tuple(_fix(fix) for fix in fixes),
    )


def _label_data(label: Label) -> list[Any]:
    return [label.source.name, label.span.start, label.span.end, label.message]


def _label(data: list[Any], source: FindSource) -> Label:
    name, start, end, message = data
    return Label(source(name), Span(start, end), message)


def _fix_data(fix: Fix) -> list[Any]:
    return [fix.title, [[edit.span.start, edit.span.end, edit.text] for edit in fix.edits], fix.safe]


def _fix(data: list[Any]) -> Fix:
    title, edits, safe = data
    return Fix(title, tuple(Edit(Span(start, end), text) for start, end, text in edits), safe)
