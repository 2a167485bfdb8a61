"""A run on a database of its own: kept as a whole or not at all, recorded either way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Default
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter
from actionlang.runtime.calling_user import shown
from actionlang.runtime.result import RunFailed
from tests.plan.running import ACCOUNT, CASE, CONTACT, OTHER, TEAM, USER
from tests.plan.samples import (
    DATE,
    DATETIME,
    INTEGER,
    MONEY,
    ON_CASE,
    PRIORITY,
    TEXT,
    THE_CASE,
    TODAY,
    at,
    compare,
    local,
    number,
    of,
    text,
    verb,
)
from tests.plan.samples import NOW as NOW_CALL
from tests.runtime.desk import ESCALATE_PLAN, NOW, Desk, dump, ready, refused

FIRE = verb("Fire", s.Update(at(2), THE_CASE, (("title", text("gone")),)), s.Fail(at(3), text("No.")), binding=ON_CASE)


def test_a_run_changes_rows_and_gives_typed_outputs(desk: Desk) -> None:
    result = ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="smoke", at=NOW, caller=USER)
    ticket = result["ticket"]
    assert isinstance(ticket, RowRef)
    assert ticket.table == "helpdesk.task"
    assert desk.query("SELECT * FROM task") == [
        (ticket.key, "Call back: Printer on fire", CASE, "2026-11-26", 90 * 60 * 1_000_000)
    ]
    assert desk.case("priority", "escalated_on", "escalation_reason", "owner_user", "owner_team") == (
        3,
        "2026-11-24T23:30:00.000000Z",
        "smoke",
        None,
        TEAM,
    )
    assert [(change.operation, change.row.key, change.columns) for change in result.changes] == [
        ("update", CASE, ("priority", "escalated_on", "escalation_reason")),
        ("assign", CASE, ("owner",)),
        ("create", ticket.key, ("id", "subject", "regarding", "due", "estimate")),
    ]
    assert not result.dry_run
    with pytest.raises(KeyError):
        result["nothing"]


def test_a_run_leaves_a_record_with_what_each_row_was_before_and_after(desk: Desk) -> None:
    result = ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="smoke", level="2", at=NOW, caller={"id": USER})
    assert result.run is not None
    record = desk.database.log.run(result.run)
    assert (record.verb, record.plan_hash, record.outcome) == ("helpdesk.Escalate", ESCALATE_PLAN.hash, "done")
    assert (record.table, record.key, record.caller) == ("helpdesk.case", CASE, USER)
    assert record.arguments == {"reason": "smoke", "level": 2}
    assert record.requires == ("support.escalate",)
    assert (record.clock, record.zone) == (NOW, "UTC")
    assert record.started <= record.finished
    assert (record.error_code, record.message, record.failed_verb, record.place) == (None, None, None, None)
    assert record.changes is not None
    raised, assigned, created = record.changes
    assert (raised.table, raised.key, raised.operation, raised.verb, raised.line, raised.stage) == (
        "helpdesk.case",
        CASE,
        "update",
        "helpdesk.Escalate",
        6,
        "Raise",
    )
    assert raised.before == {"priority": "low", "escalated_on": None, "escalation_reason": None}
    assert raised.after == {"priority": "high", "escalated_on": "2026-11-24T23:30:00Z", "escalation_reason": "smoke"}
    assert assigned.before == {"owner": {"table": "core.user", "key": USER}}
    assert assigned.after == {"owner": {"table": "core.team", "key": TEAM}}
    assert (created.before, created.stage, created.sequence) == (None, None, 3)


def test_a_failed_run_changes_nothing_and_its_record_survives(desk: Desk) -> None:
    plan = ready(FIRE)
    with pytest.raises(RunFailed) as caught:
        plan.run(desk.database, on="CAS-1")
    error = caught.value
    assert refused(error) == ("E0701", "No.")
    assert error.recorded
    assert error.failure is not None
    assert (error.failure.verb, error.failure.row) == ("helpdesk.Fire", RowRef("helpdesk.case", CASE))
    assert error.diagnostics[0].notes == ("in Fire, the step at helpdesk.act line 3", "row: case CAS-1")
    assert desk.case("title") == ("Printer on fire",)
    record = desk.database.log.run(error.run)
    assert (record.outcome, record.error_code, record.message) == ("failed", "E0701", "No.")
    assert (record.failed_verb, record.place) == ("helpdesk.Fire", "helpdesk.act:3:3")
    assert record.changes == ()


def test_a_run_sees_its_row_go_from_state_to_state_only_as_declared(desk: Desk) -> None:
    ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="smoke")
    close = ready(verb("Close", s.Move(at(2), THE_CASE, "resolved"), binding=ON_CASE))
    close.run(desk.database, on="CAS-1")
    before = desk.query('SELECT * FROM "dbo.Incident"'), desk.query("SELECT * FROM task")
    with pytest.raises(RunFailed) as caught:
        ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="again")
    assert refused(caught.value) == ("E0701", "Only an open case can be escalated.")
    with pytest.raises(RunFailed) as moved:
        close.run(desk.database, on="CAS-1")
    assert refused(moved.value) == ("E0714", "The case is resolved and can not move to resolved.")
    assert (desk.query('SELECT * FROM "dbo.Incident"'), desk.query("SELECT * FROM task")) == before


ON = [
    "CAS-1",
    "case CAS-1",
    "helpdesk.case CAS-1",
    CASE,
    f"case {CASE}",
    {"number": "CAS-1"},
    {"id": CASE},
    {"table": "case", "key": "CAS-1"},
    RowRef("helpdesk.case", CASE),
]


@pytest.mark.parametrize("on", ON, ids=str)
def test_the_row_may_be_named_in_many_ways(desk: Desk, on: object) -> None:
    assert ESCALATE_PLAN.run(desk.database, on=on, reason="x").changes[0].key == CASE


WRONG = {
    "no row": ({}, "Escalate is on a case."),
    "a row that is not there": ({"on": "CAS-9"}, 'Escalate is on an existing case, by its number, not "CAS-9".'),
    "another table's row": (
        {"on": RowRef("core.team", TEAM)},
        f"Escalate is on an existing case, by its number, not team {TEAM}.",
    ),
    "an argument missing": ({"on": "CAS-1"}, "Escalate needs `reason`."),
    "an unknown argument": ({"on": "CAS-1", "reason": "x", "why": 1}, "Escalate has no parameter `why`."),
    "an argument of another type": (
        {"on": "CAS-1", "reason": "x", "level": "two"},
        '`level` takes a whole number of 64 bits, such as 42, not "two".',
    ),
    "a caller who is not there": (
        {"on": "CAS-1", "reason": "x", "caller": "00000000-0000-7000-8000-0000000000ff"},
        "The caller is an existing user, by its id, not 00000000-0000-7000-8000-0000000000ff.",
    ),
    "a moment without a zone": (
        {"on": "CAS-1", "reason": "x", "at": datetime(2026, 11, 24)},
        "The moment of a run, 2026-11-24T00:00:00, has no time zone.",
    ),
    "a zone that is none": ({"on": "CAS-1", "reason": "x", "zone": "Moon/Base"}, "There is no time zone Moon/Base."),
    "a zone that is a path": ({"on": "CAS-1", "reason": "x", "zone": "../zone"}, "There is no time zone ../zone."),
}


@pytest.mark.parametrize("asked", WRONG.values(), ids=WRONG)
def test_what_does_not_fit_the_contract_is_refused_without_a_record(
    desk: Desk, asked: tuple[dict[str, object], str]
) -> None:
    given, message = asked
    before = dump(desk.path)
    with pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(desk.database, **given)  # type: ignore[arg-type]
    assert not isinstance(caught.value, RunFailed)
    assert refused(caught.value) == ("E0907", message)
    assert dump(desk.path) == before


def test_every_wrong_argument_is_told_at_once(desk: Desk) -> None:
    with pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(desk.database, on="CAS-1", arguments={"level": 2.5}, why=1)
    assert [each.message for each in caught.value.diagnostics] == [
        "`level` takes a whole number of 64 bits, such as 42, not 2.5.",
        "Escalate has no parameter `why`.",
        "Escalate needs `reason`.",
    ]


def test_a_verb_without_a_row_takes_none(desk: Desk) -> None:
    with pytest.raises(ActionLangError) as caught:
        ready(verb("Stop", s.Stop(at(1)))).run(desk.database, on="CAS-1")
    assert refused(caught.value) == ("E0907", "Stop is not on a row.")


ECHO_TYPES = {
    "text": (TEXT, "straße", "straße"),
    "number": (t.Decimal(9, 2), "12.345", Decimal("12.34")),
    "money": (MONEY, 3, Decimal(3)),
    "day": (DATE, "2026-02-28", date(2026, 2, 28)),
    "moment": (DATETIME, "2026-02-28T12:00:00+02:00", datetime(2026, 2, 28, 10, tzinfo=UTC)),
    "length": (t.Duration(), "90 minutes", timedelta(minutes=90)),
    "choice": (PRIORITY, "high", "high"),
    "tags": (t.Choices("helpdesk.Tag"), ["hardware", "billing"], ("billing", "hardware")),
    "flag": (t.Boolean(), "true", True),
    "row": (t.Row(("helpdesk.account", "helpdesk.contact")), f"contact {CONTACT}", RowRef("helpdesk.contact", CONTACT)),
    "account": (t.Row(("helpdesk.account",)), "ACME", RowRef("helpdesk.account", ACCOUNT)),
    "rows": (
        t.ListOf(t.Row(("helpdesk.case",))),
        ["CAS-1", OTHER],
        (RowRef("helpdesk.case", CASE), RowRef("helpdesk.case", OTHER)),
    ),
    "data": (t.Json(), {"b": [1, None], "a": Decimal("1.50")}, '{"a":1.5,"b":[1,null]}'),
    "empty": (INTEGER, None, None),
}


@pytest.mark.parametrize("case", ECHO_TYPES.values(), ids=ECHO_TYPES)
def test_arguments_and_outputs_are_values_of_their_types(desk: Desk, case: tuple[t.Type, object, object]) -> None:
    type_, given, expected = case
    echo = verb(
        "Echo",
        s.Return(at(2), (("given", local("given", type_, optional=True)),)),
        inputs=(Parameter("given", type_, optional=True),),
        outputs=(Parameter("given", type_, optional=True),),
    )
    assert ready(echo).run(desk.database, given=given)["given"] == expected


# ---------------------------------------------------------------------------------------------- clock, zone and caller


TELL_TIME = verb(
    "TellTime",
    s.Return(at(2), (("now", NOW_CALL), ("today", TODAY))),
    outputs=(Parameter("now", DATETIME), Parameter("today", DATE)),
)


@pytest.mark.parametrize(
    ("zone", "day"),
    [(None, 24), ("Europe/Berlin", 25), (timezone(timedelta(hours=-12)), 24), ("Pacific/Kiritimati", 25)],
    ids=str,
)
def test_today_is_the_day_in_the_zone_of_the_run(desk: Desk, zone: str | None, day: int) -> None:
    result = ready(TELL_TIME).run(desk.database, at=NOW, zone=zone)
    assert result.outputs == {"now": NOW, "today": date(2026, 11, day)}
    assert result.run is not None
    assert desk.database.log.run(result.run).zone == str(zone or "UTC")


def test_the_moment_may_be_given_in_any_zone(desk: Desk) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    assert ready(TELL_TIME).run(desk.database, at=there)["now"] == NOW


def test_without_a_moment_now_is_when_the_run_began(desk: Desk) -> None:
    before = datetime.now(UTC)
    result = ready(TELL_TIME).run(desk.database)
    assert before <= result["now"] <= datetime.now(UTC)  # type: ignore[operator]
    assert result.run is not None
    assert desk.database.log.run(result.run).clock == result["now"]


WHO = verb("Who", s.Return(at(2), (("who", e.Caller(t.USER, False)),)), outputs=(Parameter("who", t.USER),))


def test_the_caller_is_who_was_named(desk: Desk) -> None:
    plan = ready(WHO)
    assert plan.run(desk.database, caller=USER)["who"] == RowRef("core.user", USER)
    with pytest.raises(RunFailed) as caught:
        plan.run(desk.database)
    assert refused(caught.value) == ("E0716", "The verb asks who calls it, and this run has no caller.")


def test_a_plan_that_knows_no_users_believes_who_calls(desk: Desk) -> None:
    plan = ready(verb("Stop", s.Stop(at(1))))
    for caller in (USER, UUID(USER), RowRef("core.user", USER), {"id": USER}):
        run = plan.run(desk.database, caller=caller).run
        assert run is not None
        assert desk.database.log.run(run).caller == USER
    for caller in ({"email": "ann@example.com"}, {"id": USER, "email": "x"}, RowRef("core.team", USER)):
        with pytest.raises(ActionLangError) as caught:
            plan.run(desk.database, caller=caller)
        assert refused(caught.value) == ("E0907", f"The caller is a user, by id, not {shown(caller)}.")


def test_defaults_stand_in_for_arguments_left_out(desk: Desk) -> None:
    plan = ready(
        verb(
            "Default",
            s.Return(at(2), (("day", local("day", DATE)),)),
            inputs=(Parameter("day", DATE, default=Default(function="today")),),
            outputs=(Parameter("day", DATE),),
        )
    )
    assert plan.run(desk.database, at=NOW)["day"] == NOW.date()
    assert plan.run(desk.database, day="2020-02-29")["day"] == date(2020, 2, 29)


def test_what_this_host_does_not_have_is_said_and_undone(desk: Desk) -> None:
    later = verb(
        "Later",
        s.Update(at(1), THE_CASE, (("title", text("x")),)),
        s.Unavailable(at(2), "file", "case.scan"),
        binding=ON_CASE,
    )
    with pytest.raises(RunFailed) as caught:
        ready(later).run(desk.database, on="CAS-1")
    assert refused(caught.value) == ("E0951", "This host does not have files yet (case.scan).")
    assert desk.case("title") == ("Printer on fire",)


# ------------------------------------------------------------------------------------------------------------ dry runs


def test_a_dry_run_shows_the_very_changes_and_keeps_nothing(desk: Desk) -> None:
    before = dump(desk.path)
    tried = ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x", at=NOW, dry_run=True)
    assert dump(desk.path) == before
    assert (tried.run, tried.dry_run) == (None, True)
    done = ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x", at=NOW)
    assert tried.changes[:2] == done.changes[:2]
    assert [change.columns for change in tried.changes] == [change.columns for change in done.changes]


def test_a_dry_run_that_fails_leaves_no_record(desk: Desk) -> None:
    before = dump(desk.path)
    with pytest.raises(RunFailed) as caught:
        ready(FIRE).run(desk.database, on="CAS-1", dry_run=True)
    assert not caught.value.recorded
    assert caught.value.diagnostics[0].notes == ("in Fire, the step at helpdesk.act line 3", "row: case CAS-1")
    assert dump(desk.path) == before


def test_a_dry_run_says_no_where_the_end_of_a_run_would(desk: Desk) -> None:
    desk.execute("CREATE TABLE deferred (account TEXT REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED)")
    desk.execute("CREATE TRIGGER leave AFTER INSERT ON task BEGIN INSERT INTO deferred VALUES ('nowhere'); END")
    for dry_run in (True, False):
        with pytest.raises(RunFailed) as caught:
            ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x", dry_run=dry_run)
        assert refused(caught.value)[0] == "E0712"
        assert caught.value.recorded is not dry_run
    assert desk.query("SELECT * FROM task UNION ALL SELECT *, 1, 1, 1, 1 FROM deferred") == []


def test_a_dry_run_does_not_blame_the_run_for_what_dangled_before(desk: Desk) -> None:
    desk.execute("CREATE TABLE deferred (account TEXT REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED)")
    desk.execute("INSERT INTO deferred VALUES ('nowhere')")
    assert ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x", dry_run=True).dry_run


def test_a_dry_run_says_no_where_the_record_could_not_be_written(desk: Desk) -> None:
    plan = ESCALATE_PLAN
    plan.run(desk.database, on="CAS-1", reason="x")
    desk.execute("CREATE TRIGGER never BEFORE INSERT ON actionlang_change BEGIN SELECT RAISE(ABORT, 'not today'); END")
    for dry_run in (True, False):
        with pytest.raises(RunFailed) as caught:
            plan.run(desk.database, on="CAS-1", reason="y", level=2, dry_run=dry_run)
        assert refused(caught.value) == ("E0808", "The database failed: not today.")


# ------------------------------------------------------------------------------------------------------------- details


def test_a_run_does_not_trip_over_a_savepoint_that_a_failed_one_left(desk: Desk) -> None:
    body = (s.Update(at(3), THE_CASE, (("title", text("tried")),)), s.Fail(at(4), text("No.")))
    plan = ready(
        verb(
            "Try",
            s.Attempt(at(2), (s.Attempt(at(2), body, (s.Fail(at(5), text("Nor so.")),)),), (s.Stop(at(6)),)),
            binding=ON_CASE,
        )
    )
    for _ in range(2):
        assert plan.run(desk.database, on="CAS-1").changes == ()


def test_amounts_are_stored_exactly(desk: Desk) -> None:
    pay = verb("Pay", s.Update(at(2), THE_CASE, (("amount", number("922337203685477.5807")),)), binding=ON_CASE)
    ready(pay).run(desk.database, on="CAS-1")
    assert desk.case("amount") == (2**63 - 1,)
    guard = s.Require(
        at(2),
        compare(
            e.Otherwise(t.Decimal(), False, e.Convert(t.Decimal(), True, of(THE_CASE, "amount")), number("0")),
            "=",
            number("922337203685477.5807"),
        ),
        None,
        "as written",
    )
    ready(verb("Look", guard, binding=ON_CASE)).run(desk.database, on="CAS-1")


def test_a_row_deleted_by_the_run_is_gone(desk: Desk) -> None:
    plan = ready(verb("Drop", s.Delete(at(2), THE_CASE), binding=ON_CASE))
    result = plan.run(desk.database, on="CAS-1")
    assert desk.query('SELECT number FROM "dbo.Incident"') == [(None,)]
    assert result.changes[0].after is None
