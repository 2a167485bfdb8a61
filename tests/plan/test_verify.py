"""The plan verifier: what the checker would let pass passes, and each forgery is refused for its own reason."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Default, Member, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.codec import decode, encode
from actionlang.plan.plan import Binding, Effects, Parameter, StepPlan, Verb
from actionlang.plan.verify import verify
from tests.plan.refusing import refusal
from tests.plan.running import run
from tests.plan.samples import (
    ACCOUNT,
    BOOLEAN,
    CASE,
    CONTACT,
    DATE,
    DECIMAL,
    ESCALATE_PLAN,
    INTEGER,
    MONEY,
    NOTIFY,
    NOW,
    ON_CASE,
    PRIORITY,
    STATUS,
    TEAM,
    TEXT,
    THE_CASE,
    TODAY,
    USER,
    at,
    both,
    call,
    column,
    compare,
    empty,
    exact,
    is_filled,
    literal,
    local,
    narrow,
    number,
    of,
    plan_of,
    team,
    template,
    text,
    verb,
    whole,
)
from tests.strategies.forgeries import forged_plans
from tests.strategies.plans import plans

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
AMOUNT, CUSTOMER_OF_CASE, STATUS_OF_CASE = of(THE_CASE, "amount"), of(THE_CASE, "customer"), of(THE_CASE, "status")


def on_case(*steps: s.Step, **more: Any) -> Verb:
    """A verb on a case."""
    return verb("Try", *steps, binding=ON_CASE, **more)


def let(value: e.Expression) -> s.Let:
    """A step that only works out a value."""
    return s.Let(at(9), "value", value)


def if_(condition: e.Expression, *body: s.Step, otherwise: tuple[s.Step, ...] = ()) -> s.If:
    """An if with one branch."""
    return s.If(at(8), (s.Branch(condition, body),), otherwise)


def set_(name: str, value: e.Expression, row: e.Expression = THE_CASE) -> s.Update:
    """An update of one column."""
    return s.Update(at(7), row, ((name, value),))


def cases(name: str = "other", where: e.Expression | None = None, **more: Any) -> e.Query:
    """A query over cases."""
    return e.Query("helpdesk.case", name, where, **more)


def condition(node: type, *parts: Any) -> e.Expression:
    """A condition of a class."""
    made: e.Expression = node(BOOLEAN, False, *parts)
    return made


# ------------------------------------------------------------------------------------------------------------ accepted


def test_the_sample_passes() -> None:
    verify(ESCALATE_PLAN)


@given(plans())
@settings(max_examples=60, suppress_health_check=SLOW)
def test_what_the_checker_makes_passes(plan: StepPlan) -> None:
    verify(plan)


@given(forged_plans())
@settings(max_examples=150, suppress_health_check=SLOW)
def test_what_passes_runs_without_a_mistake_of_types(plan: StepPlan) -> None:
    forged = decode(encode(plan))
    try:
        verify(forged)
    except ActionLangError as error:
        assert len(error.diagnostics) == 1
    else:
        run(forged)


OTHER = local("other", CASE)
ON_OTHER = of(OTHER, "amount")
IS_ACCOUNT = condition(e.IsTable, CUSTOMER_OF_CASE, "helpdesk.account")
AS_ACCOUNT = narrow(CUSTOMER_OF_CASE, ACCOUNT)
STATUS_IS = compare(STATUS_OF_CASE, "=", literal(STATUS, "open"))
REVENUE = of(AS_ACCOUNT, "revenue")
FILL = set_("amount", number("5"))

ACCEPTED: dict[str, Verb] = {
    "narrowed by a condition": on_case(if_(is_filled(AMOUNT), let(narrow(AMOUNT)))),
    "narrowed by the other branch": on_case(
        if_(condition(e.IsEmpty, AMOUNT), s.Stop(at(1)), otherwise=(let(narrow(AMOUNT)),))
    ),
    "narrowed behind a guard": on_case(
        if_(condition(e.IsEmpty, AMOUNT), s.Fail(at(1), text("no amount"))), let(narrow(AMOUNT))
    ),
    "narrowed by require": on_case(s.Require(at(1), is_filled(AMOUNT), None, "it"), let(narrow(AMOUNT))),
    "narrowed by an update": on_case(FILL, let(narrow(AMOUNT))),
    "narrowed in both branches": on_case(if_(STATUS_IS, FILL, otherwise=(FILL,)), let(narrow(AMOUNT))),
    "narrowed to a table": on_case(if_(IS_ACCOUNT, let(REVENUE))),
    "narrowed to what is left": on_case(
        if_(IS_ACCOUNT, s.Stop(at(1)), otherwise=(let(e.Narrow(CONTACT, True, CUSTOMER_OF_CASE)),))
    ),
    "narrowed in a query": on_case(
        s.ForEachRow(at(1), cases(where=is_filled(ON_OTHER)), (s.Let(at(2), "sure", narrow(ON_OTHER)),))
    ),
    "narrowed by a find": on_case(s.Find(at(1), cases(where=is_filled(ON_OTHER)), False, None), let(narrow(ON_OTHER))),
    "an optional find, tested": on_case(
        s.Find(at(1), cases(), True, None),
        if_(is_filled(local("other", CASE, True)), set_("title", text("x"), narrow(local("other", CASE, True)))),
    ),
    "a known state": on_case(s.Require(at(1), STATUS_IS, None, ""), s.Move(at(2), THE_CASE, "resolved"), s.Move(at(3), THE_CASE, "open")),
    "the first state": verb("Try", s.Create(at(1), "helpdesk.case", "fresh", (("title", text("x")), ("owner", e.Convert(t.OWNER, False, e.Caller(USER, False))))), s.Move(at(2), local("fresh", CASE), "open")),
    "an attempt": on_case(s.Attempt(at(1), (FILL, s.Fail(at(2), text("no"))), (let(e.FailureMessage(TEXT, False)),))),
    "both ways of an attempt end": on_case(s.Attempt(at(1), (s.Stop(at(2)),), (s.Fail(at(2), e.FailureMessage(TEXT, False)),))),
    "two blocks with one name": on_case(if_(STATUS_IS, let(whole(1)), otherwise=(let(text("x")),)), let(whole(2))),
    "a failure's message in a loop of an else": on_case(
        s.Attempt(at(1), (), (s.ForEachRow(at(2), cases(), (let(e.FailureMessage(TEXT, False)),)),))
    ),
    "a test's status": verb(
        "Try", s.Create(at(1), "helpdesk.case", None, (("title", text("x")), ("owner", e.Convert(t.OWNER, False, e.Caller(USER, False))), ("status", literal(STATUS, "open")))),
        s.Expect(at(2), text("no"), (s.Fail(at(3), text("no")),)), kind="test", at="2026-11-24T09:30:00Z",
    ),
    "deleted in one branch": on_case(if_(STATUS_IS, s.Delete(at(1), THE_CASE)), set_("title", text("x"))),
    "deleted before it ends": on_case(if_(STATUS_IS, s.Delete(at(1), THE_CASE), s.Stop(at(2))), set_("title", text("x"))),
    "an empty default": verb("Try", let(local("note", TEXT, True)), inputs=(Parameter("note", TEXT, True, Default()),)),
    "today by default": verb("Try", let(local("day", DATE)), inputs=(Parameter("day", DATE, default=Default(function="today")),)),
    "an extern action": verb("Try", kind="extern action", outputs=(Parameter("out", TEXT),)),
    "what is not there yet": verb("Try", s.Unavailable(at(1), "wait", "2 days"), kind="background", outputs=(Parameter("out", TEXT),)),
    "a list of shorter texts": verb("Try", let(call("join", "list of text,text", TEXT, e.Convert(t.ListOf(TEXT), False, local("all", t.ListOf(t.Text(5)))), text(","))), inputs=(Parameter("all", t.ListOf(t.Text(5))),)),
    "numbers of a list": verb("Try", let(e.Convert(t.ListOf(DECIMAL), False, local("all", t.ListOf(INTEGER)))), inputs=(Parameter("all", t.ListOf(INTEGER)),)),
    "a tag": on_case(if_(is_filled(of(THE_CASE, "tags")), let(condition(e.In, literal(t.Choice("helpdesk.Tag"), "billing"), narrow(of(THE_CASE, "tags")))))),
    "an average": on_case(let(e.Aggregate(DECIMAL, True, "average", cases(), ON_OTHER))),
    "the larger number": on_case(let(e.Aggregate(t.Money(), True, "max", cases(), ON_OTHER))),
    "exists": on_case(let(e.Aggregate(BOOLEAN, False, "exists", cases(), None))),
    "minus money": on_case(if_(is_filled(AMOUNT), let(e.Negate(MONEY, False, narrow(AMOUNT))))),
    "empty otherwise empty": on_case(let(e.Otherwise(MONEY, True, AMOUNT, AMOUNT))),
    "every row of a list": verb("Try", s.ForEachItem(at(1), "each", local("all", t.ListOf(CASE)), (set_("title", text("x"), local("each", CASE)),)), inputs=(Parameter("all", t.ListOf(CASE)),)),
}  # fmt: skip


@pytest.mark.parametrize("made", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(made: Verb) -> None:
    plan = plan_of(made)
    verify(plan)
    assert decode(encode(plan)) == plan


# ------------------------------------------------------------------------------------------------- refused: one verb's steps

LINE9 = "The plan of helpdesk.Try is refused: helpdesk.Try, line 9, Let: "
TYPES: dict[str, tuple[e.Expression, str]] = {
    "a literal out of range": (whole(2**63), "E0608: 9223372036854775808 does not fit 64 bits"),
    "a literal of another type": (literal(INTEGER, "x"), "E0608: 'x' is no constant of type integer"),
    "a text too long": (literal(t.Text(2), "abc"), "E0608: the text has 3 characters, and text(2) takes 2"),
    "a text with U+0000": (text("\x00"), "E0608: a text has no U+0000"),
    "a half surrogate": (text("\ud800"), "E0608: a text has no half of a surrogate pair"),
    "too many digits": (number("1" * 39), f"E0608: Decimal('{'1' * 39}') has more than 38 digits"),
    "too fine": (literal(t.Decimal(5, 2), Decimal("1.234")), "E0608: Decimal('1.234') does not fit decimal(5,2)"),
    "not a number": (number("NaN"), "E0608: NaN is not a number"),
    "fine money": (literal(MONEY, Decimal("0.00001")), "E0608: 0.00001 has more than 4 decimals"),
    "much money": (literal(MONEY, Decimal(10) ** 15), "E0608: 1000000000000000 is more than money holds"),
    "infinite": (literal(t.Float(), float("inf")), "E0608: inf is not a number"),
    "no id": (literal(t.Id(), "x"), "E0608: 'x' is no id"),
    "no such type": (literal(t.Text(0), "x"), "E0617: text(0) is no type"),
    "no such decimal": (literal(t.Decimal(2, 5), Decimal(1)), "E0617: decimal(2,5) is no type"),
    "no list of outputs": (e.ListLiteral(t.ListOf(t.Empty()), False, ()), "E0617: list of empty is no type"),
    "no member": (literal(PRIORITY, "urgent"), "E0607: helpdesk.Priority has no member urgent"),
    "no member in a list": (literal(t.ListOf(PRIORITY), ("low", "x")), "E0607: helpdesk.Priority has no member x"),
    "a member twice": (
        literal(t.Choices("helpdesk.Tag"), ("billing", "billing")),
        "E0608: a member stands twice",
    ),
    "an empty item": (literal(t.ListOf(INTEGER), (1, None)), "E0608: a list has no empty items"),
    "a filled empty": (e.Literal(INTEGER, False, None), "E0609: the Literal expression may be empty, and the plan says otherwise"),
    "an empty filled": (e.Literal(INTEGER, True, 1), "E0609: the Literal expression is never empty, and the plan says otherwise"),
    "no such local": (local("nobody", TEXT), "E0610: there is no local named nobody here"),
    "a local of another type": (local("case", TEXT), "E0608: case is row helpdesk.case, not text"),
    "no failure here": (e.FailureMessage(TEXT, False), "E0610: a failure's message is known only in the else of an attempt"),
    "another caller": (e.Caller(TEAM, False), "E0608: the Caller expression is row core.user, not row core.team"),
    "no such column": (e.Column(TEXT, False, THE_CASE, "colour"), "E0607: there is no column of helpdesk.case named colour"),
    "a column of no row": (e.Column(TEXT, False, text("x"), "title"), "E0608: the column title is read from text, which is no row"),
    "a column of another type": (e.Column(INTEGER, False, THE_CASE, "title"), "E0608: the column title is text(200), not integer"),
    "a column said to be filled": (e.Column(MONEY, False, THE_CASE, "amount"), "E0609: the column amount may be empty, and the plan says otherwise"),
    "a column that tables disagree on": (e.Column(t.Text(100), True, CUSTOMER_OF_CASE, "name"), "E0608: the column name is of another type in each table"),
    "a column of one table only": (e.Column(MONEY, True, CUSTOMER_OF_CASE, "revenue"), "E0607: there is no column of helpdesk.contact named revenue"),
    "outputs of a row": (e.OutputOf(TEXT, False, THE_CASE, "x"), "E0608: the output x is read from row helpdesk.case"),
    "no key": (e.RowByKey(TEAM, False, "core.team", ("id", "name"), (text(""), text(""))), "E0608: id, name is no key of core.team"),
    "half a key": (e.RowByKey(TEAM, False, "core.team", ("name",), ()), "E0608: a key of core.team has 1 columns, not 0"),
    "a key of another type": (e.RowByKey(TEAM, False, "core.team", ("name",), (whole(1),)), "E0608: text(100) is wanted here, not integer"),
    "an empty key": (team(of(THE_CASE, "number")), "E0609: the column number may be empty here"),
    "unjustified": (narrow(AMOUNT), "E0609: the column amount may be empty here"),
    "an unjustified table": (
        e.Narrow(ACCOUNT, True, CUSTOMER_OF_CASE),
        "E0608: nothing shows here that a row of row helpdesk.account|helpdesk.contact is one of row helpdesk.account",
    ),
    "a table the lookup does not have": (
        e.Narrow(CASE, True, CUSTOMER_OF_CASE),
        "E0608: row helpdesk.account|helpdesk.contact can not be narrowed to row helpdesk.case",
    ),
    "narrowed to another type": (e.Narrow(DECIMAL, True, AMOUNT), "E0608: money can not be narrowed to decimal"),
    "a number as a text": (e.Convert(TEXT, False, whole(1)), "E0608: integer can not be converted to text"),
    "a number as an integer": (e.Convert(INTEGER, False, number("1")), "E0608: decimal can not be converted to integer"),
    "fewer tables": (e.Convert(USER, False, team(text("x"))), "E0608: row core.team can not be converted to row core.user"),
    "an empty value, filled": (e.Convert(DATE, False, empty(DATE).operand), "E0609: the Convert expression may be empty, and the plan says otherwise"),
    "an optional value in a text": (template("a", AMOUNT), "E0609: the column amount may be empty here"),
    "not of a number": (condition(e.Not, whole(1)), "E0608: boolean is wanted here, not integer"),
    "one condition": (both(compare(whole(1), "=", whole(1))), "E0608: and and or take two conditions or more"),
    "no comparison": (compare(whole(1), "<>", whole(1)), "E0608: <> is no comparison"),
    "different types": (compare(whole(1), "=", text("1")), "E0608: integer is compared with text"),
    "no conversion": (compare(whole(1), "=", number("1")), "E0608: integer is compared with decimal"),
    "an order of optional values": (compare(AMOUNT, "<", AMOUNT), "E0609: the column amount may be empty here"),
    "an order of rows": (compare(THE_CASE, "<", THE_CASE), "E0608: row helpdesk.case has no order"),
    "an order of states": (compare(STATUS_OF_CASE, ">", STATUS_OF_CASE), "E0608: choice helpdesk.case.status has no order"),
    "never that table": (condition(e.IsTable, CUSTOMER_OF_CASE, "helpdesk.task"), "E0608: row helpdesk.account|helpdesk.contact is never a row of helpdesk.task"),
    "in no list": (condition(e.In, whole(1), whole(1)), "E0608: nothing is in integer"),
    "another item": (condition(e.In, whole(1), e.ListLiteral(t.ListOf(TEXT), False, (text(""),))), "E0608: integer is looked for in list of text"),
    "under a row of several tables": (condition(e.Under, CUSTOMER_OF_CASE, CUSTOMER_OF_CASE, "parent"), "E0608: what is under another row has to be a row of one table, not row helpdesk.account|helpdesk.contact"),
    "under another table": (condition(e.Under, THE_CASE, team(text("")), "parent"), "E0608: a row of helpdesk.case is never under row core.team"),
    "no tree": (condition(e.Under, THE_CASE, THE_CASE, "customer"), "E0608: the column customer of helpdesk.case makes no tree"),
    "another fallback": (e.Otherwise(MONEY, False, AMOUNT, whole(0)), "E0608: money can not give way to integer"),
    "an optional fallback": (e.Otherwise(MONEY, False, AMOUNT, AMOUNT), "E0609: the Otherwise expression may be empty, and the plan says otherwise"),
    "text and number": (e.Arithmetic(TEXT, False, "+", text("1"), whole(1)), "E0608: text + integer is nothing"),
    "money, not converted": (e.Arithmetic(MONEY, False, "+", literal(MONEY, Decimal(1)), literal(MONEY, Decimal(1))), "E0608: money + money is nothing"),
    "another operator": (e.Arithmetic(INTEGER, False, "%", whole(1), whole(1)), "E0608: integer % integer is nothing"),
    "another result": (e.Arithmetic(INTEGER, False, "/", whole(1), whole(1)), "E0608: the Arithmetic expression is decimal, not integer"),
    "arithmetic on an optional": (e.Arithmetic(DECIMAL, False, "+", exact(AMOUNT), number("1")), "E0609: the Convert expression may be empty here"),
    "minus a text": (e.Negate(TEXT, False, text("x")), "E0608: there is no minus text"),
    "a list of nothing": (e.ListLiteral(t.ListOf(TEXT), False, ()), "E0608: a list of 0 items is said to be list of text"),
    "a list that is none": (e.ListLiteral(TEXT, False, (text(""),)), "E0608: a list of 1 items is said to be text"),
    "a list of something else": (e.ListLiteral(t.ListOf(TEXT), False, (whole(1),)), "E0608: text is wanted here, not integer"),
    "no such function": (call("system", "text", TEXT, text("rm")), "E0616: this host has no function system(text)"),
    "no such overload": (call("upper", "integer", TEXT, whole(1)), "E0616: this host has no function upper(integer)"),
    "another argument": (call("upper", "text", TEXT, whole(1)), "E0608: text is wanted here, not integer"),
    "too few arguments": (call("upper", "text", TEXT), "E0619: upper takes 1 arguments, not 0"),
    "another type of result": (call("upper", "text", INTEGER, text("")), "E0608: the CallFunction expression is text, not integer"),
    "an order in a count": (e.Aggregate(INTEGER, False, "count", cases(limit=whole(1)), None), "E0608: count takes no order and no limit"),
    "values counted": (e.Aggregate(INTEGER, False, "count", cases(), ON_OTHER), "E0608: count takes rows, not values"),
    "a sum of rows": (e.Aggregate(INTEGER, False, "sum", cases(), None), "E0608: sum takes values"),
    "a sum of texts": (e.Aggregate(TEXT, False, "sum", cases(), of(OTHER, "title")), "E0608: there is no sum of text"),
    "the largest row": (e.Aggregate(CASE, True, "max", cases(), OTHER), "E0608: row helpdesk.case has no order"),
    "another aggregate": (e.Aggregate(MONEY, False, "median", cases(), ON_OTHER), "E0608: median is no aggregate"),
    "a filled maximum": (e.Aggregate(MONEY, False, "max", cases(), ON_OTHER), "E0609: the Aggregate expression may be empty, and the plan says otherwise"),
    "a name taken by a query": (e.Aggregate(INTEGER, False, "count", cases("case"), None), "E0610: the name case is taken"),
    "a query without a name": (e.Aggregate(INTEGER, False, "count", cases(""), None), "E0610: a local has no name"),
    "a query's row outside": (both(condition(e.Not, compare(e.Aggregate(INTEGER, False, "count", cases(), None), "=", whole(0))), compare(ON_OTHER, "=", empty(MONEY))), "E0610: there is no local named other here"),
    "a limit in texts": (e.Aggregate(INTEGER, False, "count", cases(limit=text("1")), None), "E0608: integer is wanted here, not text"),
    "a let of empty": (literal(t.Empty(), None), "E0608: a let can not name empty"),
}  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), TYPES.values(), ids=TYPES)
def test_refused_expressions(value: e.Expression, expected: str) -> None:
    code, _, reason = expected.partition(": ")
    assert refusal(plan_of(on_case(let(value)))) == f"{code}: {LINE9}{reason}."


def write(value: int) -> tuple[s.Step, s.Step]:
    """A write to the amount of some other case, and a use of the first one's amount as filled."""
    return set_("amount", empty(MONEY), OTHER), s.Let(at(9), f"value{value}", narrow(AMOUNT))


