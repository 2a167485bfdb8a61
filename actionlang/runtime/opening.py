"""Opening SQLite files as runs want them: in WAL mode, foreign keys enforced, transactions begun only when asked for."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

import attrs
import sqlalchemy as sa
from sqlalchemy.pool import NullPool, StaticPool

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic

USABLE = "SQLite (sqlite:///path/to/file.db) or PostgreSQL (postgresql://user@host/database)"

SYNCHRONOUS = ("off", "normal", "full", "extra")
STATEMENTS_KEPT = 1000
"""Prepared statements that the driver keeps for each connection."""

OLDEST_SQLITE = (3, 35)
"""The first that can tell what it has written (RETURNING)."""

HARMLESS = ("SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_LOCKED")
"""Why a file may have to stay in the journal mode it is in, which only makes readers and the writer wait for each other."""


@attrs.frozen
class Settings:
    """How to open a database: whether to make the file, seconds to wait for another writer, SQLite's `synchronous`, how many
    connections runs may use at once where that is more than one."""

    create: bool
    busy_timeout: float
    connections: int
    synchronous: str = attrs.field(validator=attrs.validators.in_(SYNCHRONOUS))


def open_engine(url: str | sa.URL, settings: Settings) -> sa.Engine:
    """An engine whose connections are made with these settings; nothing is opened yet.

    Raises ActionLangError when the URL names no database that can be opened.
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        _refuse(
            codes.NO_DATABASE_THERE,
            f"{_without_password(str(url))} is not a database's URL.",
            "write it like sqlite:///path/to/file.db",
        )
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        from actionlang.runtime.opening_postgres import open_postgres

        return open_postgres(parsed, settings)
    if parsed.get_backend_name() != "sqlite":
        _refuse(codes.UNFIT_DATABASE, f"Verbs do not run on {parsed.get_backend_name()} yet.", f"use {USABLE}")
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        found, oldest = sqlite3.sqlite_version_info, OLDEST_SQLITE
        told = f"This Python has SQLite {'.'.join(map(str, found))}; verbs run on SQLite {'.'.join(map(str, oldest))} or later."
        _refuse(codes.UNFIT_DATABASE, told, "use a newer Python")
    in_memory = parsed.database in (None, "", ":memory:")
    engine = sa.create_engine(
        parsed,
        creator=_in_memory(settings) if in_memory else _in_file(parsed, settings),
        poolclass=StaticPool if in_memory else NullPool,
    )
    sa.event.listen(engine, "begin", _begin)
    return engine


def _without_password(text: str) -> str:
    return re.sub(r":[^:/@]*@", ":***@", text)


def _refuse(code: Code, message: str, hint: str | None) -> NoReturn:
    raise ActionLangError(Diagnostic(code, message, hint=hint)) from None


def _begin(connection: sa.Connection) -> None:
    """SQLAlchemy leaves beginning to the driver, which is told not to."""
    connection.exec_driver_sql("BEGIN")


def enforce_foreign_keys(driver: Any, _: object) -> None:
    """What a host's engine does with each new connection."""
    driver.execute("PRAGMA foreign_keys = ON").close()


def _in_memory(settings: Settings) -> Callable[[], sqlite3.Connection]:
    return lambda: _opened(":memory:", settings)


def _in_file(url: sa.URL, settings: Settings) -> Callable[[], sqlite3.Connection]:
    name = str(url.database)
    options = {key: value for key, value in url.query.items() if key != "uri"}
    if name.startswith("file:"):
        address = f"{name}?{urlencode(options, doseq=True)}" if options else name
        return lambda: _opened(address, settings)
    if options:
        _refuse(
            codes.NO_DATABASE_THERE,
            f"The URL has options that are not known here: {', '.join(options)}.",
            "give them where the database is connected, or name the file as sqlite:///file:path?mode=ro&uri=true",
        )
    path = Path(name).absolute()
    address = f"file:{quote(str(path))}?mode={'rwc' if settings.create else 'rw'}"

    def connect() -> sqlite3.Connection:
        if not settings.create and not path.exists():
            _refuse(
                codes.NO_DATABASE_THERE,
                f"There is no database {name}.",
                "see how the path is written; actionlang tables create makes a database",
            )
        return _opened(address, settings)

    return connect


def _opened(address: str, settings: Settings) -> sqlite3.Connection:
    driver = sqlite3.connect(
        address,
        uri=address.startswith("file:"),
        timeout=settings.busy_timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS_KEPT,
    )
    try:
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute(f"PRAGMA synchronous = {settings.synchronous}")
        _use_wal(driver)
    except BaseException:
        driver.close()
        raise
    return driver


def _use_wal(driver: sqlite3.Connection) -> None:
    try:
        driver.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.OperationalError as error:
        if not str(getattr(error, "sqlite_errorname", "")).startswith(HARMLESS):
            raise
