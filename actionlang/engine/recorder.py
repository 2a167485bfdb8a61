"""Who is told what a run does, step by step: the matter of traces."""

from __future__ import annotations

from typing import Protocol

STAGE, STEP, PERFORM, ATTEMPT, PLUGIN, RETRY = "stage", "step", "perform", "attempt", "plugin", "retry"
"""Kinds of what happens in a run."""

DONE, FAILED, UNDONE = "done", "failed", "undone"
"""How it ended. What was done inside an attempt that failed was undone."""


class Recorder(Protocol):
    """Told of what a run does, in the order in which it is done; what begins before another has ended is inside it. A unit's
    `recorder` is one, or None where nobody watches the run. Each `begin` needs its `end`, also when an exception passes."""

    def begin(self, kind: str, label: str, verb: str | None = None, line: int | None = None, /) -> None:
        """Something begins: one of the kinds above, in a few words without any values; the verb and the line it stands in."""

    def end(self, outcome: str = DONE, /) -> None:
        """What began last, and has not ended yet, ends."""
