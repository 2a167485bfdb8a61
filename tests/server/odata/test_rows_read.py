"""Pages of rows as programs in Python read them: any order, any size, while others write; sensitive values told to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.ordering import empty_first, order_of
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.wire_names import WireNames
from actionlang.runtime.database import Database
from actionlang.runtime.positions import Position, Sort
from actionlang.runtime.reading import MASKED, RowsQuery, reading
from actionlang.runtime.row_version import Versioning
from actionlang.server.odata.skip_token import SkipToken, read_token, write_token
from actionlang.server.refusal import Refusal
from tests.server.odata.shop import ITEM, ROWS, SURFACE, shop

SCHEMA = SURFACE.schema
ACCOUNT = next(row.row for row in ROWS["example.account"] if row.values["name"] is not None)
ORDERED = [
    column.name
    for column in ITEM.columns
    if isinstance(
        column.type,
        t.Text | t.Integer | t.Decimal | t.Money | t.Float | t.Boolean | t.Date | t.DateTime | t.Duration | t.Id,
    )
    and not column.sensitive
] + ["level"]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The rows on each kind of database."""
    with shop(request.param) as database:
        yield database


def in_order(order: tuple[Sort, ...]) -> list[object]:
    """The keys of all rows in an order, worked out by sorting them."""
    found = sorted(ROWS[ITEM.name], key=lambda row: str(row.key))
    for sort in reversed(order):
        column = ITEM.by_name[sort.column]
        place: Any = empty_first(order_of(column.type, SCHEMA.choices)) or (lambda value: value)
        found.sort(
            key=lambda row, name=sort.column, place=place: place(row.key if name == "id" else row.values[name]),  # type: ignore[misc]
            reverse=sort.descending,
        )
    return [row.key for row in found]


SORTS = st.lists(
    st.builds(Sort, st.sampled_from(ORDERED), st.booleans()), max_size=3, unique_by=lambda sort: sort.column
)


@settings(max_examples=25, deadline=None)
@given(SORTS, st.integers(1, 9))
def test_pages_in_any_order(database: Database, sorts: list[Sort], size: int) -> None:
    order = tuple(sorts)
    query = RowsQuery(ITEM.name, ("number",), order=order, most=size)
    found: list[object] = []
    with reading(database, SCHEMA) as rows:
        while True:
            page = rows.page(query)
            found += [each.row.key for each in page.rows]
            if page.rest is None:
                break
            assert len(page.rows) == size
            token = SkipToken(page.rest, size, None)
            text = write_token(token, "question", ITEM, order)
            assert read_token(text, "question", ITEM, order, SCHEMA) == token
            query = attrs.evolve(query, after=page.rest)
    assert found == in_order(order)


def test_rows_hold_what_was_stored(database: Database) -> None:
    hidden = {column.name for column in ITEM.columns if column.sensitive}
    with reading(database, SCHEMA) as rows:
        found = {each.row.key: each for each in rows.page(RowsQuery(ITEM.name, most=100, versions=True)).rows}
        by_keys = rows.by_keys(ITEM.name, [*found, *found], tuple(ITEM.by_name), versions=True)
    assert by_keys == found
    assert hidden == {"secret"}
    versioning = Versioning(ITEM)
    for stored in ROWS[ITEM.name]:
        told = found[stored.key].values
        assert told["id"] == stored.key
        assert told["secret"] is MASKED
        assert {name: told[name] for name in stored.values if name not in hidden} == {
            name: value for name, value in stored.values.items() if name not in hidden
        }
        expected = versioning.version(RowRef(ITEM.name, stored.key), [stored.values[name] for name in versioning.names])
        assert found[stored.key].version == expected


@pytest.mark.parametrize("name", ["counter", "cell"])
def test_keys_of_other_kinds_are_paged(database: Database, name: str) -> None:
    table = next(each for each in SCHEMA.tables.values() if each.short_name == name)
    found: list[object] = []
    query = RowsQuery(table.name, (), most=1)
    with reading(database, SCHEMA) as rows:
        while query is not None:
            page = rows.page(query)
            found += [each.row.key for each in page.rows]
            if page.rest is None:
                break
            text = write_token(SkipToken(page.rest, 1, 5), "q", table, ())
            query = attrs.evolve(query, after=read_token(text, "q", table, (), SCHEMA).position)
    assert found == sorted(row.key for row in ROWS[table.name])  # type: ignore[type-var]
    assert len(found) > 1


