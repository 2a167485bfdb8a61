"""Reading the records of runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plan import steps as s
from actionlang.runtime.database import Database
from actionlang.runtime.result import RunFailed
from tests.plan.samples import at, text, verb
from tests.runtime.desk import ESCALATE_PLAN, Desk, ready, refused


def test_runs_are_listed_the_last_one_first_and_chosen(desk: Desk) -> None:
    log = desk.database.log
    ids = [ESCALATE_PLAN.run(desk.database, on="CAS-1", reason=str(n)).run for n in range(3)]
    fail = ready(verb("No_Way", s.Fail(at(1), text("No."))))
    with pytest.raises(RunFailed) as caught:
        fail.run(desk.database)
    failed = caught.value.run
    assert [record.id for record in log.runs()] == [failed, *ids[::-1]]
    assert [record.id for record in log.runs(limit=2)] == [failed, ids[2]]
    assert [record.id for record in log.runs(verb="Escalate", limit=1)] == [ids[2]]
    assert [record.id for record in log.runs(verb="helpdesk.No_Way")] == [failed]
    assert log.runs(verb="No%Way") == log.runs(verb="NoXWay") == log.runs(verb="desk.Escalate") == []
    assert [record.id for record in log.runs(outcome="failed")] == [failed]
    assert len(log.runs(since=datetime.now(UTC) - timedelta(hours=1))) == 4
    assert log.runs(since=datetime.now(UTC) + timedelta(hours=1)) == []
    assert {record.changes for record in log.runs()} == {None}


def test_one_run_is_found_by_the_beginning_of_its_id(desk: Desk) -> None:
    ids = [str(ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x").run) for _ in range(2)]
    log = desk.database.log
    assert log.run(ids[0]).id == ids[0]
    different = next(at for at in range(36) if ids[0][at] != ids[1][at])
    assert log.run(ids[1][: different + 1]).id == ids[1]
    for asked, message in (
        (ids[0][:different], f"Several runs begin with {ids[0][:different]}."),
        ("%", "There is no run % in the log."),
        ("nothing", "There is no run nothing in the log."),
    ):
        with pytest.raises(ActionLangError) as caught:
            log.run(asked)
        assert refused(caught.value) == ("E0812", message)


def test_a_database_without_records_says_so(tmp_path: Path) -> None:
    with Database.connect(f"sqlite:///{tmp_path / 'new.db'}", create=True) as database:
        for ask in (database.log.runs, lambda: database.log.run("x")):
            with pytest.raises(ActionLangError) as caught:
                ask()
            assert refused(caught.value) == ("E0812", "The database has no audit records: no verb ever ran on it.")
