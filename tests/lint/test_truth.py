"""Truth tables against all cases there are: a condition over few values, and the same worked out for each of them."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.lint.truth import Table, Undefined
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Member
from actionlang.plan import expressions as e
from actionlang.plan.facts import Facts, Known

BOOLEAN = t.Boolean()
SIZE = Choice("m.Size", (Member("small"), Member("medium"), Member("large")))
SIZES = tuple(member.name for member in SIZE.members)
NUMBER = e.Local(t.Integer(), True, "number")
WORD = e.Local(t.Text(), False, "word")
OF_SIZE = e.Local(t.Choice("m.Size"), True, "size")
FLAG = e.Local(BOOLEAN, False, "flag")
OPAQUE = e.Compare(BOOLEAN, False, "=", WORD, e.Local(t.Text(), False, "other"))

NUMBERS = (None, *range(-2, 8))
WORDS = ("a", "b", "c", "neither")
CASES = [
    {"number": number, "word": word, "size": size, "flag": flag, "other": other}
    for number, word, size, flag, other in product(NUMBERS, WORDS, (None, *SIZES), (False, True), WORDS)
]
"""All cases that conditions made below can tell apart: their numbers lie between 0 and 5, their words are the first three."""

OPERATORS = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _compare(operator: str, left: e.Expression, right: e.Expression) -> e.Expression:
    return e.Compare(BOOLEAN, False, operator, left, right)


def _literal(type_: t.Type, value: object) -> e.Expression:
    return e.Literal(type_, value is None, value)


INTEGERS = st.integers(0, 5).map(lambda value: _literal(t.Integer(), value))
MEMBERS = st.sampled_from(SIZES).map(lambda value: _literal(t.Choice("m.Size"), value))
TEXTS = st.sampled_from(WORDS[:3]).map(lambda value: _literal(t.Text(), value))
NUMBER_OR_ZERO = e.Otherwise(t.Integer(), False, NUMBER, _literal(t.Integer(), 0))

QUESTIONS = st.one_of(
    st.builds(_compare, st.sampled_from(["=", "!="]), st.just(NUMBER), INTEGERS),
    st.builds(_compare, st.sampled_from(sorted(OPERATORS)), st.just(NUMBER_OR_ZERO), INTEGERS),
    st.builds(_compare, st.sampled_from(sorted(OPERATORS)), INTEGERS, st.just(NUMBER_OR_ZERO)),
    st.builds(_compare, st.sampled_from(["=", "!="]), st.just(OF_SIZE), MEMBERS),
    st.builds(_compare, st.sampled_from(["=", "!="]), st.just(WORD), TEXTS),
    st.sampled_from([NUMBER, OF_SIZE]).map(lambda value: e.IsEmpty(BOOLEAN, False, value)),
    st.lists(MEMBERS, min_size=1, max_size=3).map(
        lambda items: e.In(BOOLEAN, False, OF_SIZE, e.ListLiteral(t.ListOf(OF_SIZE.type), False, tuple(items)))
    ),
    st.just(FLAG),
    st.just(OPAQUE),
    st.just(e.Compare(BOOLEAN, False, "!=", OPAQUE.left, OPAQUE.right)),
)
CONDITIONS = st.recursive(
    QUESTIONS,
    lambda inner: st.one_of(
        inner.map(lambda operand: e.Not(BOOLEAN, False, operand)),
        st.lists(inner, min_size=2, max_size=3).map(lambda operands: e.And(BOOLEAN, False, tuple(operands))),
        st.lists(inner, min_size=2, max_size=3).map(lambda operands: e.Or(BOOLEAN, False, tuple(operands))),
    ),
    max_leaves=5,
)


def value(expression: e.Expression, case: dict[str, Any]) -> Any:
    """What an expression comes to in a case, worked out plainly."""
    match expression:
        case e.Literal():
            return expression.value
        case e.Local():
            return case[expression.name]
        case e.Otherwise():
            found = value(expression.operand, case)
            return value(expression.fallback, case) if found is None else found
        case e.Not():
            return not value(expression.operand, case)
        case e.And():
            return all(value(operand, case) for operand in expression.operands)
        case e.Or():
            return any(value(operand, case) for operand in expression.operands)
        case e.IsEmpty():
            return value(expression.operand, case) is None
        case e.In():
            assert isinstance(expression.collection, e.ListLiteral)
            return value(expression.item, case) in [value(item, case) for item in expression.collection.items]
        case e.Compare():
            return OPERATORS[expression.operator](value(expression.left, case), value(expression.right, case))
    raise AssertionError(expression)


def answers(condition: e.Expression, facts: Facts) -> set[bool]:
    """What a condition comes to in the rows of its truth table."""
    table = Table((condition,), facts, {SIZE.name: SIZE})
    table.fixed = True  # Also where it is clear that any answer is possible.
    found = set()
    for row in table.rows():
        try:
            found.add(table.holds(condition, row))
        except Undefined:
            continue
    return found


@settings(deadline=None, max_examples=120)
@given(CONDITIONS)
def test_a_truth_table_has_all_answers_and_no_others(condition: e.Expression) -> None:
    found = answers(condition, Facts())
    really = {value(condition, case) for case in CASES}
    # What is not looked into is taken for independent of everything else, so there may be an answer more, never one less.
    assert found >= really
    if "other" not in str(condition):
        assert found == really


@settings(deadline=None, max_examples=60)
@given(CONDITIONS, st.sets(st.sampled_from(SIZES), min_size=1))
def test_what_is_known_beforehand_counts(condition: e.Expression, sizes: set[str]) -> None:
    facts = Facts().learn(
        Known(("size",), filled=True, states=frozenset(sizes)),
        Known(("number",), filled=True),
    )
    known = [case for case in CASES if case["size"] in sizes and case["number"] is not None]
    found = answers(condition, facts)
    really = {value(condition, case) for case in known}
    assert found >= really
    if "other" not in str(condition):
        assert found == really


@settings(deadline=None, max_examples=80)
@given(CONDITIONS)
def test_no_table_means_that_any_answer_is_possible(condition: e.Expression) -> None:
    """Tables of conditions that can come to anything are not worked out at all."""
    table = Table((condition,), Facts(), {SIZE.name: SIZE})
    if not list(table.rows()):
        assert {value(condition, case) for case in CASES} == {True, False}
