"""What a query needs that is the same for all its rows: worked out once, and only where a test before it allows it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.schema import Schema
from actionlang.engine.sql.sqlite import SQLITE
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter
from tests.engine.building import (
    ACCOUNT,
    BOOLEAN,
    CASE,
    CHOICES,
    INTEGER,
    TABLES,
    TASK,
    TEXT,
    Desk,
    aggregate,
    arithmetic,
    both,
    by_key,
    col,
    compare,
    either,
    give,
    known,
    lit,
    local,
    place,
    query,
    text,
    verb,
)
from tests.engine.stores import STORES, key, make_tables, opened

C, PERHAPS = local("c", CASE), local("perhaps", CASE, optional=True)
GIVEN = (Parameter("perhaps", CASE, optional=True),)
ONE, TWO, THREE = (RowRef("desk.case", key(number)) for number in (1, 2, 3))


@pytest.fixture(params=STORES)
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Three cases with scores 1, 2 and none."""
    with STORES[request.param](TABLES, CHOICES) as store:
        desk = Desk(store)
        for row, score in ((ONE, 1), (TWO, 2), (THREE, None)):
            desk.case(str(row.key), number=str(row.key)[-1], score=score)
        yield desk


def filled(node: e.Expression) -> e.Not:
    return e.Not(BOOLEAN, False, e.IsEmpty(BOOLEAN, False, node))


def counted(desk: Desk, where: e.Expression, perhaps: RowRef | None) -> object:
    """How many cases there are for which a condition holds."""
    node = aggregate("count", query(CASE, "c", where))
    return desk.run(verb(give(n=node), inputs=GIVEN, outputs={"n": INTEGER}), perhaps=perhaps)["n"]


BEHIND_A_TEST = both(filled(PERHAPS), compare(col(C, "score"), "=", col(known(PERHAPS), "score")))
UNLESS = either(e.IsEmpty(BOOLEAN, False, PERHAPS), compare(col(C, "score"), "=", col(known(PERHAPS), "score")))


@pytest.mark.parametrize(
    ("where", "perhaps", "expected"),
    [
        (BEHIND_A_TEST, None, 0),
        (BEHIND_A_TEST, ONE, 1),
        (BEHIND_A_TEST, THREE, 1),
        (UNLESS, None, 3),
        (UNLESS, TWO, 1),
        (e.Not(BOOLEAN, False, BEHIND_A_TEST), None, 3),
        (e.Not(BOOLEAN, False, BEHIND_A_TEST), TWO, 2),
    ],
)
def test_what_stands_behind_a_test_is_not_worked_out_without_it(
    desk: Desk, where: e.Expression, perhaps: RowRef | None, expected: int
) -> None:
    assert counted(desk, where, perhaps) == expected


@pytest.mark.parametrize(("perhaps", "expected"), [(None, 0), (ONE, 2)])
def test_a_question_behind_a_test_is_not_asked_without_it(desk: Desk, perhaps: RowRef | None, expected: int) -> None:
    other = local("other", CASE)
    number = aggregate("count", query(CASE, "other", compare(col(other, "score"), "=", col(known(PERHAPS), "score"))))
    where = both(filled(PERHAPS), filled(col(C, "score")), compare(known(col(C, "score")), ">=", number))
    assert counted(desk, where, perhaps) == expected


def test_what_fails_does_so_only_if_a_row_asks_for_it(desk: Desk) -> None:
    missing = by_key("core.team", name=lit("nobody"))
    many = compare(col(C, "score"), "=", lit(9))
    assert counted(desk, both(many, compare(col(C, "owner"), "=", missing)), None) == 0
    one = compare(col(C, "score"), "=", lit(1))
    with pytest.raises(Failure, match="no team with name nobody"):
        counted(desk, both(one, compare(col(C, "owner"), "=", missing)), None)


def test_a_text_that_no_database_takes_is_in_no_row(desk: Desk) -> None:
    odd = compare(col(C, "title"), "<", lit("\ud800"))
    assert counted(desk, odd, None) == 3
    assert counted(desk, compare(col(C, "title"), "!=", lit("a\x00b")), None) == 3