FIND_OTHER = s.Find(at(1), cases(), False, None)
SURE = s.Require(at(2), is_filled(AMOUNT), None, "")
RETURNS = (Parameter("out", TEXT),)
OWNED = ("owner", e.Convert(t.OWNER, False, e.Caller(USER, False)))
NEW_CASE = s.Create(at(1), "helpdesk.case", "fresh", (("title", text("x")), OWNED))

STEPS: dict[str, tuple[Verb, str]] = {
    "narrowing ends at a write by another name": (on_case(FIND_OTHER, SURE, *write(1)), "E0609: line 9, Let: the column amount may be empty here"),
    "narrowing ends at a write in a loop": (
        on_case(SURE, s.ForEachRow(at(3), cases(), (s.Let(at(9), "value", narrow(AMOUNT)), set_("amount", empty(MONEY), OTHER)))),
        "E0609: line 9, Let: the column amount may be empty here",
    ),
    "narrowing by a query ends at a write in its loop": (
        on_case(s.ForEachRow(at(3), cases(where=is_filled(ON_OTHER)), (s.Let(at(9), "value", narrow(ON_OTHER)), set_("amount", empty(MONEY))))),
        "E0609: line 9, Let: the column amount may be empty here",
    ),
    "narrowing ends behind a loop that writes": (
        on_case(SURE, s.ForEachRow(at(3), cases(), (set_("amount", empty(MONEY), OTHER),)), let(narrow(AMOUNT))),
        "E0609: line 9, Let: the column amount may be empty here",
    ),
    "narrowing in one branch only": (on_case(if_(is_filled(AMOUNT)), let(narrow(AMOUNT))), "E0609: line 9, Let: the column amount may be empty here"),
    "narrowing by an or": (
        on_case(if_(condition(e.Or, (is_filled(AMOUNT), STATUS_IS)), let(narrow(AMOUNT)))),
        "E0609: line 9, Let: the column amount may be empty here",
    ),
    "narrowing of a name that is another's now": (
        on_case(s.Stage(at(1), "a", (FIND_OTHER, s.Require(at(2), is_filled(ON_OTHER), None, ""))), FIND_OTHER, let(narrow(ON_OTHER))),
        "E0609: line 9, Let: the column amount may be empty here",
    ),
    "narrowing of a row behind a column that was written": (
        verb("Try", s.Update(at(1), narrow(of(local("top", ACCOUNT), "parent")), (("parent", local("top", ACCOUNT)), ("revenue", number("1")))), inputs=(Parameter("top", ACCOUNT),)),
        "E0609: line 1, Update: the column parent may be empty here",
    ),
    "what an attempt learnt before it failed": (
        on_case(s.Attempt(at(1), (FILL, s.Fail(at(2), text(""))), (let(narrow(AMOUNT)),))),
        "E0609: line 9, Let: the column amount may be empty here",
    ),
    "an optional find": (on_case(s.Find(at(1), cases(), True, None), set_("title", text(""), local("other", CASE, True))), "E0609: line 7, Update: other may be empty here"),
    "an optional find that fails": (on_case(s.Find(at(1), cases(), True, text("no"))), "E0611: line 1, Find: an optional find never fails, and has a message"),
    "a find with a limit": (on_case(s.Find(at(1), cases(limit=whole(2)), False, None)), "E0611: line 1, Find: a find takes the first row, and has a limit"),
    "a find's message": (on_case(s.Find(at(1), cases(), False, whole(2))), "E0608: line 1, Find: text is wanted here, not integer"),
    "an order by rows": (on_case(s.Find(at(1), cases(order=(e.Ordering(OTHER, False),)), False, None)), "E0608: line 1, Find: row helpdesk.case has no order"),
    "a name bound twice": (on_case(let(whole(1)), let(whole(2))), "E0610: line 9, Let: the name value is taken"),
    "a name out of scope": (on_case(s.Stage(at(1), "a", (let(whole(1)),)), s.Let(at(2), "b", local("value", INTEGER))), "E0610: line 2, Let: there is no local named value here"),
    "a row that is deleted": (on_case(s.Delete(at(1), THE_CASE), set_("title", text(""))), "E0612: line 7, Update: the row case is used after it was deleted"),
    "a row that is deleted on both ways": (
        on_case(if_(STATUS_IS, s.Delete(at(1), THE_CASE), otherwise=(s.Delete(at(1), THE_CASE),)), set_("title", text(""))),
        "E0612: line 7, Update: the row case is used after it was deleted",
    ),
    "a step that is never reached": (on_case(s.Stop(at(1)), let(whole(1))), "E0612: line 9, Let: no way leads to this step"),
    "a step behind two ends": (on_case(if_(STATUS_IS, s.Stop(at(1)), otherwise=(s.Stop(at(1)),)), let(whole(1))), "E0612: line 9, Let: no way leads to this step"),
    "a required column left out": (on_case(s.Create(at(1), "helpdesk.case", None, (("title", text("")),))), "E0611: line 1, Create: helpdesk.case needs a value for owner"),
    "a required column made empty": (on_case(set_("title", empty(TEXT))), "E0609: line 7, Update: the Convert expression may be empty here"),
    "a read-only column": (on_case(set_("changed_on", NOW)), "E0611: line 7, Update: the column changed_on of helpdesk.case is set by the database alone"),
    "a column set twice": (on_case(s.Update(at(1), THE_CASE, (("due", TODAY), ("due", TODAY)))), "E0611: line 1, Update: the column due is set twice"),
    "a column of another type": (on_case(set_("due", NOW)), "E0608: line 7, Update: date is wanted here, not datetime"),
    "an unknown column": (on_case(set_("colour", text(""))), "E0607: line 7, Update: there is no column of helpdesk.case named colour"),
    "an update of nothing": (on_case(s.Update(at(1), THE_CASE, ())), "E0611: line 1, Update: an update sets nothing"),
    "an update of a text": (on_case(set_("title", text(""), text(""))), "E0608: line 7, Update: what a step changes has to be a row of one table, not text"),
    "an update of the key": (on_case(set_("id", literal(t.Id(), "00000000-0000-7000-8000-000000000001"))), "E0611: line 7, Update: the primary key id of helpdesk.case never changes"),
    "a status by update": (on_case(set_("status", literal(STATUS, "open"))), "E0611: line 7, Update: only a move changes the status status of helpdesk.case"),
    "a status by create": (
        verb("Try", s.Create(at(1), "helpdesk.case", None, (("title", text("")), OWNED, ("status", literal(STATUS, "open"))))),
        "E0611: line 1, Create: only a test sets the status status",
    ),
    "a move to nowhere": (on_case(s.Move(at(1), THE_CASE, "lost")), "E0607: line 1, Move: helpdesk.case has no state lost"),
    "a move that is not declared": (on_case(s.Move(at(1), THE_CASE, "new")), "E0611: line 1, Move: helpdesk.case never moves to new here"),
    "a move from a known state": (
        on_case(s.Require(at(1), STATUS_IS, None, ""), s.Move(at(2), THE_CASE, "open")),
        "E0611: line 2, Move: helpdesk.case never moves to open here",
    ),
    "a move behind a move": (on_case(s.Move(at(1), THE_CASE, "cancelled"), s.Move(at(2), THE_CASE, "open")), "E0611: line 2, Move: helpdesk.case never moves to open here"),
    "a move of a new row": (verb("Try", NEW_CASE, s.Move(at(2), local("fresh", CASE), "resolved")), "E0611: line 2, Move: helpdesk.case never moves to resolved here"),
    "a move without a status": (verb("Try", s.Move(at(1), team(text("")), "open")), "E0611: line 1, Move: core.team has no status"),
    "an assignment without an owner": (verb("Try", s.Assign(at(1), team(text("")), e.Convert(t.OWNER, False, e.Caller(USER, False)))), "E0611: line 1, Assign: core.team has no owner"),
    "an assignment to a case": (on_case(s.Assign(at(1), THE_CASE, THE_CASE)), "E0608: line 1, Assign: row core.user|core.team is wanted here, not row helpdesk.case"),
    "an expectation outside a test": (on_case(s.Expect(at(1), None, ())), "E0611: line 1, Expect: only a test expects a failure"),
    "a list that is a text": (on_case(s.ForEachItem(at(1), "each", text(""), ())), "E0608: line 1, ForEachItem: text is no list to go through"),
    "an if of nothing": (on_case(s.If(at(1), (), ())), "E0611: line 1, If: an if has no condition"),
    "an if of a text": (on_case(if_(text(""))), "E0608: line 8, If: boolean is wanted here, not text"),
    "a failure in numbers": (on_case(s.Fail(at(1), whole(1))), "E0608: line 1, Fail: text is wanted here, not integer"),
    "a guard's message in numbers": (on_case(s.Require(at(1), STATUS_IS, whole(1), "")), "E0608: line 1, Require: text is wanted here, not integer"),
    "an output that is not there": (on_case(s.Return(at(1), (("out", text("")),))), "E0607: line 1, Return: the verb has no output out"),
    "an output twice": (on_case(s.Return(at(1), (("out", text("")), ("out", text("")))), outputs=RETURNS), "E0612: line 1, Return: an output is set twice"),
    "an output of another type": (on_case(s.Return(at(1), (("out", whole(1)),)), outputs=RETURNS), "E0608: line 1, Return: text is wanted here, not integer"),
    "an output left out": (on_case(s.Return(at(1), ()), outputs=RETURNS), "E0612: line 1, Return: the verb ends here without the output out"),
    "a stop without the output": (on_case(s.Stop(at(1)), outputs=RETURNS), "E0612: line 1, Stop: the verb ends here without the output out"),
    "an unknown feature": (on_case(s.Unavailable(at(1), "magic", "")), "E0607: line 1, Unavailable: there is no feature magic"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "expected"), STEPS.values(), ids=STEPS)
