"""Verbs that plug-ins perform, inside the run that they are called in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import attrs

from actionlang.diagnostics.catalogue import plugins as codes
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.changes import Change
from actionlang.engine.interpreter.calls import default_value
from actionlang.engine.interpreter.frame import UNIT, Evaluate
from actionlang.engine.interpreter.scope import BoundVerb, PlanBinding
from actionlang.engine.recorder import DONE, FAILED, PERFORM
from actionlang.engine.secret_texts import spellings
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.plan.plan import Parameter, Verb
from actionlang.plugins.registration import Registration
from actionlang.plugins.work import PlugInError

if TYPE_CHECKING:
    from actionlang.plugins.attached import Attached

Perform = Callable[[Unit, Registration, str, object, Mapping[str, object]], Mapping[str, object]]


class _Performed(NamedTuple):
    """A verb of the plan, as a plug-in performs it."""

    bound: BoundVerb
    reader: ArgumentReader
    defaults: tuple[tuple[int, Evaluate], ...]

    def perform(self, unit: Unit, on: object, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """As the step `perform` does it."""
        verb = self.bound.verb
        row, given = self.reader.target(on), self.reader.arguments(arguments)
        note_secrets(unit, verb.inputs, given)
        frame = self.bound.frame.copy()
        frame[UNIT] = unit
        if self.bound.row is not None:
            frame[self.bound.row] = row
        for slot, default in self.defaults:
            frame[slot] = default(frame)
        for name, value in given.items():
            frame[self.bound.parameters[name]] = value
        outputs = self.bound.call(frame)
        return {output.name: value for output, value in zip(verb.outputs, outputs, strict=True)}


def performing(plan: PlanBinding, attached: Attached, *, writes: bool = True) -> Perform:
    """What performs verbs for plug-ins: those of the plan itself, else those that were made ready before the run. Without
    `writes`, verbs that may change something are refused."""
    known: dict[str, _Performed] = {}

    def perform(
        unit: Unit, registration: Registration, name: str, on: object, arguments: Mapping[str, object]
    ) -> Mapping[str, object]:
        if not writes and not _writes_nothing(attached, name):
            message = (
                f"The plug-in {registration.name} performs {name}, which may write; here only a function is allowed."
            )
            raise PlugInError(codes.NOT_ALLOWED, message)
        # What the caller named was read before, and may change now.
        unit.ahead.clear()
        recorder = unit.recorder
        if recorder is not None:
            recorder.begin(PERFORM, f"perform {name.rpartition('.')[2]}", name)
        ended = FAILED
        try:
            if name in attached.own and not attached.held:
                if name not in known:
                    known[name] = _performed(plan, attached, name)
                found = known[name].perform(unit, on, arguments)
            else:
                found = _abroad(attached.elsewhere[name].perform, unit, on, arguments)
            note_secrets(unit, _verb(attached, name).outputs, found)
            ended = DONE
            return found
        finally:
            if recorder is not None:
                recorder.end(ended)

    return perform


def _verb(attached: Attached, name: str) -> Verb:
    found = attached.elsewhere.get(name)
    return attached.own[name] if found is None else found.verb


def _writes_nothing(attached: Attached, name: str) -> bool:
    return _verb(attached, name).kind in ("function", "extern function")


def note_secrets(unit: Unit, of: Iterable[Parameter], values: Mapping[str, object]) -> None:
    """From now on, the sensitive ones of these values are not told by any failure of the run."""
    for each in of:
        if each.sensitive:
            unit.secrets |= frozenset(spellings(each.type, values.get(each.name)))


def _performed(plan: PlanBinding, attached: Attached, name: str) -> _Performed:
    bound = plan.verb(name)
    reader = ArgumentReader(attrs.evolve(attached.plan, entry=name), plan.store)
    defaults = tuple(
        (bound.parameters[each.name], default_value(each.default, each.type))
        for each in bound.verb.inputs
        if each.default is not None
    )
    return _Performed(bound, reader, defaults)


def _abroad(
    perform: Callable[[Unit, object, Mapping[str, object]], Mapping[str, object]],
    unit: Unit,
    on: object,
    arguments: Mapping[str, object],
) -> Mapping[str, object]:
    """Perform a verb of another plan, which keeps rows with other columns."""
    gone, row, mark = unit.gone.copy(), unit.row, len(unit.changes)
    try:
        return perform(unit, on, arguments)
    finally:
        unit.gone = _gone_after(gone, unit.changes[mark:])
        unit.row = row
        unit.ahead.clear()
        unit.forget_rows()


def _gone_after(gone: set[RowRef], changes: list[Change]) -> set[RowRef]:
    """The rows that are gone, after more changes."""
    for change in changes:
        if change.operation == "delete":
            gone.add(change.row)
        elif change.operation == "create":
            gone.discard(change.row)
    return gone
