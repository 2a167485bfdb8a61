"""What coverage missed, in words."""

from __future__ import annotations

from actionlang.plan import steps as s
from actionlang.plan.describe import step_text
from actionlang.plan.expression_text import condition_text
from actionlang.testing.coverage import Point

LONGEST = 90
"""Characters of a step that are shown."""


def missed_words(point: Point) -> str:
    """A step that was never run, or the way that a step never went."""
    step = point.step
    if point.way is None:
        return f"never run: {_shortened(step_text(step))}"
    return f"{_way_words(step, point.way)}: {_shortened(step_text(step))}"


def _way_words(step: s.Step, way: str) -> str:
    if isinstance(step, s.If) and way != "else":
        number = int(way.removeprefix("branch "))
        if number > 1:
            return f"never so: else if {_shortened(condition_text(step.branches[number - 1].condition))} in"
        return "never so"
    return WORDS[way]


WORDS = {
    "else": "always so, never else",
    "some": "never had a row or item",
    "none": "never had nothing to go through",
    "kept": "never went well",
    "undone": "never failed",
}


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."
