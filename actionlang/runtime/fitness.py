"""Whether a connection keeps the language's promises, whoever opened it: foreign keys are enforced, text is stored as UTF-8,
values are told in a way that can be read."""

from __future__ import annotations

from typing import Any, NoReturn

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.sql.dialect import Dialect

OLDEST_POSTGRES = 14


def check_fitness(dialect: Dialect, driver: Any, cursor: Any) -> None:
    """See that a connection is fit to run verbs on.

    Raises ActionLangError when it is not fit.
    """
    if dialect.name == "sqlite":
        _check_sqlite(driver, cursor)
    else:
        _check_postgres(driver)


def _check_postgres(driver: Any) -> None:
    """All that is looked at was told by the server when the connection was made."""
    version = driver.info.server_version // 10000
    if version < OLDEST_POSTGRES:
        _unfit(f"This is PostgreSQL {version}; verbs run on PostgreSQL {OLDEST_POSTGRES} or later.", None)
    stored = driver.info.parameter_status("server_encoding")
    if stored != "UTF8":
        _unfit(
            f"The database stores text as {stored}, which has not all characters.",
            "make a database in UTF-8: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0",
        )
    for name, wanted in (("client_encoding", "UTF8"), ("DateStyle", "ISO"), ("standard_conforming_strings", "on")):
        found = driver.info.parameter_status(name) or ""
        if not found.startswith(wanted):
            _unfit(
                f"This connection's {name} is {found}; verbs need {wanted}.", f"run SET {name} = '{wanted}' on it first"
            )


def _check_sqlite(driver: Any, cursor: Any) -> None:
    """Enforcement of foreign keys is turned on where that is still possible: outside of a transaction."""
    if not _says(cursor, "foreign_keys"):
        if not driver.in_transaction:
            cursor.execute("PRAGMA foreign_keys = ON")
        if not _says(cursor, "foreign_keys"):
            _unfit(
                "This connection does not enforce foreign keys, and can not begin to in the middle of a transaction.",
                "run PRAGMA foreign_keys = ON on it first, or use Database.of(engine) before connecting",
            )
    encoding = _says(cursor, "encoding")
    if encoding != "UTF-8":
        _unfit(f"The database stores text as {encoding}, in which it can not be ordered by code point.", None)


def _says(cursor: Any, pragma: str) -> object:
    """A setting of the connection."""
    return cursor.execute(f"PRAGMA {pragma}").fetchone()[0]


def _unfit(message: str, hint: str | None) -> NoReturn:
    raise ActionLangError(Diagnostic(codes.UNFIT_DATABASE, message, hint=hint))
