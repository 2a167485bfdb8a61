"""What is typed at a prompt: names bound before are seen, new ones returned, expressions and queries told apart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from actionlang.check.fragment import CheckedFragment, Environment, check_fragment, check_query_input
from actionlang.compile.link import Linker
from actionlang.diagnostics.source import Source
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.memory import MemoryStore
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter
from actionlang.syntax.parser import parse_query, parse_steps
from tests.check.checking import NAME, loader_with

LOADER = loader_with(**{NAME: "import helpdesk; action Nothing < stop >"})
MODULE = LOADER.checked[NAME]
CASE = t.Row(("helpdesk.case",))


def environment(*locals_: Parameter) -> Environment:
    return Environment.of(MODULE, locals_)


def typed(text: str, *locals_: Parameter) -> CheckedFragment:
    return check_fragment(parse_steps(Source("<input>", text)), environment(*locals_))


def asked(text: str, *locals_: Parameter) -> CheckedFragment:
    return check_query_input(parse_query(Source("<input>", text)), environment(*locals_))


def codes(fragment: CheckedFragment) -> list[str]:
    return [found.code.id for found in fragment.diagnostics]


def run(fragment: CheckedFragment, **arguments: object) -> dict[str, object]:
    """What input returns when it is run on no rows."""
    assert fragment.verb is not None
    plan = Linker(LOADER.checked).plan(fragment.verb)
    return bind(plan, MemoryStore()).run(Unit(datetime(2026, 11, 24, tzinfo=UTC)), arguments)


def test_new_names_are_returned() -> None:
    fragment = typed('let total = 2 + 3; let words = "x"; if (total = 5) < let inner = total; require (inner = 5) >')
    assert fragment.bound == (Parameter("total", t.Integer()), Parameter("words", t.Text()))
    assert codes(fragment) == []
    assert fragment.verb is not None
    assert fragment.verb.name == f"{NAME}.input"
    assert run(fragment) == {"total": 5, "words": "x"}


def test_names_bound_before_are_taken_as_inputs() -> None:
    total = Parameter("total", t.Integer())
    fragment = typed("let double = total * 2", total)
    assert fragment.verb is not None
    assert fragment.verb.inputs == (total,)
    assert run(fragment, total=4) == {"double": 8}


def test_what_was_known_of_names_bound_before_is_not() -> None:
    amount = Parameter("amount", t.Integer(), optional=True)
    assert codes(typed("let more = amount + 1", amount)) == ["E0301"]
    assert codes(typed("let more = (amount otherwise 0) + 1", amount)) == []


def test_rows_and_outputs_are_names_too() -> None:
    fragment = typed('find optional case as c where (c.number = "1"); create team as t set name = "T"')
    assert fragment.bound == (Parameter("c", CASE, True), Parameter("t", t.Row(("core.team",))))
    performed = typed('perform Escalate(reason: "x") on c as r', Parameter("c", CASE))
    assert performed.bound == (Parameter("r", t.Outputs("helpdesk.Escalate")),)
    later = asked("r.ticket.subject", *performed.bound)
    assert codes(later) == []


def test_names_are_bound_once_in_a_session() -> None:
    fragment = typed("let total = 1", Parameter("total", t.Integer()))
    assert codes(fragment) == ["E0209"]
    assert fragment.verb is None
    assert fragment.bound == ()


def test_names_bound_at_the_top_may_be_used_later() -> None:
    assert codes(typed('find team as tier where (tier.name = "x")')) == []
    assert codes(typed('if (true) < create task as made set subject = "x" >')) == ["unused-name"]


def test_what_always_ends_returns_nothing() -> None:
    fragment = typed('let total = 1; fail "no {total}"')
    assert fragment.bound == ()
    assert fragment.verb is not None
    assert isinstance(fragment.verb.steps[-1], s.Fail)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("let x = ;", "E0101"),
        ("return total: 5", "E0216"),
        ('expect failure "x" < fail "x" >', "E0515"),
        ("update case set title = 5", "E0201"),
        ("let x = nothing_such", "E0201"),
    ],
)
def test_errors_leave_nothing_to_run(text: str, code: str) -> None:
    fragment = typed(text)
    assert codes(fragment) == [code]
    assert fragment.verb is None


@pytest.mark.parametrize(
    ("text", "type_", "optional", "value"),
    [
        ("1 + 2", t.Integer(), False, 3),
        ('upper("x")', t.Text(), False, "X"),
        ("1 < 2", t.Boolean(), False, True),
        ("count(case where case.status = open)", t.Integer(), False, 0),
        ("average(c.amount from case as c)", t.Decimal(), True, None),
    ],
)
def test_an_expression_returns_its_value(text: str, type_: t.Type, optional: bool, value: object) -> None:
    fragment = asked(text)
    assert fragment.verb is not None
    assert fragment.verb.outputs == (Parameter("value", type_, optional),)
    assert fragment.query is None
    assert run(fragment) == {"value": value}


@pytest.mark.parametrize(
    ("text", "table", "row"),
    [
        ("case", "helpdesk.case", "case"),
        ("helpdesk.case", "helpdesk.case", "case"),
        ("case where (case.status = open) order by case.due descending limit 3", "helpdesk.case", "case"),
        ("case as c where (c.amount is not empty)", "helpdesk.case", "c"),
        ("team order by team.name", "core.team", "team"),
    ],
)
def test_a_table_is_a_query(text: str, table: str, row: str) -> None:
    fragment = asked(text)
    assert codes(fragment) == []
    assert isinstance(fragment.query, e.Query)
    assert (fragment.query.table, fragment.query.row) == (table, row)
    assert run(fragment) == {}


def test_a_row_hides_the_table_of_its_name() -> None:
    fragment = asked("case", Parameter("case", CASE))
    assert fragment.query is None
    assert codes(asked("case where (case.status = open)", Parameter("case", CASE))) == ["E0212"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 +", "E0102"),
        ("caes", "E0201"),
        ("caes where (true)", "E0202"),
        ("5 where (true)", "E0319"),
        ("empty", "E0302"),
        ("case where (case.titel = 1)", "E0203"),
    ],
)
def test_what_is_wrong_with_an_expression_or_query(text: str, code: str) -> None:
    fragment = asked(text)
    assert codes(fragment) == [code]
    assert fragment.verb is None


def test_declarations_typed_later_see_the_session() -> None:
    loader = loader_with(**{NAME: "table visit < place text >"})
    checked = loader_with(first="table visit < place text >", second="table other < place text >")
    assert loader.checked[NAME].diagnostics == ()
    assert "first.visit" in checked.checked["first"].tables
