"""The unit that a run is: its clock, its caller, what it has read and what it has changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from actionlang.engine.changes import Change
from actionlang.engine.events import Event
from actionlang.engine.ids import NewId, run_ids
from actionlang.engine.recorder import Recorder
from actionlang.engine.starts import Started
from actionlang.engine.store import RowRef

NONE: frozenset[str] = frozenset()


class Unit:
    """One run, or several verbs run one after another in one transaction.

    `now` is an aware datetime in UTC and stays what it is; `zone` is the time zone of `today()`; `caller` a
    row of core.user or None; `new_id` gives the ids of created rows. `changes` collects what was changed, in
    order, `events` what was emitted, `started` the verbs that were started; `row` is the row that the running plan
    is on, if any; `rows` holds each row that it has read, up to date with its own writes; `gone` the rows it deleted. `ahead`
    are rows that were read for the next plan to run when the caller named them. `recorder` is told of each step, where someone
    watches the run.
    `called_by` is who calls for the caller, if somebody else does.
    `secrets` are texts that must not be told, beside those of sensitive columns and of the run's own arguments.
    """

    __slots__ = (
        "_today", "ahead", "called_by", "caller", "changes", "events", "gone", "new_id", "now", "recorder", "row", "rows",
        "secrets", "started", "zone",
    )  # fmt: skip

    def __init__(
        self, now: datetime, zone: tzinfo = UTC, caller: RowRef | None = None, new_id: NewId | None = None
    ) -> None:
        self.now = now
        self.zone = zone
        self.caller = caller
        self.called_by: RowRef | None = None
        self.new_id = new_id or run_ids()
        self.rows: dict[RowRef, list[object]] = {}
        self.ahead: dict[RowRef, list[object]] = {}
        self.gone: set[RowRef] = set()
        self.changes: list[Change] = []
        self.events: list[Event] = []
        self.started: list[Started] = []
        self.row: RowRef | None = None
        self.recorder: Recorder | None = None
        self.secrets: frozenset[str] = NONE
        self._today: date | None = None

    @property
    def today(self) -> date:
        """The day of `now` in the run's time zone."""
        if self._today is None:
            self._today = self.now.astimezone(self.zone).date()
        return self._today

    def begin(self) -> None:
        """A plan begins to run: what another one has read does not have the columns that this one needs."""
        self.rows, self.ahead = self.ahead, {}
        self.gone.clear()

    def forget_rows(self) -> None:
        """Read every row anew from now on: writes were undone."""
        self.rows.clear()
