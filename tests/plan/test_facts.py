"""What a condition shows is true whenever the condition holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.facts import Facts, Known, path_of, plain, same_path, when
from tests.plan.samples import (
    BOOLEAN,
    CASE,
    MONEY,
    STATUS,
    TEXT,
    THE_CASE,
    both,
    compare,
    empty,
    is_filled,
    literal,
    local,
    narrow,
    of,
    text,
)

AMOUNT, STATUS_OF, CUSTOMER, NUMBER = (of(THE_CASE, name) for name in ("amount", "status", "customer", "number"))
EMPLOYER = of(narrow(CUSTOMER, t.Row(("helpdesk.contact",))), "employer")
STATES = ("new", "open", "resolved", "cancelled")
TABLES = ("helpdesk.account", "helpdesk.contact")

State = dict[tuple[str, ...], Any]
"""A value by path: None when empty; a lookup's is the table of its row."""

STATE: st.SearchStrategy[State] = st.fixed_dictionaries(
    {
        ("case", "amount"): st.sampled_from([None, 1, 2]),
        ("case", "status"): st.sampled_from(STATES),
        ("case", "number"): st.sampled_from([None, "a", "b"]),
        ("case", "customer"): st.sampled_from([None, *TABLES]),
    }
)


def node(kind: type, *parts: Any) -> e.Expression:
    """A condition of a class."""
    made: e.Expression = kind(BOOLEAN, False, *parts)
    return made


LEAVES = st.sampled_from(
    [
        *(node(e.IsEmpty, path) for path in (AMOUNT, CUSTOMER, NUMBER)),
        *(compare(AMOUNT, sign, literal(MONEY, 1)) for sign in ("=", "!=")),
        *(compare(empty(MONEY), sign, AMOUNT) for sign in ("=", "!=")),
        *(compare(NUMBER, sign, text("a")) for sign in ("=", "!=")),
        *(compare(text("b"), sign, NUMBER) for sign in ("=", "!=")),
        *(compare(STATUS_OF, sign, literal(STATUS, state)) for sign in ("=", "!=") for state in STATES[:3]),
        node(
            e.In, STATUS_OF, e.ListLiteral(t.ListOf(STATUS), False, (literal(STATUS, "new"), literal(STATUS, "open")))
        ),
        node(e.In, NUMBER, e.ListLiteral(t.ListOf(TEXT), False, (text("a"), text("c")))),
        *(node(e.IsTable, CUSTOMER, table) for table in TABLES),
    ]
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        inner.map(lambda condition: node(e.Not, condition))
        | st.lists(inner, min_size=2, max_size=3).map(lambda found: node(e.And, tuple(found)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda found: node(e.Or, tuple(found)))
    ),
    max_leaves=8,
)


def value(expression: e.Expression, state: State) -> Any:
    """What an operand is in a state."""
    if isinstance(expression, e.Convert | e.Narrow):
        return value(expression.operand, state)
    if isinstance(expression, e.Literal):
        return expression.value
    path = path_of(expression)
    assert path is not None
    return state[plain(path)]


def holds(condition: e.Expression, state: State) -> bool:
    """Whether a condition holds in a state."""
    match condition:
        case e.Not():
            return not holds(condition.operand, state)
        case e.And():
            return all(holds(each, state) for each in condition.operands)
        case e.Or():
            return any(holds(each, state) for each in condition.operands)
        case e.IsEmpty():
            return value(condition.operand, state) is None
        case e.IsTable():
            return bool(value(condition.operand, state) == condition.table)
        case e.In(collection=e.ListLiteral()):
            return value(condition.item, state) in [value(item, state) for item in condition.collection.items]
        case e.Compare():
            equal = value(condition.left, state) == value(condition.right, state)
            return equal is (condition.operator == "=")
    raise AssertionError(condition)


def sound(facts: Facts, state: State) -> None:
    """See that all that is known is so."""
    assert not facts.unreachable
    for path, known in facts.known.items():
        if path == ("case",):
            continue
        found = state[path]
        assert not (known.filled and found is None), known
        if found is not None:
            assert known.tables is None or found in known.tables, known
            assert known.states is None or found in known.states, known