def test_refused_steps(made: Verb, expected: str) -> None:
    code, _, reason = expected.partition(": ")
    told = refusal(plan_of(made))
    assert told == f"{code}: The plan of helpdesk.Try is refused: helpdesk.Try, {reason}."


# ---------------------------------------------------------------------------------------------------- refused: verbs


def forged(plan: StepPlan, **verbs: dict[str, Any]) -> StepPlan:
    """A plan with attributes of its verbs exchanged, whatever that does to its effects."""
    changed = (attrs.evolve(each, **verbs.get(each.short_name, {})) for each in plan.verbs)
    return attrs.evolve(plan, verbs=tuple(changed))


def performing(target: Verb, *parts: Any, **more: Any) -> Verb:
    """A verb that performs another: row, arguments, result name."""
    on, arguments, result = (*parts, *(None, (), None)[len(parts) :])
    return on_case(s.Perform(at(1), target.name, on, arguments, result), **more)


INNER = verb("Inner", FILL, binding=ON_CASE, inputs=(Parameter("level", INTEGER), Parameter("note", TEXT, True)))
GOOD: tuple[tuple[str, e.Expression], ...] = (("level", whole(1)),)
NET = verb("Net", s.Return(at(1), (("out", text("")),)), kind="function", outputs=RETURNS)
EMPTY_FUNCTION = verb("Net", kind="function")