def _count_for_ever(database: Database) -> None:
    with database.reading(SCHEMA, seconds=0.01) as rows:
        while True:
            rows.count(RowsQuery(ITEM.name))


def test_what_takes_too_long_is_stopped(database: Database) -> None:
    with pytest.raises(ActionLangError) as raised:
        _count_for_ever(database)
    assert raised.value.diagnostics[0].code.id == "E0807"
    with database.reading(SCHEMA) as rows:
        assert rows.count(RowsQuery(ITEM.name)) == len(ROWS[ITEM.name])


def test_skipping_and_wanting_none(database: Database) -> None:
    with reading(database, SCHEMA) as rows:
        first = rows.page(RowsQuery(ITEM.name, (), most=5))
        skipped = rows.page(RowsQuery(ITEM.name, (), most=3, skip=2))
        assert [each.row for each in skipped.rows] == [each.row for each in first.rows[2:]]
        assert rows.page(RowsQuery(ITEM.name, (), most=0)) == rows.page(RowsQuery(ITEM.name, (), most=0, skip=9))
        assert rows.page(RowsQuery(ITEM.name, (), most=5, skip=5000)).rows == ()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (RowsQuery("no.table"), "E1130"),
        (RowsQuery(ITEM.name, ("nope",)), "E1130"),
        (RowsQuery(ITEM.name, order=(Sort("nope"),)), "E1130"),
        (RowsQuery(ITEM.name, order=(Sort("owner"),)), "E1130"),
        (RowsQuery(ITEM.name, order=(Sort("color"),)), "E1130"),
        (RowsQuery(ITEM.name, order=(Sort("secret"),)), "E1133"),
        (RowsQuery(ITEM.name, where=lambda columns: columns.value("secret").expression), "E1133"),
        (RowsQuery(ITEM.name, where=lambda columns: columns.value("name", [("hits", None)]).expression), "E1130"),
        (RowsQuery(ITEM.name, where=lambda columns: columns.value("name", [("customer", None)]).expression), "E1130"),
    ],
)
def test_what_can_not_be_asked(database: Database, query: RowsQuery, code: str) -> None:
    with pytest.raises(ActionLangError) as raised, reading(database, SCHEMA) as rows:
        rows.page(query)
    assert raised.value.diagnostics[0].code.id == code


def test_a_table_whose_key_is_sensitive_is_not_read(database: Database) -> None:
    tables = dict(SCHEMA.tables)
    columns = tuple(attrs.evolve(each, sensitive=each.primary) for each in ITEM.columns)
    tables[ITEM.name] = attrs.evolve(ITEM, columns=columns)
    with pytest.raises(ActionLangError) as raised, reading(database, attrs.evolve(SCHEMA, tables=tables)) as rows:
        rows.page(RowsQuery(ITEM.name))
    assert raised.value.diagnostics[0].code.id == "E1133"


def test_tables_that_the_database_does_not_have(database: Database) -> None:
    tables = {**SCHEMA.tables, ITEM.name: attrs.evolve(ITEM, stored="elsewhere")}
    with reading(database, attrs.evolve(SCHEMA, tables=tables)) as rows:
        assert rows.count(RowsQuery("example.account")) == len(ROWS["example.account"])
        with pytest.raises(ActionLangError) as raised:
            rows.count(RowsQuery(ITEM.name))
    assert raised.value.diagnostics[0].code.id == "E0806"


