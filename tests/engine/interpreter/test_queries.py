"""Queries: which rows, in which order, and what is worked out from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.interpreter.pushdown import split
from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import RowRef, Scan, StoredRow, StoredValueError
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from tests.engine.building import (
    BOOLEAN,
    BY_NAME,
    CASE,
    CHOICES,
    DECIMAL,
    DURATION,
    FLOAT,
    INTEGER,
    LINE,
    PRIORITY,
    STATUS,
    TABLES,
    TEAM,
    TEXT,
    Desk,
    aggregate,
    arithmetic,
    both,
    by_key,
    call,
    col,
    compare,
    create,
    either,
    evaluate,
    give,
    known,
    let,
    lit,
    local,
    number,
    place,
    plan,
    query,
    text,
    unit,
    verb,
)

D = Decimal
C = local("c", CASE)
OPEN = lit("open", STATUS)


def found(desk: Desk, source: e.Query) -> list[object]:
    """The keys of the rows that a for each goes through, in order."""
    seen = local(source.row, t.Row((source.table,)))
    steps = s.ForEachRow(place(), source, (create("desk.task", subject=text(seen)),))
    run = unit()
    desk.bind(verb(steps)).run(run)
    subjects = [change.after[1] for change in run.changes if change.after]
    for change in run.changes:
        desk.store.prepare_delete(change.table)(change.key)
    return subjects


def first(desk: Desk, source: e.Query) -> object:
    """The key of the row that a find binds."""
    row = local(source.row, t.Row((source.table,)), optional=True)
    do = verb(s.Find(place(), source, True, None), give(value=row), outputs={"value": row.type})
    value = desk.run(do)["value"]
    return value.key if isinstance(value, RowRef) else value


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.case("b", priority="low", score=2, amount=D("10.0000"), title="x")
    desk.case("a", priority="high", score=None, amount=D("2.5000"), title="y")
    desk.case("d", priority="normal", score=1, status="new", title="x")
    desk.case("c", priority="high", score=2, amount=D("0.0000"), title="Y")
    return desk


def test_rows_come_in_primary_key_order_unless_another_is_given(desk: Desk) -> None:
    assert found(desk, query(CASE, "c")) == ["a", "b", "c", "d"]
    assert found(desk, query(CASE, "c", order=((col(C, "title"), False),))) == ["c", "b", "d", "a"]
    assert found(desk, query(CASE, "c", order=((col(C, "title"), True),))) == ["a", "b", "d", "c"]


def test_empty_sorts_first_and_last_when_descending(desk: Desk) -> None:
    assert found(desk, query(CASE, "c", order=((col(C, "score"), False),))) == ["a", "d", "b", "c"]
    assert found(desk, query(CASE, "c", order=((col(C, "score"), True),))) == ["b", "c", "d", "a"]


def test_choices_sort_by_number_and_several_keys_one_after_another(desk: Desk) -> None:
    order = ((col(C, "priority"), True), (col(C, "title"), False))
    assert found(desk, query(CASE, "c", order=order)) == ["c", "a", "d", "b"]


def test_limits_and_conditions(desk: Desk) -> None:
    is_open = compare(col(C, "status"), "=", OPEN)
    assert found(desk, query(CASE, "c", is_open, limit=lit(2))) == ["a", "b"]
    assert found(desk, query(CASE, "c", is_open, ((col(C, "title"), False),), lit(1))) == ["c"]
    assert found(desk, query(CASE, "c", limit=lit(0))) == []
    with pytest.raises(Failure, match="must not be below 0") as caught:
        found(desk, query(CASE, "c", limit=lit(-1)))
    assert caught.value.code is codes.BAD_LIMIT


def test_find_takes_the_first_row(desk: Desk) -> None:
    low = compare(col(C, "priority"), "=", lit("low", PRIORITY))
    assert first(desk, query(CASE, "c")) == "a"
    assert first(desk, query(CASE, "c", low)) == "b"
    assert first(desk, query(CASE, "c", order=((col(C, "score"), True),))) == "b"
    assert first(desk, query(CASE, "c", both(low, compare(col(C, "title"), "=", lit("?"))))) is None


def test_find_without_a_row_fails_with_the_text_given(desk: Desk) -> None:
    nothing = query(CASE, "c", compare(col(C, "title"), "=", lit("?")))
    for message, told in (
        (lit("No case is called ?."), "No case is called ?."),
        (None, "There is no case as this step looks for."),
    ):
        with pytest.raises(Failure) as caught:
            desk.run(verb(s.Find(place(), nothing, False, message)))
        assert caught.value.code is codes.NOT_FOUND
        assert caught.value.message == told


def test_a_condition_reads_through_lookups_and_calls_functions_of_the_language(desk: Desk) -> None:
    team = desk.put("core.team", "t", name="Tier 2")
    desk.store.prepare_update(BY_NAME["desk.case"], ("owner",))("c", [team])
    owner = known(col(C, "owner"), TEAM)
    has_team = both(
        e.IsTable(BOOLEAN, False, col(C, "owner"), "core.team"), compare(col(owner, "name"), "=", lit("Tier 2"))
    )
    assert found(desk, query(CASE, "c", has_team)) == ["c"]
    is_high = verb(
        give(yes=compare(col(local("this", CASE), "priority"), "=", lit("high", PRIORITY))),
        name="desk.is_high",
        kind="function",
        on=CASE,
        outputs={"yes": BOOLEAN},
    )
    node = aggregate("count", query(CASE, "c", e.CallVerb(BOOLEAN, False, "desk.is_high", C, ())))
    assert desk.run(verb(give(value=node), outputs={"value": INTEGER}), is_high) == {"value": 2}


def test_primary_key_columns_of_a_scanned_row() -> None:
    desk = Desk()
    for position in (1, 2, 3):
        desk.put("desk.line", (7, position), amount=D(position))
    line = local("l", LINE)
    where = both(compare(col(line, "order"), "=", lit(7)), compare(col(line, "position"), ">", lit(1)))
    total = aggregate("sum", query(LINE, "l", where), number(col(line, "amount")), DECIMAL)
    assert evaluate(total, desk) == D(5)
    same = aggregate("count", query(CASE, "c", compare(col(C, "id"), "=", lit("x", t.Id()))))
    assert evaluate(same, desk) == 0


# -------------------------------------------------------------------------------------------------------- aggregates


def test_counting_and_asking_whether_there_is_one(desk: Desk) -> None:
    is_open = compare(col(C, "status"), "=", OPEN)
    never = compare(col(C, "title"), "=", lit("?"))
    assert evaluate(aggregate("count", query(CASE, "c")), desk) == 4
    assert evaluate(aggregate("count", query(CASE, "c", is_open)), desk) == 3
    assert evaluate(aggregate("exists", query(CASE, "c", is_open)), desk) is True
    assert evaluate(aggregate("exists", query(CASE, "c", never)), desk) is False


def test_aggregates_skip_empty_values(desk: Desk) -> None:
    score, amount = col(C, "score"), number(col(C, "amount"))
    assert evaluate(aggregate("sum", query(CASE, "c"), score), desk) == 5
    assert evaluate(aggregate("min", query(CASE, "c"), score), desk) == 1
    assert evaluate(aggregate("max", query(CASE, "c"), score), desk) == 2
    assert evaluate(aggregate("average", query(CASE, "c"), score), desk) == D("1.666666666667")
    assert evaluate(aggregate("sum", query(CASE, "c"), amount), desk) == D("12.5")
    assert evaluate(aggregate("average", query(CASE, "c"), amount), desk) == D("4.166666666667")
    assert evaluate(aggregate("max", query(CASE, "c"), col(C, "priority"), PRIORITY), desk) == "high"
    assert evaluate(aggregate("min", query(CASE, "c"), col(C, "title")), desk) == "Y"


@pytest.mark.parametrize(
    ("type_", "zero"), [(INTEGER, 0), (DECIMAL, D(0)), (t.Money(), D(0)), (DURATION, timedelta(0)), (FLOAT, 0.0)]
)
def test_of_no_values_a_sum_is_zero_and_the_rest_empty(type_: t.Type, zero: object) -> None:
    value = e.Convert(type_, True, lit(None, t.Empty()))
    desk = Desk()
    desk.case("a")
    for source in (query(CASE, "c"), query(CASE, "c", lit(False))):
        total = evaluate(aggregate("sum", source, value, type_), desk)
        assert (total, type(total)) == (zero, type(zero))
        for kind in ("min", "max", "average"):
            assert evaluate(aggregate(kind, source, value, type_), desk) is None


def test_sums_of_durations_floats_and_money() -> None:
    desk = Desk()
    for key, age, ratio in (("a", timedelta(hours=1), 0.1), ("b", timedelta(microseconds=1), 0.2), ("c", None, 0.3)):
        desk.case(key, age=age, ratio=ratio, amount=D("922337203685477.0000"))
    age, ratio, amount = col(C, "age"), col(C, "ratio"), col(C, "amount")
    assert evaluate(aggregate("sum", query(CASE, "c"), age), desk) == timedelta(hours=1, microseconds=1)
    assert evaluate(aggregate("average", query(CASE, "c"), age, DURATION), desk) == timedelta(minutes=30)
    assert evaluate(aggregate("sum", query(CASE, "c"), ratio), desk) == 0.6
    assert evaluate(aggregate("average", query(CASE, "c"), ratio, FLOAT), desk) == 0.6 / 3
    assert evaluate(aggregate("sum", query(CASE, "c"), number(amount), DECIMAL), desk) == D("2767011611056431")
    assert evaluate(aggregate("average", query(CASE, "c"), amount), desk) == D("922337203685477")
    with pytest.raises(Failure) as caught:
        evaluate(aggregate("sum", query(CASE, "c"), amount), desk)
    assert caught.value.code is codes.NUMBER_DOES_NOT_FIT


def test_a_sum_may_leave_its_range_on_the_way_but_not_at_the_end() -> None:
    desk = Desk()
    for key, score, ratio in (("a", 2**63 - 1, 1e308), ("b", 5, 1e308), ("c", -5, -1e308)):
        desk.case(key, score=score, ratio=ratio)
    assert evaluate(aggregate("sum", query(CASE, "c"), col(C, "score")), desk) == 2**63 - 1
    desk.case("d", score=1, ratio=1e308)
    for column, code in (("score", codes.INTEGER_OVERFLOW), ("ratio", codes.NOT_A_NUMBER)):
        with pytest.raises(Failure) as caught:
            evaluate(aggregate("sum", query(CASE, "c"), col(C, column)), desk)
        assert caught.value.code is code


def test_aggregates_keep_no_rows_in_the_unit(desk: Desk) -> None:
    run = unit()
    node = aggregate("sum", query(CASE, "c"), col(C, "score"))
    desk.bind(verb(give(value=node), outputs={"value": INTEGER})).run(run)
    assert run.rows == {}


def test_queries_within_queries(desk: Desk) -> None:
    other = local("o", CASE)
    better = aggregate("exists", query(CASE, "o", compare(known(col(other, "amount")), ">", known(col(C, "amount")))))
    priced = e.Not(BOOLEAN, False, e.IsEmpty(BOOLEAN, False, col(C, "amount")))
    priced_other = e.Not(BOOLEAN, False, e.IsEmpty(BOOLEAN, False, col(other, "amount")))
    best = attrs.evolve(
        better, query=attrs.evolve(better.query, where=both(priced_other, better.query.where or priced))
    )
    assert found(desk, query(CASE, "c", both(priced, e.Not(BOOLEAN, False, best)))) == ["b"]


# ---------------------------------------------------------------------------------------- what the store looks for


def parts(where: e.Expression) -> tuple[tuple[str, ...], int]:
    """The columns handed to the store, and how many conditions are left."""
    found = split(query(CASE, "c", where), BY_NAME["desk.case"])
    return found.columns, len(found.rest)


TITLE_IS = compare(col(C, "title"), "=", lit("x"))
SCORE_IS = compare(lit(2), "=", col(C, "score"))
MAY_FAIL = compare(arithmetic(lit(10), "/", known(col(C, "score")), DECIMAL), ">", lit(D(1)))


def test_equalities_with_values_go_to_the_store() -> None:
    assert parts(TITLE_IS) == (("title",), 0)
    assert parts(both(TITLE_IS, both(SCORE_IS, MAY_FAIL))) == (("title", "score"), 1)
    assert parts(compare(e.Convert(TEXT, False, col(C, "title")), "=", lit("x"))) == (("title",), 0)
    assert parts(compare(col(C, "customer"), "=", by_key("desk.account", name=lit("A")))) == (("customer",), 0)
    assert parts(compare(col(C, "number"), "=", lit(None, t.Empty()))) == (("number",), 0)


def test_the_rest_does_not() -> None:
    assert parts(compare(col(C, "title"), "!=", lit("x"))) == ((), 1)
    assert parts(compare(col(C, "title"), "=", col(C, "number"))) == ((), 1)
    assert parts(compare(number(col(C, "amount")), "=", lit(D(1)))) == ((), 1)
    assert parts(compare(col(C, "ratio"), "=", lit(1.0))) == ((), 1)
    assert parts(compare(col(C, "customer"), "=", by_key("core.team", name=lit("A")))) == ((), 1)
    assert parts(both(TITLE_IS, compare(col(C, "title"), "=", lit("y")))) == (("title",), 1)
    assert parts(either(TITLE_IS, SCORE_IS)) == ((), 1)


def test_nothing_goes_past_a_condition_that_may_fail() -> None:
    assert parts(both(MAY_FAIL, TITLE_IS)) == ((), 2)
    assert parts(both(compare(col(C, "title"), "!=", lit("z")), TITLE_IS)) == (("title",), 1)
    lookup = compare(col(known(col(C, "owner"), TEAM), "name"), "!=", lit("z"))
    assert parts(both(lookup, TITLE_IS)) == ((), 2)


def test_a_value_that_fails_does_so_only_if_a_row_asks_for_it() -> None:
    desk = Desk()
    missing = by_key("core.team", name=lit("nobody"))
    owned = query(CASE, "c", both(SCORE_IS, compare(col(C, "owner"), "=", missing)))
    assert found(desk, owned) == []
    desk.case("a", score=1)
    assert found(desk, owned) == []
    desk.case("b", score=2)
    with pytest.raises(Failure, match="no team with name nobody"):
        found(desk, owned)


class Forgetful(MemoryStore):
    """A store that never looks for anything by itself: what the interpreter asks it for, it tests in Python."""

    def prepare_scan(self, table: Table, columns: tuple[str, ...], equal: tuple[str, ...]) -> Scan:
        assert not equal
        return super().prepare_scan(table, columns, ())


conditions = st.deferred(
    lambda: st.one_of(
        st.sampled_from([TITLE_IS, SCORE_IS, MAY_FAIL, compare(col(C, "priority"), "=", lit("high", PRIORITY))]),
        st.lists(conditions, min_size=2, max_size=4).map(lambda inner: both(*inner)),
        st.lists(conditions, min_size=2, max_size=3).map(lambda inner: either(*inner)),
        conditions.map(lambda inner: e.Not(BOOLEAN, False, inner)),
    )
)
rows = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from([0, 1, 2]), st.sampled_from(["low", "high"])), max_size=5
)


@given(conditions, rows)
def test_what_the_store_looks_for_changes_no_result(where: e.Expression, cases: list[tuple[str, int, str]]) -> None:
    def outcome(node: e.Expression) -> Any:
        desk = Desk(MemoryStore(TABLES, CHOICES))
        for number_, (title, score, priority) in enumerate(cases):
            desk.case(f"k{number_}", title=title, score=score, priority=priority)
        try:
            return found(desk, query(CASE, "c", node))
        except Failure as failure:
            return failure.code

    # Behind a double negation nothing is handed to the store.
    hidden = e.Not(BOOLEAN, False, e.Not(BOOLEAN, False, where))
    assert outcome(where) == outcome(hidden)


def test_a_double_negation_hides_everything_from_the_store() -> None:
    hidden = e.Not(BOOLEAN, False, e.Not(BOOLEAN, False, TITLE_IS))
    bound = bind(
        plan(verb(give(value=aggregate("count", query(CASE, "c", hidden))), outputs={"value": INTEGER})),
        Forgetful(TABLES, CHOICES),
    )
    assert bound.run(unit()) == {"value": 0}


# ------------------------------------------------------------------------------------------------ data that is wrong


class Spoilt(MemoryStore):
    """A store whose cases hold what they must not: an empty title, and a score that is no number."""

    def prepare_scan(self, table: Table, columns: tuple[str, ...], equal: tuple[str, ...]) -> Scan:
        def scan(values: Sequence[object]) -> Iterator[StoredRow]:
            if "score" in columns:
                raise StoredValueError(table.name, "c1", "score", "'many'")
            yield StoredRow("c1", [None for _ in columns])

        return scan


@pytest.mark.parametrize(("column", "found_"), [("title", "nothing"), ("score", "'many'")])
def test_rows_that_do_not_conform_are_a_coded_failure(column: str, found_: str) -> None:
    node = aggregate("max", query(CASE, "c"), col(C, column))
    bound = bind(plan(verb(give(value=node), outputs={"value": node.type})), Spoilt(TABLES, CHOICES))
    with pytest.raises(Failure) as caught:
        bound.run(unit())
    assert caught.value.code is codes.STORED_VALUE
    assert caught.value.message == f"The case c1 has {found_} stored in `{column}`, which is no value of that column."
    assert caught.value.notes()[1:] == ("row: case c1", f"column: {column}")


def test_each_item_of_a_list() -> None:
    desk = Desk()
    items = e.ListLiteral(t.ListOf(INTEGER), False, (lit(3), lit(1)))
    loop = s.ForEachItem(place(), "n", items, (create("desk.task", subject=text(local("n", INTEGER))),))
    run = unit()
    desk.bind(verb(let("x", lit(1)), loop, give(value=call("today", "", t.Date())), outputs={"value": t.Date()})).run(
        run
    )
    assert [change.after[1] for change in run.changes if change.after] == ["3", "1"]
