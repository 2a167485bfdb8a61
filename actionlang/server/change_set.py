"""Verbs that are called together: all that they do is kept, or nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from actionlang.diagnostics.catalogue.server import NOT_TOGETHER
from actionlang.durable.starting import ready_to_start
from actionlang.registry.active import Active
from actionlang.runtime.change_set import ChangeSet, run_together
from actionlang.runtime.many import ManyResult
from actionlang.runtime.result import Result
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service, VerbCall, asked_of, refusing
from actionlang.server.statuses import BAD_REQUEST

Done = TypeVar("Done")


class TogetherService(Service):
    """Calls verbs in a change set, each seeing what those before it did."""

    def __init__(self, service: Service, changes: ChangeSet) -> None:
        super().__init__(service.verbs, service.calls)
        self._changes = changes

    def _performed_on_many(self, active: Active, call: VerbCall, rows: Iterable[object], outputs: bool) -> ManyResult:
        message = f"{active.plan.verb.short_name} on a set of rows does not go with other calls in one change set."
        raise Refusal(
            BAD_REQUEST, NOT_TOGETHER.id, message, hint="call it on one row after another there", verb=active.name
        )

    def _started(self, active: Active, call: VerbCall) -> Result:
        asked = asked_of(call)
        ready = ready_to_start(active, self.background.runs, self.database.hosting, asked)
        return self._changes.perform(
            ready.part,
            on=asked.on,
            caller=asked.caller,
            dry_run=asked.dry_run,
            key=asked.key,
            expected=asked.expected,
            arguments=asked.arguments,
            then=ready.then,
        )

    def _performed(self, active: Active, call: VerbCall) -> Result:
        return self._changes.perform(
            active.plan,
            on=call.row,
            caller=call.identity.caller,
            dry_run=call.dry_run,
            key=call.key,
            expected=call.expected,
            arguments=call.arguments,
        )


def call_together(service: Service, work: Callable[[TogetherService], Done]) -> Done:
    """Have `work` call verbs that are kept together or not at all, in the versions that are active as it begins; gives what it
    gives. It is called again where others were in the way, so it should do nothing but call verbs.

    Raises Refusal, and Abandoned where `work` does; nothing is kept then.
    """
    verbs = service.verbs
    with refusing(), verbs.holding(verbs.snapshot()):
        return run_together(verbs.database, lambda changes: work(TogetherService(service, changes)))
