"""Databases that can not be written, or read, just now or at all: one clear error, and everything is as it was."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.sql.dialect import Cursor
from actionlang.plan import steps as s
from actionlang.runtime.database import Database
from actionlang.runtime.result import RunFailed
from tests.plan.samples import ON_CASE, THE_CASE, at, template, text, verb
from tests.runtime.desk import ESCALATE_PLAN, SCHEMA, Desk, dump, open_desk, query, ready

HOLDER = """
import sqlite3, sys
driver = sqlite3.connect(sys.argv[1], isolation_level=None)
driver.execute(sys.argv[2])
driver.execute("UPDATE \\"dbo.Incident\\" SET title = 'held'")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A filled database's file, closed."""
    with open_desk(tmp_path / "desk.db") as desk:
        return desk.path


def failed(database: Database, **asked: object) -> Diagnostic:
    """What a run of Escalate is refused with."""
    with pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(database, on="CAS-1", reason="x", **asked)  # type: ignore[arg-type]
    assert len(caught.value.diagnostics) == 1
    return caught.value.diagnostics[0]


def said(diagnostic: Diagnostic) -> tuple[str, str]:
    return diagnostic.code.id, diagnostic.message


# ------------------------------------------------------------------------------------------------------------- locked


@contextmanager
def held(path: Path, begin: str) -> Iterator[None]:
    """Another process holds a lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), begin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.stdin.close()
            holder.wait()


@pytest.mark.process
@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_locked_database(path: Path, begin: str) -> None:
    before = dump(path)
    with Database.connect(f"sqlite:///{path}", busy_timeout=0.05) as database:
        with held(path, begin):
            told = failed(database)
            assert said(told) == ("E0802", "The database is locked: another program is writing to it.")
            assert (
                told.hint
                == "try again when it is done; how long to wait is said by --wait, in programs by busy_timeout"
            )
            assert len(database.log.runs()) == 0
        assert dump(path) == before
        assert ESCALATE_PLAN.run(database, on="CAS-1", reason="x").changes


@pytest.mark.process
def test_a_locked_database_in_the_callers_transaction(path: Path) -> None:
    with Database.connect(f"sqlite:///{path}", busy_timeout=0.05) as database:
        with held(path, "BEGIN IMMEDIATE"), database.engine.connect() as connection:
            with pytest.raises(RunFailed) as caught:
                ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
            assert caught.value.diagnostics[0].code.id == "E0802"
        assert ESCALATE_PLAN.run(database, on="CAS-1", reason="x").changes


# ---------------------------------------------------------------------------------------------------------------- full


FILL = ready(verb("Fill", s.Update(at(2), THE_CASE, (("escalation_reason", text("x" * 100_000)),)), binding=ON_CASE))


def no_room(database: Database) -> Cursor:
    """Let the file grow no more; gives the cursor to undo that."""
    connection, session = database.take_turn()
    (pages,) = session.driver.cursor().execute("PRAGMA page_count").fetchone()
    session.driver.cursor().execute(f"PRAGMA max_page_count = {pages}")
    database.end_turn(connection)
    return session.cursor


def test_a_full_disk(path: Path) -> None:
    before = dump(path)
    with Database.connect(f"sqlite:///{path}") as database:
        no_room(database)
        with pytest.raises(RunFailed) as caught:
            FILL.run(database, on="CAS-1")
        assert said(caught.value.diagnostics[0]) == ("E0803", "There is no room left for the database.")
        assert caught.value.diagnostics[0].hint == "make room on the disk and try again"
    # The record of a failure is small enough for a page that is there already.
    assert caught.value.recorded
    assert [line for line in dump(path) if "actionlang_run" not in line] == [
        line for line in before if "actionlang_run" not in line
    ]


def test_a_disk_too_full_for_the_record(path: Path) -> None:
    before = dump(path)
    with Database.connect(f"sqlite:///{path}") as database:
        no_room(database)
        plan = ready(verb("Say", s.Fail(at(2), template("x" * 100_000)), binding=ON_CASE))
        with pytest.raises(RunFailed) as caught:
            plan.run(database, on="CAS-1")
    assert not caught.value.recorded
    assert caught.value.diagnostics[0].notes[-1] == "this failure could not be written to the audit records"
    assert dump(path) == before


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the system refuse to make any file of this process larger."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_refuses_to_write(path: Path) -> None:
    before = query(path, 'SELECT * FROM "dbo.Incident"')
    with Database.connect(f"sqlite:///{path}") as database:
        with largest_file(60_000), pytest.raises(RunFailed) as caught:
            FILL.run(database, on="CAS-1")
        assert said(caught.value.diagnostics[0]) == ("E0808", "The database's disk failed: disk I/O error.")
        assert query(path, 'SELECT * FROM "dbo.Incident"') == before
        assert query(path, "PRAGMA integrity_check") == [("ok",)]
        FILL.run(database, on="CAS-1")


# ----------------------------------------------------------------------------------------------------------- read-only


def test_a_database_that_can_only_be_read(path: Path) -> None:
    before = dump(path)
    with Database.connect(f"sqlite:///file:{path}?mode=ro&uri=true") as database:
        told = failed(database)
        assert said(told) == ("E0804", "The database can only be read.")
        assert (
            told.hint
            == "see who may write to the file and to the folder it is in; on a server, what its user is granted"
        )
        with pytest.raises(ActionLangError) as caught:
            database.tables.drop(SCHEMA)
        assert caught.value.diagnostics[0].code.id == "E0804"
    assert dump(path) == before


# -------------------------------------------------------------------------------------------- no database, or a damaged one


NOT_DATABASES = {
    "text": b"name,amount\n" * 200,
    "a script": b"action Greet < stop >",
    "zeros": bytes(8192),
    "noise": bytes(range(256)) * 64,
}


@pytest.mark.parametrize("content", NOT_DATABASES.values(), ids=NOT_DATABASES)
@pytest.mark.parametrize("create", [False, True])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes, create: bool) -> None:
    path = tmp_path / "no.db"
    path.write_bytes(content)
    with pytest.raises(ActionLangError) as caught:
        Database.connect(f"sqlite:///{path}", create=create)
    assert said(caught.value.diagnostics[0]) == ("E0805", "The file is not an SQLite database.")
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_has_no_tables(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with Database.connect(f"sqlite:///{tmp_path / 'empty.db'}") as database:
        assert failed(database).code.id == "E0806"


def damage(path: Path, name: str) -> None:
    """Overwrite the first page of a table."""
    (page,), (size,) = (
        *query(path, "SELECT rootpage FROM sqlite_master WHERE name = ?", name),
        *query(path, "PRAGMA page_size"),
    )
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xa5" * size
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["dbo.Incident", "team", "task", "actionlang_run", "actionlang_change"])
def test_a_damaged_database(path: Path, name: str) -> None:
    damage(path, name)
    others = [f'SELECT * FROM "{other}"' for other in ("account", "user", "dbo.Incident", "task") if other != name]
    before = [query(path, other) for other in others]
    with Database.connect(f"sqlite:///{path}") as database:
        assert said(failed(database)) == ("E0805", "The database is damaged.")
    assert [query(path, other) for other in others] == before


def test_a_database_cut_short(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ActionLangError) as caught, Database.connect(f"sqlite:///{path}") as database:
        ESCALATE_PLAN.run(database, on="CAS-1", reason="x")
    assert said(caught.value.diagnostics[0]) == ("E0805", "The database is damaged.")


# ------------------------------------------------------------------------------------------------- the host's own mistakes


class BrokenZone(tzinfo):
    """A time zone of the host's that does not work."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        raise LookupError("no such offset")

    def dst(self, moment: datetime | None) -> timedelta:
        raise LookupError("no such offset")

    def tzname(self, moment: datetime | None) -> str:
        return "broken"


def test_a_failure_of_the_host_is_told_like_any_other(desk: Desk) -> None:
    before = desk.query('SELECT * FROM "dbo.Incident"'), desk.query("SELECT * FROM task")
    told = failed(desk.database, zone=BrokenZone())
    assert said(told) == (
        "E0809",
        "ActionLang itself failed while Escalate ran: LookupError: no such offset.",
    )
    assert told.hint == "nothing was changed; please report this with the plan that was run"
    assert (desk.query('SELECT * FROM "dbo.Incident"'), desk.query("SELECT * FROM task")) == before
    assert [record.error_code for record in desk.database.log.runs()] == ["E0809"]
    assert ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x").changes
