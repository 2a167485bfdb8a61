"""A verb as it is typed, to its plan: a compiled plan file, a verb of the project, or one of the standard library."""

from __future__ import annotations

from pathlib import Path

from actionlang.compile.selection import select
from actionlang.plan.codec import decode
from actionlang.plan.plan import StepPlan

SUFFIX = ".plan.json"


def is_plan_file(word: str) -> bool:
    """Whether a word names a file rather than a verb."""
    return word.endswith(".json") or "/" in word or "\\" in word


def plan_bytes(word: str, *, cached: bool = True) -> bytes:
    """The plan of a verb by name. Raises ActionLangError when there is none, or the scripts have errors."""
    # The way from scripts to plans is only imported where there is no plan file.
    from actionlang.compile.finding import find_verb

    return find_verb(word, select(), cached=cached).plan


def read_plan(word: str) -> StepPlan:
    """The plan of a file or of a verb by name, to be looked at. Raises ActionLangError."""
    if not is_plan_file(word):
        return decode(plan_bytes(word))
    from actionlang.runtime.plans import Plan

    return Plan.load(Path(word)).steps
