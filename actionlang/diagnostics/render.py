"""Diagnostics as a person reads them.

error[E0301]: case.amount may be empty here.
  --> verbs/escalate.act:12:7
   |
12 |   if (case.amount > 10_000) < stop >
   |       ^^^^^^^^^^^
   |
   = hint: Say what counts instead: case.amount otherwise 0
"""

from __future__ import annotations

from collections.abc import Sequence

from actionlang.diagnostics.annotate import PRIMARY, SECONDARY
from actionlang.diagnostics.diagnostic import Diagnostic, Label, Severity
from actionlang.diagnostics.display import safe
from actionlang.diagnostics.mended import mended_lines
from actionlang.diagnostics.paint import BLUE, BOLD, OF_SEVERITY, Painter
from actionlang.diagnostics.snippet import Part, Snippet, SnippetRow
from actionlang.diagnostics.source import Source


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """One diagnostic, of several lines, without a line feed at the end. `color` adds ANSI colours."""
    painter = Painter(color)
    style = OF_SEVERITY[diagnostic.severity]
    head = painter.paint(f"{diagnostic.severity.value}[{diagnostic.code}]", style)
    lines = [head + painter.paint(f": {safe(diagnostic.message)}", BOLD)]
    snippets = [Snippet(source, parts) for source, parts in _by_source(diagnostic).items()]
    gutter = max((len(str(snippet.numbers[-1])) for snippet in snippets), default=1)
    bar = painter.paint(" " * (gutter + 1) + "|", BLUE)
    for index, snippet in enumerate(snippets):
        if index > 0:
            lines.append(bar)
        lines.append(_place(diagnostic, snippet, index == 0, gutter, painter))
        lines.append(bar)
        lines += _rows(snippet, gutter, painter)
    remarks = _remarks(diagnostic, gutter, painter)
    if snippets and remarks:
        lines.append(bar)
    return "\n".join(lines + remarks)


def render_all(diagnostics: Sequence[Diagnostic], color: bool = False) -> str:
    """Every diagnostic in the given order with blank lines between, and the summary under them."""
    return "\n\n".join([*(render(diagnostic, color) for diagnostic in diagnostics), summary(diagnostics)])


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """How many there were: `2 errors and 1 warning`, `No problems found.`"""
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    warnings = len(diagnostics) - errors
    kinds = ((errors, "error"), (warnings, "warning"))
    counts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in kinds if count]
    return f"{' and '.join(counts)} found." if counts else "No problems found."


def _by_source(diagnostic: Diagnostic) -> dict[Source, list[Part]]:
    """What to show of each source, that of the primary place first."""
    parts: dict[Source, list[Part]] = {}
    if diagnostic.primary is not None:
        parts[diagnostic.primary.source] = [_part(diagnostic.primary, PRIMARY, OF_SEVERITY[diagnostic.severity])]
    for label in diagnostic.secondary:
        parts.setdefault(label.source, []).append(_part(label, SECONDARY, BLUE))
    return parts


def _part(label: Label, sign: str, style: str) -> Part:
    return Part.of(label.source, label.span, sign, style, safe(label.message).replace("\n", " "))


def _place(diagnostic: Diagnostic, snippet: Snippet, first: bool, gutter: int, painter: Painter) -> str:
    """`--> file:line:column` of the primary place; `::: file:line:column` of the first in another file."""
    labels = [diagnostic.primary] if diagnostic.primary and first else diagnostic.secondary
    label = next(label for label in labels if label.source is snippet.source)
    place = snippet.source.position(label.span.start)
    arrow = painter.paint(f"{' ' * gutter}{'-->' if first else ':::'}", BLUE)
    return f"{arrow} {safe(snippet.source.name)}:{place.line}:{place.column}"


def _rows(snippet: Snippet, gutter: int, painter: Painter) -> list[str]:
    lines = []
    for row in snippet.rows():
        text = painter.cells(row.cells)
        lines.append(f"{_margin(row, gutter, painter)} {text}" if text else _margin(row, gutter, painter))
    return lines


def _margin(row: SnippetRow, gutter: int, painter: Painter) -> str:
    if row.number == 0:
        return painter.paint("..." + " " * (gutter - 1), BLUE)
    number = "" if row.number is None else str(row.number)
    return painter.paint(f"{number:>{gutter}} |", BLUE)


def _remarks(diagnostic: Diagnostic, gutter: int, painter: Painter) -> list[str]:
    """The hint, the line as it should be written where that is known, and the notes; their further lines stand under the
    first."""
    remarks = [("hint", diagnostic.hint)] if diagnostic.hint else []
    if diagnostic.fixes and diagnostic.primary is not None:
        remarks.append(("write", "\n".join(mended_lines(diagnostic.primary.source, diagnostic.fixes[0].edits))))
    remarks += [("note", note) for note in diagnostic.notes]
    lines = []
    for word, text in remarks:
        if not text:
            continue
        first, *others = safe(text).split("\n")
        sign = painter.paint(" " * (gutter + 1) + "=", BLUE)
        lines.append(f"{sign} {painter.paint(word + ':', BOLD)} {first}")
        lines += [" " * (gutter + 5 + len(word)) + other for other in others]
    return lines
