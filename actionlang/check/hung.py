"""What a program hangs on steps: the hooks on its tables, and what they write, as far as the flow of a verb has to know it.

A module is checked without knowing what others hang on it. Where that turns out to matter, it is checked once more with all of it
known (see `compile.rechecking`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from actionlang.metadata.types import Row
from actionlang.plan import steps as s
from actionlang.plan.effects import writes_of
from actionlang.plan.facts import Write
from actionlang.plan.plan import Effects, Verb
from actionlang.plan.walk import nodes

EVENTS: dict[type, str] = {
    s.Create: "create",
    s.Update: "update",
    s.Delete: "delete",
    s.Assign: "assign",
    s.Move: "move",
}
Change = s.Update | s.Delete | s.Assign | s.Move


@attrs.frozen
class Hook:
    """Steps hung on an event of a table or on the performing of a verb, `target` by its full name. `columns` is empty when an
    update of any column counts. `verb` runs the steps."""

    time: str
    event: str
    target: str
    columns: tuple[str, ...]
    verb: Verb


class TableHooks:
    """The hooks on a program's tables, in their order."""

    def __init__(self, hooks: Iterable[Hook]) -> None:
        self._by_event: dict[tuple[str, str], list[Hook]] = {}
        for hook in hooks:
            if hook.event != "perform":
                self._by_event.setdefault((hook.target, hook.event), []).append(hook)

    def __iter__(self) -> Iterator[Hook]:
        """All of them, table by table."""
        return (hook for found in self._by_event.values() for hook in found)

    def of(self, event: str, table: str, columns: Iterable[str] = ()) -> Sequence[Hook]:
        """The hooks that an event of a table sets off; `columns` are those that an update sets."""
        found = self._by_event.get((table, event), ())
        changed = set(columns)
        return [hook for hook in found if not hook.columns or changed & set(hook.columns)]

    def set_off_by(self, step: s.Step) -> Sequence[Hook]:
        """The hooks that a step sets off."""
        event = EVENTS.get(type(step))
        if event is None or not self._by_event:
            return ()
        table = step.table if isinstance(step, s.Create) else table_of(step)
        return self.of(event, table, (name for name, _ in step.values) if isinstance(step, s.Update) else ())

    def set_off_in(self, steps: tuple[s.Step, ...]) -> set[str]:
        """The names of the hooks that steps set off, those inside them included."""
        if not self._by_event:
            return set()
        return {hook.verb.name for step in nodes(steps) for hook in self.set_off_by(step)}


def table_of(step: Change | s.Step) -> str:
    """The table of the row that a step changes."""
    assert isinstance(step, Change)
    assert isinstance(step.row.type, Row)
    return step.row.type.tables[0]


@attrs.frozen(eq=False)
class Hung:
    """What a program does to one of its modules: its hooks, and by full name what verbs do in it, hooks and overrides
    included."""

    hooks: TableHooks
    effects: Mapping[str, Effects]

    def as_it_runs(self, verb: Verb) -> Verb:
        """A verb with what it does in this program."""
        return attrs.evolve(verb, effects=self.effects.get(verb.name, verb.effects))

    def writes(self, time: str, event: str, table: str, columns: Iterable[str] = ()) -> set[Write]:
        """What the hooks before or after an event of a table may write in rows that are there already."""
        return self._written(hook.verb.name for hook in self.hooks.of(event, table, columns) if hook.time == time)

    def writes_in(self, steps: tuple[s.Step, ...]) -> set[Write]:
        """What all hooks may write that some steps set off."""
        return self._written(self.hooks.set_off_in(steps))

    def _written(self, hooks: Iterable[str]) -> set[Write]:
        return {write for name in hooks for write in writes_of(self.effects[name])}
