"""Expressions of a plan read as a script has them: what is written parses, and parses to the same tree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.source import Source
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.expression_text import condition_text, constant_text, expression_text, query_text
from actionlang.plan.plan import StepPlan
from actionlang.plan.walk import nodes
from actionlang.syntax import ast
from actionlang.syntax.parser import parse_query
from tests.plan.samples import (
    BOOLEAN,
    CASE,
    INTEGER,
    PRIORITY,
    TEXT,
    THE_CASE,
    USER,
    call,
    compare,
    exact,
    literal,
    local,
    narrow,
    of,
    team,
    template,
    text,
    whole,
)
from tests.strategies.plans import plans

AMOUNT, A, B, C = of(THE_CASE, "amount"), local("a", INTEGER), local("b", INTEGER), local("c", INTEGER)
CASES = e.Query("helpdesk.case", "other", compare(A, "=", B))


def plus(left: e.Expression, sign: str, right: e.Expression) -> e.Expression:
    """Two numbers."""
    return e.Arithmetic(INTEGER, False, sign, left, right)


def not_(operand: e.Expression) -> e.Expression:
    """Not."""
    return e.Not(BOOLEAN, False, operand)


EMPTY = e.IsEmpty(BOOLEAN, True, AMOUNT)
ACCOUNT = e.IsTable(BOOLEAN, False, of(THE_CASE, "customer"), "helpdesk.account")
WRITTEN: list[tuple[e.Expression, str]] = [
    (local("case", CASE), "case"),
    (e.Caller(USER, False), "caller"),
    (of(e.Caller(USER, False), "name"), "caller.name"),
    (e.FailureMessage(TEXT, False), "failure.message"),
    (narrow(AMOUNT), "case.amount"),
    (exact(A), "a"),
    (e.OutputOf(TEXT, False, local("done", t.Outputs("m.F")), "note"), "done.note"),
    (team(text("Tier 2")), 'team("Tier 2")'),
    (e.RowByKey(CASE, False, "m.line", ("number", "row"), (A, B)), "line(number: a, row: b)"),
    (of(team(text("x")), "name"), 'team("x").name'),
    (not_(compare(A, "=", B)), "not a = b"),
    (not_(not_(local("x", BOOLEAN))), "not not x"),
    (not_(e.And(BOOLEAN, False, (EMPTY, EMPTY))), "not (case.amount is empty and case.amount is empty)"),
    (not_(EMPTY), "case.amount is not empty"),
    (ACCOUNT, "case.customer is account"),
    (not_(ACCOUNT), "case.customer is not account"),
    (
        e.And(BOOLEAN, False, (EMPTY, not_(EMPTY), EMPTY)),
        "case.amount is empty and case.amount is not empty and case.amount is empty",
    ),
    (
        e.Or(BOOLEAN, False, (e.And(BOOLEAN, False, (EMPTY, EMPTY)), EMPTY)),
        "case.amount is empty and case.amount is empty or case.amount is empty",
    ),
    (
        e.And(BOOLEAN, False, (e.Or(BOOLEAN, False, (EMPTY, EMPTY)), EMPTY)),
        "(case.amount is empty or case.amount is empty) and case.amount is empty",
    ),
    (compare(compare(A, "<", B), "=", compare(B, "<", C)), "(a < b) = (b < c)"),
    (e.In(BOOLEAN, False, A, e.ListLiteral(t.ListOf(INTEGER), False, (whole(1), whole(2)))), "a in (1, 2)"),
    (e.In(BOOLEAN, False, A, e.ListLiteral(t.ListOf(INTEGER), False, (whole(1),))), "a in (1,)"),
    (e.Under(BOOLEAN, False, A, B, "parent"), "a under b"),
    (e.Otherwise(INTEGER, False, AMOUNT, whole(0)), "case.amount otherwise 0"),
    (e.Otherwise(INTEGER, False, e.Otherwise(INTEGER, True, A, B), C), "a otherwise b otherwise c"),
    (e.Otherwise(INTEGER, False, A, e.Otherwise(INTEGER, True, B, C)), "a otherwise (b otherwise c)"),
    (plus(A, "-", plus(B, "-", C)), "a - (b - c)"),
    (plus(plus(A, "-", B), "-", C), "a - b - c"),
    (plus(A, "*", plus(B, "+", C)), "a * (b + c)"),
    (plus(plus(A, "*", B), "+", C), "a * b + c"),
    (plus(A, "/", plus(B, "*", C)), "a / (b * c)"),
    (e.Negate(INTEGER, False, A), "-a"),
    (e.Negate(INTEGER, False, plus(A, "+", B)), "-(a + b)"),
    (e.Negate(INTEGER, False, e.Negate(INTEGER, False, A)), "--a"),
    (plus(A, "-", e.Negate(INTEGER, False, B)), "a - -b"),
    (plus(A, "-", whole(-1)), "a - -1"),
    (template("Tier ", A, " {x}"), '"Tier {a} {{x}}"'),
    (template(text("in")), '"{"in"}"'),
    (call("round", "decimal,integer", t.Decimal(), exact(A), whole(2)), "round(a, 2)"),
    (call("now", "", t.DateTime()), "now()"),
    (e.CallVerb(TEXT, False, "m.Net", None, ()), "Net()"),
    (e.CallVerb(TEXT, False, "m.Net", THE_CASE, (("of", A), ("by", B))), "Net(case, of: a, by: b)"),
    (e.Aggregate(INTEGER, False, "count", CASES, None), "count(case as other where a = b)"),
    (e.Aggregate(BOOLEAN, False, "exists", e.Query("m.case", "case", None), None), "exists(case)"),
    (e.Aggregate(INTEGER, False, "sum", CASES, A), "sum(a from case as other where a = b)"),
    (literal(t.Empty(), None), "empty"),
]


@pytest.mark.parametrize(("expression", "expected"), WRITTEN, ids=[expected for _, expected in WRITTEN])
def test_written(expression: e.Expression, expected: str) -> None:
    assert expression_text(expression) == expected
    assert condition_text(expression) == f"({expected})"
    assert not parse_query(Source("", expected)).diagnostics


CONSTANTS: list[tuple[t.Type, object, str]] = [
    (TEXT, 'say "hi"\n\t\\', '"say \\"hi\\"\\n\\t\\\\"'),
    (TEXT, "{a}", '"{{a}}"'),
    (TEXT, "a\x1b[31m\u202eb\ufeff", '"a\\u{1B}[31m\\u{202E}b\\u{FEFF}"'),
    (t.Text(20), "Größe 🎉", '"Größe 🎉"'),
    (INTEGER, -5, "-5"),
    (INTEGER, 2**63 - 1, "9223372036854775807"),
    (t.Decimal(), Decimal("2.50"), "2.50"),
    (t.Money(), Decimal("1E+3"), "1000"),
    (BOOLEAN, True, "true"),
    (BOOLEAN, False, "false"),
    (t.Date(), date(2026, 11, 24), 'date "2026-11-24"'),
    (t.DateTime(), datetime(2026, 11, 24, 9, 30, tzinfo=UTC), 'datetime "2026-11-24T09:30:00Z"'),
    (t.Id(), "01940000-0000-7000-8000-000000000000", 'id "01940000-0000-7000-8000-000000000000"'),
    (t.Duration(), timedelta(days=2), "2 days"),
    (t.Duration(), timedelta(days=1), "1 day"),
    (t.Duration(), timedelta(hours=25), "25 hours"),
    (t.Duration(), timedelta(minutes=90), "90 minutes"),
    (t.Duration(), timedelta(seconds=61), "61 seconds"),
    (t.Duration(), timedelta(), "0 days"),
    (t.Duration(), timedelta(days=-2), "-2 days"),
    (t.Duration(), timedelta(microseconds=1500), "0.0015 seconds"),
    (PRIORITY, "high", "high"),
    (t.Choices("m.Tag"), ("a", "b"), "(a, b)"),
    (t.ListOf(INTEGER), (1, 2), "(1, 2)"),
    (t.ListOf(TEXT), ("x", "y"), '("x", "y")'),
]


@pytest.mark.parametrize(("type_", "value", "expected"), CONSTANTS, ids=[expected for *_, expected in CONSTANTS])
def test_constants(type_: t.Type, value: object, expected: str) -> None:
    assert constant_text(type_, value) == expected
    assert not parse_query(Source("", expected)).diagnostics


def test_queries() -> None:
    plain = e.Query("m.case", "case", None)
    assert query_text(plain) == "case"
    order = (e.Ordering(A, False), e.Ordering(plus(A, "+", B), True))
    whole_query = e.Query("m.case", "other", compare(A, "=", B), order, whole(5))
    assert query_text(whole_query) == "case as other where (a = b) order by a, a + b descending limit 5"


# -------------------------------------------------------------------------------------- what is written means the same

NAMES = st.sampled_from([A, B, C])


def operators(inner: st.SearchStrategy[e.Expression]) -> st.SearchStrategy[e.Expression]:
    """Any operator over any operands; types do not matter here."""
    pairs = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(plus, inner, st.sampled_from("+-*/"), inner),
        st.builds(compare, inner, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner),
        inner.map(lambda x: e.Negate(INTEGER, False, x)),
        inner.map(not_),
        inner.map(lambda x: e.IsEmpty(BOOLEAN, False, x)),
        inner.map(lambda x: e.IsTable(BOOLEAN, False, x, "m.account")),
        pairs.map(lambda xs: e.And(BOOLEAN, False, xs)),
        pairs.map(lambda xs: e.Or(BOOLEAN, False, xs)),
        st.builds(lambda x, y: e.Otherwise(INTEGER, False, x, y), inner, inner),
        st.builds(lambda x, y: e.In(BOOLEAN, False, x, y), inner, inner),
        st.builds(lambda x, y: e.Under(BOOLEAN, False, x, y, "p"), inner, inner),
        inner.map(lambda x: e.Column(INTEGER, False, x, "d")),
        pairs.map(lambda xs: e.ListLiteral(t.ListOf(INTEGER), False, xs)),
        st.builds(lambda x: template("t", x), inner),
    )


WORDS: dict[type, tuple[str, str, str]] = {
    e.Otherwise: ("otherwise", "operand", "fallback"),
    e.In: ("in", "item", "collection"),
    e.Under: ("under", "row", "ancestor"),
}
PREFIXES: dict[type, str] = {e.Not: "not", e.Negate: "-", e.IsEmpty: "is empty", e.IsTable: "is account"}


def of_plan(node: Any) -> Any:
    """A plan's expression as nested tuples."""
    if type(node) in WORDS:
        word, left, right = WORDS[type(node)]
        return (word, of_plan(getattr(node, left)), of_plan(getattr(node, right)))
    if isinstance(node, e.Not) and isinstance(node.operand, e.IsEmpty | e.IsTable):
        return (PREFIXES[type(node.operand)].replace("is", "is not"), of_plan(node.operand.operand))
    if type(node) in PREFIXES:
        return (PREFIXES[type(node)], of_plan(node.operand))
    match node:
        case e.Local():
            return node.name
        case e.And() | e.Or():
            first, *others = map(of_plan, node.operands)
            for other in others:
                first = ("and" if isinstance(node, e.And) else "or", first, other)
            return first
        case e.Column():
            return (".d", of_plan(node.row))
        case e.ListLiteral():
            return ("list", *map(of_plan, node.items))
        case e.Template():
            return ("text", *map(of_plan, node.parts))
        case e.Arithmetic() | e.Compare():
            return (node.operator, of_plan(node.left), of_plan(node.right))
    return node


