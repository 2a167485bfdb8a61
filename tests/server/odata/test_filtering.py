"""Filters mean what OData says they mean, on both databases: any filter, against another program's opinion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database
from actionlang.runtime.readable import Columns
from actionlang.runtime.reading import RowsQuery, reading
from actionlang.server.odata.filter_syntax import parse_filter
from actionlang.server.odata.filter_values import Operands
from actionlang.server.odata.filtering import Filter
from actionlang.server.refusal import Refusal
from tests.server.odata.filters import Node, filters, meant, written
from tests.server.odata.shop import ITEM, ROWS, SURFACE, shop
from tests.strategies.shop import schema

NOW = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The rows on each kind of database."""
    with shop(request.param) as database:
        yield database


def asked(text: str) -> RowsQuery:
    """The query that a filter is."""
    filter_ = Filter.of(text, "$filter")
    values: dict[str, object] = {}

    def where(columns: Columns):
        operands = Operands(SURFACE, columns, text, "$filter", NOW)
        made = filter_.condition(columns, operands)
        values.update(operands.values)
        return made

    return RowsQuery(ITEM.name, ("number",), where, values, most=100)


def found(database: Database, text: str) -> set[object]:
    """The keys of the rows for which a filter holds; their number is the same."""
    query = asked(text)
    with reading(database, SURFACE.schema) as rows:
        keys = {each.row.key for each in rows.page(query).rows}
        assert rows.count(query) == len(keys)
    return keys


@settings(max_examples=100, deadline=None)
@given(node=st.deferred(lambda: filters(ITEM, ROWS, schema().choices)))
def test_any_filter(database: Database, node: Node) -> None:
    text = written(node)
    try:
        keys = found(database, text)
    except Refusal as refusal:
        raise AssertionError(f"{text}: {refusal}") from refusal
    expected = {row.key for row in ROWS[ITEM.name] if meant(node, row, ITEM, schema().choices) is True}
    assert keys == expected, text


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("nope eq 1", "E1130", "character 1: item has no property nope"),
        ("number eq 5", "E1130", "character 11: 5 is not what number is compared with: a text"),
        ("hits eq 'x'", "E1130", "character 9: 'x' is not what hits is compared with"),
        ("level eq 7", "E1130", "7 is not what level is compared with: one of low (1), normal (5), high (10)"),
        ("color gt 'red'", "E1130", "character 1: the values of color have no order"),
        ("number eq 'x", "E1130", 'character 11: "\'" does not belong here'),
        ("number eq", "E1130", "does not belong here"),
        ("number eq 1 and", "E1130", "does not belong here"),
        ("", "E1130", "it ends too early"),
        ("number", "E1130", "character 1: number is no condition"),
        ("account", "E1130", "item has no property account"),
        ("number eq @p", "E1130", "character 11: @p has no value"),
        ("contains(number)", "E1130", "character 1: contains does not take 1 values"),
        ("contains(hits,'1')", "E1130", "contains does not take hits and '1'"),
        ("number eq 'a\x00b'", "E1130", "has a character that no text can have"),
        ("nosuch(number) eq 1", "E1132", "character 1: there is no function nosuch here"),
        ("concat(number,'x') eq 'x'", "E1132", "there is no function concat with 2 values here"),
        ("hits mul 2 eq 4", "E1132", "arithmetic goes as far as"),
        ("lines/any(l: l/quantity gt 1)", "E1132", "any and all are not asked here"),
        ("(hits eq 1) eq true", "E1132", "a condition is compared with another one"),
        ("secret eq 'x'", "E1133", "secret of item is sensitive"),
        ("contains(secret,'x')", "E1133", "secret of item is sensitive"),
        ("not " * 50 + "flag", "E1131", "more than 40 deep"),
        ("(" * 50 + "flag" + ")" * 50, "", ""),
        ("a/" * 3_900 + "b eq 1", "E1131", "a path has more than 40 parts"),
        ("number eq '" + "x" * 8_000 + "'", "E1131", "more than 8,000 characters"),
        (" or ".join(["hits eq 1"] * 400), "E1131", "more than 1,000 parts"),
        (" or ".join(["hits eq 1"] * 200), "", ""),
    ],
)
def test_what_can_not_be_asked_is_told(database: Database, text: str, code: str, told: str) -> None:
    try:
        found(database, text)
    except (Refusal, ActionLangError) as error:
        given = error.code if isinstance(error, Refusal) else error.diagnostics[0].code.id
        assert given == code
        assert told in str(error), str(error)
    else:
        assert not code, text


@pytest.mark.parametrize(
    "text",
    [
        "allowed eq 1",
        "account/anything eq 1",
        "notes eq 1",
        "nullable eq null",
        "truest eq true",
        "ordered eq 1 or inside in (1)",
    ],
)
def test_names_that_begin_like_words_are_names(text: str) -> None:
    """A word of the library that is only the beginning of a name is no word."""
    tree = parse_filter(text, "$filter")
    assert text.split(maxsplit=1)[0].rsplit("/", maxsplit=1)[-1] in str(tree)


def test_an_alias_is_read_once() -> None:
    tree = parse_filter("hits in (@p,@p)", "$filter", {"@p": "[1,2]"})
    first, second = (each.value for each in cast("Any", tree).right.val)
    assert first is second


def test_aliases_and_enumerations(database: Database) -> None:
    expected = {row.key for row in ROWS[ITEM.name] if row.values["level"] == "normal"}
    assert expected
    for literal in ("Microsoft.Dynamics.CRM.Level'normal'", "'normal'", "5"):
        assert found(database, f"level eq {literal}") == expected
    asked_by_alias = Filter.of("number eq @p and hits eq @q", "$filter", {"@p": "'x'", "@q": "1"})
    assert "Literal(value='x', at=11)" in str(asked_by_alias.tree)
