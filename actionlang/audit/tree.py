"""One run as a tree: its stages and steps, what each performed, changed and emitted, and how long it took.

A run that was traced has steps of its own. For one that was not, the tree is built from its changes, which know their verb,
stage and line; it shows what changed rows, in order, and no durations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

import attrs

from actionlang.engine.recorder import DONE, FAILED, PERFORM, STAGE, STEP, UNDONE
from actionlang.runtime.log import ChangeRecord, EventRecord, RunRecord, StepRecord

EMITTING = "emit "

K = TypeVar("K")


@attrs.frozen
class Node:
    """A step, or so many (`times`) that are alike; see `StepRecord`. `duration_us` is None where nobody measured it. `changes`
    and `events` are those that it made itself, and not by what is `inside` of it."""

    kind: str
    label: str
    verb: str | None
    line: int | None
    times: int = 1
    started_us: int | None = None
    duration_us: int | None = None
    outcome: str = DONE
    changes: tuple[ChangeRecord, ...] = ()
    events: tuple[EventRecord, ...] = ()
    inside: tuple[Node, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether it did not fail, and was not undone."""
        return self.outcome == DONE


@attrs.frozen
class Tree:
    """A run's tree. `changes` and `events` are those that no step is known for. Times are known of one that was traced."""

    nodes: tuple[Node, ...]
    changes: tuple[ChangeRecord, ...] = ()
    events: tuple[EventRecord, ...] = ()
    traced: bool = False

    @property
    def failing(self) -> Node | None:
        """The innermost step that the run failed at."""
        found, inside = None, self.nodes
        while failed := [node for node in inside if node.outcome == FAILED and node.kind != "retry"]:
            found, inside = failed[-1], failed[-1].inside
        return found


def tree_of(run: RunRecord) -> Tree:
    """The tree of a run that was read with its changes, steps and events."""
    changes, events = run.changes or (), run.events or ()
    if run.steps:
        return _Traced(run.steps, changes, events).tree()
    return Tree(tuple(_nodes(changes, run.verb)), events=events)


class _Traced:
    """The tree of a run that has steps."""

    def __init__(
        self, steps: Sequence[StepRecord], changes: Sequence[ChangeRecord], events: Sequence[EventRecord]
    ) -> None:
        self._inside: dict[int | None, list[StepRecord]] = {}
        for step in steps:
            self._inside.setdefault(step.parent, []).append(step)
        self._changes = {change.sequence: change for change in changes}
        self._events = list(events)

    def tree(self) -> Tree:
        nodes = tuple(self._node(step) for step in self._inside.get(None, ()))
        nodes = tuple(self._with_left_changes(node) for node in nodes)
        return Tree(nodes, tuple(self._changes.values()), tuple(self._events), traced=True)

    def _node(self, step: StepRecord) -> Node:
        inside = tuple(self._node(each) for each in self._inside.get(step.sequence, ()))
        changes: list[ChangeRecord] = []
        if step.first_change is not None and step.last_change is not None:
            numbers = range(step.first_change, step.last_change + 1)
            # A step that others of many are inside of leaves their changes to them.
            if not any(each.times > 1 for each in _all(inside)):
                changes = [self._changes.pop(number) for number in numbers if number in self._changes]
        return Node(
            step.kind,
            step.label,
            step.verb,
            step.line,
            step.times,
            step.started_us,
            step.duration_us,
            step.outcome,
            tuple(changes),
            tuple(self._emitted(step)),
            inside,
        )

    def _emitted(self, step: StepRecord) -> Iterator[EventRecord]:
        """The events of a step that emits some: they were written in the order in which steps emitted them."""
        if not step.label.startswith(EMITTING) or step.outcome == UNDONE:
            return
        name = step.label.removeprefix(EMITTING).partition("(")[0].strip()
        for _ in range(step.times):
            found = next((each for each in self._events if each.name.rpartition(".")[2] == name), None)
            if found is not None:
                self._events.remove(found)
                yield found

    def _with_left_changes(self, node: Node) -> Node:
        """The node with changes that only the place of their step tells of: those of steps that are many."""
        inside = tuple(self._with_left_changes(each) for each in node.inside)
        own: list[ChangeRecord] = []
        if node.times > 1 and not inside:
            own = [each for each in self._changes.values() if (each.verb, each.line) == (node.verb, node.line)]
            for change in own[: node.times]:
                del self._changes[change.sequence]
        return attrs.evolve(node, inside=inside, changes=node.changes or tuple(own[: node.times]))


def _all(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.inside)


# ------------------------------------------------------------------------------------------------ a run without a trace


def _nodes(changes: Sequence[ChangeRecord], verb: str) -> Iterator[Node]:
    """Changes, put under the verbs that a verb performed and under its stages."""
    for other, some in _runs_of(changes, lambda change: change.verb):
        if other != verb:
            yield Node(PERFORM, f"perform {other.rpartition('.')[2]}", verb, None, inside=tuple(_staged(some)))
        else:
            yield from _staged(some)


def _staged(changes: Sequence[ChangeRecord]) -> Iterator[Node]:
    for stage, some in _runs_of(changes, lambda change: change.stage):
        nodes = tuple(_steps(some))
        if stage is None:
            yield from nodes
        else:
            yield Node(STAGE, stage, some[0].verb, None, inside=nodes)


def _steps(changes: Sequence[ChangeRecord]) -> Iterator[Node]:
    for (line, operation, table), some in _runs_of(changes, lambda each: (each.line, each.operation, each.table)):
        label = f"{operation} {table.rpartition('.')[2]}"
        yield Node(STEP, label, some[0].verb, line, len(some), changes=tuple(some))


def _runs_of(
    changes: Sequence[ChangeRecord], key: Callable[[ChangeRecord], K]
) -> Iterator[tuple[K, list[ChangeRecord]]]:
    """Neighbours that are alike, with what makes them so."""
    for found, some in groupby(changes, key):
        yield found, list(some)
