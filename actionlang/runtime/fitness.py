"""Whether a connection keeps the language's promises, whoever opened it: foreign keys are enforced, text is stored as UTF-8."""

from __future__ import annotations

from typing import Any, NoReturn

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic


def check_fitness(driver: Any, cursor: Any) -> None:
    """See that a connection is fit to run verbs on. Enforcement of foreign keys is turned on where that is still possible:
    outside of a transaction. Rows come as plain tuples, whatever the connection's other users like.

    Raises ActionLangError when it is not fit.
    """
    cursor.row_factory = None
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
