"""What the database, the driver or SQLAlchemy raise, as coded errors."""

from __future__ import annotations

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.store import StoreError

BY_ID = {code.id: code for code in vars(codes).values() if isinstance(code, Code)}

HINTS = {
    codes.NO_DATABASE_THERE: "see whether it is there and may be opened, and how the URL is written",
    codes.CONFLICT: "nothing was changed; run it again",
    codes.CONNECTION_LOST: "see whether the server runs, and run it again: the next run connects anew",
    codes.LOCKED: "try again when it is done; how long to wait is said by --wait, in programs by busy_timeout",
    codes.KEY_UNDER_WAY: "call again with the same key: that gives the run's answer, or acts if the run has failed",
    codes.DISK_FULL: "make room on the disk and try again",
    codes.READ_ONLY: "see who may write to the file and to the folder it is in; on a server, what its user is granted",
    codes.DATABASE_DIFFERS: "make missing tables with actionlang tables create, or compile the verb again",
}


def diagnostic_of(error: StoreError) -> Diagnostic:
    """The diagnostic of a store's error."""
    code = BY_ID.get(error.code, codes.DATABASE_FAILED)
    return Diagnostic(code, error.message, hint=HINTS.get(code))


class told_as_codes:  # noqa: N801 - read as a statement: with told_as_codes(dialect)
    """Raise what goes wrong with the database inside the block as ActionLangError."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def __enter__(self) -> None:
        """Nothing is to be done before."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, sa.exc.DBAPIError):
            cause = error.orig if isinstance(error.orig, Exception) else error
            raise ActionLangError(diagnostic_of(self._dialect.trouble(cause))) from error
        if isinstance(error, self._dialect.error):
            raise ActionLangError(diagnostic_of(self._dialect.trouble(error))) from error
        if isinstance(error, StoreError):
            raise ActionLangError(diagnostic_of(error)) from error
