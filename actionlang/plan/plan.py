"""The step plan: one verb, whole: its contract, effects and steps, the verbs it performs, the metadata all of them use."""

from __future__ import annotations

from functools import cached_property

import attrs

from actionlang.metadata.tables import Choice, Default, Table
from actionlang.metadata.types import Type
from actionlang.plan.steps import Step

FORMAT = "actionlang.plan/1"


@attrs.frozen
class Parameter:
    """An input or output. `optional` inputs may be left out or empty; a `default` stands in for one left out. `deprecated` says
    what to do instead of giving it, `until` (an ISO date) up to which day it is kept nevertheless."""

    name: str
    type: Type
    optional: bool = False
    default: Default | None = None
    sensitive: bool = False
    doc: str = ""
    deprecated: str | None = None
    until: str | None = None

    @property
    def deprecation(self) -> str | None:
        """What to do instead, and up to which day it is taken, in words; None where it is not deprecated."""
        return _deprecation(self.deprecated, self.until)


def _deprecation(text: str | None, until: str | None) -> str | None:
    return text if text is None or until is None else f"{text} It is kept until {until}."


@attrs.frozen
class Binding:
    """What the verb is on: a row of `table`, named `row` in the steps; with `each`, a set of rows, one at a time."""

    table: str
    row: str
    each: bool = False


@attrs.frozen
class Effects:
    """What a verb may do, its performed verbs included; every tuple sorted.

    `reads` and `updates` pair a table with its columns; the columns that `assign` and `move` change are in `assigns`
    and `moves` (with their table), not in `updates`. `performs` and `starts` are full verb names, `emits` full event names.
    """

    reads: tuple[tuple[str, tuple[str, ...]], ...] = ()
    updates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    assigns: tuple[tuple[str, str], ...] = ()
    moves: tuple[tuple[str, str], ...] = ()
    creates: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    performs: tuple[str, ...] = ()
    emits: tuple[str, ...] = ()
    deterministic: bool = True
    starts: tuple[str, ...] = ()

    @property
    def writes_nothing(self) -> bool:
        """Whether no row can change, no event is emitted and nothing is started."""
        rows = self.updates or self.assigns or self.moves or self.creates or self.deletes
        return not (rows or self.emits or self.starts)

    @property
    def privileges(self) -> tuple[str, ...]:
        """The privileges that these effects need, `read helpdesk.case` and the like, sorted by table, then by word."""
        needed = {(table, "read") for table, _ in self.reads}
        needed |= {(table, "update") for table, _ in self.updates}
        needed |= {(table, "assign") for table, _ in self.assigns}
        needed |= {(table, "move") for table, _ in self.moves}
        needed |= {(table, "create") for table in self.creates}
        needed |= {(table, "delete") for table in self.deletes}
        return tuple(f"{word} {table}" for table, word in sorted(needed))


@attrs.frozen
class Verb:
    """An action, function or test. Its name is full (`helpdesk.Escalate`). `kind` is action, function, background,
    extern action, extern function or test; in a checked module also override, until that is linked to what it overrides. `at`
    fixes a test's clock (text as in a datetime literal, UTC).

    A local is in scope from the step that binds it to the end of the block it stands in; names are unique among the
    locals that are in scope together. `source` names the script, `line` the line of the declaration. A `deprecated` verb is
    kept up to the day `until` (an ISO date), if that is set.
    """

    name: str
    kind: str
    binding: Binding | None
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    requires: tuple[str, ...]
    system: bool
    private: bool
    deprecated: str | None
    doc: str
    effects: Effects
    steps: tuple[Step, ...]
    source: str
    line: int
    at: str | None = None
    until: str | None = None

    @property
    def short_name(self) -> str:
        """The name callers use."""
        return self.name.rpartition(".")[2]

    @property
    def deprecation(self) -> str | None:
        """What to do instead, and up to which day it is kept, in words; None where it is not deprecated."""
        return _deprecation(self.deprecated, self.until)


@attrs.frozen
class StepPlan:
    """`entry` is the verb that is run; `verbs` are it and all that it performs or calls, sorted by name, as are `tables`
    and `choices`: all that these verbs' steps and contracts mention, and what those mention in turn."""

    entry: str
    verbs: tuple[Verb, ...]
    tables: tuple[Table, ...]
    choices: tuple[Choice, ...]

    @cached_property
    def verb(self) -> Verb:
        """The verb that is run."""
        return next(verb for verb in self.verbs if verb.name == self.entry)
