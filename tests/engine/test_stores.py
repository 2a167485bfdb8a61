"""What every store does: keeps rows, finds them, refuses what a database would refuse, and undoes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import ConstraintError, RowRef, Store
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Member
from tests.engine.building import BY_NAME, CHOICES, PRIORITY, TABLES, Desk, column, table
from tests.engine.stores import STORES, Open, key

A, B, C, D = (key(number) for number in (10, 11, 12, 13))


@pytest.fixture(params=STORES.values(), ids=STORES)
def open_store(request: pytest.FixtureRequest) -> Open:
    """What opens a store."""
    chosen: Open = request.param
    return chosen


@pytest.fixture
def desk(open_store: Open) -> Iterator[Desk]:
    """An empty helpdesk."""
    with open_store(TABLES, CHOICES) as store:
        yield Desk(store)


def refused(operation: Callable[[], object]) -> tuple[str, str, tuple[str, ...]]:
    with pytest.raises(ConstraintError) as caught:
        operation()
    return caught.value.kind, caught.value.table, caught.value.columns


def test_rows_are_read_looked_up_and_scanned_in_key_order(desk: Desk) -> None:
    desk.put("core.team", B, name="Tier 2")
    desk.put("core.team", A, name="Tier 1")
    teams = BY_NAME["core.team"]
    assert desk.store.prepare_read(teams, ("name",))(B) == ["Tier 2"]
    assert desk.store.prepare_read(teams, ())(B) == []
    assert desk.store.prepare_read(teams, ("name",))(C) is None
    assert desk.store.prepare_look_up(teams, ("name",))(["Tier 1"]) == A
    assert desk.store.prepare_look_up(teams, ("name",))(["Tier 9"]) is None
    rows = list(desk.store.prepare_scan(teams, ("name",), ())(()))
    assert [(row.key, list(row.values)) for row in rows] == [(A, ["Tier 1"]), (B, ["Tier 2"])]


def test_scans_look_for_equal_columns_primary_ones_and_empty_too(desk: Desk) -> None:
    for position, amount in ((1, None), (2, Decimal("1.5")), (3, None)):
        desk.put("desk.line", (1, position), amount=amount)
    lines = BY_NAME["desk.line"]
    scan = desk.store.prepare_scan(lines, (), ("amount",))
    assert [row.key for row in scan([None])] == [(1, 1), (1, 3)]
    assert [row.key for row in scan([Decimal("1.50")])] == [(1, 2)]
    assert [row.key for row in scan([Decimal("1.50001")])] == []
    assert [row.key for row in scan([Decimal(10) ** 30])] == []
    assert [row.key for row in desk.store.prepare_scan(lines, (), ("position",))([3])] == [(1, 3)]


def test_scans_look_for_rows_of_several_tables(desk: Desk) -> None:
    team, user = desk.put("core.team", A, name="A"), desk.put("core.user", A, name="A")
    for number, owner in enumerate((team, user, None), 1):
        desk.case(key(number), owner=owner)
    scan = desk.store.prepare_scan(BY_NAME["desk.case"], ("owner",), ("owner",))
    for number, owner in enumerate((team, user, None), 1):
        assert [(row.key, list(row.values)) for row in scan([owner])] == [(key(number), [owner])]


def test_a_scan_is_fixed_when_it_is_first_advanced(desk: Desk) -> None:
    desk.put("core.team", A, name="A")
    rows = desk.store.prepare_scan(BY_NAME["core.team"], (), ())(())
    desk.put("core.team", B, name="B")
    seen = [next(rows).key]
    desk.put("core.team", C, name="C")
    assert seen + [row.key for row in rows] == [A, B]


def test_rows_come_by_the_number_of_a_choice_in_the_key(desk: Desk) -> None:
    for level in ("high", "low", "normal"):
        desk.put("desk.weight", level)
    assert desk.keys("desk.weight") == ["low", "normal", "high"]


KEYS: dict[str, tuple[t.Type, list[Any]]] = {
    "text by code point": (t.Text(), ["", " ", "A", "Z", "a", "ab", "ß", "é", "\ue000", "\U00010000"]),
    "integer": (t.Integer(), [-(2**63), -1, 0, 9, 10, 2**63 - 1]),
    "decimal": (
        t.Decimal(9, 2),
        [Decimal("-10.5"), Decimal(-2), Decimal("0.01"), Decimal(10), Decimal("9999999.99")],
    ),
    "wide decimal": (
        t.Decimal(30, 2),
        [Decimal("-10.5"), Decimal(-2), Decimal("0.01"), Decimal(9), Decimal("1e20")],
    ),
    "date": (t.Date(), [date(1, 1, 1), date(999, 12, 31), date(2026, 1, 2), date(9999, 12, 31)]),
    "moment": (
        t.DateTime(),
        [datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, 0, 0, 0, 1, tzinfo=UTC)],
    ),
    "duration": (t.Duration(), [timedelta(microseconds=-(2**63)), timedelta(-1), timedelta(0), timedelta(1)]),
    "boolean": (t.Boolean(), [False, True]),
    "float": (t.Float(), [-1.5, 0.0, 1e-9, 2.0, 1e300]),
    "numbered choice": (PRIORITY, ["low", "normal", "high"]),
    "choice by name": (t.Choice("desk.Plain"), ["apple", "pear"]),
}


@pytest.mark.parametrize("case", KEYS.values(), ids=KEYS)
def test_rows_come_in_the_order_of_their_keys(open_store: Open, case: tuple[t.Type, list[Any]]) -> None:
    type_, ordered = case
    one = table("desk.one", column("k", type_, primary=True))
    two = table("desk.two", column("k", type_, primary=True), column("n", t.Integer(), primary=True))
    choices = (*CHOICES, Choice("desk.Plain", (Member("pear"), Member("apple"))))
    with open_store((one, two), choices) as store:
        for value in reversed(ordered):
            store.prepare_insert(one, ())(value, ())
            for n in (2, 1):
                store.prepare_insert(two, ())((value, n), ())
        assert [row.key for row in store.prepare_scan(one, (), ())(())] == ordered
        assert [row.key for row in store.prepare_scan(two, (), ())(())] == [(k, n) for k in ordered for n in (1, 2)]
        assert all(store.prepare_read(one, ())(value) == [] for value in ordered)


def test_keys_of_several_columns_are_looked_up_in_any_order(open_store: Open) -> None:
    pair = table("desk.pair", column("one", t.Integer()), column("two", t.Integer()), keys=(("one", "two"),))
    with open_store((pair,), ()) as store:
        store.prepare_insert(pair, ("one", "two"))(A, (1, 2))
        assert store.prepare_look_up(pair, ("two", "one"))((2, 1)) == A


def test_a_set_of_columns_that_is_no_key_is_not_looked_up_in_memory() -> None:
    with pytest.raises(ValueError, match="title is no key of desk.case"):
        MemoryStore(TABLES, CHOICES).prepare_look_up(BY_NAME["desk.case"], ("title",))


def test_what_a_store_refuses(desk: Desk) -> None:
    team = desk.put("core.team", A, name="A")
    teams, cases = BY_NAME["core.team"], BY_NAME["desk.case"]
    assert refused(lambda: desk.put("core.team", A, name="B")) == ("unique", "core.team", ("id",))
    assert refused(lambda: desk.put("core.team", B, name="A")) == ("unique", "core.team", ("name",))
    assert refused(lambda: desk.put("core.team", B)) == ("required", "core.team", ("name",))
    update = desk.store.prepare_update(teams, ("name",))
    assert refused(lambda: update(D, ["Z"])) == ("missing", "core.team", ())
    assert refused(lambda: update(A, [None])) == ("required", "core.team", ("name",))
    assert refused(lambda: desk.store.prepare_delete(teams)(D)) == ("missing", "core.team", ())
    nobody = RowRef("core.user", D)
    assert refused(lambda: desk.case(key(1), owner=nobody)) == ("foreign key", "desk.case", ("owner",))
    desk.case(key(1), owner=team)
    own = desk.store.prepare_update(cases, ("owner",))
    assert refused(lambda: own(key(1), [nobody])) == ("foreign key", "desk.case", ("owner",))
    delete = desk.store.prepare_delete(teams)
    assert refused(lambda: delete(A)) == ("referenced", "desk.case", ("owner",))
    own(key(1), [None])
    delete(A)
    assert desk.keys("core.team") == []


def test_a_key_of_several_columns_is_unique(desk: Desk) -> None:
    desk.put("desk.line", (1, 1))
    assert refused(lambda: desk.put("desk.line", (1, 1))) == ("unique", "desk.line", ("order", "position"))
    desk.put("desk.line", (1, 2))


def test_empty_values_clash_with_nothing(desk: Desk) -> None:
    desk.case(key(1), number=None)
    desk.case(key(2), number=None)
    assert desk.keys("desk.case") == [key(1), key(2)]


def test_a_row_may_refer_to_itself_and_be_deleted(desk: Desk) -> None:
    desk.put("desk.account", A, parent=RowRef("desk.account", A))
    desk.store.prepare_delete(BY_NAME["desk.account"])(A)
    assert desk.keys("desk.account") == []


def test_a_row_that_refers_to_itself_and_is_referred_to_by_another(desk: Desk) -> None:
    own = desk.put("desk.account", A, parent=RowRef("desk.account", A))
    desk.put("desk.account", B, parent=own)
    delete = desk.store.prepare_delete(BY_NAME["desk.account"])
    assert refused(lambda: delete(A)) == ("referenced", "desk.account", ("parent",))


def test_a_unique_value_is_free_again_when_its_row_changed(desk: Desk) -> None:
    desk.put("core.team", A, name="A")
    desk.store.prepare_update(BY_NAME["core.team"], ("name",))(A, ["B"])
    desk.put("core.team", B, name="A")
    assert desk.store.prepare_look_up(BY_NAME["core.team"], ("name",))(["B"]) == A


# ---------------------------------------------------------------------------------- lookups that are keys, or have such


ORDER = table("shop.order", column("shop", t.Text(), primary=True), column("number", t.Integer(), primary=True))
ORDER_ROW = t.Row(("shop.order",))
POSITION = table("shop.position", column("order", ORDER_ROW, primary=True), column("at", t.Integer(), primary=True))
POSITION_ROW = t.Row(("shop.position",))
PARCEL = table(
    "shop.parcel",
    column("content", POSITION_ROW, unique=True),
    column("about", t.Row(("shop.order", "shop.position", "shop.parcel")), required=True, key=True),
    column("name", t.Text()),
)
SHOP = (ORDER, POSITION, PARCEL)
FIRST = RowRef("shop.order", ("here", 7))
SECOND = RowRef("shop.position", (FIRST, 1))


@pytest.fixture
def shop(open_store: Open) -> Iterator[Store]:
    """An order with a position, and two parcels."""
    with open_store(SHOP, ()) as store:
        store.prepare_insert(ORDER, ())(FIRST.key, ())
        store.prepare_insert(POSITION, ())(SECOND.key, ())
        store.prepare_insert(PARCEL, ("content", "about"))(A, (SECOND, FIRST))
        store.prepare_insert(PARCEL, ("content", "about"))(B, (None, SECOND))
        yield store


def test_a_lookup_to_several_columns_reads_as_a_row(shop: Store) -> None:
    read = shop.prepare_read(PARCEL, ("about", "content"))
    assert read(A) == [FIRST, SECOND]
    assert read(B) == [SECOND, None]
    assert [row.key for row in shop.prepare_scan(POSITION, (), ())(())] == [SECOND.key]
    assert shop.prepare_read(POSITION, ())((FIRST, 2)) is None
    assert shop.prepare_look_up(PARCEL, ("about",))([SECOND]) == B
    assert [row.key for row in shop.prepare_scan(PARCEL, (), ("content",))([None])] == [B]
    assert [row.key for row in shop.prepare_scan(POSITION, (), ("order",))([FIRST])] == [SECOND.key]


def test_a_lookup_to_several_columns_is_checked(shop: Store) -> None:
    insert = shop.prepare_insert(PARCEL, ("content", "about"))
    nowhere = RowRef("shop.order", ("there", 7))
    assert refused(lambda: insert(C, (None, nowhere))) == ("foreign key", "shop.parcel", ("about",))
    assert refused(lambda: insert(C, (None, None)))[:2] in [("required", "shop.parcel"), ("check", "shop.parcel")]
    assert refused(lambda: insert(C, (SECOND, RowRef("shop.parcel", A)))) == ("unique", "shop.parcel", ("content",))
    assert refused(lambda: insert(C, (None, SECOND))) == ("unique", "shop.parcel", ("about",))
    assert refused(lambda: shop.prepare_delete(ORDER)(FIRST.key))[0] == "referenced"
    insert(C, (None, RowRef("shop.parcel", A)))
    shop.prepare_update(PARCEL, ("about",))(C, [RowRef("shop.parcel", C)])
    shop.prepare_delete(PARCEL)(C)


# ----------------------------------------------------------------------------------------------------------- savepoints


def everything(desk: Desk) -> dict[str, list[Any]]:
    names = {each.name: tuple(c.name for c in each.columns if not c.primary) for each in TABLES}
    return {
        name: [(row.key, list(row.values)) for row in desk.store.prepare_scan(BY_NAME[name], columns, ())(())]
        for name, columns in names.items()
    }


writes = st.lists(st.tuples(st.sampled_from(["put", "rename", "remove", "mark", "undo", "keep"]), st.integers(0, 4)))


@given(writes)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_brings_back_exactly_what_was_there(open_store: Open, actions: list[tuple[str, int]]) -> None:
    with open_store(TABLES, CHOICES) as store:
        desk = Desk(store)
        teams = BY_NAME["core.team"]
        marks: list[tuple[object, dict[str, list[Any]]]] = []
        for action, number in actions:
            try:
                if action == "put":
                    desk.put("core.team", key(number), name=f"T{number}")
                elif action == "rename":
                    desk.store.prepare_update(teams, ("name",))(key(number), [f"T{(number + 1) % 5}"])
                elif action == "remove":
                    desk.store.prepare_delete(teams)(key(number))
                elif action == "mark":
                    marks.append((desk.store.savepoint(), everything(desk)))
                elif marks and action == "undo":
                    mark, before = marks.pop()
                    desk.store.undo(mark)
                    assert everything(desk) == before
                elif marks:
                    desk.store.keep(marks.pop()[0])
            except ConstraintError as error:
                assert error.kind in ("unique", "missing")
        index = desk.store.prepare_look_up(teams, ("name",))
        for row in desk.store.prepare_scan(teams, ("name",), ())(()):
            assert index(row.values) == row.key
