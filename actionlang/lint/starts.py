"""Verbs that start themselves again at once, or start what comes back to them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile

import attrs

from actionlang.check.names import short
from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.lint.script import Script
from actionlang.lint.walking import steps_in
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from actionlang.plan.woven import is_hook, written_name


@attrs.frozen
class _Way:
    """Verbs that lead one to the next, and in words how each but the first is reached."""

    names: tuple[str, ...]
    words: tuple[str, ...]

    def on(self, step: s.Start | s.Perform) -> _Way:
        """The way on, over a step of its last verb."""
        word = "starts" if isinstance(step, s.Start) else "sets off" if is_hook(step.verb) else "performs"
        return _Way((*self.names, step.verb), (*self.words, word))

    def told(self) -> str:
        """All of it, as the end of a sentence about its first verb. A layer of a verb goes by the name of that verb."""
        told = [_called(name) for name in self.names]
        shown = [number for number in range(1, len(told)) if told[number] != told[number - 1]]
        return ", which ".join(f"{self.words[number - 1]} {told[number]}" for number in shown)


def starts_of_itself(script: Script) -> Iterator[Diagnostic]:
    """Starts without a delay that lead, without a delay, back to the verb that they stand in.

    Behind a `wait` nothing happens at once any more. Conditions are not looked at: whether one ends it the author has to say.
    """
    seen: set[s.Place] = set()
    for verb in script.program.values():
        if verb.source == script.source.name:
            for step in _at_once(verb):
                if isinstance(step, s.Start) and step.place not in seen:
                    way = _way_back(verb.name, step, script.program)
                    if way is not None:
                        seen.add(step.place)
                        yield _complaint(way, step, script)


def _at_once(verb: Verb) -> Iterator[s.Start | s.Perform]:
    """The steps of a verb that run another one without a delay."""
    for step in takewhile(lambda step: not isinstance(step, s.Wait), steps_in(verb.steps)):
        if isinstance(step, s.Perform) or (isinstance(step, s.Start) and step.after is None and step.at is None):
            yield step


def _way_back(name: str, start: s.Start, verbs: Mapping[str, Verb]) -> _Way | None:
    """A shortest way from a verb over one of its starts back to it; None when there is none."""
    ways = [_Way((name,), ()).on(start)]
    seen: set[str] = set()
    for way in ways:
        last = way.names[-1]
        if last == name:
            return way
        if last not in seen and last in verbs:
            seen.add(last)
            ways += [way.on(step) for step in _at_once(verbs[last])]
    return None


def _called(name: str) -> str:
    return f"the hook {short(name)}" if is_hook(name) else short(written_name(name))


def _complaint(way: _Way, step: s.Start, script: Script) -> Diagnostic:
    called = _called(way.names[0])
    if {_called(name) for name in way.names} == {called}:
        message = f"{called} starts itself, at once."
    else:
        message = f"{called[0].upper()}{called[1:]} comes back to itself, at once: it {way.told()}."
    hint = (
        "Without an end this keeps a worker busy for ever. Start it later, with after or at; "
        "or if a condition ends it, say so: # allow: starts-itself"
    )
    return script.diagnostic(codes.STARTS_ITSELF, script.span(step.place), message, hint)
