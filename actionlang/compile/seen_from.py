"""Diagnostics with names of scripts that lead there from where the reader is, not from the project's folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.diagnostics.source import Source


def seen_from(folder: Path, diagnostics: Sequence[Diagnostic], root: Path) -> tuple[Diagnostic, ...]:
    """The diagnostics of scripts of a project at `root`, as seen from a folder. What is no file there (the standard library)
    keeps its name."""
    if folder == root:
        return tuple(diagnostics)
    moved: dict[Source, Source] = {}

    def move(label: Label) -> Label:
        source = label.source
        if source not in moved:
            path = root / source.name
            name = Path(os.path.relpath(path, folder)).as_posix() if path.is_file() else source.name
            moved[source] = Source(name, source.text)
        return attrs.evolve(label, source=moved[source])

    return tuple(
        attrs.evolve(
            diagnostic,
            primary=diagnostic.primary and move(diagnostic.primary),
            secondary=tuple(move(label) for label in diagnostic.secondary),
        )
        for diagnostic in diagnostics
    )
