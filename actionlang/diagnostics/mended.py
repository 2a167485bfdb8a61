"""A script as it reads once a diagnostic's advice is taken."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.diagnostics.fix import Edit
from actionlang.diagnostics.source import Source, Span

MOST_LINES = 4
"""Lines of a mended place that are shown; more than that is looked at in an editor."""


def mended(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made, which do not overlap."""
    parts = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        parts += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join([*parts, text[at:]])


def mended_lines(source: Source, edits: Iterable[Edit]) -> list[str]:
    """The lines that the edits change, as they are afterwards and without the indent they share; only those of the first
    place, where the edits lie far apart, and none at all where they are many."""
    text = source.text
    ordered = sorted(edits, key=lambda edit: edit.span.start)
    if any(not edit.text and text[edit.span.end - 1 : edit.span.end] == "\n" for edit in ordered):
        return []  # Whole lines go, and there is nothing to write.
    near = ordered[:1]
    for edit in ordered[1:]:
        if text.count("\n", near[-1].span.end, edit.span.start) > 1:
            break
        near.append(edit)
    if not near:
        return []
    start = text.rfind("\n", 0, near[0].span.start) + 1
    end = text.find("\n", near[-1].span.end)
    piece = text[start : end if end >= 0 else len(text)]
    moved = [Edit(Span(edit.span.start - start, edit.span.end - start), edit.text) for edit in near]
    lines = [line.rstrip() for line in mended(piece, moved).split("\n") if line.strip()]
    if len(lines) > MOST_LINES:
        return []
    lines = [line.expandtabs(4) for line in lines]
    shared = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    return [line[shared:] for line in lines]
