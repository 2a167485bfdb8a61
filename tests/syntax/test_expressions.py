"""Expressions and queries to trees."""

from __future__ import annotations

import pytest

from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import parse_query
from tests.syntax.reading import outline, problems, query

OPERANDS = [
    ("a", "a"),
    ("`Order Details`", "Order Details"),
    ("42", "42"),
    ("2.50", "2.50"),
    ("2 days", "DurationLiteral(2 days, 0:00:00)"),
    ('"x"', '"x"'),
    ("true", "True"),
    ("false", "False"),
    ("empty", "empty"),
    ('date "2026-11-24"', 'TypedLiteral("date", 2026-11-24)'),
    ('datetime "2026-11-24T10:30:00+01:00"', 'TypedLiteral("datetime", 2026-11-24 09:30:00+00:00)'),
    ('datetime "2026-11-24T09:30:00.000001Z"', 'TypedLiteral("datetime", 2026-11-24 09:30:00.000001+00:00)'),
    ('id "0194F2A0-0000-7000-8000-00000000000A"', 'TypedLiteral("id", "0194f2a0-0000-7000-8000-00000000000a")'),
    ("(a)", "a"),
    ("((a))", "a"),
    ("(a, b)", "ListLiteral([a, b])"),
    ("(a + 1,)", 'ListLiteral([Binary("+", a, 1)])'),
    ("(a, b + 1, c)", 'ListLiteral([a, Binary("+", b, 1), c])'),
    ("a.b.c", "Path(Path(a, b), c)"),
    ("(a).b", "Path(a, b)"),
    ("f()", "Call(f, [], -)"),
    ("f(a, 2)", "Call(f, [Argument(-, a), Argument(-, 2)], -)"),
    ("case(number: 1)", "Call(case, [Argument(number, 1)], -)"),
    ("a.f(b).c", "Path(Call(Path(a, f), [Argument(-, b)], -), c)"),
    ("f(a)(b)", "Call(Call(f, [Argument(-, a)], -), [Argument(-, b)], -)"),
    ("count(case where a)", "Call(count, [Argument(-, case)], QueryTail(-, -, a))"),
    ("count(case as c)", "Call(count, [Argument(-, case)], QueryTail(-, c, -))"),
    ("count(case as c where c.a)", "Call(count, [Argument(-, case)], QueryTail(-, c, Path(c, a)))"),
    ("sum(a from case)", "Call(sum, [Argument(-, a)], QueryTail(case, -, -))"),
    ("sum(c.a from case as c)", "Call(sum, [Argument(-, Path(c, a))], QueryTail(case, c, -))"),
    ("sum(a from m.case where b)", "Call(sum, [Argument(-, a)], QueryTail(m.case, -, b))"),
    ('"a {b} c {d.e}"', 'Template(["a ", b, " c ", Path(d, e)])'),
    ('"{a}"', "Template([a])"),
    ('"{a}{b}"', "Template([a, b])"),
    ('"x{f("y{z}")}"', 'Template(["x", Call(f, [Argument(-, Template(["y", z]))], -)])'),
]


@pytest.mark.parametrize(("text", "tree"), OPERANDS, ids=[text for text, _ in OPERANDS])
def test_operands(text: str, tree: str) -> None:
    assert outline(query(text).value) == tree


PRECEDENCE = [
    ("a or b or c", "((a or b) or c)"),
    ("a or b and c", "(a or (b and c))"),
    ("a and b or c", "((a and b) or c)"),
    ("not a and b", "((not a) and b)"),
    ("not a = b", "(not (a = b))"),
    ("not not a", "(not (not a))"),
    ("a and not b or c", "((a and (not b)) or c)"),
    ("a = b + c", "(a = (b + c))"),
    ("a < b and c > d", "((a < b) and (c > d))"),
    ("a otherwise 0 > 5", "((a otherwise 0) > 5)"),
    ("a otherwise b otherwise c", "((a otherwise b) otherwise c)"),
    ("a otherwise b + c", "(a otherwise (b + c))"),
    ("a + b otherwise c", "((a + b) otherwise c)"),
    ("a + b - c", "((a + b) - c)"),
    ("a - b * c / d", "(a - ((b * c) / d))"),
    ("-a * b", "((-a) * b)"),
    ("a * -b", "(a * (-b))"),
    ("- -a", "(-(-a))"),
    ("-a.b", "(-a.b)"),
    ("a + -b - c", "((a + (-b)) - c)"),
    ("a in b and c under d", "((a in b) and (c under d))"),
    ("a is empty or b is not empty", "((a is empty) or (b is not empty))"),
    ("not a is empty", "(not (a is empty))"),
    ("a + b is empty", "((a + b) is empty)"),
    ("a otherwise b is empty", "((a otherwise b) is empty)"),
    ("a.b is account and c is not m.contact", "((a.b is account) and (c is not m.contact))"),
    ("a = not b", "(a = (not b))"),
    ("(a or b) and c", "((a or b) and c)"),
    ("a * (b + c)", "(a * (b + c))"),
    ("a <= b != c >= d", "(((a <= b) != c) >= d)"),
]