@given(CONDITIONS, STATE)
@settings(max_examples=500, deadline=None)
def test_what_is_learnt_is_so(condition: e.Expression, state: State) -> None:
    sound(when(condition, holds(condition, state), Facts()), state)


@given(CONDITIONS, CONDITIONS, STATE)
@settings(max_examples=200, deadline=None)
def test_what_is_learnt_of_one_condition_after_another_is_so(
    first: e.Expression, second: e.Expression, state: State
) -> None:
    facts = when(first, holds(first, state), Facts())
    sound(when(second, holds(second, state), facts), state)


@given(CONDITIONS, CONDITIONS, STATE, STATE)
@settings(max_examples=200, deadline=None)
def test_what_is_known_of_two_ways_is_so_on_both(
    first: e.Expression, second: e.Expression, one: State, other: State
) -> None:
    joined = when(first, holds(first, one), Facts()).join(when(second, holds(second, other), Facts()))
    sound(joined, one)
    sound(joined, other)


@given(CONDITIONS, STATE, STATE, st.sets(st.sampled_from(["amount", "status", "customer", "number"])))
@settings(max_examples=200, deadline=None)
def test_what_is_known_after_writes_holds_whatever_was_written(
    condition: e.Expression, before: State, written: State, columns: set[str]
) -> None:
    facts = when(condition, holds(condition, before), Facts())
    after = {path: (written if path[1] in columns else before)[path] for path in before}
    sound(facts.after_writes(("helpdesk.case", column) for column in columns), after)


# ------------------------------------------------------------------------------------------------------- what is learnt

OPEN = literal(STATUS, "open")
FILLED = ("case",)
LEARNT = {
    "not empty": (is_filled(AMOUNT), True, {"case.amount": "filled"}),
    "empty": (is_filled(AMOUNT), False, {}),
    "equal to a value": (compare(AMOUNT, "=", literal(MONEY, 1)), True, {"case.amount": "filled"}),
    "unequal to a value": (compare(AMOUNT, "!=", literal(MONEY, 1)), True, {}),
    "not unequal to a value": (compare(literal(MONEY, 1), "!=", AMOUNT), False, {"case.amount": "filled"}),
    "unequal to empty": (compare(AMOUNT, "!=", empty(MONEY)), True, {"case.amount": "filled"}),
    "equal to another that may be empty": (compare(AMOUNT, "=", AMOUNT), True, {}),
    "an order": (compare(narrow(AMOUNT), "<", literal(MONEY, 1)), True, {}),
    "both": (both(is_filled(AMOUNT), is_filled(NUMBER)), True, {"case.amount": "filled", "case.number": "filled"}),
    "not both": (both(is_filled(AMOUNT), is_filled(NUMBER)), False, {}),
    "neither": (
        node(e.Or, (node(e.IsEmpty, AMOUNT), node(e.IsEmpty, NUMBER))),
        False,
        {"case.amount": "filled", "case.number": "filled"},
    ),
    "one of two ways": (
        node(e.Or, (is_filled(AMOUNT), both(is_filled(AMOUNT), is_filled(NUMBER)))),
        True,
        {"case.amount": "filled"},
    ),
    "a state": (compare(STATUS_OF, "=", OPEN), True, {"case.status": "filled, open"}),
    "one state of two": (
        node(e.Or, (compare(STATUS_OF, "=", OPEN), compare(STATUS_OF, "=", literal(STATUS, "new")))),
        True,
        {"case.status": "filled, new, open"},
    ),
    "a table": (node(e.IsTable, CUSTOMER, TABLES[0]), True, {"case.customer": "filled, of helpdesk.account"}),
    "another table": (node(e.IsTable, CUSTOMER, TABLES[0]), False, {"case.customer": "of helpdesk.contact"}),
    "what a path goes through": (is_filled(EMPLOYER), True, {"case.customer": "filled", "case.customer.employer": "filled"}),
    "under a row": (
        node(e.Under, EMPLOYER, local("top", t.Row(("helpdesk.account",))), "parent"),
        True,
        {"case.customer": "filled", "case.customer.employer": "filled"},
    ),
    "not under a row": (node(e.Under, EMPLOYER, local("top", t.Row(("helpdesk.account",))), "parent"), False, {}),
    "nothing of what is no path": (is_filled(e.Otherwise(MONEY, True, AMOUNT, AMOUNT)), True, {}),
    "nothing of a call": (e.CallVerb(BOOLEAN, False, "m.F", None, ()), True, {}),
    "nothing of the table of no path": (
        node(e.IsTable, e.Otherwise(CUSTOMER.type, True, CUSTOMER, CUSTOMER), TABLES[0]),
        True,
        {},
    ),
}  # fmt: skip


