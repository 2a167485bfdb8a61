"""What is wrong with scripts, as editors show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lsprotocol import types as lsp

from actionlang.diagnostics.diagnostic import Diagnostic, Label, Severity
from actionlang.diagnostics.source import Source
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.positions import Lines

SOURCE = "actionlang"
SEVERITIES = {Severity.ERROR: lsp.DiagnosticSeverity.Error, Severity.WARNING: lsp.DiagnosticSeverity.Warning}

TAGS = {
    "unused-name": lsp.DiagnosticTag.Unnecessary,
    "unused-parameter": lsp.DiagnosticTag.Unnecessary,
    "unused-import": lsp.DiagnosticTag.Unnecessary,
    "unreachable": lsp.DiagnosticTag.Unnecessary,
    "deprecated-verb": lsp.DiagnosticTag.Deprecated,
}
"""What is shown faded or struck through."""


def problems_of(module: Analysed, uris: Mapping[str, str], more: Iterable[Diagnostic] = ()) -> list[lsp.Diagnostic]:
    """The diagnostics of a module, and some more about it. `uris` are the names that the editor has for scripts."""
    return [problem(each, module.lines, module.source, uris) for each in (*module.checked.diagnostics, *more)]


def problem(diagnostic: Diagnostic, lines: Lines, source: Source, uris: Mapping[str, str]) -> lsp.Diagnostic:
    """One diagnostic of a script. What has no place in it is told at its beginning."""
    label = diagnostic.primary
    start, end = (
        (label.span.start, label.span.end) if label is not None and label.source.name == source.name else (0, 0)
    )
    tag = TAGS.get(diagnostic.code.id)
    return lsp.Diagnostic(
        lines.range(start, max(start, end)),
        _message(diagnostic),
        SEVERITIES[diagnostic.severity],
        diagnostic.code.id,
        source=SOURCE,
        tags=[tag] if tag is not None else None,
        related_information=[each for each in (_related(label, uris) for label in diagnostic.secondary) if each]
        or None,
    )


def _message(diagnostic: Diagnostic) -> str:
    parts = [diagnostic.message]
    parts += [f"note: {note}" for note in diagnostic.notes]
    parts += [f"hint: {diagnostic.hint}"] if diagnostic.hint else []
    return "\n".join(parts)


def _related(label: Label, uris: Mapping[str, str]) -> lsp.DiagnosticRelatedInformation | None:
    uri = uris.get(label.source.name)
    if uri is None:
        return None
    place = Lines(label.source.text).range(label.span.start, label.span.end)
    return lsp.DiagnosticRelatedInformation(lsp.Location(uri, place), label.message or "here")
