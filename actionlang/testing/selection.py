"""Choosing tests by words: `-k "escalate owner"`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actionlang.testing.cases import Case


def select(cases: Iterable[Case], choices: Sequence[str]) -> list[Case]:
    """The tests that one of the choices fits; all of them when there is no choice.

    A choice is one or more words. It fits a test when each of its words is a part of the title, of the file's name or of the
    name of a verb that the test performs, directly or not. Small and capital letters do not differ.
    """
    wanted = [choice.casefold().split() for choice in choices]
    if not wanted:
        return list(cases)
    return [case for case in cases if _fits(_said_of(case), wanted)]


def _fits(said: tuple[str, ...], wanted: list[list[str]]) -> bool:
    return any(all(any(word in text for text in said) for word in words) for words in wanted)


def _said_of(case: Case) -> tuple[str, ...]:
    performed = (verb.short_name.casefold() for verb in case.plan.verbs if verb is not case.verb)
    return (case.title.casefold(), case.file.casefold(), *performed)
