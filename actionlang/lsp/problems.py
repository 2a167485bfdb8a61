"""What is wrong with scripts, as editors show it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import attrs
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
    "deprecated-parameter": lsp.DiagnosticTag.Deprecated,
    "deprecated-verb": lsp.DiagnosticTag.Deprecated,
}
"""What is shown faded or struck through."""


def problems_of(module: Analysed, uris: Mapping[str, str], found: Iterable[Diagnostic]) -> list[lsp.Diagnostic]:
    """What was found in a module. `uris` are the names that the editor has for scripts."""
    return [problem(each, module.lines, module.source, uris) for each in found]


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


def told_in(scripts: Container[str], problem: Diagnostic) -> Diagnostic:
    """A problem that is told in one of these scripts: where it is in another one, at the first place of it that is in them."""
    labels = [label for label in (problem.primary, *problem.secondary) if label is not None]
    inside = next((label for label in labels if label.source.name in scripts), None)
    if inside is None or inside is problem.primary:
        return problem
    return attrs.evolve(problem, primary=inside, secondary=tuple(label for label in labels if label is not inside))


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