def calling(target: str, type_: t.Type = TEXT, *arguments: tuple[str, e.Expression]) -> Verb:
    """A verb that calls another in an expression."""
    return on_case(let(e.CallVerb(type_, False, target, None, arguments)))


CALLS: dict[str, tuple[StepPlan, str]] = {
    "no row": (plan_of(performing(INNER, None, GOOD), INNER), "E0619: line 1, Perform: helpdesk.Inner needs a row"),
    "a row too many": (plan_of(performing(NOTIFY, THE_CASE), NOTIFY), "E0619: line 1, Perform: helpdesk.Notify is on no row"),
    "a row of another table": (plan_of(performing(INNER, team(text("")), GOOD), INNER), "E0608: line 1, Perform: row helpdesk.case is wanted here, not row core.team"),
    "no argument": (plan_of(performing(INNER, THE_CASE), INNER), "E0619: line 1, Perform: helpdesk.Inner needs the argument level"),
    "another argument": (plan_of(performing(INNER, THE_CASE, (*GOOD, ("x", whole(1)))), INNER), "E0619: line 1, Perform: helpdesk.Inner takes no argument x"),
    "an argument twice": (plan_of(performing(INNER, THE_CASE, (*GOOD, *GOOD)), INNER), "E0619: line 1, Perform: helpdesk.Inner gets an argument twice"),
    "an argument of another type": (plan_of(performing(INNER, THE_CASE, (("level", text("")),)), INNER), "E0608: line 1, Perform: integer is wanted here, not text"),
    "an empty argument": (plan_of(performing(INNER, THE_CASE, (("level", empty(INTEGER)),)), INNER), "E0609: line 1, Perform: the Convert expression may be empty here"),
    "a private verb": (
        plan_of(performing(attrs.evolve(INNER, name="other.Inner"), THE_CASE, GOOD), attrs.evolve(INNER, name="other.Inner", private=True, source="other.act")),
        "E0619: line 1, Perform: other.Inner is private to its module",
    ),
    "a function performed": (plan_of(performing(NET), NET), "E0619: line 1, Perform: helpdesk.Net is a function and can not be performed"),
    "an action called": (plan_of(calling("helpdesk.Inner", TEXT, *GOOD), INNER), "E0619: line 9, Let: helpdesk.Inner can not stand in an expression"),
    "a function without output": (plan_of(calling("helpdesk.Net"), EMPTY_FUNCTION), "E0619: line 9, Let: helpdesk.Net can not stand in an expression"),
    "a function of another type": (plan_of(calling("helpdesk.Net", INTEGER), NET), "E0608: line 9, Let: the CallVerb expression is text, not integer"),
    "an output that is not there": (
        plan_of(on_case(s.Perform(at(1), "helpdesk.Inner", THE_CASE, GOOD, "done"), let(e.OutputOf(TEXT, False, local("done", t.Outputs("helpdesk.Inner")), "out"))), INNER),
        "E0607: line 9, Let: helpdesk.Inner has no output out",
    ),
    "outputs compared": (
        plan_of(on_case(s.Perform(at(1), "helpdesk.Inner", THE_CASE, GOOD, "done"), let(compare(local("done", t.Outputs("helpdesk.Inner")), "=", local("done", t.Outputs("helpdesk.Inner"))))), INNER),
        "E0608: line 9, Let: outputs helpdesk.Inner can not be compared",
    ),
    "outputs that may be empty": (
        plan_of(on_case(s.Perform(at(1), "helpdesk.Inner", THE_CASE, GOOD, "done"), let(condition(e.IsEmpty, local("done", t.Outputs("helpdesk.Inner"))))), INNER),
        "E0608: line 9, Let: outputs are never empty",
    ),
    "outputs otherwise": (
        plan_of(on_case(s.Perform(at(1), "helpdesk.Inner", THE_CASE, GOOD, "done"), let(e.Otherwise(t.Outputs("helpdesk.Inner"), False, local("done", t.Outputs("helpdesk.Inner")), local("done", t.Outputs("helpdesk.Inner"))))), INNER),
        "E0608: line 9, Let: outputs are never empty",
    ),
    "outputs in a text": (
        plan_of(on_case(s.Perform(at(1), "helpdesk.Inner", THE_CASE, GOOD, "done"), let(template(local("done", t.Outputs("helpdesk.Inner"))))), INNER),
        "E0608: line 9, Let: outputs helpdesk.Inner can not stand in a text",
    ),
    "narrowing ends at a verb that writes": (
        plan_of(on_case(SURE, s.Perform(at(3), "helpdesk.Inner", THE_CASE, GOOD, None), let(narrow(AMOUNT))), attrs.evolve(INNER, steps=(set_("amount", empty(MONEY)),))),
        "E0609: line 9, Let: the column amount may be empty here",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("plan", "expected"), CALLS.values(), ids=CALLS)
def test_refused_calls(plan: StepPlan, expected: str) -> None:
    code, _, reason = expected.partition(": ")
    assert refusal(plan) == f"{code}: The plan of helpdesk.Try is refused: helpdesk.Try, {reason}."


CONTRACTS: dict[str, tuple[dict[str, Any], str]] = {
    "another kind": ({"kind": "macro"}, "E0607: there is no kind of verb named macro"),
    "a clock outside a test": ({"at": "2026-11-24T09:30:00Z"}, "E0618: only a test fixes the clock"),
    "a test with a contract": ({"kind": "test", "outputs": RETURNS}, "E0618: a test has no contract"),
    "a test at no time": ({"kind": "test", "binding": None, "steps": (), "at": "noon"}, "E0608: 'noon' is no constant of type datetime"),
    "an extern action with steps": ({"kind": "extern action"}, "E0618: what the host implements has no steps in a plan"),
    "an input twice": ({"inputs": (Parameter("a", TEXT), Parameter("a", TEXT))}, "E0610: the name a is taken"),
    "an input named like the row": ({"inputs": (Parameter("case", TEXT),)}, "E0610: the name case is taken"),
    "an output twice": ({"outputs": (*RETURNS, *RETURNS)}, "E0617: its outputs has two of the name out"),
    "an output without a name": ({"outputs": (Parameter("", TEXT),)}, "E0617: its outputs has one without a name"),
    "an output with a default": ({"outputs": (Parameter("out", TEXT, True, Default("x")),)}, "E0618: the output out has a default"),
    "an input of outputs": ({"inputs": (Parameter("a", t.Outputs("helpdesk.Try")),)}, "E0608: a can not be outputs helpdesk.Try"),
    "a default of another type": ({"inputs": (Parameter("a", INTEGER, default=Default("x")),)}, "E0608: 'x' is no constant of type integer"),
    "an empty default": ({"inputs": (Parameter("a", INTEGER, default=Default()),)}, "E0609: a is empty by default and never empty"),
    "another function": ({"inputs": (Parameter("a", DATE, default=Default(function="now")),)}, "E0617: now is no default for date"),
    "two defaults": ({"inputs": (Parameter("a", DATE, default=Default(1, "today")),)}, "E0617: today is no default for date"),
    "no output": ({"outputs": RETURNS}, "E0612: the verb ends here without the output out"),
    "other effects": ({"effects": Effects()}, "E0613: its effects are not what its steps do"),
    "a function that writes": ({"kind": "function"}, "E0615: a function writes nothing, and this one does"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CONTRACTS.values(), ids=CONTRACTS)
def test_refused_contracts(changes: dict[str, Any], expected: str) -> None:
    code, _, reason = expected.partition(": ")
    plan = forged(plan_of(on_case(FILL)), Try=changes)
    if not plan.verb.steps:
        plan = plan_of(plan.verb)
    assert refusal(plan) == f"{code}: The plan of helpdesk.Try is refused: helpdesk.Try: {reason}."


def test_a_verb_of_an_unknown_table() -> None:
    plan = forged(plan_of(on_case(FILL)), Try={"binding": Binding("helpdesk.lead", "lead")})
    assert refusal(plan) == "E0607: The plan of helpdesk.Try is refused: there is no table named helpdesk.lead."


def test_effects_of_performed_verbs_count() -> None:
    plan = forged(
        plan_of(performing(INNER, THE_CASE, GOOD), INNER), Try={"effects": Effects(performs=("helpdesk.Inner",))}
    )
    assert refusal(plan).startswith("E0613: The plan of helpdesk.Try is refused: helpdesk.Try: its effects")


# ------------------------------------------------------------------------------------------------ refused: whole plans

UNUSED = Table("helpdesk.lead", "lead", (column("id", t.Id(), primary=True),))


def without(found: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    """Verbs, tables or choices but for one."""
    return tuple(each for each in found if each.name != name)


WHOLE: dict[str, tuple[Callable[[StepPlan], StepPlan], str]] = {
    "no entry": (lambda p: attrs.evolve(p, entry="helpdesk.Other"), "E0607: there is no verb named helpdesk.Other"),
    "verbs out of order": (lambda p: attrs.evolve(p, verbs=p.verbs[::-1]), "E0618: its verbs are not in order, each once"),
    "a verb twice": (lambda p: attrs.evolve(p, verbs=(*p.verbs, p.verbs[-1])), "E0618: its verbs are not in order, each once"),
    "tables out of order": (lambda p: attrs.evolve(p, tables=p.tables[::-1]), "E0618: its tables are not in order, each once"),
    "a verb too few": (lambda p: attrs.evolve(p, verbs=without(p.verbs, "helpdesk.Notify")), "E0607: there is no verb named helpdesk.Notify"),
    "a verb too many": (
        lambda p: attrs.evolve(p, verbs=(*p.verbs, attrs.evolve(NOTIFY, name="helpdesk.Zap"))),
        "E0618: nothing in it needs the verb helpdesk.Zap",
    ),
    "a table too few": (lambda p: attrs.evolve(p, tables=without(p.tables, "core.team")), "E0607: there is no table named core.team"),
    "a table too many": (
        lambda p: attrs.evolve(p, tables=tuple(sorted((*p.tables, UNUSED), key=lambda each: each.name))),
        "E0618: nothing in it needs the table helpdesk.lead",
    ),
    "a choice too few": (lambda p: attrs.evolve(p, choices=without(p.choices, "helpdesk.Tag")), "E0607: there is no choice named helpdesk.Tag"),
    "a choice too many": (
        lambda p: attrs.evolve(p, choices=(Choice("a.B", (Member("c"),)), *p.choices)),
        "E0618: nothing in it needs the choice a.B",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), WHOLE.values(), ids=WHOLE)
def test_refused_contents(change: Callable[[StepPlan], StepPlan], expected: str) -> None:
    plan = change(ESCALATE_PLAN)
    code, _, reason = expected.partition(": ")
    assert refusal(plan) == f"{code}: The plan of {plan.entry} is refused: {reason}."


def test_verbs_that_perform_each_other() -> None:
    first = verb("First", s.Perform(at(1), "helpdesk.Second", None, (), None))
    second = verb("Second", s.Perform(at(1), "helpdesk.First", None, (), None))
    plan = StepPlan("helpdesk.First", (first, second), (), ())
    circle = "helpdesk.First performs helpdesk.Second performs helpdesk.First"
    assert refusal(plan) == (
        f"E0614: The plan of helpdesk.First is refused: its verbs perform each other without end: {circle}."
    )


def test_a_verb_that_calls_itself() -> None:
    step = let(e.CallVerb(TEXT, False, "helpdesk.Net", None, ()))
    plan = StepPlan("helpdesk.Net", (attrs.evolve(NET, steps=(step, *NET.steps)),), (), ())
    assert refusal(plan).startswith("E0614: ")


def test_a_plan_too_deep_to_go_through() -> None:
    value: e.Expression = whole(1)
    for _ in range(20_000):
        value = e.Negate(INTEGER, False, value)
    plan = StepPlan("helpdesk.Try", (verb("Try", let(value)),), (), ())
    assert refusal(plan) == "E0605: The plan of helpdesk.Try is nested too deeply."
