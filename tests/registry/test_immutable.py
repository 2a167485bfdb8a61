"""Versions, scripts and the history are never changed or deleted, whoever asks."""

from __future__ import annotations

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.tables import NEVER_CHANGED
from actionlang.runtime.database import Database
from tests.registry.board import activate, ask, do, refusal

KEPT = [table.name for table in NEVER_CHANGED]


def test_what_is_kept() -> None:
    assert KEPT == ["actionlang_activation", "actionlang_version", "actionlang_script", "actionlang_activated"]


def test_nothing_can_be_changed_deleted_or_replaced(database: Database) -> None:
    activate(database)
    statements = []
    for table in NEVER_CHANGED:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        statements += [f'UPDATE {table.name} SET "{column.name}" = "{column.name}"' for column in table.columns]
        statements.append(f"DELETE FROM {table.name}")
        if database.dialect.name == "sqlite":
            statements.append(f"INSERT OR REPLACE INTO {table.name} ({names}) SELECT {names} FROM {table.name}")
            statements.append(f"REPLACE INTO {table.name} ({names}) SELECT {names} FROM {table.name}")
        else:
            statements.append(f"TRUNCATE {table.name} CASCADE")
            statements.append(
                f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {table.name} ON CONFLICT "
                f"({', '.join(column.name for column in table.primary_key)}) DO UPDATE "
                f"SET \"{list(table.columns)[-1].name}\" = '1'"
            )
    before = [ask(database, f"SELECT * FROM {name}") for name in KEPT]
    for statement in statements:
        with pytest.raises(ActionLangError) as caught:
            do(database, statement)
        assert "are never" in refusal(caught.value).message, statement
    assert [ask(database, f"SELECT * FROM {name}") for name in KEPT] == before


def test_a_version_replaced_by_its_hash_is_refused(desk: Database) -> None:
    activate(desk)
    statement = "INSERT OR REPLACE INTO actionlang_version SELECT verb, number + 7, plan_hash, plan, performs, scripts, activation "
    with pytest.raises(ActionLangError):
        do(desk, f"{statement} FROM actionlang_version")


def test_a_second_row_of_the_registry_is_refused(database: Database) -> None:
    with pytest.raises(ActionLangError):
        do(database, "INSERT INTO actionlang_registry (id, schema_version, generation) VALUES (2, 1, 0)")


def test_an_active_version_has_to_be_there(database: Database) -> None:
    activate(database)
    with pytest.raises(ActionLangError):
        do(database, "UPDATE actionlang_active SET number = 7")
