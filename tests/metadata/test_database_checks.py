"""What checks and defaults say, in the spelling of several databases."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.metadata.sources.database_checks import (
    AtMost,
    NotEmpty,
    OneOf,
    Rule,
    function_of,
    literal_of,
    rules_of,
)


@pytest.mark.parametrize(
    ("sql", "rules"),
    [
        ("status IN ('new', 'open')", [OneOf("status", ("new", "open"))]),
        ("[the status] in ('it''s')", [OneOf("the status", ("it's",))]),
        ("`s` IN (N'a', N'b')", [OneOf("s", ("a", "b"))]),
        (
            "((status)::text = ANY ((ARRAY['new'::character varying, 'open'])::text[]))",
            [OneOf("status", ("new", "open"))],
        ),
        ("(p = ANY (ARRAY[1, '-2'::integer]))", []),
        ("(p = ANY (ARRAY[1, (-2)]))", [OneOf("p", (1, -2))]),
        ("a = 'x' OR a = 'y' OR a IS NULL", [OneOf("a", ("x", "y"))]),
        ("(a IS NULL) OR (a IN (1, 2))", [OneOf("a", (1, 2))]),
        ("a = 'x' OR b = 'y'", []),
        ("a IS NULL OR b IN ('y')", []),
        ("a IN ('x') OR length(a) <= 3", []),
        ("p in (1,2) and length(x) <= 20", [OneOf("p", (1, 2)), AtMost("x", 20)]),
        ("(char_length((code)::text) <= 10)", [AtMost("code", 10)]),
        ("((a IS NOT NULL) AND (b IS NOT NULL))", [NotEmpty("a"), NotEmpty("b")]),
        ("amount > 0", []),
        ("p IN (1, 2) AND amount > 0", []),
        ("a BETWEEN 1 AND 2", []),
        ("a IN (SELECT 1)", []),
        ("a IN ()", []),
        ("a IN ('x', 'x')", []),
        ("a IN ('x', 1)", []),
        ("a IN (1.5)", []),
        ("a NOT IN ('x')", []),
        ("NOT (a IN ('x'))", []),
        ("lower(a) IN ('x')", []),
        ("a IN (b, c)", []),
        ("(x ~ '^a'::text)", []),
        ("", []),
        ("((", []),
        ("a IN ('x'", []),
    ],
)
def test_rules(sql: str, rules: list[Rule]) -> None:
    assert list(rules_of(sql)) == rules


@given(
    st.text(max_size=40)
    | st.lists(
        st.sampled_from(
            [
                "(",
                ")",
                "a",
                "IN",
                "'x'",
                ",",
                "OR",
                "::",
                "text",
                "=",
                "ANY",
                "ARRAY",
                "[",
                "]",
                "1",
                "IS",
                "NULL",
                "AND",
                "NOT",
                "<=",
                "length",
            ]
        ),
        max_size=14,
    ).map(" ".join)
)
def test_no_sql_is_too_odd(sql: str) -> None:
    rules_of(sql)
    function_of(sql)
    try:
        literal_of(sql)
    except ValueError as error:
        assert str(error).endswith("is no constant")


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("'new'::order_status", "new"),
        ("'it''s'", "it's"),
        ("'a'::sales.mood", "a"),
        ("(-1)", -1),
        ("'-1'::integer", "-1"),
        ("0.50", Decimal("0.50")),
        ("TRUE", True),
        ("NULL::character varying(10)", None),
        ("('x'::text)", "x"),
    ],
)
def test_constants(sql: str, value: object) -> None:
    assert literal_of(sql) == value


@pytest.mark.parametrize(
    "sql", ["nextval('x'::regclass)", "E'a\\nb'", "'a' || 'b'", "1 + 1", "gen_random_uuid()", "", "- 'x'"]
)
def test_what_is_no_constant(sql: str) -> None:
    with pytest.raises(ValueError, match="is no constant"):
        literal_of(sql)


@pytest.mark.parametrize(
    ("sql", "function"),
    [
        ("now()", "now"),
        ("CURRENT_TIMESTAMP", "now"),
        ("(CURRENT_TIMESTAMP(3))::timestamp(3) without time zone", "now"),
        ("datetime('now')", "now"),
        ("(now() AT TIME ZONE 'utc'::text)", "now"),
        ("timezone('utc'::text, now())", "now"),
        ("strftime('%Y-%m-%d %H:%M:%S', 'now')", "now"),
        ("CURRENT_DATE", "today"),
        ("('now'::text)::date", "today"),
        ("date('now')", "today"),
        ("now() + '1 day'::interval", None),
        ("datetime('now', 'localtime')", None),
        ("'x'", None),
    ],
)
def test_moments(sql: str, function: str | None) -> None:
    assert function_of(sql) == function
