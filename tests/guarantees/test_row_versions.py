"""The version of a row: another one after any change, and a run that expects one is not done on a row that was changed since."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import psycopg
import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.metadata.tables import Table
from actionlang.plan import steps as s
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import Result, RunFailed
from tests.concurrency.steering import Ended, in_threads, meanwhile
from tests.guarantees.homes import OnDatabase
from tests.plan.running import CASE, OTHER
from tests.plan.samples import (
    DATE,
    MONEY,
    ON_CASE,
    PRIORITY,
    TEXT,
    THE_CASE,
    at,
    compare,
    empty,
    literal,
    of,
    text,
    verb,
)
from tests.runtime.desk import ESCALATE_PLAN, ready, refused

ASKED: dict[str, Any] = {"on": "CAS-1", "reason": "smoke"}
WRONG = "0123456789abcdef"
LOOK = ready(
    verb(
        "Look", s.Require(at(2), compare(of(THE_CASE, "title"), "=", of(THE_CASE, "title")), None, "x"), binding=ON_CASE
    )
)
GO = ready(verb("Go", s.Delete(at(2), THE_CASE), binding=ON_CASE))
CHANGES = {
    "title": text("Printer on ice"),
    "priority": literal(PRIORITY, "high"),
    "amount": literal(MONEY, Decimal(13)),
    "due": literal(DATE, date(2026, 11, 26)),
    "escalation_reason": text(""),
    "number": empty(TEXT),
}
"""Another value for columns."""


def title(word: str) -> Plan:
    """A verb that changes the title."""
    return ready(verb("Retitle", s.Update(at(2), THE_CASE, (("title", text(word)),)), binding=ON_CASE))


def without_secrets(table: Table) -> Table:
    """The same, with nothing that must never be logged."""
    return attrs.evolve(table, columns=tuple(attrs.evolve(each, sensitive=False) for each in table.columns))


def version(database: Database) -> str:
    return LOOK.version_of(database, on="CAS-1")


def outcomes(database: Database) -> list[tuple[str, str | None, object]]:
    return [(run.outcome, run.error_code, run.key) for run in database.log.runs()]


# ------------------------------------------------------------------------------------------------- what a version is


def test_a_version_stays_until_the_row_changes(database: Database) -> None:
    first = version(database)
    assert first == version(database) == ESCALATE_PLAN.version_of(database, on=CASE)
    assert LOOK.version_of(database, on=OTHER) != first
    LOOK.run(database, on="CAS-1")
    title("Mouse").run(database, on=OTHER)
    assert version(database) == first


@pytest.mark.parametrize("column", CHANGES)
def test_any_change_makes_another_version(database: Database, column: str) -> None:
    first = version(database)
    change = ready(verb("Change", s.Update(at(2), THE_CASE, ((column, CHANGES[column]),)), binding=ON_CASE))
    change.run(database, on=CASE)
    assert LOOK.version_of(database, on=CASE) != first


def test_whoever_writes_makes_another_version(database: Database, home: OnDatabase) -> None:
    first = version(database)
    table = database.dialect.quoted_table("dbo.Incident")
    for word in ("other", "Printer on fire"):
        with database.connection() as connection, connection.begin():
            connection.exec_driver_sql(f"UPDATE {table} SET title = '{word}' WHERE number = 'CAS-1'")
        assert (version(database) == first) == (word == "Printer on fire")


def test_sensitive_columns_count_and_can_not_be_found_by_trying(database: Database) -> None:
    """The digest of a row with such columns is a slow one."""
    assert any(column.sensitive for table in LOOK.steps.tables for column in table.columns)
    plain = Plan.of(attrs.evolve(LOOK.steps, tables=tuple(map(without_secrets, LOOK.steps.tables))))
    first = version(database)
    assert plain.version_of(database, on="CAS-1") != first
    ready(verb("Pay", s.Update(at(2), THE_CASE, (("amount", literal(MONEY, Decimal(99))),)), binding=ON_CASE)).run(
        database, on="CAS-1"
    )
    assert version(database) != first


def test_what_has_no_version(database: Database) -> None:
    stop = ready(verb("Nothing", s.Stop(at(2))))
    for plan, on in ((stop, None), (LOOK, "CAS-9"), (LOOK, None)):
        with pytest.raises(ActionLangError) as caught:
            plan.version_of(database, on=on)
        assert refused(caught.value)[0] == "E0907"


# ------------------------------------------------------------------------------------------------- a run that expects one


def test_a_run_on_the_version_that_it_expects_gives_the_next(database: Database) -> None:
    first = version(database)
    result = ESCALATE_PLAN.run(database, **ASKED, expected=first)
    assert result.changes
    assert result.version == version(database) != first
    assert ESCALATE_PLAN.run(database, **ASKED).version is None
    assert LOOK.run(database, on="CAS-1", expected=version(database)).version == version(database)


@pytest.mark.parametrize("engine", ["auto", "interpreter", "relational", "server"])
def test_a_row_that_was_changed_since_is_left_alone(database: Database, engine: str) -> None:
    first = version(database)
    title("other").run(database, on="CAS-1")
    with pytest.raises(RunFailed) as caught:
        ESCALATE_PLAN.run(database, **ASKED, expected=first, engine=engine)
    failed = caught.value
    assert refused(failed) == ("E0725", f"The case CAS-1 was changed since its version was {first}.")
    assert version(database) in str(failed.diagnostics[0].hint)
    assert failed.failure is not None
    assert (failed.failure.row and failed.failure.row.key, failed.recorded) == (CASE, True)
    assert outcomes(database)[0] == ("failed", "E0725", CASE)
    assert ESCALATE_PLAN.run(database, **ASKED, expected=version(database), engine=engine).changes


def test_a_dry_run_expects_too(database: Database) -> None:
    first = version(database)
    tried = ESCALATE_PLAN.run(database, **ASKED, expected=first, dry_run=True)
    assert tried.version not in (first, None)
    assert version(database) == first
    with pytest.raises(RunFailed) as caught:
        ESCALATE_PLAN.run(database, **ASKED, expected=WRONG, dry_run=True)
    assert refused(caught.value)[0] == "E0725"
    assert outcomes(database) == []


def test_a_repeated_call_gets_its_answer_though_the_row_has_another_version_by_now(database: Database) -> None:
    first = version(database)
    made = ESCALATE_PLAN.run(database, **ASKED, expected=first, key="k")
    again = ESCALATE_PLAN.run(database, **ASKED, expected=first, key="k")
    assert (again.replayed, again.run) == (True, made.run)
    with pytest.raises(RunFailed):
        ESCALATE_PLAN.run(database, **ASKED, expected=first, key="other")
    assert [key.key for key in database.keys.taken()] == ["k"]


def test_a_row_that_the_run_deletes_has_no_version_then(database: Database) -> None:
    assert GO.run(database, on="CAS-1", expected=version(database)).version is None


@pytest.mark.parametrize("expected", ["", 17, b"x", "--json", "0123456789ABCDEF"])
def test_what_is_no_version(database: Database, expected: Any) -> None:
    with pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(database, **ASKED, expected=expected)
    assert refused(caught.value) == ("E0907", f"{expected!r} is no version of a row.")


def test_a_verb_on_no_row_expects_nothing(database: Database) -> None:
    with pytest.raises(ActionLangError) as caught:
        ready(verb("Nothing", s.Stop(at(2)))).run(database, expected=WRONG)
    assert refused(caught.value) == ("E0907", "Nothing is on no row, so there is no version to expect.")


# ---------------------------------------------------------------------------------------------------- with others at work


@pytest.mark.parametrize("at_", ["UPDATE", "INSERT INTO", "COMMIT"])
def test_nobody_writes_between_the_look_and_the_end(database: Database, url: str, at_: str) -> None:
    """Wherever the first run is when the other begins, either the other comes behind it, or it finds the other's version."""
    first = version(database)

    def expecting(used: Database) -> Result:
        return ESCALATE_PLAN.run(used, **ASKED, expected=first)

    one, other = meanwhile(url, expecting, at_, lambda used: title("other").run(used, on="CAS-1"), until_waiting=True)
    assert other.result is not None
    if one.result is not None:
        assert one.result.version != first
    else:
        assert one.code == "E0725"
    last = next(run.verb for run in database.log.runs())
    assert last == ("helpdesk.Retitle" if one.result else "helpdesk.Escalate")


