"""Coverage as LCOV, for tools that show it line by line.

Coverage is by step and branch; LCOV knows lines. A line (`DA`) has the runs of all steps that begin on it, added up: it is
missed when no step on it was run. What a line has of its own beside that, a way never taken, is in its branches (`BRDA`), one
block a step; a branch of a step that was never run is `-`. A verb is a function (`FN`), run as often as its first step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from actionlang.testing.coverage import VerbCoverage


def to_lcov(verbs: Iterable[VerbCoverage], base: Path) -> str:
    """The coverage as an LCOV trace file. Paths of scripts inside the folder `base` are relative to it."""
    lines: list[str] = []
    for path, its in groupby(sorted(verbs, key=_place), key=_path):
        shown = path.relative_to(base) if path.is_relative_to(base) else path
        lines += ["TN:", f"SF:{shown.as_posix()}", *_record(list(its)), "end_of_record"]
    return "".join(f"{line}\n" for line in lines)


def _path(verb: VerbCoverage) -> Path:
    return verb.suite.files.get(verb.verb.source, Path(verb.verb.source))


def _place(verb: VerbCoverage) -> tuple[Path, int]:
    return _path(verb), verb.verb.line


def _record(verbs: list[VerbCoverage]) -> Iterator[str]:
    yield from (f"FN:{verb.verb.line},{verb.verb.name}" for verb in verbs)
    yield from (f"FNDA:{verb.hits[0]},{verb.verb.name}" for verb in verbs)
    yield f"FNF:{len(verbs)}"
    yield f"FNH:{sum(verb.hits[0] > 0 for verb in verbs)}"
    branches = [branch for verb in verbs for branch in _branches(verb)]
    blocks: Counter[int] = Counter()
    for line, runs, ways in branches:
        block = blocks[line]
        blocks[line] += 1
        yield from (f"BRDA:{line},{block},{at},{hits if runs else '-'}" for at, hits in enumerate(ways))
    if branches:
        yield f"BRF:{sum(len(ways) for _, _, ways in branches)}"
        yield f"BRH:{sum(hits > 0 for _, _, ways in branches for hits in ways)}"
    lines: Counter[int] = Counter()
    for verb in verbs:
        for point, hits in zip(verb.points, verb.hits, strict=True):
            if point.way is None:
                lines[point.step.place.line] += hits
    yield from (f"DA:{line},{hits}" for line, hits in sorted(lines.items()))
    yield f"LF:{len(lines)}"
    yield f"LH:{sum(hits > 0 for hits in lines.values())}"


def _branches(verb: VerbCoverage) -> Iterator[tuple[int, int, list[int]]]:
    """Each step that can go several ways: its line, how often it was run, how often it went each way."""
    for _, group in groupby(zip(verb.points, verb.hits, strict=True), key=lambda pair: id(pair[0].step)):
        (first, runs), *ways = group
        if ways:
            yield first.step.place.line, runs, [hits for _, hits in ways]
