"""Which steps and branches of a verb the tests went through. Lines do not matter: laying a script out anew changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from actionlang.engine.interpreter.observer import Count
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from actionlang.plan.walk import nodes
from actionlang.plan.woven import is_woven_in
from actionlang.testing.cases import Suite

Hits = Mapping[str, Sequence[int]]
"""By a verb's full name, how often each of its points was passed, in their order."""

NOT_RUN = frozenset({"test", "extern action", "extern function"})
"""Kinds of verbs whose steps no test can run: tests themselves, and what a program implements."""


@attrs.frozen(eq=False)
class Point:
    """A step of a verb, or, with `way`, one of the ways that the step can go."""

    step: s.Step
    way: str | None = None


def points(verb: Verb) -> tuple[Point, ...]:
    """All that can be covered in a verb, in the order it is written: each step, then the ways it can go. What hooks have put
    there was written elsewhere."""
    found: list[Point] = []
    for node in nodes(verb.steps):
        if isinstance(node, s.Step) and not is_woven_in(node):
            found.append(Point(node))
            found += [Point(node, way) for way in _ways(node)]
    return tuple(found)


def _ways(step: s.Step) -> tuple[str, ...]:
    """The ways a step can go, by the names that an `Observer` is told."""
    if isinstance(step, s.If):
        return (*(f"branch {number}" for number in range(1, len(step.branches) + 1)), "else")
    if isinstance(step, s.ForEachRow | s.ForEachItem):
        return ("some", "none")
    return ("kept", "undone") if isinstance(step, s.Attempt) else ()


class Tally:
    """Counts what runs go through (an `Observer`)."""

    def __init__(self) -> None:
        self._places: dict[int, tuple[Verb, dict[tuple[int, str | None], int]]] = {}
        self._hits: dict[str, list[int]] = {}

    def step(self, verb: Verb, step: s.Step) -> Count:
        return self._counter(verb, (id(step), None))

    def branch(self, verb: Verb, step: s.Step, way: str) -> Count:
        return self._counter(verb, (id(step), way))

    def take(self) -> Hits:
        """What has been counted since it was last taken."""
        taken = {name: tuple(counts) for name, counts in self._hits.items() if any(counts)}
        self._hits = {}
        return taken

    def _counter(self, verb: Verb, point: tuple[int, str | None]) -> Count:
        if verb.kind in NOT_RUN:
            return lambda: None
        known = self._places.get(id(verb))
        if known is None:
            # The verb is kept with its places: as long as it lives, nothing else has its identity.
            order = {(id(found.step), found.way): at for at, found in enumerate(points(verb))}
            known = self._places[id(verb)] = verb, order
        at = known[1].get(point)
        if at is None:
            return lambda: None
        counts = self._hits.setdefault(verb.name, [0] * len(known[1]))

        def count() -> None:
            counts[at] += 1

        return count


@attrs.frozen
class Part:
    """How much of something was covered."""

    covered: int
    total: int

    def __str__(self) -> str:
        return f"{self.covered}/{self.total}"


@attrs.frozen(eq=False)
class VerbCoverage:
    """A verb, its points, and how often the tests passed each."""

    verb: Verb
    suite: Suite
    points: tuple[Point, ...]
    hits: tuple[int, ...]

    @property
    def file(self) -> str:
        """The name to show for the script that it stands in."""
        return self.suite.shown(self.verb.source)

    @property
    def steps(self) -> Part:
        """How many of its steps were run."""
        return self._part(branches=False)

    @property
    def branches(self) -> Part:
        """How many of the ways that its steps can go were taken."""
        return self._part(branches=True)

    @property
    def missed(self) -> tuple[Point, ...]:
        """What no test got to. The ways of a step that was never run are not repeated."""
        passed = {id(point.step) for point, hits in zip(self.points, self.hits, strict=True) if hits and not point.way}
        return tuple(
            point
            for point, hits in zip(self.points, self.hits, strict=True)
            if not hits and (point.way is None or id(point.step) in passed)
        )

    def _part(self, *, branches: bool) -> Part:
        hits = [hits for point, hits in zip(self.points, self.hits, strict=True) if (point.way is not None) is branches]
        return Part(sum(map(bool, hits)), len(hits))


def covered(suite: Suite, all_hits: Iterable[Hits]) -> list[VerbCoverage]:
    """The coverage of a suite's measured verbs by its tests, by module and place. Verbs without steps are left out."""
    summed: dict[str, list[int]] = {}
    for hits in all_hits:
        for name, counts in hits.items():
            known = summed.get(name)
            summed[name] = list(counts) if known is None else [a + b for a, b in zip(known, counts, strict=True)]
    found = []
    for verb in sorted(suite.measured, key=lambda verb: (verb.source, verb.line, verb.name)):
        its = points(verb)
        if its and verb.kind not in NOT_RUN:
            found.append(VerbCoverage(verb, suite, its, tuple(summed.get(verb.name, [0] * len(its)))))
    return found


def total(parts: Iterable[Part]) -> Part:
    """Several parts as one."""
    listed = list(parts)
    return Part(sum(part.covered for part in listed), sum(part.total for part in listed))


def percent(part: Part) -> float:
    """A part of a hundred, rounded down to one decimal, so that 100 means all; 100 of nothing."""
    return 100.0 if not part.total else part.covered * 1000 // part.total / 10


def overall(verbs: Iterable[VerbCoverage]) -> float:
    """Steps and branches together, in per cent."""
    return percent(total(part for verb in verbs for part in (verb.steps, verb.branches)))