def words(known: Known) -> str:
    """What is known of one path."""
    parts = ["filled"] if known.filled else []
    parts += sorted(known.states or ())
    parts += [f"of {table}" for table in sorted(known.tables or ())]
    return ", ".join(parts)


@pytest.mark.parametrize(("condition", "outcome", "expected"), LEARNT.values(), ids=LEARNT)
def test_learnt(condition: e.Expression, outcome: bool, expected: dict[str, str]) -> None:
    facts = when(condition, outcome, Facts())
    told = {".".join(path): words(known) for path, known in facts.known.items() if path != ("case",)}
    assert {path: said for path, said in told.items() if said} == expected


def test_facts_of_an_expression() -> None:
    facts = when(both(is_filled(AMOUNT), compare(STATUS_OF, "=", OPEN)), True, Facts())
    known = facts.of(e.Convert(t.Decimal(), True, AMOUNT))
    assert known is not None
    assert known.filled
    assert facts.of(NUMBER) is None
    assert facts.of(text("x")) is None
    assert Facts().of(AMOUNT) is None


def test_two_conditions_meet() -> None:
    facts = when(
        node(e.In, STATUS_OF, e.ListLiteral(t.ListOf(STATUS), False, (OPEN, literal(STATUS, "new")))), True, Facts()
    )
    facts = when(compare(STATUS_OF, "=", OPEN), True, facts)
    known = facts.of(STATUS_OF)
    assert known is not None
    assert known.states == {"open"}


def test_behind_an_end_nothing_is_learnt() -> None:
    dead = Facts().dead()
    assert when(is_filled(AMOUNT), True, dead) is dead
    facts = when(is_filled(AMOUNT), True, Facts())
    assert dead.join(facts) is facts
    assert facts.join(dead) is facts
    assert facts.join(facts) is facts


def test_writes_to_other_columns_take_nothing_away() -> None:
    facts = when(is_filled(AMOUNT), True, Facts())
    assert facts.after_writes([("helpdesk.case", "title"), ("helpdesk.task", "amount")]) is facts
    assert facts.after_writes([]) is facts
    assert not facts.after_writes([("helpdesk.case", "amount")]).known.get(("case", "amount"))


def test_a_write_on_the_way_takes_the_path_away() -> None:
    facts = when(is_filled(EMPLOYER), True, Facts())
    left = facts.after_writes([("helpdesk.case", "customer")])
    assert ("case", "customer", "employer") not in left.known
    assert ("case", "customer") not in left.known
    assert ("case", "customer") in facts.after_writes([("helpdesk.contact", "employer")]).known


def test_paths() -> None:
    outputs = e.OutputOf(TEXT, True, local("done", t.Outputs("m.F")), "text")
    assert path_of(outputs) == ("done", ("text", ()))
    assert path_of(of(local("other", CASE), "amount")) != path_of(AMOUNT)
    assert path_of(e.OutputOf(TEXT, True, e.CallVerb(t.Outputs("m.F"), False, "m.F", None, ()), "text")) is None
    assert path_of(e.Column(TEXT, True, text("x"), "length")) is None
    narrowed = path_of(of(narrow(CUSTOMER, t.Row((TABLES[0],))), "name"))
    other = path_of(of(narrow(CUSTOMER, t.Row((TABLES[1],))), "name"))
    assert narrowed is not None
    assert other is not None
    assert narrowed != other
    assert same_path(narrowed, other)
