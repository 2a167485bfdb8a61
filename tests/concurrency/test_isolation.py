"""What runs at the same time can not do to each other: as if one had come after the other, on every database."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from actionlang.runtime.database import Database
from actionlang.runtime.result import RunFailed
from actionlang.runtime.retry import Retry
from tests.concurrency.bank import verb
from tests.concurrency.steering import Call, Ended, meanwhile


def call(name: str, on: object = None, **given: object) -> Call:
    """A call of a verb of the bank's, step by step: a run that is one statement can not be held in the middle."""
    return lambda database: verb(name).run(database, on=on, engine="interpreter", arguments=given)


def balance(url: str, number: int) -> object:
    with Database.connect(url) as database:
        return verb("Look").run(database, on=number)["balance"]


def on_call(url: str) -> int:
    with Database.connect(url) as database, database.connection() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM doctor WHERE NOT NOT on_call").scalar_one())


def attempts(url: str, conflicts: int) -> int:
    """How often a transaction is begun: once where writers wait for each other, else once more for each conflict. A failure's record
    is one more."""
    return 1 if url.startswith("sqlite") else 1 + conflicts


def test_no_update_is_lost(url: str) -> None:
    first, second = meanwhile(
        url, call("Deposit", on=1, amount=10), 'UPDATE "account"', call("Deposit", on=1, amount=5)
    )
    assert (first.code, second.code) == (None, None)
    assert balance(url, 1) == Decimal(115)
    assert (first.begun, second.begun) == (attempts(url, 1), 1)


def test_nothing_is_read_that_is_undone_later(url: str) -> None:
    first, second = meanwhile(url, call("DepositAndFail", on=1, amount=10), "ROLLBACK", call("Look", on=1))
    assert first.code == "E0701"
    assert second.result is not None
    assert second.result["balance"] == Decimal(100)
    assert balance(url, 1) == Decimal(100)


def looked_twice(url: str, second: Call) -> Ended:
    first, other = meanwhile(url, call("LookTwice", on=1, touched=2), 'UPDATE "account"', second)
    assert (first.code, other.code, first.begun) == (None, None, 1)
    assert first.result is not None
    assert first.result["before"] == first.result["after"]
    assert first.result["many"] == first.result["more"]
    return first


def test_what_was_read_once_is_read_again(url: str) -> None:
    looked_twice(url, call("Deposit", on=1, amount=5))
    assert balance(url, 1) == Decimal(105)


def test_no_row_turns_up_between_two_looks(url: str) -> None:
    first = looked_twice(url, call("Open", number=99, balance=1))
    assert first.result is not None
    assert first.result["many"] == 4
    assert balance(url, 99) == Decimal(1)


def test_two_that_look_before_they_leave_do_not_both_leave(url: str) -> None:
    """Write skew: each reads what the other writes, and neither writes what the other writes."""
    first, second = meanwhile(url, call("LeaveCall", on="Ada"), 'UPDATE "doctor"', call("LeaveCall", on="Bo"))
    assert sorted([str(first.code), str(second.code)]) == ["E0701", "None"]
    assert on_call(url) == 1
    assert first.begun == attempts(url, 1) + (first.code is not None)


def test_without_attempts_left_a_conflict_is_told(postgres_url: str) -> None:
    first, second = meanwhile(
        postgres_url,
        call("Deposit", on=1, amount=10),
        'UPDATE "account"',
        call("Deposit", on=1, amount=5),
        retry=Retry(attempts=1),
    )
    assert (first.code, first.begun, second.code) == ("E0814", 2, None)
    assert balance(postgres_url, 1) == Decimal(105)
    with Database.connect(postgres_url) as database:
        assert sorted(str(run.error_code) for run in database.log.runs(verb="Deposit")) == ["E0814", "None"]


def test_no_attempt_begins_after_its_time(postgres_url: str) -> None:
    first, _ = meanwhile(
        postgres_url,
        call("Deposit", on=1, amount=10),
        'UPDATE "account"',
        call("Deposit", on=1, amount=5),
        retry=Retry(seconds=0.0),
    )
    assert (first.code, first.begun) == ("E0814", 2)


def test_who_comes_second_sees_the_row_that_is_in_its_way(url: str) -> None:
    """Not only that there is one: the run begins anew with a view of the rows in which it is."""
    first, second = meanwhile(
        url,
        call("OpenOrFind", number=7, balance=10),
        'INSERT INTO "account"',
        call("Open", number=7, balance=5),
    )
    assert sorted([str(first.code), str(second.code)]) == (
        ["E0711", "None"] if url.startswith("sqlite") else ["None"] * 2
    )
    assert first.result is not None
    assert first.result["balance"] == balance(url, 7)


def test_a_row_that_another_run_has_just_made_is_in_the_way_as_any_other(url: str) -> None:
    open_ = call("Open", number=7, balance=10)
    first, second = meanwhile(url, open_, 'INSERT INTO "account"', open_)
    assert sorted([str(first.code), str(second.code)]) == ["E0711", "None"]


def test_in_a_callers_transaction_a_conflict_is_the_callers(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url, isolation_level="SERIALIZABLE")
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            connection.execute(sa.text("SELECT balance FROM account WHERE number = 1"))
        verb("Deposit").run(one, on=1, amount=10)
        one.commit()
        with pytest.raises(RunFailed) as caught:
            verb("Deposit").run(other, on=1, amount=5)
        other.rollback()
    engine.dispose()
    assert caught.value.diagnostics[0].code.id == "E0814"
    assert balance(postgres_url, 1) == Decimal(110)


def test_a_callers_transaction_at_a_lower_level_has_its_anomalies(postgres_url: str) -> None:
    """What the guarantees say is not guaranteed there: at READ COMMITTED both leave. (One that begins with a run is serializable.)"""
    engine = sa.create_engine(postgres_url)
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            connection.execute(sa.text("SELECT 1"))
        verb("LeaveCall").run(one, on="Ada")
        verb("LeaveCall").run(other, on="Bo")
        one.commit()
        other.commit()
    engine.dispose()
    assert on_call(postgres_url) == 0
