"""PostgreSQL through psycopg 3, as the store needs it."""

from __future__ import annotations

import re
import select
from collections.abc import Callable
from contextlib import suppress

import psycopg
from psycopg.pq import TransactionStatus

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.sql.codecs import Kind
from actionlang.engine.sql.dialect import Cursor, Dialect, Refusal
from actionlang.engine.sql.existing_postgres import codec_in
from actionlang.engine.sql.native import native_codec_of
from actionlang.engine.sql.postgres_values import make_ready
from actionlang.engine.store import StoreError

KINDS = {
    "23505": "unique",
    "23502": "required",
    "23503": "foreign key",
    "23001": "foreign key",
}
"""Kinds of refused writes, by SQLSTATE."""

REFUSING_CLASSES = ("22", "23", "44")
"""SQLSTATE's classes of what a value did wrong: data that does not fit, integrity, check options of views; `check` unless a kind
says otherwise."""

BEGIN = "BEGIN ISOLATION LEVEL SERIALIZABLE"
HASTE = "100ms"
"""How long a hasty transaction waits for another one."""

RAISED_BY_TRIGGER = "P0001"

SECONDS_TO_STOP = 5.0
"""How long the server has to hear that it is to stop a statement."""

TROUBLES: dict[str, tuple[Code, str]] = {
    "40": (codes.CONFLICT, "Other runs were changing the same rows at the same time."),
    "55P03": (codes.LOCKED, "The database is locked: another transaction is changing these rows or tables."),
    "55006": (codes.LOCKED, "The database is locked: another transaction is using the table."),
    "53100": (codes.DISK_FULL, "There is no room left for the database."),
    "25006": (codes.READ_ONLY, "The database can only be read."),
    "XX001": (codes.DAMAGED, "The database is damaged."),
    "XX002": (codes.DAMAGED, "The database is damaged."),
    "57014": (codes.INTERRUPTED, "The database was told to stop in the middle of a statement."),
    "57": (codes.CONNECTION_LOST, "The connection to the database was ended by the server."),
    "08": (codes.CONNECTION_LOST, "The connection to the database was lost."),
    "25P03": (codes.CONNECTION_LOST, "The connection to the database was ended by the server."),
    "25P04": (codes.CONNECTION_LOST, "The connection to the database was ended by the server."),
}
"""What PostgreSQL's other errors mean, by SQLSTATE or its class."""

TELLING: dict[str, tuple[Code, str]] = {
    "42501": (codes.READ_ONLY, "The database does not allow this"),
    "28": (codes.NO_DATABASE_THERE, "The database does not let this user in"),
    "3D": (codes.NO_DATABASE_THERE, "There is no such database"),
    "53300": (codes.NO_DATABASE_THERE, "The database server has no room for another connection"),
    "3F": (codes.DATABASE_DIFFERS, "The database's tables are not the plan's"),
    "42": (codes.DATABASE_DIFFERS, "The database's tables are not the plan's"),
    "0A": (codes.DATABASE_DIFFERS, "The database's tables were changed"),
}
"""Those of which the server's own words tell more than we can."""

NOT_TRIED = re.compile("failed to resolve host|invalid connection option|connection timeout expired")
"""How the driver begins what it says when it never reached a server."""

NAMED_KEY = re.compile(r'\(((?:[^"()]|"(?:[^"]|"")*")*)\)=\(')
NAME = re.compile(r'"((?:[^"]|"")*)"|([^",\s][^",]*)')


def _known(state: str, table: dict[str, tuple[Code, str]]) -> tuple[Code, str] | None:
    return table.get(state) or table.get(state[:2])


def _named_columns(detail: str | None) -> tuple[str, ...]:
    """The columns in `Key (owner, "the Number")=(...) already exists`, in whatever language that is said."""
    found = NAMED_KEY.search(detail or "")
    if found is None:
        return ()
    return tuple(quoted.replace('""', '"') or plain for quoted, plain in NAME.findall(found[1]))


