"""SQLite, as the store needs it."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.sql.codecs import codec_of
from actionlang.engine.sql.dialect import Cursor, Dialect, Refusal
from actionlang.engine.sql.existing_sqlite import codec_in
from actionlang.engine.store import StoreError

KINDS = {
    "SQLITE_CONSTRAINT_UNIQUE": "unique",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "unique",
    "SQLITE_CONSTRAINT_ROWID": "unique",
    "SQLITE_CONSTRAINT_NOTNULL": "required",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign key",
}
"""Kinds of refused writes, by SQLite's names; all others are `check`."""

TROUBLES: dict[str, tuple[Code, str]] = {
    "SQLITE_BUSY": (codes.LOCKED, "The database is locked: another program is writing to it."),
    "SQLITE_LOCKED": (codes.LOCKED, "The database is locked: another connection of this program is using it."),
    "SQLITE_FULL": (codes.DISK_FULL, "There is no room left for the database."),
    "SQLITE_READONLY": (codes.READ_ONLY, "The database can only be read."),
    "SQLITE_PERM": (codes.READ_ONLY, "The database may not be written to."),
    "SQLITE_AUTH": (codes.READ_ONLY, "The database may not be written to."),
    "SQLITE_CORRUPT": (codes.DAMAGED, "The database is damaged."),
    "SQLITE_NOTADB": (codes.DAMAGED, "The file is not an SQLite database."),
    "SQLITE_CANTOPEN": (codes.NO_DATABASE_THERE, "The database can not be opened."),
    "SQLITE_INTERRUPT": (codes.INTERRUPTED, "The database was told to stop in the middle of a statement."),
    "SQLITE_SCHEMA": (codes.DATABASE_DIFFERS, "The database's tables were changed during the run."),
}
"""What SQLite's other results mean, by the first two words of their names."""

MISSING = re.compile(r"no such (table|column): (.*)|table .* has no column named (.*)")
UNDECODABLE = re.compile(r"Could not decode to UTF-8 column '(.*?)' with text", re.DOTALL)


def _result_name(error: Exception) -> str:
    """SQLite's name of an error's result, or an empty text when the driver made the error itself."""
    return getattr(error, "sqlite_errorname", None) or ""


def refusal(error: Exception) -> Refusal | None:
    """Why a write was refused, or None when the error is another one."""
    if not isinstance(error, sqlite3.IntegrityError):
        return None
    _, _, named = str(error).partition("constraint failed: ")
    kind = KINDS.get(_result_name(error), "check")
    if kind in ("unique", "required"):
        return Refusal(kind, tuple(part.rpartition(".")[2] for part in named.split(", ") if "." in part))
    return Refusal(kind, name=named or None)


def trouble(error: Exception) -> StoreError:
    """What an error that is no refused write means."""
    result = _result_name(error)
    known = TROUBLES.get("_".join(result.split("_")[:2]))
    if known:
        code, message = known
        return StoreError(code.id, message)
    if MISSING.match(str(error)):
        return StoreError(codes.DATABASE_DIFFERS.id, f"The database's tables are not the plan's: {error}.")
    if result.startswith("SQLITE_IOERR"):
        return StoreError(codes.DATABASE_FAILED.id, f"The database's disk failed: {error}.")
    return StoreError(codes.DATABASE_FAILED.id, f"The database failed: {error}.")


def undecodable(error: Exception) -> str | None:
    """The column that holds what is no UTF-8, when that is the error."""
    found = UNDECODABLE.match(str(error)) if isinstance(error, sqlite3.OperationalError) else None
    return found[1] if found else None


def dangling(cursor: Cursor) -> Counter[object]:
    """References to rows that are not there, where any foreign key of the database is deferred."""
    cursor.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND sql LIKE '%DEFERRED%' LIMIT 1")
    if cursor.fetchone() is None:
        return Counter()
    cursor.execute("PRAGMA foreign_key_check")
    return Counter(cursor.fetchall())


def end_check(cursor: Cursor) -> Callable[[], bool]:
    """References that were dangling before are nobody's fault."""
    before = dangling(cursor)
    return lambda: bool(dangling(cursor) - before)


def in_transaction(driver: sqlite3.Connection) -> bool:
    """Whether a connection is in a transaction."""
    return driver.in_transaction


def usable(driver: sqlite3.Connection) -> bool:
    """Always: what an interrupted run left open is rolled back when the next begins."""
    del driver
    return True


def make_ready(cursor: Any) -> None:
    """Let rows come as plain tuples, whatever the connection's other users like."""
    cursor.row_factory = None


def stop(driver: sqlite3.Connection) -> None:
    """Have the statement fail that a connection executes in another thread."""
    driver.interrupt()


SQLITE = Dialect(
    name="sqlite",
    parameter="?",
    same="{0} IS ?",
    by_code_point=" COLLATE BINARY",
    equal_by_code_point=" COLLATE BINARY",
    casts={},
    begin="BEGIN IMMEDIATE",
    error=sqlite3.Error,
    refusal=refusal,
    trouble=trouble,
    undecodable=undecodable,
    end_check=end_check,
    codec_of=codec_of,
    codec_in=codec_in,
    in_transaction=in_transaction,
    usable=usable,
    make_ready=make_ready,
    stop=stop,
)
