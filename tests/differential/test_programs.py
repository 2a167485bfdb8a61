"""One meaning, however a program is run: generated programs come to the same in memory, on SQLite and on PostgreSQL, interpreted
row by row, as a set, and as a function on the server. `programs.py` runs as many more of them as one likes; see LOG.md."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.engine.json_form import to_json
from actionlang.engine.store import RowRef
from tests.differential.comparing import ALL_TABLES, SAME_ROWS, Contest, program_of, rows_of
from tests.differential.programs import told_of
from tests.differential.shrinking import shrunk
from tests.engines.call import Call, Outcome, Row
from tests.engines.registry import ENGINES, ONE_ROW_ONLY, REFERENCE, engine
from tests.strategies.programs import Program
from tests.strategies.rows import Rows
from tests.strategies.shop import schema

SEED = 2026
HALVES = (range(200), range(1000, 1200))
CALLED = range(2000, 2025)


@pytest.fixture(scope="module")
def contest() -> Iterator[Contest]:
    opened = Contest()
    yield opened
    opened.close()


@pytest.mark.parametrize("numbers", HALVES, ids=str)
def test_programs_come_to_the_same(contest: Contest, numbers: range) -> None:
    contest.counts.clear()
    for number in numbers:
        if number % SAME_ROWS == 0:
            contest.fill(SEED, number)
        program = program_of(SEED, number)
        if program is not None and contest.compare(program, all_tables=number % ALL_TABLES == 0):
            least = shrunk(program, lambda each: bool(contest.compare(each, all_tables=True)))
            pytest.fail(told_of(SEED, number, least, contest.compare(least, all_tables=True)))
    see_that_it_was_no_sham(contest)


def see_that_it_was_no_sham(contest: Contest) -> None:
    """Most programs end well, and often not by the interpreter."""
    counts = contest.counts
    assert counts["done"] > counts["programs"] / 2
    assert counts["changed rows"] > counts["programs"] / 3
    for name, share in (("sqlite-set", 10), ("postgres-set", 10), ("server", 4)):
        assert counts[f"{name}: ran and changed rows"] > counts["programs"] / share, counts
        assert counts[f"{name}: ran and emitted events"] > 0, counts


@pytest.mark.parametrize("number", CALLED)
def test_programs_called_as_hosts_call_them(number: int) -> None:
    """The same through `Plan.run` and `Plan.run_many`: what is stored, given back, recorded and told."""
    program = program_of(SEED, number)
    if program is None:
        return
    for call in calls(program, rows_of(SEED, number)):
        expected = engine(REFERENCE).run(call)
        for name in ENGINES:
            if name != REFERENCE and (call.on_each is None or name not in ONE_ROW_ONLY):
                assert seen(engine(name).run(call)) == seen(expected), told_of(SEED, number, program, [])


def calls(program: Program, rows: Rows) -> Iterator[Call]:
    """A program on its first row alone, and on all of its rows."""
    verb = program.plan.verb
    filled = tuple(
        Row(
            name,
            dict(zip([column.name for column in each.table.primary], parts(each.row), strict=True)) | dict(each.values),
        )
        for name, found in rows.items()
        for each in found
    )
    inputs = {each.name: each.type for each in verb.inputs}
    arguments = {name: to_json(value, inputs[name]) for name, value in program.arguments.items()}
    many: list[tuple[object, tuple[object, ...] | None]] = [(program.targets[0] if program.targets else None, None)]
    if len(program.targets) > 1:
        many.append((None, program.targets))
    for on, on_each in many:
        yield Call(
            program.plan, schema(), filled, on, on_each, program.caller, arguments, program.clock, program.zone
        )  # fmt: skip


def parts(row: RowRef) -> tuple[object, ...]:
    """The parts of a row's key."""
    return row.key if isinstance(row.key, tuple) else (row.key,)


def seen(outcome: Outcome) -> tuple[object, ...]:
    """All that every engine shows of an outcome."""
    return outcome.rows, outcome.outputs, outcome.changes, outcome.code, outcome.message, outcome.events