def of_script(node: Any) -> Any:
    """A script's expression as nested tuples."""
    match node:
        case ast.NameExpression():
            return node.text
        case ast.Unary():
            return (node.operator, of_script(node.operand))
        case ast.Binary():
            return (node.operator, of_script(node.left), of_script(node.right))
        case ast.IsEmpty():
            return ("is not empty" if node.negated else "is empty", of_script(node.operand))
        case ast.IsTable():
            return ("is not account" if node.negated else "is account", of_script(node.operand))
        case ast.Path():
            return (".d", of_script(node.target))
        case ast.ListLiteral():
            return ("list", *map(of_script, node.items))
        case ast.Template():
            return ("text", *map(of_script, node.parts))
    return node


@given(st.recursive(NAMES, operators, max_leaves=12))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_parentheses_stand_where_they_are_needed(expression: e.Expression) -> None:
    parsed = parse_query(Source("", expression_text(expression)))
    assert not parsed.diagnostics
    assert parsed.query is not None
    assert of_script(parsed.query.value) == of_plan(expression)


@given(plans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_is_written_of_a_plan_parses(plan: StepPlan) -> None:
    for each in plan.verbs:
        for node in nodes(each.steps):
            if isinstance(node, e.Expression):
                written = expression_text(node)
                assert not parse_query(Source("", written)).diagnostics, written
