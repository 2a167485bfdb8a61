"""The transaction that a run is: one of its own, or a savepoint inside its caller's."""

from __future__ import annotations

from typing import Protocol

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.runtime.session import Session
from actionlang.runtime.time_limit import see_that_it_may_be_kept, undoing


class Transaction(Protocol):
    """What a run needs. All raise StoreError; `keep` raises Failure too, when a deferred constraint does not hold."""

    @property
    def is_open(self) -> bool:
        """Whether it has begun and neither end has come."""

    def begin(self) -> None:
        """Begin."""

    def keep(self) -> None:
        """Keep what was written since, for good or for the caller to decide."""

    def undo(self, *, failed: bool = False) -> None:
        """Undo what was written since, unless that has happened already. What has `failed`, perhaps for want of time, is not
        stopped while it is undone and written down."""


class OwnTransaction:
    """The connection is the run's alone. A hasty one would rather fail than wait long for another transaction."""

    def __init__(self, session: Session, *, hasty: bool = False) -> None:
        self._session = session
        self._hasty = hasty

    @property
    def is_open(self) -> bool:
        """See `Transaction`."""
        return self._session.in_transaction

    def begin(self) -> None:
        """See `Transaction`. What an interrupted run may have left open is rolled back first."""
        self.undo()
        dialect = self._session.dialect
        if not self._hasty or dialect.begin_hastily is None:
            _command(self._session, dialect.begin)
            return
        try:
            dialect.begin_hastily(self._session.cursor)
        except dialect.error as error:
            raise dialect.trouble(error) from error

    def keep(self) -> None:
        """See `Transaction`. What is over its time (`limited`) is not kept."""
        see_that_it_may_be_kept()
        _command(self._session, "COMMIT")

    def undo(self, *, failed: bool = False) -> None:
        """See `Transaction`. Some errors make the database roll back by itself."""
        if failed:
            undoing()
        if self.is_open:
            _command(self._session, "ROLLBACK")


class CallersTransaction:
    """The run is a savepoint in a transaction that its caller began, or that begins here as the caller's first statement
    would."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._open = False

    @property
    def is_open(self) -> bool:
        """See `Transaction`."""
        return self._open and self._session.in_transaction

    def begin(self) -> None:
        """See `Transaction`."""
        if not self._session.in_transaction:
            _command(self._session, self._session.dialect.begin)
        _command(self._session, "SAVEPOINT actionlang_run")
        self._open = True

    def keep(self) -> None:
        """See `Transaction`."""
        _command(self._session, "RELEASE SAVEPOINT actionlang_run")
        self._open = False

    def undo(self, *, failed: bool = False) -> None:
        """See `Transaction`. Some errors make the database roll back the caller's whole transaction by itself."""
        if failed:
            undoing()
        if self.is_open:
            _command(self._session, "ROLLBACK TO SAVEPOINT actionlang_run")
            _command(self._session, "RELEASE SAVEPOINT actionlang_run")
        self._open = False


def _command(session: Session, statement: str) -> None:
    try:
        session.cursor.execute(statement)
    except session.dialect.error as error:
        if session.dialect.refusal(error) is not None:
            raise Failure(
                codes.NO_SUCH_REFERENCE,
                "At the end of the run a row refers to a row that is not there.",
            ) from error
        raise session.dialect.trouble(error) from error
