"""Rows whose primary key the store makes."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import ConstraintError, RowRef, Store
from actionlang.metadata import types as t
from tests.engine.building import column, table
from tests.engine.stores import STORES, key

TICKET = table(
    "desk.ticket",
    column("number", t.Integer(), primary=True, readonly=True),
    column("title", t.Text(), required=True, unique=True),
    column("before", t.Row(("desk.ticket",))),
)
LETTER = table(
    "desk.letter", column("id", t.Id(), primary=True, readonly=True), column("about", t.Row(("desk.ticket",)))
)
BARE = table("desk.bare", column("number", t.Integer(), primary=True, readonly=True))


@pytest.fixture(params=list(STORES))
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with STORES[request.param]((TICKET, LETTER, BARE), ()) as opened:
        yield opened


def no_id() -> str:
    raise AssertionError("an id was asked for")


def test_a_row_is_found_by_the_key_that_it_was_given(store: Store) -> None:
    insert = store.prepare_insert_keyless(TICKET, ("title", "before"))
    first = insert(["a", None], no_id)
    second = insert(["b", RowRef("desk.ticket", first)], no_id)
    assert isinstance(first, int)
    assert second != first
    read = store.prepare_read(TICKET, ("title", "before"))
    assert read(second) == ["b", RowRef("desk.ticket", first)]
    assert {row.key for row in store.prepare_scan(TICKET, (), ())(())} == {first, second}


def test_an_id_is_made_where_none_is_given(store: Store) -> None:
    insert = store.prepare_insert_keyless(LETTER, ("about",))
    ids = iter([key(7), key(8)])
    made = [insert([None], lambda: next(ids)) for _ in range(2)]
    assert all(str(UUID(str(each))) == each for each in made)
    assert made[0] != made[1]
    assert store.prepare_read(LETTER, ("about",))(made[1]) == [None]


def test_a_row_of_nothing_but_its_key(store: Store) -> None:
    insert = store.prepare_insert_keyless(BARE, ())
    made = [insert((), no_id) for _ in range(3)]
    assert [row.key for row in store.prepare_scan(BARE, (), ())(())] == sorted(made)  # type: ignore[type-var]


def test_what_is_refused_is_told_and_leaves_nothing(store: Store) -> None:
    insert = store.prepare_insert_keyless(TICKET, ("title", "before"))
    first = insert(["a", None], no_id)
    for values, kind, columns in (
        (["a", None], "unique", ("title",)),
        ([None, None], "required", ("title",)),
        (["b", RowRef("desk.ticket", -1)], "foreign key", ("before",)),
    ):
        with pytest.raises(ConstraintError) as caught:
            insert(values, no_id)
        assert (caught.value.kind, caught.value.table, caught.value.columns) == (kind, "desk.ticket", columns)
    assert [row.key for row in store.prepare_scan(TICKET, (), ())(())] == [first]


def test_what_is_undone_is_gone(store: Store) -> None:
    insert = store.prepare_insert_keyless(TICKET, ("title",))
    mark = store.savepoint()
    made = insert(["a"], no_id)
    store.undo(mark)
    assert store.prepare_read(TICKET, ())(made) is None
    kept = insert(["a"], no_id)
    assert store.prepare_read(TICKET, ("title",))(kept) == ["a"]


def test_a_key_may_be_stated_by_whoever_is_no_verb(store: Store) -> None:
    store.prepare_insert(TICKET, ("title",))(1042, ("a",))
    assert store.prepare_read(TICKET, ("title",))(1042) == ["a"]


def test_in_memory_keys_are_counted_behind_the_highest_that_there_was() -> None:
    store = MemoryStore((TICKET,))
    insert, delete = store.prepare_insert_keyless(TICKET, ("title",)), store.prepare_delete(TICKET)
    assert [insert([title], no_id) for title in "ab"] == [1, 2]
    delete(2)
    assert insert(["c"], no_id) == 3
    store.prepare_insert(TICKET, ("title",))(1042, ("d",))
    mark = store.savepoint()
    assert insert(["e"], no_id) == 1043
    store.undo(mark)
    assert insert(["f"], no_id) == 1043
    store.prepare_insert(TICKET, ("title",))(2**63 - 1, ("g",))
    with pytest.raises(ConstraintError) as caught:
        insert(["h"], no_id)
    assert (caught.value.kind, caught.value.columns) == ("check", ("number",))


def test_in_memory_ids_are_those_of_the_run() -> None:
    store = MemoryStore((TICKET, LETTER))
    assert store.prepare_insert_keyless(LETTER, ())((), lambda: key(7)) == key(7)
