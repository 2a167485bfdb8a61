"""What a plug-in is given: what happens, to which row, on whose behalf; and the few things that it may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

import attrs

from actionlang.engine.store import RowRef
from actionlang.plugins.members import Members, shown
from actionlang.plugins.stages import Stage

if TYPE_CHECKING:
    from actionlang.plugins.work import Work

Image = Mapping[str, object]
"""A row's columns by name, as they were at a moment."""


@attrs.frozen(eq=False, repr=False)
class Context:
    """One call of a plug-in. Values are those of the language: str, int, Decimal, bool, date, aware datetime, timedelta, RowRef
    for rows, tuples for lists, None for empty. It is of use until the plug-in returns, or its time is over.

    `plugin` is its name, `stage` when it is called (None for an implementation). `verb` is the verb that is called or, where
    `operation` (create, update, delete, assign, move) happens to a row of `table`, the verb of which this is a step.

    `target` is the row: the one that the verb is on, if any, or the one that is changed (None before it is created). `before` and
    `after` are what it holds, before and after the steps or the change; None where there is no such moment, or not yet. `changed`
    are the columns that became another value, after an update, assign or move.

    `caller` is the user who calls, `run` the id of the run's record, `now` and `zone` its clock. `depth` counts the plug-ins that
    are at work inside each other: 1 is one that nothing but the verb itself has called.
    """

    plugin: str
    stage: Stage | None
    verb: str
    table: str | None
    operation: str | None
    target: RowRef | None
    before: Image | None
    after: Image | None
    changed: tuple[str, ...]
    caller: RowRef | None
    run: str | None
    now: datetime
    zone: tzinfo
    depth: int
    _columns: Members
    _work: Work

    @property
    def arguments(self) -> Mapping[str, object]:
        """The verb's arguments by name, or the values that are set in the row's columns."""
        return MappingProxyType(self._work.arguments)

    @property
    def outputs(self) -> Mapping[str, object]:
        """The verb's outputs by name, after its steps."""
        return MappingProxyType(self._work.outputs)

    def set_argument(self, name: str, value: object) -> None:
        """Replace an argument of the verb, or the value that is to be set in a column; before the steps or the change.

        A value may also be given in the forms that callers use: a text for a day or a choice, a key for a row. Raises PlugInError
        when it does not fit; the run goes on if that is caught.
        """
        self._work.set_argument(name, value)

    def set_output(self, name: str, value: object) -> None:
        """Set an output that the verb's contract has; after its steps. Raises PlugInError when it does not fit."""
        self._work.set_output(name, value)

    def perform(self, verb: str, /, *, on: object = None, **arguments: object) -> Mapping[str, object]:
        """Perform a verb inside this run, and give its outputs: in the same transaction, under the same clock, as the same
        caller. It has to be one of those that the plug-in was registered with as `performs`.

        Raises PlugInError when it may not be performed or the arguments do not fit. When the verb fails, what it raises fails the
        run, also where the plug-in catches it.
        """
        return self._work.perform(verb, on, arguments)

    def veto(self, message: str) -> NoReturn:
        """Refuse: the verb fails with this message, as if a `require` of its own had failed. It stands, also where what is raised
        here is caught."""
        self._work.veto(message)

    def __repr__(self) -> str:
        stage = "instead of" if self.stage is None else self.stage.value
        on = self.verb if self.table is None else f"{self.operation} of {self.table} in {self.verb}"
        told = [f"arguments={shown(self._work.arguments, self._work.accepts)}"]
        if self._work.outputs:
            told.append(f"outputs={shown(self._work.outputs, self._work.gives)}")
        for name, image in (("before", self.before), ("after", self.after)):
            if image is not None:
                told.append(f"{name}={shown(image, self._columns)}")
        return f"<{self.plugin}, {stage} {on}, depth {self.depth}: {', '.join(told)}>"