def grouped(node: object) -> str:
    """An expression with each operator's operands in parentheses."""
    match type(node).__name__:
        case "Unary":
            word = node.operator  # type: ignore[attr-defined]
            return f"({word}{' ' if word == 'not' else ''}{grouped(node.operand)})"  # type: ignore[attr-defined]
        case "Binary":
            return f"({grouped(node.left)} {node.operator} {grouped(node.right)})"  # type: ignore[attr-defined]
        case "IsEmpty":
            return f"({grouped(node.operand)} is {'not ' if node.negated else ''}empty)"  # type: ignore[attr-defined]
        case "IsTable":
            negated = "not " if node.negated else ""  # type: ignore[attr-defined]
            return f"({grouped(node.operand)} is {negated}{node.table})"  # type: ignore[attr-defined]
        case "Path":
            return f"{grouped(node.target)}.{node.name.text}"  # type: ignore[attr-defined]
        case _:
            return outline(node)


@pytest.mark.parametrize(("text", "expected"), PRECEDENCE, ids=[text for text, _ in PRECEDENCE])
def test_how_tightly_operators_bind(text: str, expected: str) -> None:
    assert grouped(query(text).value) == expected


@pytest.mark.parametrize(("text", "expected"), PRECEDENCE, ids=[text for text, _ in PRECEDENCE])
def test_the_grouping_is_what_its_parentheses_say(text: str, expected: str) -> None:
    assert query(expected).value is not None
    assert grouped(query(expected).value) == expected


QUERIES = [
    ("case", "QueryInput(case, -, -, [], -)"),
    ("case as c", "QueryInput(case, c, -, [], -)"),
    (
        "case where (status = open) order by due, amount descending limit 5",
        'QueryInput(case, -, Binary("=", status, open), [Ordering(due, False), Ordering(amount, True)], 5)',
    ),
    ("case order by due ascending", "QueryInput(case, -, -, [Ordering(due, False)], -)"),
    ("m.case limit n + 1", 'QueryInput(Path(m, case), -, -, [], Binary("+", n, 1))'),
    ("a < b", 'QueryInput(Binary("<", a, b), -, -, [], -)'),
    ("a > b and c", 'QueryInput(Binary("and", Binary(">", a, b), c), -, -, [], -)'),
]


@pytest.mark.parametrize(("text", "tree"), QUERIES, ids=[text for text, _ in QUERIES])
def test_queries(text: str, tree: str) -> None:
    assert outline(query(text)) == tree


LITERALS = [
    ('date "2026-02-30"', '"2026-02-30" is no date.'),
    ('date "20261124"', '"20261124" is no date.'),
    ('date "2026-W48-2"', '"2026-W48-2" is no date.'),
    ('date "24.11.2026"', '"24.11.2026" is no date.'),
    ('datetime "2026-11-24T09:30:00"', '"2026-11-24T09:30:00" is no datetime.'),
    ('datetime "2026-11-24"', '"2026-11-24" is no datetime.'),
    ('datetime "0001-01-01T00:00:00+02:00"', '"0001-01-01T00:00:00+02:00" is no datetime.'),
    ('datetime "2026-11-24T25:30:00Z"', '"2026-11-24T25:30:00Z" is no datetime.'),
    ('datetime "2026-W48-2T09:30:00Z"', '"2026-W48-2T09:30:00Z" is no datetime.'),
    ('datetime "20261124T093000+0100"', '"20261124T093000+0100" is no datetime.'),
    ('datetime "2026-11-24 09:30:00Z"', '"2026-11-24 09:30:00Z" is no datetime.'),
    ('datetime "2026-11-24T09:30:00.1234567Z"', '"2026-11-24T09:30:00.1234567Z" is no datetime.'),
    ('id "{{0194f2a0-0000-7000-8000-00000000000a}}"', '"{0194f2a0-0000-7000-8000-00000000000a}" is no id.'),
    ('id "1"', '"1" is no id.'),
]


@pytest.mark.parametrize(("text", "message"), LITERALS, ids=[text for text, _ in LITERALS])
def test_literals_of_no_value(text: str, message: str) -> None:
    (diagnostic,) = parse_query(Source("", text)).diagnostics
    assert problems([diagnostic]) == [f"E0113: {message}"]
    assert diagnostic.hint