def refusal(error: Exception) -> Refusal | None:
    """Why a write was refused, or None when the error is another one."""
    state = getattr(error, "sqlstate", None)
    if not isinstance(error, psycopg.Error) or state is None:
        return None
    if state[:2] not in REFUSING_CLASSES and state != RAISED_BY_TRIGGER:
        return None
    kind, diagnosis = KINDS.get(state, "check"), error.diag
    if kind == "unique":
        return Refusal(kind, _named_columns(diagnosis.message_detail), diagnosis.constraint_name)
    cells = () if diagnosis.column_name is None else (diagnosis.column_name,)
    return Refusal(kind, cells, diagnosis.constraint_name)


def trouble(error: Exception) -> StoreError:
    """What an error that is no refused write means."""
    if isinstance(error, psycopg.Error) and (error.pgconn is not None or NOT_TRIED.match(str(error))):
        return StoreError(codes.NO_DATABASE_THERE.id, f"The database can not be opened: {_why_not_connected(error)}.")
    state = getattr(error, "sqlstate", None) or ""
    if known := _known(state, TROUBLES):
        code, message = known
        return StoreError(code.id, message)
    told = _first_line(error)
    if known := _known(state, TELLING):
        code, message = known
        return StoreError(code.id, f"{message}: {told}.")
    if not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StoreError(codes.CONNECTION_LOST.id, f"The connection to the database was lost: {told}.")
    return StoreError(codes.DATABASE_FAILED.id, f"The database failed: {told}.")


def _why_not_connected(error: Exception) -> str:
    """What the server said, or else the library; of several addresses tried, what became of the last one."""
    lines = str(error).strip().splitlines()
    told = ([line for line in lines if "connection to server" in line] or lines)[-1].strip(" .-")
    _, fatal, said = told.partition("FATAL:")
    return said.strip() if fatal else re.sub("^connection (failed|is bad): ", "", told)


def _first_line(error: Exception) -> str:
    text = (error.diag.message_primary if isinstance(error, psycopg.Error) else None) or str(error)
    return text.strip().partition("\n")[0].rstrip(".")


def undecodable(error: Exception) -> str | None:
    """No column: a server that stores text as UTF-8 looks at all text that it is given."""
    del error
    return None


def end_check(cursor: Cursor) -> Callable[[], bool]:
    """Deferred constraints are looked at when the trial ends; after a refusal the transaction can only be undone."""

    def refuses() -> bool:
        try:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.IntegrityError:
            return True
        return False

    return refuses


def in_transaction(driver: psycopg.Connection) -> bool:
    """Whether a connection is in a transaction, be it one that has failed."""
    return driver.pgconn.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)


def usable(driver: psycopg.Connection) -> bool:
    """Whether a connection is idle and alive. When the server has something to say to an idle connection, that is its end."""
    server = driver.pgconn
    return server.transaction_status == TransactionStatus.IDLE and not _has_something_to_say(server.socket)


def _has_something_to_say(socket: int) -> bool:
    if not hasattr(select, "poll"):
        return bool(select.select([socket], [], [], 0)[0])
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def begin_hastily(cursor: psycopg.Cursor) -> None:
    """Open a transaction that waits for another one's rows only a moment. One that changed them would have to be begun anew after
    the wait anyway, and who waits in a circle would find out after a whole second (`deadlock_timeout`)."""
    cursor.execute(f"{BEGIN}; SET LOCAL lock_timeout = '{HASTE}'", prepare=False)


def stop(driver: psycopg.Connection) -> None:
    """Have the statement fail that a connection executes in another thread. Where the server can not be told, whoever asks may
    ask again."""
    with suppress(psycopg.Error):
        driver.cancel_safe(timeout=SECONDS_TO_STOP)


POSTGRES = Dialect(
    name="postgresql",
    parameter="%s",
    same=None,
    by_code_point=' COLLATE "C"',
    # Other collations take the same texts for equal, but for those of `codec_in`; an index is used only without a collation.
    equal_by_code_point="",
    casts={Kind.SINGLE: "::real"},
    begin=BEGIN,
    error=psycopg.Error,
    refusal=refusal,
    trouble=trouble,
    undecodable=undecodable,
    end_check=end_check,
    codec_of=native_codec_of,
    codec_in=codec_in,
    in_transaction=in_transaction,
    usable=usable,
    make_ready=make_ready,
    stop=stop,
    percent_doubled=True,
    error_ends_transaction=True,
    begin_hastily=begin_hastily,
    writes_at_once=True,
    namespaces=True,
    tells_capitals=True,
)
