"""Valid programs from end to end: a generated program is written as a script, read, checked, formatted, compiled, written as a plan,
loaded, and run; it comes to what the program it was made from comes to."""

from __future__ import annotations

from collections import Counter
from typing import Any

import attrs

from actionlang.diagnostics.diagnostic import Severity
from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source
from actionlang.plan.codec import decode, encode
from actionlang.plan.plan import StepPlan
from actionlang.plan.verify import verify
from tests.conformance.scripts import compiled, complaints
from tests.differential.comparing import program_of, rows_of, written
from tests.differential.contenders import InMemory, Seen
from tests.strategies.programs import Program
from tests.strategies.sources import source_of

SEED = 4
PROGRAMS = 120


def test_programs_from_end_to_end() -> None:
    counts: Counter[str] = Counter()
    memory = InMemory()
    for number in range(PROGRAMS):
        if number % 100 == 0:
            memory.fill(rows_of(SEED, number))
        program = program_of(SEED, number)
        if program is None:
            continue
        counts["programs"] += 1
        script = source_of(program.plan)
        if any(found.severity is Severity.ERROR for found in complaints(script)):
            # A literal may be one that only a plan can hold, a type one that has no name.
            continue
        counts["valid"] += 1
        formatted = format_source(Source("example.act", script))
        assert format_source(Source("example.act", formatted)) == formatted
        expected = run(memory, program, program.plan)
        for text in (script, formatted):
            assert run(memory, program, loaded(text)) == expected, f"program {number}\n{text}"
        counts["done" if expected.failed is None else "failed"] += 1
        counts["changed rows"] += bool(expected.changes)
    assert counts["valid"] > counts["programs"] / 2, counts
    assert counts["done"] > counts["valid"] / 2, counts
    assert counts["changed rows"] > counts["valid"] / 4, counts


def loaded(script: str) -> StepPlan:
    """The plan of the script's verb, from the bytes of its file."""
    plan = decode(encode(compiled(script).plan("Outer")))
    verify(plan)
    return plan


def run(memory: InMemory, program: Program, plan: StepPlan) -> Seen:
    """What a plan comes to, without the lines of its steps and the module of its events, which is the script's. A condition that was
    never written has no text to be told."""
    seen = memory.together(attrs.evolve(program, plan=plan), written(program.plan.verb.effects))
    changes = tuple(tuple(part for at, part in enumerate(change) if at != LINE) for change in seen.changes)
    events = tuple(
        (name.rpartition(".")[2], *rest, {each: untyped(value) for each, value in carried.items()})
        for name, *rest, carried in seen.events
    )
    failed = seen.failed and (seen.failed[0], "" if seen.failed[0] == REQUIREMENT else seen.failed[1])
    return attrs.evolve(seen, changes=changes, events=events, failed=failed)


def untyped(carried: Any) -> Any:
    """What an event carries, without what only a plan can say of it: that a row may be of several tables, a whole number decimal."""
    if isinstance(carried, dict) and carried.keys() == {"table", "key"}:
        return carried["key"]
    return str(carried) if type(carried) is int else carried


LINE = 4
REQUIREMENT = "E0701"
