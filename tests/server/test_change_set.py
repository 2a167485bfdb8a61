"""Verbs called together: all is kept or nothing is, on both databases, whoever else is about."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
import sqlalchemy as sa

from actionlang.runtime.database import Database
from actionlang.runtime.time_limit import end_all, limited
from actionlang.server.change_set import TogetherService, call_together
from actionlang.server.refusal import Refusal
from actionlang.server.service import Answer, VerbCall
from tests.server.world import desk, service, somebody

ANN = somebody("ann")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database


def made(code: str, key: str | None = None, **arguments: object) -> VerbCall:
    return VerbCall("TakeSample", ANN, arguments={"code": code, **arguments}, key=key)


def count_up(code: str, step: int = 1, **options: object) -> VerbCall:
    return VerbCall("CountUp", ANN, code, {"step": step}, **options)


def counts(database: Database) -> dict[str, int]:
    with database.connection() as connection:
        return dict(connection.execute(sa.text("SELECT code, count FROM sample")).all())


def outcomes(database: Database) -> list[tuple[str, str]]:
    return [(run.verb.rpartition(".")[2], run.outcome) for run in database.log.runs()][::-1]


def all_of(database: Database, *calls: VerbCall) -> list[Answer]:
    return call_together(service(database), lambda verbs: [verbs.call(call) for call in calls])


def test_each_verb_sees_what_those_before_it_did(database: Database) -> None:
    answers = all_of(database, made("S-1"), count_up("S-1", 4), count_up("S-1"))
    assert [answer.result.outputs.get("count") for answer in answers] == [None, 5, 6]
    assert counts(database) == {"S-1": 6}
    assert outcomes(database) == [("TakeSample", "done"), ("CountUp", "done"), ("CountUp", "done")]


def test_nothing_is_kept_where_one_fails_and_its_record_alone_stays(database: Database) -> None:
    with pytest.raises(Refusal) as raised:
        all_of(database, made("S-1"), made("S-2"), count_up("S-1", 0), made("S-3"))
    assert (raised.value.status, raised.value.code, raised.value.message) == (422, "E0701", "Count by one at least.")
    assert counts(database) == {}
    assert outcomes(database) == [("CountUp", "failed")]
    assert raised.value.run == database.log.runs()[0].id


def test_nothing_is_kept_where_the_caller_gives_up(database: Database) -> None:
    def work(verbs: TogetherService) -> None:
        verbs.call(made("S-1"))
        raise Refusal(418, "E0000", "enough")

    with pytest.raises(Refusal, match="enough"):
        call_together(service(database), work)
    assert counts(database) == {}
    assert outcomes(database) == []


def test_a_failure_that_is_passed_over_ends_it_all_the_same(database: Database) -> None:
    def work(verbs: TogetherService) -> None:
        verbs.call(made("S-1"))
        with pytest.raises(Refusal):
            verbs.call(count_up("S-1", 0))
        with pytest.raises(Refusal, match="Count by one"):
            verbs.call(made("S-2"))

    with pytest.raises(Refusal, match="Count by one"):
        call_together(service(database), work)
    assert counts(database) == {}


def test_what_is_wrong_with_a_call_ends_it_too(database: Database) -> None:
    for wrong in (
        VerbCall("TakeSample", ANN),
        VerbCall("Nothing", ANN),
        count_up("S-9"),
        VerbCall("TakeSample", somebody("dan"), arguments={"code": "S-2"}),
        made("S-1"),
    ):
        with pytest.raises(Refusal):
            all_of(database, made("S-1"), wrong)
        assert counts(database) == {}


def test_keys_and_versions_hold_inside(database: Database) -> None:
    first = all_of(database, made("S-1", "k-1"), count_up("S-1", 4, key="k-2"))
    again = all_of(database, made("S-1", "k-1"), count_up("S-1", 4, key="k-2"), count_up("S-1"))
    assert [answer.result.replayed for answer in again] == [True, True, False]
    assert [answer.result.run for answer in again[:2]] == [answer.result.run for answer in first]
    assert again[1].result["count"] == 4 + 1
    assert counts(database) == {"S-1": 6}
    with pytest.raises(Refusal) as raised:
        all_of(database, made("S-2"), count_up("S-1", expected="0" * 16))
    assert (raised.value.status, raised.value.code) == (412, "E0725")
    assert counts(database) == {"S-1": 6}
    # A change set that failed took no key.
    with pytest.raises(Refusal):
        all_of(database, made("S-3", "k-3"), count_up("S-1", 0))
    assert not all_of(database, made("S-3", "k-3"))[0].result.replayed


def test_others_never_see_half_of_it(database: Database) -> None:
    all_of(database, made("S-1"), made("S-2"))
    done = Event()

    def watch() -> set[tuple[int, int]]:
        seen = set()
        with database.connection() as connection:
            while not done.is_set():
                with connection.begin():
                    found = dict(connection.execute(sa.text("SELECT code, count FROM sample")).all())
                seen.add((found["S-1"], found["S-2"]))
        return seen

    with ThreadPoolExecutor(2) as pool:
        watching = [pool.submit(watch) for _ in range(2)]
        try:
            for step in range(1, 16):
                all_of(database, count_up("S-1", step), count_up("S-2", step))
        finally:
            done.set()
        seen = set().union(*(each.result() for each in watching))
    assert len(seen) > 1
    assert all(first == second for first, second in seen)


def test_many_at_once_that_are_in_each_others_way(database: Database) -> None:
    all_of(database, made("S-1"), made("S-2"))
    verbs = service(database)
    together = Barrier(8)

    def work(number: int) -> None:
        order = ("S-1", "S-2") if number % 2 else ("S-2", "S-1")
        together.wait()
        for _ in range(4):
            call_together(verbs, lambda set_: [set_.call(count_up(code)) for code in order])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert counts(database) == {"S-1": 33, "S-2": 33}
    assert {outcome for _, outcome in outcomes(database)} == {"done"}


def test_of_many_with_the_same_keys_one_acts(database: Database) -> None:
    verbs = service(database)
    together = Barrier(8)

    def work(_: int) -> list[bool]:
        together.wait()
        answers = call_together(verbs, lambda set_: [set_.call(made("S-1", "k-1")), set_.call(made("S-2", "k-2"))])
        return [answer.result.replayed for answer in answers]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(8)))
    assert sorted(found) == [[False, False], *[[True, True]] * 7]
    assert counts(database) == {"S-1": 1, "S-2": 1}


def test_rights_that_were_taken_away_meanwhile(database: Database) -> None:
    """The plan is bound for the rights of the last time, and anew inside of the change set."""
    bob = somebody("bob")
    escalate = VerbCall("Escalate", bob, "CAS-1", {"reason": "x"})
    all_of(database, escalate)
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("DELETE FROM actionlang_role_member"))
    with pytest.raises(Refusal) as raised:
        all_of(database, escalate)
    assert raised.value.status == 403


def test_what_takes_too_long_is_not_kept(database: Database) -> None:
    def work(verbs: TogetherService) -> None:
        verbs.call(made("S-1"))
        end_all()
        verbs.call(made("S-2"))

    with limited(60.0), pytest.raises(Refusal) as raised:
        call_together(service(database), work)
    assert (raised.value.status, raised.value.code) == (504, "E1104")
    assert counts(database) == {}
    all_of(database, made("S-3"))
    assert counts(database) == {"S-3": 1}
