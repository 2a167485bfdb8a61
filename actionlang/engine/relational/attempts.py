"""Attempts over a set: the rows that get to one are parted into those at which all guards of its body hold and the others.

While the body is worked out, its guards (`require`, `fail`, a `find` that needs a row, a move, a required value) end nothing.
Each says on which path it does not hold, and what the failure says. Behind the body these are one condition: where it holds, all
that the body did counts for nothing, what is known of rows is as it was before (see `moments`), and the other block is gone
through. What fails otherwise (a number that does not fit, a refusal of the database, a guard in a loop of the body) ends the
statement, as everywhere, and the runs in order decide.

A write that is undone is never made here. One that the database might have refused, before the guard that undoes it, is a doubt:
the data is asked whether there is any.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from actionlang.engine.relational.conditions import every, negated, some, truth
from actionlang.engine.relational.levels import Level
from actionlang.engine.relational.paths import Path
from actionlang.engine.relational.setscope import SetScope
from actionlang.engine.relational.state import Whether
from actionlang.engine.relational.value import Sql
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.walk import nodes


@attrs.frozen
class At:
    """Where a step stands: in which verb, at which place."""

    verb: str
    place: s.Place


@attrs.frozen
class Attempted:
    """An attempt, to be told of: where it stands, the guards that part the rows, and those at which the set run ends."""

    at: At
    guards: tuple[At, ...]
    ending: tuple[At, ...]


@attrs.frozen
class Failing:
    """A guard of an attempt's body: it fails on a path where a condition does not hold, and `message` is what it says, where that
    is asked for."""

    at: At
    path: Path
    condition: Sql
    message: Sql | None

    def way(self, scope: SetScope) -> Path:
        """The path of those at which it fails."""
        return self.path.narrowed(negated(self.condition, scope))

    def beside(self, path: Path, scope: SetScope) -> Path:
        """The path that goes on where it does not fail; this one's began with it."""
        return path.beside(self.way(scope), scope) if self.path.beyond(path) else path.narrowed(self.condition)


@attrs.frozen(eq=False)
class Written:
    """A write: what it is, in words, whether its step is reached, whether it is made and kept, whether the database may refuse
    it, and whether it takes one of the run's ids."""

    name: str
    reached: Whether
    made: Whether
    refusable: bool
    takes_id: bool


@attrs.define(eq=False)
class Trial:
    """An attempt whose body is being worked out, at a level. `told` says that the other block asks what the failure said; `calls`
    is the number of functions around it, each called within an expression."""

    at: At
    level: Level
    told: bool
    calls: int
    ending: list[At] = attrs.field(factory=list)
    failures: list[Failing] = attrs.field(factory=list)
    written: list[Written] = attrs.field(factory=list)

    def kept(self, entry: Path, scope: SetScope) -> list[Sql]:
        """What holds where no guard fails, on the path to the attempt: the guards themselves, where all stand on one way."""
        held = Path()
        for each in self.failures:
            if [part.cells for part in each.path.beyond(entry)] != [part.cells for part in held.parts]:
                return [negated(some([self._way(each, entry, scope) for each in self.failures], scope), scope)]
            held = held.narrowed(each.condition)
        return [truth(False, scope)] if held.never else list(held.parts)

    def failed(self, entry: Path, scope: SetScope) -> Sql:
        """That one of the guards does not hold, on the path to the attempt."""
        return negated(every(self.kept(entry, scope), scope), scope)

    def message(self, entry: Path, scope: SetScope) -> Sql | None:
        """What the failure says, where there is one: only one guard is the first that does not hold."""
        if not self.told:
            return None
        *others, last = self.failures
        assert last.message is not None
        text = last.message.text
        for each in reversed(others):
            assert each.message is not None
            text = f"(CASE WHEN {self._way(each, entry, scope).text} THEN {each.message.text} ELSE {text} END)"
        if not others:
            return last.message
        optional = any(each.message is not None and each.message.optional for each in self.failures)
        return Sql((text,), last.message.type, optional)

    @staticmethod
    def _way(failing: Failing, entry: Path, scope: SetScope) -> Sql:
        return Path(tuple(failing.way(scope).beyond(entry))).condition(scope)

    def undo(self, entry: Path, scope: SetScope) -> None:
        """Have all that was written in the body be made only where no guard fails."""
        kept = self.kept(entry, scope)
        staged: list[Sql] | None = None
        for each in self.written:
            if each.made.level is not self.level and staged is None:
                failed = entry.narrowed(self.failed(entry, scope)).condition(scope)
                staged = [negated(self.level.stage(attrs.evolve(failed, fixed=False)), scope)]
            for condition in kept if each.made.level is self.level else staged or ():
                each.made.path = each.made.path.narrowed(condition)

    def doubts(self) -> Iterator[Written]:
        """Writes of which it matters whether the database would have refused them before they were undone. Of others nobody can
        tell: what the failure says is not asked, and no id was taken behind them."""
        for number, each in enumerate(self.written):
            if each.refusable and (self.told or any(later.takes_id for later in self.written[number + 1 :])):
                yield each


class Trials:
    """The attempts whose bodies are being worked out, each within the one before it. `doubts` are writes of which the data must
    tell that none is undone, `refusable` all that the database may refuse."""

    def __init__(self) -> None:
        self.refusable: list[Written] = []
        self.told: list[Attempted] = []
        self.doubts: dict[Written, None] = {}
        self._open: list[Trial] = []
        self._calls = 0

    @property
    def open(self) -> bool:
        """Whether an attempt's body is being worked out."""
        return bool(self._open)

    def of(self, level: Level) -> Trial | None:
        """The attempt that catches a guard at a level. None where a failure ends the run, or where it can not be told beforehand:
        in a loop of the body any turn may fail, and a function in an expression may be called only as far as needed."""
        trial = self._open[-1] if self._open else None
        return trial if trial is not None and trial.level is level and trial.calls == self._calls else None

    @contextmanager
    def trying(self, step: s.Attempt, verb: str, level: Level) -> Iterator[Trial]:
        """While this lasts, steps are those of an attempt's body."""
        told = any(isinstance(node, e.FailureMessage) for node in nodes(step.otherwise))
        trial = Trial(At(verb, step.place), level, told, self._calls)
        self._open.append(trial)
        try:
            yield trial
        finally:
            self._open.pop()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """While this lasts, steps are those of a function that is called in an expression."""
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1

    def close(self, trial: Trial, entry: Path, scope: SetScope) -> None:
        """An attempt's body is worked out: it is undone where a guard fails, and all of it stands in the body around it."""
        if trial.failures:
            trial.undo(entry, scope)
            self.doubts |= dict.fromkeys(trial.doubts())
        for each in trial.written:
            self.write(each)
        self.told.append(Attempted(trial.at, tuple(each.at for each in trial.failures), tuple(trial.ending)))

    def ends(self, at: At) -> None:
        """A guard ends the set run where it fails, though the run in order would catch it."""
        self._open[-1].ending.append(at)

    def write(self, written: Written) -> None:
        """Note a write, of the body that is being worked out."""
        if self._open:
            self._open[-1].written.append(written)

    @contextmanager
    def failing_in(self, scope: SetScope) -> Iterator[None]:
        """While this lasts, steps are those of a block within a scope's: behind it the scope's path is that on which no guard
        failed in it."""
        failures = self._open[-1].failures if self._open else []
        so_far = len(failures)
        yield
        for failing in failures[so_far:]:
            scope.path = failing.beside(scope.path, scope)
