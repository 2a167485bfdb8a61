"""The database itself refuses to change or delete records."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from actionlang.audit.sealing import Sealer
from actionlang.audit.tables import NEVER_CHANGED
from tests.audit.office import Office

COLUMNS = {
    "actionlang_run": "verb",
    "actionlang_event": "payload",
    "actionlang_seal": "hash",
    "actionlang_sealed": "digest",
}


def test_rows_of_records_are_neither_changed_nor_deleted(office: Office) -> None:
    office.run("Open", number="C-1")
    office.run("Escalate", on="C-1", reason="x")
    Sealer(office.database).seal()
    before = [office.query(f"SELECT * FROM {table.name}") for table in NEVER_CHANGED]
    assert all(before)
    for table in NEVER_CHANGED:
        column = COLUMNS.get(table.name, "run")
        statements = [f"UPDATE {table.name} SET {column} = 'x'", f"DELETE FROM {table.name}"]
        if office.database.dialect.name == "postgresql":
            statements.append(f"TRUNCATE {table.name}")
        for statement in statements:
            with pytest.raises(sa.exc.DBAPIError, match=f"rows of {table.name} are "):
                _execute(office, statement)
    assert [office.query(f"SELECT * FROM {table.name}") for table in NEVER_CHANGED] == before
    _execute(office, "UPDATE actionlang_event SET dispatched = '2026-11-24T09:30:00.000000Z'")


def test_links_are_not_deleted_by_retention_either(office: Office) -> None:
    office.run("Open", number="C-1")
    Sealer(office.database).seal()
    allow = (
        "INSERT INTO actionlang_retention (moment) VALUES ('now')"
        if office.database.dialect.name == "sqlite"
        else "SELECT set_config('actionlang.retention', 'on', true)"
    )
    with pytest.raises(sa.exc.DBAPIError, match="rows of actionlang_seal are "):
        _execute(office, allow, "DELETE FROM actionlang_seal")


def _execute(office: Office, *statements: str) -> None:
    with office.database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
