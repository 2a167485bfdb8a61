"""Which safe fixes to make at once."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.fix import Fix
from actionlang.diagnostics.source import Source, Span


@attrs.frozen
class Mend:
    """A fix to make, and what it mends."""

    diagnostic: Diagnostic
    fix: Fix


def mends(diagnostics: Iterable[Diagnostic]) -> dict[Source, list[Mend]]:
    """For each script the safe fixes that do not overlap, in the order of the diagnostics. Those left over are found
    again when these have been made."""
    by_source: dict[Source, list[Mend]] = {}
    for diagnostic in diagnostics:
        safe = next((fix for fix in diagnostic.fixes if fix.safe and fix.edits), None)
        if safe is not None and diagnostic.primary is not None:
            by_source.setdefault(diagnostic.primary.source, []).append(Mend(diagnostic, safe))
    return {source: _apart(found) for source, found in by_source.items()}


def _apart(found: list[Mend]) -> list[Mend]:
    """Those of some fixes that change other places than those before them."""
    taken: list[Span] = []
    chosen: list[Mend] = []
    for mend in found:
        spans = [edit.span for edit in mend.fix.edits]
        if not any(_overlap(one, other) for one in spans for other in taken):
            taken += spans
            chosen.append(mend)
    return chosen


def _overlap(one: Span, other: Span) -> bool:
    """Whether two edits change the same text, or one puts something where the other begins or ends."""
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
