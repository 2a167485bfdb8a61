"""What each expression comes to: `asked/*.txt` has expressions and queries, one a line, and indented below each its type
(and its text, where that differs), or what is wrong with it. What has no errors passed the plan's verifier as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.check.expressions import unknown
from actionlang.metadata import types as t
from tests.check.asking import LOCALS, ask

ASKED = sorted((Path(__file__).parent / "asked").glob("*.txt"))


def blocks(file: Path) -> Iterator[tuple[str, list[str]]]:
    """The expressions of a file, each with the lines below it."""
    expression, lines = "", list[str]()
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("  "):
            lines.append(line.strip())
        elif line and not line.startswith("#"):
            if expression:
                yield expression, lines
            expression, lines = line, []
    yield expression, lines


def came_to(expression: str) -> list[str]:
    """What the file should say of an expression."""
    answer = ask(expression)
    lines: list[str] = []
    if answer.value is not None or answer.query is not None:
        lines.append("rows" if answer.value is None else answer.type)
        lines += [answer.text] * (answer.text != expression)
    lines += [f"unavailable: {feature} {text}" for feature, text in answer.unavailable]
    for code, message, hint in answer.complaints:
        lines += [f"{code}: {message}", *([f"hint: {hint}"] if hint else [])]
    return lines


@pytest.mark.parametrize(
    ("expression", "expected"),
    [pytest.param(*block, id=f"{file.stem}: {block[0]}") for file in ASKED for block in blocks(file)],
)
def test_what_an_expression_comes_to(expression: str, expected: list[str]) -> None:
    assert came_to(expression) == expected


def test_there_are_many_expressions() -> None:
    assert sum(1 for file in ASKED for _ in blocks(file)) > 400


def test_unknown_fits_everywhere() -> None:
    assert unknown().type == t.Unknown()
    assert not unknown().optional


ATOMS = st.sampled_from(
    [
        *LOCALS,
        "1",
        "2.5",
        '"x"',
        "true",
        "empty",
        "3 days",
        "36 hours",
        "today()",
        "now()",
        "caller",
        "high",
        "open",
        "x",
    ]
    + [
        f"case.{name}"
        for name in ("amount", "customer", "due", "priority", "status", "tags", "account", "owner", "active")
    ]
    + ['account("x")', "count(account)", "max(a.revenue from account as a)", "Priority.low", "case.customer.name"]
)
OPERATORS = "or and = != < <= > >= in under otherwise + - * /".split()


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of others, most of them nonsense."""
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("{} is not empty and {} is account and {}".format, ATOMS, ATOMS, inner).map("({})".format),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("({}, {})".format, inner, inner),
        st.builds("({} is empty)".format, inner),
        st.builds("({} is not {})".format, inner, st.sampled_from(["account", "user", "case"])),
        st.builds("{}({}, {})".format, st.sampled_from(["left", "minimum", "double", "label", "round"]), inner, inner),
        st.builds("{}({})".format, st.sampled_from(["absolute", "account", "text_of", "keyed", "case"]), inner),
        st.builds("sum({} from account as a where {})".format, inner, inner),
        st.builds('"{{{}}}"'.format, inner),
        st.builds("{}.name".format, inner),
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(ATOMS, combined, max_leaves=6))
def test_every_expression_is_complained_about_or_let_pass(expression: str) -> None:
    answer = ask(expression)
    assert answer.complaints or answer.value is not None or answer.query is not None
    told = list(zip(answer.complaints, answer.places, strict=True))
    assert len(set(told)) == len(told), "a mistake is told once"


def made_of(templates: list[str], **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Templates filled with expressions of the kinds that they name: numbers, texts, dates, truths (booleans)."""

    def fill(template: str) -> st.SearchStrategy[str]:
        pieces = template.split("?")
        holes = [parts[piece[0]] for piece in pieces[1:]]
        rests = [piece[1:] for piece in pieces[1:]]
        return st.tuples(*holes).map(
            lambda values: pieces[0] + "".join(value + rest for value, rest in zip(values, rests, strict=True))
        )

    return st.sampled_from(templates).flatmap(fill)


NUMBERS = """1|2.5|-3|level|share|worth|case.reopened|case.rate|count(account)|length(code)"""
SUMS = """(?n + ?n)|(?n - ?n)|(?n * ?n)|(?n / ?n)|(-?n)|round(?n)|absolute(?n)|minimum(?n, ?n)|modulo(?n, ?n)|to_days(span * ?n)
days_between(?d, ?d)|(case.amount otherwise ?n)|(max(q.revenue from account as q where ?b) otherwise ?n)
sum(q.amount + ?n from order_line as q where q.amount > ?n)"""
TEXTS = """"x"|code|case.title|account("x").name|(reason otherwise "")|top.name"""
JOINED = """"{?n} and {?t}"|upper(?t)|left(?t, level)|join((?t, ?t), ", ")|text_of(?n)"""
DATES = """due|today()|case.opened|(case.due otherwise due)|date "2026-11-24\""""
TRUTHS = """true|ready|case.priority = high|case.status in (new, open)|case.owner = someone|lead = case"""
TESTS = """(?n < ?n)|(?t = ?t)|(?d >= ?d)|(?n in (?n, ?n))|(?b and ?b)|(?b or ?b)|(not ?b)|(?n in levels)|exists(account as q where ?b)
(case.amount is not empty and case.amount + ?n > ?n and ?b)|(reason is empty or contains(reason, ?t))
(case.customer is account and (case.customer.revenue otherwise ?n) > ?n and case.customer = top)
(not (lead is empty or lead.amount is empty) and lead.amount * ?n > 0)|(case.due != empty and case.due < ?d)
(lead is not empty and (lead.account is empty or lead.account under top) and ?b)|(case.customer is not contact and ?b)
(case.account = top and case.account.name = ?t)"""


def one_of(plain: str, templates: str) -> st.SearchStrategy[str]:
    """An expression of one kind: a plain one, or a template's."""
    return st.sampled_from(plain.split("|")) | made_of(
        templates.replace("\n", "|").split("|"), n=numbers, t=texts, d=dates, b=truths
    )


numbers = st.deferred(lambda: one_of(NUMBERS, SUMS))
texts = st.deferred(lambda: one_of(TEXTS, JOINED))
dates = st.deferred(lambda: one_of(DATES, "(?d + 2 days)|maximum(?d, ?d)"))
truths = st.deferred(lambda: one_of(TRUTHS, TESTS))


@settings(max_examples=200, deadline=None)
@given(truths)
def test_what_is_right_is_let_pass(expression: str) -> None:
    answer = ask(expression)
    assert {code for code, _, _ in answer.complaints} <= {"E0109", "E0209", "unused-name"}, answer.complaints
    assert answer.complaints or answer.type == "boolean"
