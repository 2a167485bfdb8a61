"""The key of a run: what a repeated call gets, what is refused, and what the key table says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter
from actionlang.runtime.database import Database
from actionlang.runtime.idempotency import LIFETIME, LONGEST_KEY
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import Result, RunFailed
from actionlang.runtime.retry import Retry
from tests.concurrency.steering import Steered, in_threads, meanwhile, steered
from tests.plan.running import CASE, OTHER, TEAM, USER
from tests.plan.samples import MONEY, ON_CASE, PRIORITY, TEXT, THE_CASE, at, local, text, verb
from tests.runtime.desk import ESCALATE_PLAN, SCHEMA, ready, refused

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ASKED: dict[str, Any] = {"on": "CAS-1", "reason": "smoke"}


def stored(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with database.connection() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def tasks_made(database: Database) -> int:
    """Tasks beside the one that the samples have."""
    ((count,),) = stored(database, "SELECT count(*) FROM task")
    return int(count) - 1


def outcomes(database: Database) -> list[str]:
    return [run.outcome for run in database.log.runs()]


def test_a_repeated_call_gets_the_answer_of_the_first_and_does_nothing(database: Database) -> None:
    first = ESCALATE_PLAN.run(database, **ASKED, key="mail-17")
    again = ESCALATE_PLAN.run(database, **ASKED, key="mail-17")
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.run, again.outputs, again.changes) == (first.run, first.outputs, ())
    assert outcomes(database) == ["done"]
    assert tasks_made(database) == 1
    other = ESCALATE_PLAN.run(database, **ASKED, key="mail-18")
    assert (other.replayed, other.run != first.run) == (False, True)


def test_a_key_is_kept_with_the_run_and_its_outputs(database: Database) -> None:
    result = ESCALATE_PLAN.run(database, **ASKED, key="mail-17")
    ((key, name, run, outputs),) = stored(database, "SELECT key, verb, run, outputs FROM actionlang_key")
    assert (key, name, run) == ("mail-17", "helpdesk.Escalate", result.run)
    assert outputs == f'{{"ticket":"{result["ticket"].key}"}}'  # type: ignore[attr-defined]


def test_the_answer_is_there_after_the_row_is_gone(database: Database) -> None:
    drop = ready(verb("Drop", s.Delete(at(2), THE_CASE), binding=ON_CASE))
    first = drop.run(database, on="CAS-1", key="drop")
    assert drop.run(database, on="CAS-1", key="drop").run == first.run
    with pytest.raises(ActionLangError) as caught:
        drop.run(database, on="CAS-1")
    assert refused(caught.value)[0] == "E0907"


def test_a_failed_run_takes_no_key(database: Database) -> None:
    close = ready(verb("Close", s.Move(at(2), THE_CASE, "resolved"), binding=ON_CASE))
    reopen = ready(verb("Reopen", s.Move(at(2), THE_CASE, "open"), binding=ON_CASE))
    with pytest.raises(RunFailed):
        reopen.run(database, on="CAS-1", key="again")
    assert stored(database, "SELECT * FROM actionlang_key") == []
    close.run(database, on="CAS-1")
    assert not reopen.run(database, on="CAS-1", key="again").replayed


def test_a_wrong_argument_takes_no_key(database: Database) -> None:
    with pytest.raises(ActionLangError):
        ESCALATE_PLAN.run(database, on="CAS-1", key="mail-17")
    assert not ESCALATE_PLAN.run(database, **ASKED, key="mail-17").replayed


def test_a_dry_run_takes_no_key_and_is_told_of_one(database: Database) -> None:
    assert not ESCALATE_PLAN.run(database, **ASKED, key="mail-17", dry_run=True).replayed
    done = ESCALATE_PLAN.run(database, **ASKED, key="mail-17")
    assert not done.replayed
    tried = ESCALATE_PLAN.run(database, **ASKED, key="mail-17", dry_run=True)
    assert (tried.replayed, tried.dry_run, tried.outputs) == (True, True, done.outputs)


OTHERS: dict[str, dict[str, Any]] = {
    "another argument": {"on": "CAS-1", "reason": "fire"},
    "one argument more": {**ASKED, "level": 2},
    "another row": {"on": OTHER, "reason": "smoke"},
    "another caller": {**ASKED, "caller": USER},
    "a moment": {**ASKED, "at": NOW},
}


@pytest.mark.parametrize("asked", OTHERS.values(), ids=OTHERS)
def test_a_key_stands_for_one_call(database: Database, asked: dict[str, Any]) -> None:
    first = ESCALATE_PLAN.run(database, **ASKED, key="mail-17")
    with pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(database, **asked, key="mail-17")
    assert refused(caught.value) == (
        "E0813",
        "The key mail-17 was taken by a run of Escalate with another row, caller, moment or other arguments.",
    )
    assert caught.value.diagnostics[0].notes == (f"it was run {first.run}",)
    assert outcomes(database) == ["done"]


def test_a_key_stands_for_one_verb(database: Database) -> None:
    ESCALATE_PLAN.run(database, **ASKED, key="mail-17")
    with pytest.raises(ActionLangError) as caught:
        ready(verb("Stop", s.Stop(at(1)))).run(database, key="mail-17")
    assert refused(caught.value) == (
        "E0813",
        "The key mail-17 was taken by a run of helpdesk.Escalate, not of helpdesk.Stop.",
    )


def echo(*types: t.Type, name: str = "Echo", sensitive: bool = False, optional: bool = True) -> Plan:
    """A verb that returns what it is given."""
    parameters = tuple(Parameter(f"p{at}", type_, optional) for at, type_ in enumerate(types))
    returned = tuple((each.name, local(each.name, each.type, optional)) for each in parameters)
    outputs = tuple(Parameter(each.name, each.type, optional, sensitive=sensitive) for each in parameters)
    return ready(verb(name, s.Return(at(2), returned), inputs=parameters, outputs=outputs))


VALUES: tuple[tuple[t.Type, object], ...] = (
    (TEXT, 'a "straße" \\ \n'),
    (t.Integer(), 2**63 - 1),
    (t.Decimal(9, 2), Decimal("-12.34")),
    (MONEY, Decimal("922337203685477.5807")),
    (t.Float(), 0.1),
    (t.Boolean(), True),
    (t.Date(), date(2026, 2, 28)),
    (t.DateTime(), datetime(2026, 2, 28, 10, 0, 0, 1, tzinfo=UTC)),
    (t.Duration(), timedelta(days=-3, microseconds=7)),
    (t.Id(), CASE),
    (PRIORITY, "high"),
    (t.Choices("helpdesk.Tag"), ("billing", "hardware")),
    (t.Json(), '{"a":1.5,"b":[1,null,"x"]}'),
    (t.OWNER, RowRef("core.team", TEAM)),
    (t.ListOf(t.Row(("helpdesk.case",))), (RowRef("helpdesk.case", CASE), RowRef("helpdesk.case", OTHER))),
    (t.ListOf(MONEY), (Decimal("0.0001"), Decimal(3))),
    (TEXT, None),
)


def test_outputs_of_all_types_come_back_as_they_were(database: Database) -> None:
    plan = echo(*(type_ for type_, _ in VALUES))
    given: dict[str, Any] = {f"p{at}": value for at, (_, value) in enumerate(VALUES)}
    given["p12"] = {"b": [1, None, "x"], "a": Decimal("1.5")}
    first, again = (plan.run(database, key="all", arguments=given) for _ in range(2))
    assert (first.replayed, again.replayed) == (False, True)
    assert again.outputs == first.outputs == {f"p{at}": value for at, (_, value) in enumerate(VALUES)}


def test_the_same_value_in_another_form_is_the_same_call(database: Database) -> None:
    plan = echo(t.Id(), t.Integer(), MONEY, t.DateTime())
    moment = datetime(2026, 11, 24, 9, tzinfo=UTC)
    first = plan.run(database, key="k", p0=UUID(CASE), p1=7, p2=Decimal("1.50"), p3=moment)
    there = moment.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+09:00").tzinfo)
    again = plan.run(database, key="k", arguments={"p3": there, "p2": Decimal("1.5"), "p1": "7", "p0": CASE})
    assert (again.replayed, again.run) == (True, first.run)


def test_other_steps_answer_for_the_old_ones_as_long_as_the_outputs_are_the_same(database: Database) -> None:
    def tell(message: str, *names: str) -> Plan:
        values = tuple((name, text(message)) for name in names)
        return ready(verb("Tell", s.Return(at(2), values), outputs=tuple(Parameter(name, TEXT) for name in names)))

    tell("first", "told").run(database, key="k")
    assert tell("second", "told").run(database, key="k")["told"] == "first"
    with pytest.raises(ActionLangError) as caught:
        tell("third", "told", "too").run(database, key="k")
    assert refused(caught.value) == ("E0813", "The key k was taken by a run of Tell when it returned something else.")


@pytest.mark.parametrize("key", ["", "  ", "a\nb", "\x00", "x" * (LONGEST_KEY + 1), 17])
def test_a_key_is_a_short_text(database: Database, key: Any) -> None:
    with pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(database, **ASKED, key=key)
    assert refused(caught.value) == (
        "E0907",
        f"The key of a run is a text of 1 to {LONGEST_KEY} characters, all of them printable.",
    )


def test_what_is_sensitive_is_never_stored_for_a_repeated_call(database: Database) -> None:
    with pytest.raises(ActionLangError) as caught:
        echo(TEXT, sensitive=True).run(database, p0="secret", key="k")
    assert refused(caught.value)[0] == "E0907"
    assert "`p0`, which is sensitive" in refused(caught.value)[1]
    assert outcomes(database) == []


def test_a_sensitive_argument_counts_but_can_not_be_found_by_trying(database: Database) -> None:
    pin = Parameter("pin", TEXT, sensitive=True)
    plan = ready(verb("Unlock", s.Stop(at(2)), inputs=(pin,)))
    plan.run(database, pin="1234", key="k")
    assert plan.run(database, pin="1234", key="k").replayed
    with pytest.raises(ActionLangError) as caught:
        plan.run(database, pin="4321", key="k")
    assert refused(caught.value)[0] == "E0813"
    plan.run(database, pin="1234", key="other")
    digests = [row[0] for row in stored(database, "SELECT request FROM actionlang_key")]
    assert len(set(digests)) == 2
    assert all(digest.startswith("scrypt:") for digest in digests)


def test_a_database_of_an_earlier_version_is_told_what_it_lacks(database: Database, url: str) -> None:
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("DROP TABLE actionlang_key"))
    try:
        with Database.connect(url) as other:
            assert ESCALATE_PLAN.run(other, **ASKED).changes
            with pytest.raises(ActionLangError) as caught:
                ESCALATE_PLAN.run(other, **ASKED, key="k")
    finally:
        assert database.tables.create(SCHEMA) == ("actionlang_key",)
    assert refused(caught.value) == (
        "E0806",
        "The database has no table actionlang_key, which runs with a key need.",
    )
    assert caught.value.diagnostics[0].hint == "make it with actionlang registry init"


def test_a_database_of_an_earlier_version_is_told_of_a_column_that_it_lacks(database: Database, url: str) -> None:
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("ALTER TABLE actionlang_key DROP COLUMN expires"))
    try:
        with Database.connect(url) as other, pytest.raises(ActionLangError) as caught:
            ESCALATE_PLAN.run(other, **ASKED, key="k")
    finally:
        with database.connection() as connection, connection.begin():
            connection.execute(sa.text("ALTER TABLE actionlang_key ADD COLUMN expires TEXT"))
    assert refused(caught.value) == (
        "E0806",
        "The database has no column expires in the table actionlang_key, which runs with a key need.",
    )
    assert caught.value.diagnostics[0].hint == "make it with actionlang registry init"


def test_in_a_callers_transaction_the_key_lives_and_dies_with_it(database: Database) -> None:
    engine = database.engine
    with engine.connect() as connection:
        ESCALATE_PLAN.run(connection, **ASKED, key="k")
        assert ESCALATE_PLAN.run(connection, **ASKED, key="k").replayed
        connection.rollback()
    with engine.connect() as connection:
        assert not ESCALATE_PLAN.run(connection, **ASKED, key="k").replayed
        connection.commit()
    assert ESCALATE_PLAN.run(database, **ASKED, key="k").replayed
    assert tasks_made(database) == 1


@pytest.mark.parametrize("at", ["INSERT INTO", "UPDATE", "COMMIT"])
def test_of_two_runs_with_one_key_one_acts(database: Database, url: str, at: str) -> None:
    """Wherever the first is when the second begins."""

    def call(used: Database) -> Any:
        return ESCALATE_PLAN.run(used, **ASKED, key="both")

    first, second = meanwhile(url, call, at, call, until_waiting=True)
    assert first.result is not None
    assert second.result is not None
    assert sorted([first.result.replayed, second.result.replayed]) == [False, True]
    assert first.result.run == second.result.run
    assert outcomes(database) == ["done"]
    assert tasks_made(database) == 1


def test_of_many_runs_with_one_key_one_acts(database: Database) -> None:
    results: list[Result] = []
    in_threads([lambda: results.append(ESCALATE_PLAN.run(database, **ASKED, key="all"))] * 8)
    assert sorted(result.replayed for result in results) == [False] + [True] * 7
    assert len({result.run for result in results}) == 1
    assert outcomes(database) == ["done"]


def test_a_caller_who_is_unknown_by_now_gets_the_answer_all_the_same(database: Database) -> None:
    who = ready(verb("Who", s.Return(at(2), (("who", e.Caller(t.USER, False)),)), outputs=(Parameter("who", t.USER),)))
    user = "00000000-0000-7000-8000-0000000000aa"
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text(f"INSERT INTO \"user\" (id, name) VALUES ('{user}', 'Cy')"))
    first = who.run(database, caller=user, key="k")
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text(f"DELETE FROM \"user\" WHERE id = '{user}'"))
    assert who.run(database, caller=user, key="k").outputs == first.outputs == {"who": RowRef("core.user", user)}


# ------------------------------------------------------------------------------------------------------------- expiry

BRIEF = timedelta(microseconds=1)
"""A lifetime that is over by the next statement."""


def test_a_key_stands_for_a_time(database: Database) -> None:
    before = datetime.now(UTC)
    ESCALATE_PLAN.run(database, **ASKED, key="k")
    (key,) = database.keys.taken()
    assert (key.key, key.verb) == ("k", "helpdesk.Escalate")
    assert before <= key.taken <= datetime.now(UTC)
    assert key.expires == key.taken + LIFETIME


def test_an_expired_key_is_free_again_for_any_call(database: Database, url: str) -> None:
    with Database.connect(url, key_lifetime=BRIEF) as brief:
        first = ESCALATE_PLAN.run(brief, **ASKED, key="k")
    second = ESCALATE_PLAN.run(database, **ASKED | {"reason": "fire"}, key="k")
    assert not second.replayed
    assert ESCALATE_PLAN.run(database, **ASKED | {"reason": "fire"}, key="k").run == second.run != first.run
    with pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(database, **ASKED, key="k")
    assert refused(caught.value)[0] == "E0813"
    assert tasks_made(database) == 2


def test_a_failed_run_leaves_an_expired_key_to_the_next(database: Database, url: str) -> None:
    with Database.connect(url, key_lifetime=BRIEF) as brief:
        first = ESCALATE_PLAN.run(brief, **ASKED, key="k")
    fails = ready(verb("Escalate", s.Fail(at(2), text("No.")), binding=ON_CASE))
    with pytest.raises(RunFailed):
        fails.run(database, on="CAS-1", key="k")
    assert [key.run for key in database.keys.taken()] == [first.run]


def test_of_many_runs_that_find_an_expired_key_one_acts(database: Database, url: str) -> None:
    with Database.connect(url, key_lifetime=BRIEF) as brief:
        ESCALATE_PLAN.run(brief, **ASKED, key="k")
    results: list[Result] = []
    in_threads([lambda: results.append(ESCALATE_PLAN.run(database, **ASKED, key="k"))] * 8)
    assert sorted(result.replayed for result in results) == [False] + [True] * 7
    assert tasks_made(database) == 2


def test_keys_that_stand_for_ever(database: Database, url: str) -> None:
    with Database.connect(url, key_lifetime=None) as endless:
        ESCALATE_PLAN.run(endless, **ASKED, key="k")
    assert [key.expires for key in database.keys.taken()] == [None]
    assert database.keys.prune() == 0
    assert database.keys.prune(taken_before=datetime.now(UTC)) == 1
    assert database.keys.taken() == []


def test_expired_keys_are_pruned_and_no_others(database: Database, url: str) -> None:
    with Database.connect(url, key_lifetime=BRIEF) as brief:
        ESCALATE_PLAN.run(brief, **ASKED, key="old")
    ESCALATE_PLAN.run(database, **ASKED, key="new")
    assert database.keys.prune() == 1
    assert [key.key for key in database.keys.taken()] == ["new"]
    assert not ESCALATE_PLAN.run(database, **ASKED, key="old").replayed


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=-1), 5, "30 days"])
def test_a_lifetime_is_some_time(url: str, lifetime: Any) -> None:
    with pytest.raises(ActionLangError) as caught:
        Database.connect(url, key_lifetime=lifetime)
    assert refused(caught.value) == ("E0907", "Keys stand for some time.")


# ---------------------------------------------------------------------------------------------------------- under way


def test_a_call_waits_in_vain_for_a_run_that_is_under_way(database: Database, url: str) -> None:
    """The second call, from a connection of its own, comes to its end while the first is held at its commit."""
    told: list[tuple[str, str]] = []

    def call_again(statement: str) -> None:
        if statement == "COMMIT" and not told:
            with Database.connect(url, busy_timeout=0.2, retry=Retry(attempts=1)) as impatient:
                for asked in (ASKED, ASKED | {"reason": "fire"}):
                    with pytest.raises(ActionLangError) as caught:
                        ESCALATE_PLAN.run(impatient, **asked, key="k")
                    told.append(refused(caught.value))
                    assert "call again with the same key" in str(caught.value.diagnostics[0].hint)

    with steered(url, call_again) as held:
        first = ESCALATE_PLAN.run(held, **ASKED, key="k")
    is_sure = not url.startswith("sqlite")
    message = (
        "A run with the key k is still under way."
        if is_sure
        else "Somebody is writing to the database, perhaps a run with the key k that is still under way."
    )
    assert told == [("E0819", message)] * 2
    again = ESCALATE_PLAN.run(database, **ASKED, key="k")
    assert (again.replayed, again.run) == (True, first.run)
    assert tasks_made(database) == 1


def test_threads_of_one_program_are_told_the_same(database: Database, url: str) -> None:
    """On SQLite they take turns already before the database is asked."""
    told: list[tuple[str, str]] = []
    with Database.connect(url, busy_timeout=0.2, retry=Retry(attempts=1), connections=2) as used:

        def call_again(statement: str) -> None:
            if statement == "COMMIT" and not told:
                with pytest.raises(ActionLangError) as caught:
                    ESCALATE_PLAN.run(used, **ASKED, key="k")
                told.append(refused(caught.value))

        opened = used.take_turn()
        opened.session.cursor = Steered(opened.session.cursor, call_again)
        used.end_turn(opened.connection)
        first = ESCALATE_PLAN.run(used, **ASKED, key="k")
    assert [code for code, _ in told] == ["E0819"]
    assert ESCALATE_PLAN.run(database, **ASKED, key="k").run == first.run


def test_a_run_on_many_rows_is_waited_for_too(database: Database, url: str) -> None:
    touch = ready(verb("Touch", s.Update(at(2), THE_CASE, (("title", text("touched")),)), binding=ON_CASE))
    told: list[str] = []

    def call_again(statement: str) -> None:
        if statement == "COMMIT" and not told:
            with (
                Database.connect(url, busy_timeout=0.2, retry=Retry(attempts=1)) as impatient,
                pytest.raises(ActionLangError) as caught,
            ):
                touch.run_many(impatient, key="k")
            told.append(refused(caught.value)[0])

    with steered(url, call_again) as held:
        first = touch.run_many(held, key="k")
    assert told == ["E0819"]
    again = touch.run_many(database, key="k")
    assert (again.replayed, again.runs, again.rows) == (True, first.runs, first.rows)
