"""Retention deletes old records, says so in the chain, and leaves everything else to be verified."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from actionlang.audit import retention
from actionlang.audit.retention import prune
from actionlang.audit.sealing import Sealer
from actionlang.audit.verifying import verify
from actionlang.diagnostics.diagnostic import ActionLangError
from tests.audit.office import Office, plan


def _middle(office: Office) -> tuple[list[str], datetime]:
    """Runs, and a moment between them."""
    runs = [office.run("Open", number="C-1"), office.run("Rename", on="C-1", title="B")]
    Sealer(office.database).seal()
    runs += [office.run("Rename", on="C-1", title="C"), office.run("Rename", on="C-1", title="D")]
    return runs, _began(runs[2])


def _began(run: str) -> datetime:
    """An id begins with the milliseconds in which its run began."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(run.replace("-", "")[:12], 16))


def _after(office: Office) -> datetime:
    """The first moment after the millisecond in which the last run began."""
    (last,) = office.database.log.runs(limit=1)
    after = _began(last.id) + timedelta(milliseconds=1)
    while datetime.now(UTC) < after:
        pass
    return after


def test_old_records_go_and_the_chain_holds(office: Office) -> None:
    runs, middle = _middle(office)
    trial = prune(office.database, middle, who="Ada", why="rule 7", dry_run=True)
    assert (trial.runs, trial.changes, trial.link) == (2, 2, None)
    head = Sealer(office.database).seal().head
    done = prune(office.database, middle, who="Ada", why="rule 7")
    assert (done.runs, done.changes, done.events, done.link) == (2, 2, 0, 3)
    assert [run.id for run in office.database.log.runs()] == [runs[3], runs[2]]
    for table in ("change", "step"):
        assert {run for (run,) in office.query(f"SELECT DISTINCT run FROM actionlang_{table}")} == set(runs[2:])
    found = verify(office.database, head)
    assert (found.problems, found.runs, found.pruned, found.links, found.head_at) == ((), 2, 2, 3, 2)
    (pruning,) = found.prunings
    assert (pruning.who, pruning.why, pruning.runs, pruning.before) == ("Ada", "rule 7", 2, middle)
    assert office.query("SELECT seal FROM actionlang_sealed ORDER BY run") == [(2,), (2,)]
    assert prune(office.database, middle, who="Ada", why="again").runs == 0


def test_what_is_pruned_is_no_excuse_for_what_is_deleted(office: Office) -> None:
    runs, middle = _middle(office)
    prune(office.database, middle, who="Ada", why="rule 7")
    office.tamper(f"DELETE FROM actionlang_change WHERE run = '{runs[3]}'")
    assert [problem.run for problem in verify(office.database).problems] == [runs[3]]


def test_an_entry_of_retention_is_not_changed_unseen(office: Office) -> None:
    _, middle = _middle(office)
    prune(office.database, middle, who="Ada", why="rule 7")
    office.tamper("UPDATE actionlang_seal SET content = replace(content, 'Ada', 'Eve') WHERE kind = 'pruned'")
    told = [problem.message for problem in verify(office.database).problems]
    assert "Link 3 was changed: it does not say what retention deleted." in told


def test_runs_whose_events_are_on_their_way_stay(office: Office) -> None:
    office.run("Open", number="C-1")
    waiting = office.run("Escalate", on="C-1", reason="x")
    done = prune(office.database, _after(office), who="Ada", why="rule 7")
    assert (done.runs, done.kept) == (1, 1)
    assert [run.id for run in office.database.log.runs()] == [waiting]
    assert verify(office.database).problems == ()
    office.tamper("UPDATE actionlang_event SET dispatched = '2026-11-24T09:30:00.000000Z'")
    done = prune(office.database, _after(office), who="Ada", why="rule 7")
    assert (done.runs, done.events, done.kept) == (1, 1, 0)
    assert verify(office.database).problems == ()


def test_a_run_that_stayed_is_not_deleted_unseen(office: Office) -> None:
    office.run("Open", number="C-1")
    waiting = office.run("Escalate", on="C-1", reason="x")
    done = prune(office.database, _after(office), who="Ada", why="rule 7")
    rest = ("change", "step", "event")
    office.tamper(
        *(f"DELETE FROM actionlang_{table} WHERE run = '{waiting}'" for table in rest),
        f"DELETE FROM actionlang_run WHERE id = '{waiting}'",
    )
    (problem,) = verify(office.database).problems
    assert problem.message == "Records of 2 runs are gone, and retention was to delete 1."
    assert problem.link == done.link
    office.tamper("DELETE FROM actionlang_sealed")
    assert [problem.message for problem in verify(office.database).problems] == [problem.message]


def test_no_more_goes_than_the_chain_tells(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event arrives between the count and the deletion."""
    office.run("Open", number="C-1")
    waiting = office.run("Escalate", on="C-1", reason="x")
    monkeypatch.setattr(retention, "AT_ONCE", 1)

    def arrived(done: int, total: int) -> None:
        office.tamper("UPDATE actionlang_event SET dispatched = '2026-11-24T09:30:00.000000Z'")

    prune(office.database, _after(office), who="Ada", why="rule 7", progress=arrived)
    assert [run.id for run in office.database.log.runs()] == [waiting]
    assert verify(office.database).problems == ()


def test_a_run_that_is_kept_during_retention_stays(postgres_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its record is in no link: the chain would not tell that it was there."""
    office = postgres_office
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    with office.database.connection() as connection:
        open_still = connection.begin()
        late = plan("Open").run(connection, arguments={"number": "C-1"}).run
        kept = [office.run("Open", number=f"C-{number}") for number in (2, 3)]

        def keep(done: int, total: int) -> None:
            if open_still.is_active:
                open_still.commit()

        after = _after(office)
        assert prune(office.database, after, who="Ada", why="rule 7", dry_run=True).runs == len(kept)
        prune(office.database, after, who="Ada", why="rule 7", progress=keep)
    assert [run.id for run in office.database.log.runs()] == [late]
    found = verify(office.database)
    assert (found.problems, found.unsealed, found.pruned) == ((), (late,), 2)


def test_retention_that_was_interrupted_is_done_once_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        office.run("Open", number=f"C-{number}")
    monkeypatch.setattr(retention, "AT_ONCE", 2)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prune(office.database, _after(office), who="Ada", why="rule 7", progress=stop)
    assert len(office.database.log.runs()) == 3
    assert verify(office.database).problems == ()
    assert prune(office.database, _after(office), who="Ada", why="rule 7").runs == 3
    found = verify(office.database)
    assert (found.problems, found.runs, found.pruned, len(found.prunings)) == ((), 0, 5, 2)


@pytest.mark.parametrize(
    ("before", "why", "message"),
    [
        (timedelta(days=-1), " ", "Records are not deleted without a reason, which stays in the chain."),
        (timedelta(days=1), "x", "would delete records of runs that are still to come."),
    ],
)
def test_retention_is_refused(sqlite_office: Office, before: timedelta, why: str, message: str) -> None:
    with pytest.raises(ActionLangError) as caught:
        prune(sqlite_office.database, datetime.now(UTC) + before, who="Ada", why=why)
    (told,) = caught.value.diagnostics
    assert told.code.id == "E0989"
    assert told.message.endswith(message)
