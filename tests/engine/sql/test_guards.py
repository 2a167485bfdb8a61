"""Writes on PostgreSQL, where an error ends the transaction: guarded by savepoints, or done again with them."""

from __future__ import annotations

import pytest

from actionlang.engine.sql.store import SqlStore, Unguarded
from actionlang.engine.store import ConstraintError
from tests.engine.building import BY_NAME, CHOICES, TABLES
from tests.engine.stores import key, on_postgres

TEAMS = BY_NAME["core.team"]


def put(store: SqlStore, number: int) -> None:
    store.prepare_insert(TEAMS, ("name",))(key(number), ("Tier 2",))


def test_a_refused_write_leaves_a_guarded_transaction_alive() -> None:
    with on_postgres(TABLES, CHOICES) as store:
        put(store, 1)
        with pytest.raises(ConstraintError, match="unique"):
            put(store, 2)
        assert store.prepare_read(TEAMS, ("name",))(key(1)) == ["Tier 2"]


def test_a_refused_write_without_guards_is_to_be_done_again() -> None:
    with on_postgres(TABLES, CHOICES) as store:
        store.guards = False
        put(store, 1)
        with pytest.raises(Unguarded):
            put(store, 2)
