"""What a run gives: a result, or the error that tells why there is none."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.changes import Change
from actionlang.engine.events import Event
from actionlang.engine.failure import Failure
from actionlang.engine.starts import Started


@attrs.frozen
class Result:
    """A run that succeeded.

    `run` is the id of its audit record, None after a dry run. `outputs` are the verb's outputs by name: str, int, Decimal,
    bool, date, datetime, timedelta, tuples of them, RowRef for rows, None for empty. `changes` is what was changed, in order;
    after a dry run, what would have been. `events` are those that were emitted, in order, or would have been.

    `version` is the version that the row has now, where the run was given an `expected` one; None when the row is gone.

    `replayed` says that an earlier run with the same key acted, and not this one: `run` and `outputs` are that run's, and
    `changes` is empty (`Log.run` tells of them).

    `started` is what was started, in order, or would have been: it begins after the commit.

    `warnings` are for whoever maintains the caller: the verb is deprecated, for one.
    """

    run: str | None
    outputs: Mapping[str, object]
    changes: tuple[Change, ...]
    dry_run: bool = False
    replayed: bool = False
    events: tuple[Event, ...] = ()
    warnings: tuple[str, ...] = ()
    version: str | None = None
    started: tuple[Started, ...] = ()

    def __getitem__(self, output: str) -> object:
        """An output by name. Raises KeyError."""
        return self.outputs[output]

    def with_warning(self, warning: str) -> Result:
        """The same, with one more warning."""
        return attrs.evolve(self, warnings=(*self.warnings, warning))


class RunFailed(ActionLangError):
    """A run that failed; nothing was changed.

    `run` is the id of its audit record, `recorded` whether that could be written (never for a dry run). `failure` is the
    verb's own failure, with its place and row; None when the database or the host failed.
    """

    def __init__(
        self, diagnostic: Diagnostic, run: str, recorded: bool = False, failure: Failure | None = None
    ) -> None:
        super().__init__(diagnostic)
        self.run = run
        self.recorded = recorded
        self.failure = failure


class OutcomeUnknown(ActionLangError):
    """The connection was lost while a run was being kept, and there was no other by which to find out whether it was. `run` is
    the id under which it is in the log if it was."""

    def __init__(self, verb: str, run: str, key: str | None) -> None:
        again = (
            "call it again with the same key, which does nothing twice" if key is not None else f"see the log for {run}"
        )
        message = f"The connection was lost while {verb} was being kept, and it is not known whether it was."
        super().__init__(Diagnostic(codes.OUTCOME_UNKNOWN, message, hint=f"when the database is there again, {again}"))
        self.run = run


class RunInterrupted(KeyboardInterrupt):
    """A run that Ctrl-C ended. `committed` says whether it had come to its end before; if not, nothing was changed."""

    def __init__(self, verb: str, run: str, committed: bool) -> None:
        ended = "after its end: its changes are kept" if committed else "and nothing was changed"
        self.diagnostic = Diagnostic(codes.INTERRUPTED, f"{verb} was interrupted, {ended}.")
        super().__init__(f"{self.diagnostic.code.id}: {self.diagnostic.message}")
        self.run = run
        self.committed = committed