def test_what_no_column_holds_is_told_and_not_passed_over() -> None:
    """SQLite keeps anything in any column; a row with such a value is neither left out nor guessed at."""
    with shop("sqlite") as database:
        with database.connection() as connection:
            connection.exec_driver_sql("UPDATE item SET hits = 'many' WHERE number IS NOT NULL")
            connection.commit()

        query = RowsQuery(ITEM.name, ("number",), lambda columns: columns.compared("hits", ">", "n"), {"n": 1})
        for ask in ("page", "count"):
            with pytest.raises(ActionLangError) as raised, reading(database, SCHEMA) as rows:
                getattr(rows, ask)(query)
            assert raised.value.diagnostics[0].code.id == "E0715"


@pytest.mark.parametrize("damaged", ["", "x", "W10", "a" * 5000, "WzEsWzFdXQ", "é", "bnVsbA"])
def test_links_that_were_changed_are_refused(damaged: str) -> None:
    with pytest.raises(Refusal) as raised:
        read_token(damaged, "question", ITEM, (), SCHEMA)
    assert (raised.value.status, raised.value.code) == (400, "E1134")


def test_a_link_of_another_question_is_refused() -> None:
    token = write_token(SkipToken(Position((1,), str(ROWS[ITEM.name][0].key)), 5, None), "one", ITEM, (Sort("hits"),))
    read_token(token, "one", ITEM, (Sort("hits"),), SCHEMA)
    for question, order in (("other", (Sort("hits"),)), ("one", ()), ("one", (Sort("due"),))):
        with pytest.raises(Refusal):
            read_token(token, question, ITEM, order, SCHEMA)


def test_the_names_of_all_properties_are_those_of_columns() -> None:
    properties = SURFACE.properties[ITEM.name]
    assert properties.names["customer"] == WireNames.key_property("customer") == "_customer_value"
    assert set(properties.navigations) >= {"customer_account", "customer_person", "account", "parent"}


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        (lambda c: c.compared("hits", ">", "n"), lambda row: row["hits"] > 1),
        (lambda c: c.compared("level", ">=", "level"), lambda row: row["level"] in ("normal", "high")),
        (lambda c: c.compared("title", "=", "title"), lambda row: row["title"] == "x"),
        (lambda c: c.is_empty("due"), lambda row: row["due"] is None),
        (lambda c: c.is_empty("hits"), lambda row: False),
        (
            lambda c: c.none_of(c.is_empty("due"), c.compared("hits", "=", "n")),
            lambda r: r["due"] is not None and r["hits"] != 1,
        ),
        (
            lambda c: c.any_of(c.is_empty("due"), c.compared("hits", "=", "n")),
            lambda r: r["due"] is None or r["hits"] == 1,
        ),
        (lambda c: c.all_of(), lambda row: True),
        (lambda c: c.any_of(), lambda row: False),
        (lambda c: c.compared("account", "=", "account"), lambda row: row["account"] == ACCOUNT),
        (lambda c: c.compared("name", "=", "name", [("account", None)]), lambda row: row["account"] == ACCOUNT),
        (
            lambda c: c.compared("name", "=", "name", [("customer", ACCOUNT.table)]),
            lambda row: row["customer"] == ACCOUNT,
        ),
    ],
)
def test_conditions_written_in_python(database: Database, where: Any, holds: Any) -> None:
    name = next(row.values["name"] for row in ROWS[ACCOUNT.table] if row.key == ACCOUNT.key)
    values = {"n": 1, "level": "normal", "title": "x", "account": ACCOUNT, "name": name}
    with database.reading(SCHEMA) as rows:
        found = {each.row.key for each in rows.page(RowsQuery(ITEM.name, (), where, values, most=100)).rows}
    assert found == {row.key for row in ROWS[ITEM.name] if holds(row.values)}


@pytest.mark.parametrize(("name", "operator"), [("hits", "!="), ("color", "<"), ("owner", ">"), ("hits", "; DROP")])
def test_comparisons_that_there_are_not(database: Database, name: str, operator: str) -> None:
    query = RowsQuery(ITEM.name, where=lambda columns: columns.compared(name, operator, "n"), values={"n": 1})
    with pytest.raises(ActionLangError) as raised, database.reading(SCHEMA) as rows:
        rows.page(query)
    assert raised.value.diagnostics[0].code.id == "E1130"
