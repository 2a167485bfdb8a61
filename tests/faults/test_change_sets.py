"""A connection that is lost in the midst of a change set: nothing of it is kept, or all, and whoever asked is told which."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.runtime.change_set import ChangeSet, run_together
from actionlang.runtime.database import Database
from actionlang.runtime.result import OutcomeUnknown, Result, RunFailed
from tests.concurrency.bank import filled
from tests.faults.test_lost_connections import Ending, allow, balance, deposit, log
from tests.postgres import connect, fresh_database


@pytest.fixture
def url() -> Iterator[str]:
    with fresh_database() as url:
        with filled(url):
            pass
        yield url


def twice(changes: ChangeSet) -> list[Result]:
    return [changes.perform(deposit(), on=1, arguments={"amount": amount}) for amount in (10, 20)]


@pytest.mark.parametrize(
    "statement", ["SAVEPOINT", 'UPDATE "account"', 'INSERT INTO "actionlang_run"', "RELEASE", "COMMIT"]
)
def test_nothing_is_kept_and_the_run_that_failed_has_a_record(url: str, statement: str) -> None:
    with Ending(url) as ending:
        ending.at(statement)
        with pytest.raises(RunFailed) as caught:
            run_together(ending.database, twice)
        assert caught.value.diagnostics[0].code.id == "E0815"
        assert balance(url) == 100
        # One that ended before it was known what was asked for has no record.
        known = statement != "SAVEPOINT"
        assert caught.value.recorded is known
        assert log(url) == [(caught.value.run, "failed", "E0815")] * known
        run_together(ending.database, twice)
        assert balance(url) == 130


def test_what_the_first_did_goes_with_the_second(url: str) -> None:
    def work(changes: ChangeSet) -> None:
        changes.perform(deposit(), on=1, arguments={"amount": 10})
        with connect(url) as driver:
            driver.execute(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND state = 'idle in transaction'"
            )
        changes.perform(deposit(), on=1, arguments={"amount": 20})

    with Database.connect(url) as database:
        with pytest.raises(RunFailed):
            run_together(database, work)
        assert balance(url) == 100
        run_together(database, twice)
        assert balance(url) == 130


def test_all_is_kept_where_only_the_answer_to_the_end_was_lost(url: str) -> None:
    with Ending(url) as ending:
        ending.at("COMMIT", done_first=True)
        results = run_together(ending.database, twice)
        assert balance(url) == 130
        assert log(url) == [(result.run, "done", None) for result in results]


@pytest.mark.parametrize("kept", [True, False])
def test_where_it_can_not_be_found_out_that_is_said(url: str, kept: bool) -> None:
    with Ending(url) as ending:
        ending.at("COMMIT", done_first=kept, then=lambda: allow(url, False))
        with pytest.raises(OutcomeUnknown):
            run_together(ending.database, twice)
        allow(url, True)
        assert len(log(url)) == (2 if kept else 0)
        assert balance(url) == (130 if kept else 100)


@pytest.mark.parametrize("swallows", [False, True])
def test_a_conflict_has_all_done_again_whatever_was_made_of_it(url: str, swallows: bool) -> None:
    attempts = []

    def work(changes: ChangeSet) -> str:
        attempts.append(changes)
        changes.perform(deposit(), on=1, arguments={"amount": 10})
        if len(attempts) == 1:
            with connect(url) as driver:
                driver.execute("UPDATE account SET balance = balance + 1 WHERE number = 2")
        try:
            changes.perform(deposit(), on=2, arguments={"amount": 10})
        except Exception as error:
            if swallows:
                return "nothing happened"
            raise ValueError("something else") from error
        return "done"

    with Database.connect(url) as database:
        assert run_together(database, work) == "done"
    assert len(attempts) == 2
    assert balance(url) == 110
    with connect(url) as driver:
        assert driver.execute("SELECT balance FROM account WHERE number = 2").fetchone() == (111,)
    assert len(log(url)) == 2
