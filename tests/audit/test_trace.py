"""A traced run's record has its steps, also when it failed, was undone in part, or did something ten thousand times."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from actionlang.audit.tree import Node, tree_of
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.unit import Unit
from actionlang.runtime import trace as tracing
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.log import RunRecord
from actionlang.runtime.result import RunFailed
from actionlang.runtime.trace import MOST_ALIKE, Trace
from tests.audit.office import Office, plan


def _record(office: Office, run: str) -> RunRecord:
    return office.database.log.run(run)


def _shape(nodes: tuple[Node, ...]) -> list[object]:
    """Kind, first words, outcome and changes of steps, and what is inside of them."""
    return [
        (
            node.kind,
            " ".join(node.label.split()[:2]),
            node.outcome,
            [change.sequence for change in node.changes],
            _shape(node.inside),
        )
        for node in nodes
    ]


def test_a_run_is_a_tree_of_what_it_did(office: Office) -> None:
    office.run("Open", number="C-1")
    record = _record(office, office.run("Escalate", on="C-1", reason="x"))
    tree = tree_of(record)
    assert tree.traced
    assert _shape(tree.nodes) == [
        ("step", "require (case.status", "done", [], []),
        (
            "stage",
            "Raise",
            "done",
            [],
            [
                ("step", "update case", "done", [1], []),
                ("perform", "perform Note(text:", "done", [], [("step", "create task", "done", [2], [])]),
            ],
        ),
        (
            "attempt",
            "attempt",
            "done",
            [],
            [
                ("perform", "perform Note(text:", "undone", [], [("step", "create task", "undone", [], [])]),
                ("step", 'fail "no"', "failed", [], []),
                ("perform", "perform Note(text:", "done", [], [("step", "create task", "done", [3], [])]),
            ],
        ),
        ("step", "create task", "done", [4], []),
        ("step", "emit Escalated(number:", "done", [], []),
        ("step", "return ticket:", "done", [], []),
    ]
    assert tree.changes == ()
    assert tree.events == ()
    (emitted,) = (node for node in tree.nodes if node.label.startswith("emit"))
    assert [event.payload for event in emitted.events] == [{"number": "C-1", "reason": "x"}]


def test_durations_are_those_of_what_is_inside_and_more(sqlite_office: Office) -> None:
    sqlite_office.run("Open", number="C-1")
    record = _record(sqlite_office, sqlite_office.run("Escalate", on="C-1", reason="x"))
    assert record.steps
    steps = {step.sequence: step for step in record.steps}
    for step in record.steps:
        assert step.started_us >= 0
        if step.parent is not None:
            around = steps[step.parent]
            # Both are rounded down.
            assert around.started_us <= step.started_us + 1
            assert step.started_us + step.duration_us <= around.started_us + around.duration_us + 2
    took = (record.finished - record.started).total_seconds() * 1_000_000
    assert sum(step.duration_us for step in record.steps if step.parent is None) <= took


def test_a_run_that_failed_has_the_steps_that_it_came_to(office: Office) -> None:
    office.run("Open", number="C-1")
    office.run("Finish", on="C-1")
    with pytest.raises(RunFailed) as caught:
        office.run("Escalate", on="C-1", reason="x")
    record = _record(office, caught.value.run)
    assert [(step.label.split()[0], step.outcome) for step in record.steps or ()] == [("require", "failed")]
    failing = tree_of(record).failing
    assert failing is not None
    assert failing.line == int(str(record.place).split(":")[1])


def test_nothing_is_traced_unless_the_host_wants_it(office: Office) -> None:
    with Database.connect(office.url) as untraced:
        plan("Open").run(untraced, arguments={"number": "C-1"})
        run = plan("Escalate").run(untraced, on="C-1", arguments={"reason": "x"}).run
    assert office.query("SELECT count(*) FROM actionlang_step") == [(0,)]
    tree = tree_of(_record(office, str(run)))
    assert not tree.traced
    assert _shape(tree.nodes) == [
        ("stage", "Raise", "done", [], [("step", "update case", "done", [1], [])]),
        ("perform", "perform Note", "done", [], [("step", "create task", "done", [2, 3], [])]),
        ("step", "create task", "done", [4], []),
    ]
    assert len(tree.events) == 1


def test_a_dry_run_leaves_no_steps(sqlite_office: Office) -> None:
    sqlite_office.run("Open", number="C-1")
    before = sqlite_office.query("SELECT count(*) FROM actionlang_step")
    plan("Escalate").run(sqlite_office.database, on="C-1", dry_run=True, arguments={"reason": "x"})
    assert sqlite_office.query("SELECT count(*) FROM actionlang_step") == before


def test_what_a_loop_does_often_is_one_step_after_some_times(sqlite_office: Office) -> None:
    office = sqlite_office
    office.run("Open", number="C-1")
    for number in range(30):
        office.run("Note", on="C-1", text=f"{number}")
    record = _record(office, office.run("MarkAll", mark="!"))
    assert [step.times for step in record.steps or ()] == [1, *[1] * MOST_ALIKE, 30 - MOST_ALIKE]
    (loop,) = tree_of(record).nodes
    assert [len(node.changes) for node in loop.inside] == [*[1] * MOST_ALIKE, 30 - MOST_ALIKE]
    assert sorted(change.sequence for node in loop.inside for change in node.changes) == list(range(1, 31))


def test_a_database_without_the_table_of_steps_says_so(sqlite_office: Office) -> None:
    office = sqlite_office
    office.tamper("DROP TABLE actionlang_step")
    with (
        Database.connect(office.url, hosting=Hosting(trace=True)) as database,
        pytest.raises(ActionLangError) as caught,
    ):
        plan("Open").run(database, arguments={"number": "C-1"})
    (told,) = caught.value.diagnostics
    assert (told.code.id, told.message) == (
        "E0806",
        "The database has no table actionlang_step, which runs that are traced need.",
    )


def test_attempts_that_met_other_runs_are_told(postgres_office: Office) -> None:
    office = postgres_office
    office.run("Open", number="C-1")
    together = Barrier(6)

    def rename(number: int) -> str:
        together.wait()
        return office.run("Rename", on="C-1", title=f"{number}")

    retried: list[str] = []
    # Whether runs meet is up to the database: it is tried until some do.
    for _ in range(100):
        with ThreadPoolExecutor(6) as pool:
            runs = [each.result() for each in [pool.submit(rename, number) for number in range(6)]]
        retried = [run for run in runs if any(step.kind == "retry" for step in _record(office, run).steps or ())]
        if retried:
            break
    steps = _record(office, retried[0]).steps or ()
    first, second = steps[0], steps[1]
    assert (first.kind, first.outcome, first.started_us) == ("retry", "failed", 0)
    assert first.label.startswith("attempt 1: ")
    assert second.label == "pause before the next attempt"
    assert (steps[-1].kind, steps[-1].label, steps[-1].outcome) == ("step", "update case", "done")


# --------------------------------------------------------------------------------------------------------- the limits


def _trace() -> Trace:
    trace = Trace()
    trace.watch(Unit(None))  # type: ignore[arg-type]
    return trace


def test_the_number_of_steps_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "MOST_STEPS", 20)
    trace = _trace()
    for outer in range(100):
        trace.begin("step", "outer", "v", 1)
        for _ in range(100):
            trace.begin("step", "inner", "v", 2)
            trace.end()
        trace.begin("step", f"other {outer}", "v", 3)
        trace.end()
        trace.end()
    rows = list(trace.rows("r", kept=True))
    assert len(rows) <= tracing.MOST_KINDS
    times = dict.fromkeys(("outer", "inner"), 0)
    for row in rows:
        if row[6] in times:
            times[str(row[6])] += int(str(row[7]))
    assert times == {"outer": 100, "inner": 10_000}


def test_beyond_the_last_limit_steps_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "MOST_KINDS", 5)
    trace = _trace()
    for number in range(50):
        trace.begin("step", f"one {number}", "v", number)
        trace.begin("step", "inside", "v", number)
        trace.end()
        trace.end()
    rows = list(trace.rows("r", kept=True))
    assert len(rows) == 5
    assert [row[1] for row in rows] == [1, 2, 3, 4, 5]
    assert {row[2] for row in rows} <= {None, 1, 3, 5}
