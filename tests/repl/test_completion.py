"""What could be typed next."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.repl.completion import complete
from tests.repl.scenes import SCENE

CASE_COLUMNS = [
    *("id", "number", "title", "priority", "status", "tags", "customer", "amount", "due"),
    *("escalated_on", "changed_on", "escalation_reason", "owner"),
]
SETTABLE = [name for name in CASE_COLUMNS if name not in ("id", "status", "changed_on")]
TABLES = ["account", "case", "contact", "task", "team", "user"]
PRIORITIES = ["low", "normal", "high"]
STATES = ["new", "open", "resolved", "cancelled"]


def texts(before: str) -> list[str]:
    return [candidate.text for candidate in complete(before, SCENE)]


@pytest.mark.parametrize(
    ("before", "all_there_is"),
    [
        ("c.", CASE_COLUMNS),
        ("c.cust", ["customer"]),
        ("c.customer.", ["id", "name"]),
        ("caller.", ["id", "name"]),
        ("perform ", ["Escalate", "Notify"]),
        ("perform Esc", ["Escalate"]),
        ("perform esc", ["Escalate"]),
        ("create ", TABLES),
        ("find optional ", TABLES),
        ("move c to ", ["resolved", "cancelled"]),
        ("move c2 to ", ["open", "cancelled", "resolved"]),
        ("update c set ", SETTABLE),
        ("update c set pri", ["priority"]),
        ('update c set title = "x", ', [name for name in SETTABLE if name != "title"]),
        ("create case set ", ["id", *SETTABLE]),
        ("create case as k set number = k.", []),
        ('let z = c.owner; fail "{c.ti', ["title"]),
        ("case where (case.pri", ["priority"]),
        ("case as k where (k.", CASE_COLUMNS),
        ("count(case where case.", CASE_COLUMNS),
        ("sum(k.amount from case as k where k.", CASE_COLUMNS),
        ("for each n in case where (n.", CASE_COLUMNS),
        ("for each n in case < update n set pri", ["priority"]),
        ("helpdesk.", [*TABLES, "Escalate", "Notify"]),
        ('perform Escalate(reason: "x") on c as r; let ticket = r.', ["ticket"]),
        ("action A on case (x user) < let y = x.", ["id", "name"]),
        ("action A on case (x user) < let y = case.cust", ["customer"]),
        ("find case as f; let y = f.pri", ["priority"]),
        ('fail "c.', []),
        ("# c.", []),
        ("update ) c.", []),
    ],
)
def test_all_that_fits(before: str, all_there_is: list[str]) -> None:
    assert texts(before) == all_there_is


@pytest.mark.parametrize(
    ("before", "first"),
    [
        ("update c set priority = ", PRIORITIES),
        ("update c set priority =", PRIORITIES),
        ("create case set priority = ", PRIORITIES),
        ("for each n in case < update n set priority = ", PRIORITIES),
        ("case where (case.priority = ", PRIORITIES),
        ("case where (case.priority > ", PRIORITIES),
        ("case where (case.status in (", STATES),
        ("case where (case.status in (open, ", STATES),
        ("if (c.status != ", STATES),
        ("table z < a Priority default ", PRIORITIES),
        ("perform Escalate(", ["reason:", "level:"]),
        ("perform Escalate(reason: c.title, ", ["level:"]),
        ("perform Escalate() on ", ["c", "c2", "who"]),
        ("assign c to ", ["who", "c", "c2"]),
        ("find ", TABLES),
        ("for each n in ", TABLES),
        ("action A on ", TABLES),
        ("case order by ", ["case"]),
        ("delete ", ["c", "who", "c2"]),
    ],
)
def test_what_fits_by_its_type_comes_first(before: str, first: list[str]) -> None:
    assert texts(before)[: len(first)] == first


@pytest.mark.parametrize(
    ("before", "some"),
    [
        ("", {"create", "perform", "import", "action", "case", "c", "now(", "count("}),
        ("case ", {"where", "order", "limit", "as"}),
        ("let x = ", {"now(", "c", "empty", "sum("}),
        ("action A on case (x ", {"text", "integer", "owner", "Priority", "case"}),
        ("table z < a ", {"text", "date", "Priority", "account", "choices"}),
        ("if (c.due is ", {"empty", "not"}),
        ("action A ", {"on", "returns", "requires"}),
    ],
)
def test_some_of_what_fits(before: str, some: set[str]) -> None:
    assert some <= set(texts(before))


@pytest.mark.parametrize(
    ("before", "never"),
    [("update c set ", {"status", "changed_on", "id"}), ("c.title", {"title2"}), ("perform ", {"case"})],
)
def test_what_does_not_fit(before: str, never: set[str]) -> None:
    assert not never & set(texts(before))


@settings(deadline=None)
@given(st.text(alphabet='abc "<>{}().;:=,\\n#`1 updateset', max_size=30))
def test_any_text_can_be_completed(before: str) -> None:
    complete(before, SCENE)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            "update create perform find for each case as where ( ) set priority = high , ; < > . c on order by let x if Escalate to move in".split()
        ),
        max_size=12,
    )
)
def test_any_words_can_be_completed(words: list[str]) -> None:
    complete(" ".join(words), SCENE)
    complete(" ".join([*words, ""]), SCENE)
