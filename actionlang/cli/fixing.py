"""Making the safe fixes that diagnostics carry: `actionlang check --fix`."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

from actionlang.cli.fmt import write_whole
from actionlang.cli.output import write
from actionlang.compile.compiled import check as find_problems
from actionlang.compile.project import display_name
from actionlang.compile.selection import Selection
from actionlang.diagnostics.fix import Edit
from actionlang.diagnostics.mended import mended
from actionlang.diagnostics.source import Source, Span
from actionlang.lint.mending import Mend, mends

MOST_ROUNDS = 20
"""Rounds of mending and checking again: a fix may lay bare what another one mends."""


def mend_scripts(selection: Selection, *, cached: bool, told: bool) -> int:
    """Make the safe fixes in scripts until there is none to make; how many problems are gone then. `told` prints each.

    A script changes in one go and keeps its line ends. Where there are more errors after a round than before, which no safe fix
    should make, the scripts of that round are put back. Raises ActionLangError when a script can not be written.
    """
    paths = {display_name(path, selection.project.root): path for path in selection.scripts}
    count = 0
    found = find_problems(selection, cached=cached)
    for _ in range(MOST_ROUNDS):
        chosen = {source: made for source, made in mends(found.diagnostics).items() if source.name in paths}
        if not chosen:
            break
        before = {paths[source.name]: paths[source.name].read_bytes().decode() for source in chosen}
        for source, made in chosen.items():
            path = paths[source.name]
            edits = [edit for each in made for edit in each.fix.edits]
            write_whole(path, with_edits(before[path], edits), _shown(path))
        after = find_problems(selection, cached=cached)
        if len(after.errors) > len(found.errors):
            for path, text in before.items():
                write_whole(path, text, _shown(path))
            break
        for source, made in chosen.items():
            count += len(made)
            for each in made if told else ():
                _tell(each, source, paths[source.name])
        found = after
    return count


def with_edits(raw: str, edits: Sequence[Edit]) -> str:
    """A text with edits made whose places count each line end as one character, as scripts are read."""
    ends = [at - number for number, at in enumerate(_double_line_ends(raw))]

    def moved(place: int) -> int:
        return place + bisect_left(ends, place)

    line_end = "\r\n" if ends else "\n"
    return mended(
        raw,
        [Edit(Span(moved(edit.span.start), moved(edit.span.end)), edit.text.replace("\n", line_end)) for edit in edits],
    )


def _double_line_ends(raw: str) -> Iterator[int]:
    """Where a line ends in two characters."""
    at = raw.find("\r\n")
    while at >= 0:
        yield at
        at = raw.find("\r\n", at + 2)


def _tell(made: Mend, source: Source, path: Path) -> None:
    diagnostic = made.diagnostic
    assert diagnostic.primary is not None
    line = source.position(diagnostic.primary.span.start).line
    write(f"fixed  {_shown(path)}:{line}: {diagnostic.message} ({diagnostic.code})")


def _shown(path: Path) -> str:
    return Path(os.path.relpath(path)).as_posix()
