"""Expressions: arithmetic, conditions, texts, keys, columns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.failure import Failure
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from tests.engine.building import (
    ACCOUNT,
    BOOLEAN,
    CASE,
    DATE,
    DATETIME,
    DECIMAL,
    DURATION,
    FLOAT,
    INTEGER,
    LINE,
    NOW,
    PARTY,
    PRIORITY,
    TEAM,
    TEXT,
    USER,
    Desk,
    arithmetic,
    both,
    by_key,
    call,
    col,
    compare,
    either,
    evaluate,
    give,
    known,
    lit,
    local,
    number,
    text,
    unit,
    verb,
)

D = Decimal
DAY = timedelta(days=1)
YES, NO = lit(True), lit(False)
THIS = local("this", CASE)


def raises(code: Code, node: e.Expression) -> Failure:
    with pytest.raises(Failure) as caught:
        evaluate(node)
    assert caught.value.code is code
    return caught.value


def boom() -> e.Expression:
    """A condition that fails when it is asked."""
    return compare(arithmetic(lit(1), "/", lit(0), DECIMAL), "=", lit(D(1)))


@pytest.mark.parametrize(
    ("left", "operator", "right", "type_", "result"),
    [
        (lit(2), "+", lit(3), INTEGER, 5),
        (lit(2), "-", lit(3), INTEGER, -1),
        (lit(2), "*", lit(3), INTEGER, 6),
        (lit(1), "/", lit(3), DECIMAL, D("0.333333333333")),
        (lit(D("0.1")), "+", lit(D("0.2")), DECIMAL, D("0.3")),
        (lit(D("0.1")), "-", lit(D("0.2")), DECIMAL, D("-0.1")),
        (lit(D("0.1")), "*", lit(D("0.2")), DECIMAL, D("0.02")),
        (lit(D(2)), "/", lit(D(8)), DECIMAL, D("0.25")),
        (lit(DAY, DURATION), "+", lit(DAY, DURATION), DURATION, 2 * DAY),
        (lit(DAY, DURATION), "-", lit(DAY, DURATION), DURATION, timedelta(0)),
        (lit(DAY, DURATION), "/", lit(DAY, DURATION), DECIMAL, D(1)),
        (lit(DAY, DURATION), "*", lit(3), DURATION, 3 * DAY),
        (lit(DAY, DURATION), "*", lit(D("0.5")), DURATION, DAY / 2),
        (lit(DAY, DURATION), "/", lit(D(2)), DURATION, DAY / 2),
        (lit(date(2026, 1, 31), DATE), "+", lit(DAY, DURATION), DATE, date(2026, 2, 1)),
        (lit(date(2026, 1, 31), DATE), "-", lit(DAY, DURATION), DATE, date(2026, 1, 30)),
        (lit(NOW, DATETIME), "+", lit(DAY, DURATION), DATETIME, NOW + DAY),
        (lit(NOW, DATETIME), "-", lit(DAY, DURATION), DATETIME, NOW - DAY),
        (lit(NOW, DATETIME), "-", lit(NOW, DATETIME), DURATION, timedelta(0)),
        (lit(date(2026, 1, 31), DATE), "-", lit(date(2026, 1, 1), DATE), DURATION, 30 * DAY),
        (lit(0.5), "+", lit(0.25), FLOAT, 0.75),
        (lit(0.5), "-", lit(0.25), FLOAT, 0.25),
        (lit(0.5), "*", lit(0.5), FLOAT, 0.25),
        (lit(0.5), "/", lit(0.25), FLOAT, 2.0),
    ],
)
def test_arithmetic(left: e.Expression, operator: str, right: e.Expression, type_: t.Type, result: object) -> None:
    found = evaluate(arithmetic(left, operator, right, type_))
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("code", "node"),
    [
        (codes.INTEGER_OVERFLOW, arithmetic(lit(2**63 - 1), "+", lit(1))),
        (codes.TOO_MANY_DIGITS, arithmetic(lit(D(10) ** 37), "*", lit(D(10)))),
        (codes.DIVISION_BY_ZERO, arithmetic(lit(1), "/", lit(0), DECIMAL)),
        (codes.DIVISION_BY_ZERO, arithmetic(lit(1.0), "/", lit(0.0))),
        (codes.NOT_A_NUMBER, arithmetic(lit(1e308), "*", lit(10.0))),
        (codes.PART_OF_A_DAY, arithmetic(lit(date(2026, 1, 1), DATE), "+", lit(timedelta(1, 1), DURATION))),
        (codes.INTEGER_OVERFLOW, e.Negate(INTEGER, False, lit(-(2**63)))),
        (codes.NO_CALLER, e.Caller(USER, False)),
    ],
)
def test_what_has_no_result_fails_and_says_where(code: Code, node: e.Expression) -> None:
    failure = raises(code, node)
    assert failure.verb == "desk.Do"
    assert failure.place is not None
    assert failure.place.line == 1


@pytest.mark.parametrize(
    ("operand", "result"),
    [(lit(5), -5), (lit(D("0.5")), D("-0.5")), (lit(DAY, DURATION), -DAY), (lit(0.5), -0.5)],
)
def test_negation(operand: e.Expression, result: object) -> None:
    assert evaluate(e.Negate(operand.type, False, operand)) == result


@pytest.mark.parametrize(
    ("operator", "truths"),
    [
        ("=", (False, True, False)),
        ("!=", (True, False, True)),
        ("<", (True, False, False)),
        ("<=", (True, True, False)),
        (">", (False, False, True)),
        (">=", (False, True, True)),
    ],
)
def test_comparing(operator: str, truths: tuple[bool, ...]) -> None:
    for left, truth in zip((1, 2, 3), truths, strict=True):
        assert evaluate(compare(lit(left), operator, lit(2))) is truth
        assert evaluate(compare(lit(left), operator, arithmetic(lit(1), "+", lit(1)))) is truth


def test_choices_compare_by_number_and_text_by_code_point() -> None:
    assert evaluate(compare(lit("high", PRIORITY), ">", lit("normal", PRIORITY))) is True
    assert evaluate(compare(lit("low", PRIORITY), "<", lit("high", PRIORITY))) is True
    assert evaluate(compare(lit("Z"), "<", lit("a"))) is True
    assert evaluate(compare(lit("\uffff"), "<", lit("\U00010000"))) is True


def test_empty_equals_empty_and_nothing_else() -> None:
    empty = e.Convert(INTEGER, True, lit(None, t.Empty()))
    assert evaluate(compare(empty, "=", empty)) is True
    assert evaluate(compare(lit(0), "=", empty)) is False
    assert evaluate(compare(lit(0), "!=", empty)) is True
    assert evaluate(e.IsEmpty(BOOLEAN, False, empty)) is True
    assert evaluate(e.IsEmpty(BOOLEAN, False, lit(0))) is False


def test_conditions_are_asked_from_left_to_right_and_only_as_far_as_needed() -> None:
    assert evaluate(both(NO, boom())) is False
    assert evaluate(both(YES, NO, boom())) is False
    assert evaluate(either(YES, boom())) is True
    assert evaluate(either(NO, YES, boom())) is True
    assert evaluate(both(YES, YES, YES)) is True
    assert evaluate(either(NO, NO, NO)) is False
    assert evaluate(e.Not(BOOLEAN, False, NO)) is True
    raises(codes.DIVISION_BY_ZERO, both(YES, boom()))
    raises(codes.DIVISION_BY_ZERO, either(NO, boom()))


def test_otherwise_stands_in_for_empty_only_and_is_not_asked_before() -> None:
    fallback = arithmetic(lit(1), "/", lit(0), DECIMAL)
    assert evaluate(e.Otherwise(DECIMAL, False, lit(D(0)), fallback)) == 0
    assert evaluate(e.Otherwise(INTEGER, False, e.Convert(INTEGER, True, lit(None, t.Empty())), lit(7))) == 7


def test_in() -> None:
    items = e.ListLiteral(t.ListOf(INTEGER), False, (lit(1), lit(2)))
    counted = e.ListLiteral(t.ListOf(INTEGER), False, (lit(1), arithmetic(lit(1), "+", lit(2))))
    nothing = e.Convert(INTEGER, True, lit(None, t.Empty()))
    tags = lit(("low", "high"), t.Choices("desk.Priority"))

    def contained(item: e.Expression, collection: e.Expression) -> Any:
        return evaluate(e.In(BOOLEAN, False, item, collection))

    assert contained(lit(2), items) is True
    assert contained(lit(3), items) is False
    assert contained(lit(3), counted) is True
    assert contained(nothing, items) is False
    assert contained(lit("high", PRIORITY), tags) is True
    assert contained(lit(3), lit(None, t.ListOf(INTEGER))) is False


def test_conversions_keep_empty_empty() -> None:
    def converted(value: Any, source: t.Type, target: t.Type, optional: bool = True) -> Any:
        inner = e.Otherwise(source, optional, lit(value, source), lit(value, source))
        return evaluate(e.Convert(target, optional, inner))

    assert converted(3, INTEGER, DECIMAL) == D(3)
    assert converted(3, INTEGER, DECIMAL, optional=False) == D(3)
    assert isinstance(converted(3, INTEGER, DECIMAL), Decimal)
    assert converted(None, INTEGER, DECIMAL) is None
    assert converted("a", t.Text(3), TEXT) == "a"
    assert converted((1, 2), t.ListOf(INTEGER), t.ListOf(DECIMAL)) == (D(1), D(2))
    assert converted(("a",), t.ListOf(t.Text(3)), t.ListOf(TEXT)) == ("a",)
    assert evaluate(e.Convert(DECIMAL, False, lit(3))) == D(3)
    assert evaluate(known(e.Convert(TEXT, False, lit("a")))) == "a"


def test_functions_of_every_number_of_arguments() -> None:
    assert evaluate(call("now", "", DATETIME)) == NOW
    assert evaluate(call("length", "text", INTEGER, lit("abc"))) == 3
    assert evaluate(call("left", "text,integer", TEXT, lit("abc"), lit(1))) == "a"
    assert evaluate(call("replace", "text,text,text", TEXT, lit("abc"), lit("b"), lit("-"))) == "a-c"
    assert evaluate(call("year", "datetime", INTEGER, lit(NOW, DATETIME))) == 2026
    raises(codes.NO_ANSWER, call("left", "text,integer", TEXT, lit("abc"), lit(-1)))


def test_texts_are_put_together() -> None:
    desk = Desk()
    desk.case("c1", number="CAS-1", amount=D("12.5000"))
    row = by_key("desk.case", id=lit("c1", t.Id()))
    node = text("<", row, "> ", known(col(row, "amount")), " ", lit(NOW, DATETIME), "!")
    assert evaluate(node, desk) == "<CAS-1> 12.5 2026-11-24T09:30:00Z!"
    assert evaluate(text(), desk) == ""


def test_rows_are_written_by_their_first_key_else_their_primary_one() -> None:
    desk = Desk()
    desk.case("c1")
    desk.put("desk.line", (1, 2))
    desk.put("desk.contact", "p1", name="Ann", secret="s")
    case, line = by_key("desk.case", id=lit("c1", t.Id())), by_key("desk.line", order=lit(1), position=lit(2))
    party = e.Convert(PARTY, False, by_key("desk.contact", id=lit("p1", t.Id())))
    rows = e.ListLiteral(t.ListOf(LINE), False, (line, line))
    assert evaluate(text(case, "; ", line, "; ", rows, "; ", party), desk) == "c1; 1, 2; 1, 2, 1, 2; s"


def test_rows_by_key() -> None:
    desk = Desk()
    desk.put("core.team", "t2", name="Tier 2")
    desk.put("desk.line", (1, 2))
    assert evaluate(by_key("core.team", name=text("Tier ", lit(2))), desk) == RowRef("core.team", "t2")
    assert evaluate(by_key("core.team", id=lit("t2", t.Id())), desk) == RowRef("core.team", "t2")
    assert evaluate(by_key("desk.line", position=lit(2), order=lit(1)), desk) == RowRef("desk.line", (1, 2))


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (by_key("core.team", name=lit("Tier 3")), "There is no team with name Tier 3."),
        (by_key("core.team", id=lit("t9", t.Id())), "There is no team with id t9."),
        (by_key("desk.line", order=lit(1), position=lit(2)), "There is no line with order 1 and position 2."),
        (by_key("desk.contact", secret=lit("s")), "There is no contact with secret ***."),
        (by_key("desk.account", name=lit(None, TEXT)), "There is no account with name empty."),
    ],
)
def test_a_row_that_is_not_there_fails_by_name(node: e.Expression, message: str) -> None:
    failure = raises(codes.NOT_FOUND, node)
    assert failure.message == message
    assert failure.hint is not None
    assert failure.hint.startswith("ask for it with find optional")


def test_columns_are_read_through_lookups_and_end_where_one_is_empty() -> None:
    desk = Desk()
    desk.put("desk.account", "top", name="Top", revenue=D(5))
    desk.put("desk.account", "low", name="Low", parent=RowRef("desk.account", "top"))
    row = by_key("desk.account", name=lit("Low"))
    assert evaluate(col(known(col(row, "parent")), "revenue"), desk) == D(5)
    assert evaluate(col(col(row, "parent"), "name"), desk) == "Top"
    assert evaluate(col(col(col(row, "parent"), "parent"), "name"), desk) is None


def test_columns_that_several_tables_share() -> None:
    desk = Desk()
    desk.put("desk.account", "a", name="ACME")
    desk.put("desk.contact", "b", name="Ann")
    for key, customer in (("c1", RowRef("desk.account", "a")), ("c2", RowRef("desk.contact", "b")), ("c3", None)):
        desk.case(key, customer=customer)
    for key, name, is_account in (("c1", "ACME", True), ("c2", "Ann", False), ("c3", None, False)):
        customer = col(by_key("desk.case", id=lit(key, t.Id())), "customer")
        assert evaluate(col(customer, "name"), desk) == name
        assert evaluate(e.IsTable(BOOLEAN, False, customer, "desk.account"), desk) is is_account


def test_primary_keys_are_read_from_the_reference() -> None:
    desk = Desk()
    desk.put("desk.line", (1, 2))
    line = by_key("desk.line", order=lit(1), position=lit(2))
    assert evaluate(col(line, "position"), desk) == 2
    this = desk.case("c1")
    do = verb(give(value=col(THIS, "id")), on=CASE, outputs={"value": t.Id()})
    assert desk.run(do, on=this) == {"value": "c1"}


def test_under_climbs_the_tree_and_ends_in_a_circle() -> None:
    desk = Desk()
    for key, parent in (("top", None), ("mid", "top"), ("low", "mid"), ("alone", None)):
        desk.put("desk.account", key, parent=parent and RowRef("desk.account", parent))
    update = desk.store.prepare_update(
        next(each for each in desk.bind(verb()).plan.tables if each.name == "desk.account"), ("parent",)
    )

    def under(row: str | None, ancestor: str) -> Any:
        def account(key: str | None) -> e.Expression:
            return by_key("desk.account", id=lit(key, t.Id())) if key else lit(None, ACCOUNT)

        return evaluate(e.Under(BOOLEAN, False, account(row), account(ancestor), "parent"), desk)

    assert under("low", "top") is True
    assert under("low", "low") is True
    assert under("top", "low") is False
    assert under(None, "top") is False
    update("top", [RowRef("desk.account", "low")])
    assert under("low", "alone") is False
    assert under("top", "mid") is True


def test_the_caller() -> None:
    desk = Desk()
    ann = desk.put("core.user", "u1", name="Ann")
    assert evaluate(col(e.Caller(USER, False), "name"), desk, caller=ann) == "Ann"


def test_today_is_that_of_the_runs_zone() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert unit(now=late).today == date(2026, 12, 31)
    assert evaluate(call("today", "", DATE), now=late) == date(2026, 12, 31)


def test_a_row_read_once_is_not_read_again() -> None:
    desk = Desk()
    desk.put("core.team", "t2", name="Tier 2")
    bound = desk.bind(verb(give(value=col(by_key("core.team", id=lit("t2", t.Id())), "name")), outputs={"value": TEXT}))
    run = unit()
    assert bound.run(run) == {"value": "Tier 2"}
    assert run.rows == {RowRef("core.team", "t2"): ["Tier 2"]}
    assert TEAM.tables == ("core.team",)
    assert number(lit(1)).type == DECIMAL
