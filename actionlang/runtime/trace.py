"""The trace of a run: its steps as a tree, with the time each took. Written with the run's record, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter_ns

from actionlang.engine.recorder import ATTEMPT, DONE, FAILED, RETRY, UNDONE
from actionlang.engine.unit import Unit

MOST_ALIKE = 10
"""Times that one step of a loop is recorded by itself; all later times are recorded as one."""

MOST_STEPS = 1000
"""Steps recorded by themselves; when a run has more, steps that are alike are recorded as one at once."""

MOST_KINDS = 2000
"""Steps recorded at all."""


class _Step:
    """A step that has begun, or has ended already. One that is `merged` stands for many."""

    __slots__ = (
        "changes", "duration", "first_change", "inside", "kind", "label", "last_change", "line", "merged", "number",
        "outcome", "parent", "started", "times", "verb",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        parent: _Step | None,
        kind: str,
        label: str,
        verb: str | None,
        line: int | None,
        started: int,
        merged: bool,
    ) -> None:
        self.number = number
        self.parent = parent
        self.kind = kind
        self.label = label
        self.verb = verb
        self.line = line
        self.started = started
        self.merged = merged
        self.duration = 0
        self.times = 0
        self.outcome = DONE
        self.changes = 0
        self.first_change: int | None = None
        self.last_change: int | None = None
        self.inside: dict[tuple[str, str, str | None, int | None], list[_Step]] | None = None


class Trace:
    """Collects the steps of one run: a `Recorder`. Those of an attempt of the whole run that met other runs are forgotten, the
    attempt is not."""

    def __init__(self) -> None:
        self._began = perf_counter_ns()
        self._retries: list[_Step] = []
        self._attempts = 0
        self._begin_anew()

    def watch(self, unit: Unit) -> None:
        """The run begins, or is attempted again, in this unit."""
        if self._steps:
            self._begin_anew()
        self._unit = unit
        unit.recorder = self

    def _begin_anew(self) -> None:
        self._steps: list[_Step] = []
        self._root = _Step(0, None, "", "", None, None, 0, False)
        self._open: list[tuple[_Step, int]] = [(self._root, 0)]

    # --------------------------------------------------------------------------------------------------- while it runs

    def begin(self, kind: str, label: str, verb: str | None = None, line: int | None = None, /) -> None:
        """See `Recorder`."""
        parent = self._open[-1][0]
        inside = parent.inside
        if inside is None:
            inside = parent.inside = {}
        alike = inside.get((kind, label, verb, line))
        now = perf_counter_ns()
        if alike is None:
            inside[kind, label, verb, line] = [step := self._new(parent, kind, label, verb, line, now, 0)]
        elif alike[-1].merged:
            # It stands for all further ones.
            step = alike[-1]
        else:
            alike.append(step := self._new(parent, kind, label, verb, line, now, len(alike)))
        step.times += 1
        step.changes = len(self._unit.changes)
        self._open.append((step, now))

    def _new(
        self, parent: _Step, kind: str, label: str, verb: str | None, line: int | None, now: int, others: int
    ) -> _Step:
        """A step beside others that are alike. Beyond the limits it has no number, and nothing is written of it."""
        steps = self._steps
        count = len(steps)
        merged = parent.merged or others >= MOST_ALIKE or count >= MOST_STEPS
        is_told = count < MOST_KINDS and (parent.number or parent is self._root)
        step = _Step(count + 1 if is_told else 0, parent, kind, label, verb, line, now, merged)
        if is_told:
            steps.append(step)
        return step

    def end(self, outcome: str = DONE, /) -> None:
        """See `Recorder`."""
        step, began = self._open.pop()
        step.duration += perf_counter_ns() - began
        if outcome != DONE:
            step.outcome = outcome
        elif step.kind == ATTEMPT:
            self._mark_undone(step)
        made = len(self._unit.changes)
        if made > step.changes and not step.merged:
            step.first_change, step.last_change = step.changes + 1, made

    def _mark_undone(self, attempt: _Step) -> None:
        """What was done in an attempt before its failure was undone with it."""
        failed = next((each for each in self._inside(attempt) if each.outcome == FAILED), None)
        if failed is None:
            return
        for step in self._steps[attempt.number :]:
            if step.parent is attempt and step.number > failed.number:
                break
            step.first_change = step.last_change = None
            if step.outcome == DONE:
                step.outcome = UNDONE

    def _inside(self, parent: _Step) -> list[_Step]:
        found = (each for alike in (parent.inside or {}).values() for each in alike)
        return sorted(found, key=lambda each: each.number)

    def retried(self, why: str) -> None:
        """The run met others and is attempted again: nothing but this is left of what was done so far."""
        now = perf_counter_ns()
        began = self._retries[-1].started + self._retries[-1].duration if self._retries else self._began
        self._attempts += 1
        step = _Step(0, None, RETRY, f"attempt {self._attempts}: {why}", None, None, began, False)
        step.times, step.outcome, step.duration = 1, FAILED, now - began
        self._retries.append(step)

    def waited(self, what: str, began_ns: int) -> None:
        """The run waited before it was attempted again, since a moment of `perf_counter_ns`."""
        step = _Step(0, None, RETRY, what, None, None, began_ns, False)
        step.times, step.duration = 1, perf_counter_ns() - began_ns
        self._retries.append(step)

    # ------------------------------------------------------------------------------------------------- when it has ended

    def rows(self, run: str, *, kept: bool) -> Iterator[tuple[object, ...]]:
        """The cells of STEPS. What a run changed that was not kept, it did not change."""
        before = len(self._retries)
        for number, step in enumerate((*self._retries, *self._steps), 1):
            parent = step.parent
            yield (
                run,
                number,
                None if parent is None or parent is self._root else parent.number + before,
                step.kind,
                step.verb,
                step.line,
                step.label,
                step.times,
                (step.started - self._began) // 1000,
                step.duration // 1000,
                step.outcome,
                step.first_change if kept else None,
                step.last_change if kept else None,
            )