def test_of_many_runs_that_expect_one_version_one_is_done(database: Database) -> None:
    first, ended = version(database), [Ended() for _ in range(6)]
    calls = [
        (
            lambda each=each, word=word: each.end(
                lambda used: title(word).run(used, on="CAS-1", expected=first), database
            )
        )
        for each, word in zip(ended, "abcdef", strict=True)
    ]
    in_threads(calls)
    assert sorted(each.code or "done" for each in ended) == ["E0725"] * 5 + ["done"]


def test_in_a_callers_transaction_the_row_is_locked(database: Database) -> None:
    """Also where that transaction would let others change what it has read."""
    first = version(database)
    if database.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            assert LOOK.run(connection, on="CAS-1", expected=first).version == LOOK.version_of(connection, on="CAS-1")
        return
    table = database.dialect.quoted_table("dbo.Incident")
    engine = database.engine.execution_options(isolation_level="READ COMMITTED")
    with engine.connect() as connection, database.engine.connect() as other:
        connection.begin()
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        assert LOOK.run(connection, on="CAS-1", expected=first).version == first
        with pytest.raises(sa.exc.OperationalError) as caught:
            other.exec_driver_sql(f"SELECT 1 FROM {table} WHERE id = '{CASE}' FOR UPDATE NOWAIT")
        assert isinstance(caught.value.orig, psycopg.errors.LockNotAvailable)
