"""Tests of the language put together by hand, out of the engine's small helpdesk."""

from __future__ import annotations

from datetime import UTC, tzinfo
from itertools import count
from pathlib import Path

import attrs

from actionlang.diagnostics.source import Source
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from actionlang.testing.cases import Case, Suite
from tests.engine.building import compare, lit, plan, require, verb

SOURCE = Source("desk.act", "".join(f"  line {number:02} of the script\n" for number in range(1, 41)))
FILE = Path("/project/verbs/desk.act")
NUMBERS = count(1)


def suite(*measured: Verb, zone: tzinfo = UTC) -> Suite:
    """A project whose one script is SOURCE."""
    return Suite({SOURCE.name: SOURCE}, zone, measured, {SOURCE.name: FILE})


def case(
    *steps: s.Step,
    title: str = "a test",
    verbs: tuple[Verb, ...] = (),
    at: str | None = None,
    file: str = SOURCE.name,
    line: int = 1,
    within: Suite | None = None,
) -> Case:
    """A test of these steps, which perform these verbs."""
    made = verb(*steps, name=f"desk.test {next(NUMBERS)}", kind="test")
    made = attrs.evolve(made, doc=title, at=at, source=file, line=line)
    return Case(plan(made, *verbs), within or suite(*verbs))


def holds(line: int = 1) -> s.Require:
    """A step that succeeds."""
    return require(compare(lit(1), "=", lit(1)), line=line)


def fails(line: int = 1) -> s.Require:
    """A step that fails."""
    return require(compare(lit(1), "=", lit(2)), line=line)
