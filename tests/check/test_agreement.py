"""Checker and plan verifier agree: whatever steps the one has no complaint about, the other lets pass."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.diagnostic import Severity
from tests.check.checking import NAME, loader_with, verify_all

HEAD = """
import helpdesk;
action Clear on case < update case set amount = empty, due = today() >
action Reach on case returns (row case optional, day date) < return row: case, day: today() >
extern action Ask returns (said text);
on after delete of queue < stop >
"""
CONDITIONS = [
    "case.amount is not empty",
    "case.amount is empty",
    "case.due is not empty and other.due is not empty",
    "maybe is not empty",
    "maybe is empty or case.due is empty",
    "not (case.amount is empty)",
    "case.status = open",
    "case.status != open",
    "case.status in (new, open)",
    "other.status in (resolved, cancelled)",
    "case.customer is account",
    "case.customer is not account",
    "t.regarding is case",
    "case.amount = other.amount",
    "maybe = other",
    "case.queue is not empty and case.queue.active",
    "r.row is not empty",
    "case.amount otherwise 0 > 5",
]
VALUES = [
    "case.amount",
    "other.amount",
    "case.amount * 2",
    "5",
    "empty",
    "maybe.amount",
    "count(task where task.due = case.due)",
]
DAYS = ["case.due", "case.due + 2 days", "today()", "empty", "other.due", "r.day", "maybe.due"]
TEXTS = [
    '"x"',
    '"{case.amount}"',
    '"{case.due}"',
    '"{maybe.title}"',
    '"{case.customer.name}"',
    '"{other.title}"',
    "failure.message",
]

conditions, values, days, texts = map(st.sampled_from, (CONDITIONS, VALUES, DAYS, TEXTS))
case_rows = st.sampled_from(["case", "other", "maybe", "c", "t.regarding", "r.row"])
names = st.integers(0, 99).map("_n{}".format)
states = st.sampled_from(["open", "resolved", "cancelled", "new"])
simple = st.one_of(
    st.builds("update {} set amount = {}, due = {}".format, case_rows, values, days),
    st.builds("update {} set title = {}".format, case_rows, texts),
    st.builds("update t set due = {}, regarding = {}".format, days, case_rows),
    st.builds("move {} to {}".format, case_rows, states),
    st.builds("assign {} to {}".format, case_rows, st.sampled_from(["empty", "case.owner", 'team("x")'])),
    st.builds("delete {}".format, st.sampled_from(["other", "c", "t", "case.queue", "maybe"])),
    st.builds("require ({}) else {}".format, conditions, texts),
    st.builds("perform Clear() on {}".format, case_rows),
    st.builds("perform Reach() on {} as {}".format, case_rows, names),
    st.builds("let {} = {}".format, names, st.one_of(values.filter("empty".__ne__), texts)),
    st.builds("find optional case as {0} where ({0}.amount is not empty)".format, names),
    st.builds("find case as {0} where ({0}.status = open); move {0} to resolved".format, names),
    st.builds('create case as {0} set number = "1", title = "x"; move {0} to {1}'.format, names, states),
    st.builds('create task as {} set subject = "x", regarding = {}'.format, names, case_rows),
    st.builds("return amount: {}".format, values),
    st.builds("fail {}".format, texts),
    st.sampled_from(["stop", "emit Done(row: case)", "start Clear() on case", "perform Ask()"]),
)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Blocks around statements."""
    block = st.lists(inner, max_size=4).map("; ".join).map("< {} >".format)
    return st.one_of(
        st.builds("if ({}) {}".format, conditions, block),
        st.builds("if ({}) {} else {}".format, conditions, block, block),
        st.builds("if ({}) {} else if ({}) {}".format, conditions, block, conditions, block),
        st.builds("attempt {} else {}".format, block, block),
        st.builds('stage "x" {}'.format, block),
        st.builds(
            "for each {0} in task where ({0}.regarding = case) < update {0} set due = case.due; {1} >".format,
            names,
            inner,
        ),
        st.builds(
            "for each {0} in case where ({0}.amount is not empty) < update {0} set amount = {1}; {2} >".format,
            names,
            values,
            inner,
        ),
        st.builds("for each {} in rows {}".format, names, block),
        st.builds("for each {} in cases {}".format, names, block),
    )


bodies = st.lists(st.recursive(simple, nested, max_leaves=8), min_size=1, max_size=6).map("; ".join)


def let_pass(text: str) -> None:
    """See that the verifier has nothing against a script, if the checker has nothing against it."""
    loader = loader_with(**{NAME: HEAD + text})
    if not any(found.severity is Severity.ERROR for found in loader.checked[NAME].diagnostics):
        verify_all(loader, NAME)


FIRST = "find case as c; find task as t; perform Reach() on case as r"


@settings(max_examples=400, deadline=None)
@given(bodies)
def test_what_the_checker_lets_pass_the_verifier_does(body: str) -> None:
    inputs = "other case, maybe case optional, rows list of case, cases list of case"
    let_pass(f"action A on case ({inputs}) returns (amount money optional) < {FIRST}; {body} >")


@settings(max_examples=200, deadline=None)
@given(bodies, bodies)
def test_also_in_tests(body: str, failing: str) -> None:
    rows = 'create case as case set number = "1", title = "x"; create case as other set number = "2", title = "y"'
    let_pass(f'test "x" < {rows}; find optional case as maybe; {FIRST}; expect failure < {failing} > {body} >')
