"""A place in a plan where plug-ins are called, and what happens there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from actionlang.engine.failure import Failure, Site
from actionlang.engine.secret_texts import masked
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.plugins.after_commit import after_commit
from actionlang.plugins.context import Context, Image
from actionlang.plugins.members import Members, secrets_in
from actionlang.plugins.registration import Registration
from actionlang.plugins.stages import AFTER_COMMIT, Stage
from actionlang.plugins.work import Work

if TYPE_CHECKING:
    from actionlang.plugins.calls import Calls
    from actionlang.plugins.performing import Perform


@attrs.frozen(eq=False)
class Place:
    """A verb, or a step of `verb` that changes a table: known when a plan is bound. `stages` are the plug-ins there, in their
    order; `accepts` are the arguments that may be set, `gives` the outputs, `columns` what is known of the row's columns."""

    site: Site
    verb: str
    table: str | None
    operation: str | None
    stages: Mapping[Stage, tuple[Registration, ...]]
    arguments: Members
    accepts: Members
    gives: Members
    columns: Members
    calls: Calls
    performing: Perform


@attrs.define(eq=False)
class Occasion:
    """A place being passed in a run, on one row or none."""

    place: Place
    unit: Unit
    target: RowRef | None
    arguments: dict[str, Any]
    outputs: dict[str, Any] = attrs.field(factory=dict)
    before: Image | None = None
    after: Image | None = None
    changed: tuple[str, ...] = ()

    def pass_(self, stage: Stage) -> bool:
        """Call the plug-ins of a stage; says whether there are any. Raises Failure, HostFailure."""
        registrations = self.place.stages.get(stage)
        if registrations is None:
            return False
        for registration in registrations:
            self.call(registration)
        return True

    def call(self, registration: Registration) -> Any:
        """Call a plug-in, and give what it returns. Raises Failure, HostFailure."""
        place = self.place
        work = Work(
            registration,
            self.arguments,
            self.outputs,
            place.accepts,
            place.gives,
            lambda *asked: place.performing(self.unit, *asked),
            self.note_secrets,
            self._told,
        )
        try:
            return place.calls.call(
                registration, self._context(registration, work), work, place.site, self.unit.recorder
            )
        except Failure as failure:
            if failure.site is None:
                failure.site = place.site
                failure.row = failure.row or self.target
            raise

    def note_secrets(self) -> None:
        """From now on, what is sensitive here is not told by any failure of the run."""
        self.unit.secrets |= frozenset(self._secrets())

    def _told(self, text: str) -> str:
        """What may be told of a text that a plug-in has made: all that it was given may stand in it."""
        self.note_secrets()
        return masked(text, self.unit.secrets)

    def _secrets(self) -> Iterator[str]:
        place = self.place
        yield from secrets_in(self.arguments, place.arguments)
        yield from secrets_in(self.outputs, place.gives)
        yield from secrets_in(self.before, place.columns)
        yield from secrets_in(self.after, place.columns)

    def announce(self) -> None:
        """Put an event into the outbox for each plug-in that is called after the commit."""
        for registration in self.place.stages.get(AFTER_COMMIT, ()):
            self.unit.events.append(after_commit(registration, self))

    def _context(self, registration: Registration, work: Work) -> Context:
        place, unit = self.place, self.unit
        return Context(
            plugin=registration.name,
            stage=registration.stage,
            verb=place.verb,
            table=place.table,
            operation=place.operation,
            target=self.target,
            before=registration.seen(self.before),
            after=registration.seen(self.after),
            changed=self.changed,
            caller=unit.caller,
            run=place.calls.run,
            now=unit.now,
            zone=unit.zone,
            depth=place.calls.depth + 1,
            columns=place.columns,
            work=work,
        )