# ------------------------------------------------------------------------------------------------- what SQLite is asked


@pytest.fixture
def asked() -> Iterator[tuple[Desk, sqlite3.Connection, list[str]]]:
    """A desk with three cases of which one has a task, its connection, and the statements it is given from then on."""
    with opened() as driver:
        schema = Schema.of(TABLES, CHOICES)
        make_tables(driver, schema)
        desk = Desk(SqlStore(driver.cursor(), SQLITE, schema))
        for row, score in ((ONE, 1), (TWO, 2), (THREE, 2)):
            desk.case(str(row.key), score=score)
        desk.put("desk.task", key(9), subject="one", regarding=TWO)
        statements: list[str] = []
        driver.set_trace_callback(statements.append)
        yield desk, driver, statements
        driver.set_trace_callback(None)


def test_a_query_within_a_query_is_one_statement(asked: Any) -> None:
    desk, _, statements = asked
    task = local("task", TASK)
    regarding = e.Convert(t.Row(("desk.case", "desk.account", "desk.contact")), False, C)
    tasks = query(TASK, "task", compare(col(task, "regarding"), "=", regarding))
    where = both(
        compare(known(col(C, "score")), ">", arithmetic(local("least", INTEGER), "-", lit(1))),
        e.Aggregate(BOOLEAN, False, "exists", tasks, None),
    )
    found = s.Find(place(), query(CASE, "c", where, ((col(C, "score"), True),)), False, None)
    entry = verb(found, give(title=col(C, "title")), inputs={"least": INTEGER}, outputs={"title": TEXT})
    assert desk.run(entry, least=2) == {"title": TWO.key}
    assert len(statements) == 1
    assert statements[0].endswith("LIMIT 1")


def test_a_sum_is_one_statement(asked: Any) -> None:
    desk, _, statements = asked
    node = aggregate("sum", query(CASE, "c", compare(known(col(C, "score")), ">", lit(0))), known(col(C, "score")))
    assert desk.run(verb(give(n=node), outputs={"n": INTEGER})) == {"n": 5}
    assert len(statements) == 1
    assert "sum(" in statements[0]


def test_a_sum_beyond_64_bits_is_a_failure_of_the_run(asked: Any) -> None:
    desk, driver, _ = asked
    driver.execute('UPDATE "case" SET score = 9223372036854775807')
    node = aggregate("sum", query(CASE, "c"), col(C, "score"))
    with pytest.raises(Failure) as caught:
        desk.run(verb(give(n=node), outputs={"n": INTEGER}))
    assert caught.value.code is codes.INTEGER_OVERFLOW


@pytest.mark.parametrize("value", ["many", 1.5])
def test_a_row_that_does_not_conform_is_not_passed_over(asked: Any, value: object) -> None:
    desk, driver, _ = asked
    driver.execute("PRAGMA ignore_check_constraints = ON")
    driver.execute('UPDATE "case" SET score = ? WHERE id = ?', (value, TWO.key))
    where = compare(known(col(C, "score")), "<", lit(-1))
    for each in (
        s.ForEachRow(place(), query(CASE, "c", where), ()),
        s.Let(place(), "n", aggregate("sum", query(CASE, "c", where), col(C, "score"))),
        s.Let(place(), "n", e.Aggregate(BOOLEAN, False, "exists", query(CASE, "c", where), None)),
    ):
        with pytest.raises(Failure) as caught:
            desk.run(verb(each))
        assert (caught.value.code, caught.value.row, caught.value.column) == (codes.STORED_VALUE, TWO, "score")


def test_names_and_texts_may_hold_anything(asked: Any) -> None:
    desk, _, _ = asked
    account = local("a", ACCOUNT)
    desk.put("desk.account", key(7), name='100 % "o\'clock" ?')
    where = compare(col(account, "name"), "=", text('100 % "o\'clock" ?'))
    more = both(where, compare(known(col(account, "name")), "<", lit("100 % ?")))
    node = aggregate("count", query(ACCOUNT, "a", more))
    assert desk.run(verb(give(n=node), outputs={"n": INTEGER})) == {"n": 1}
