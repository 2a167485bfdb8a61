"""Verbs by the names that people use: the full one, or the short one where only one verb is called so."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.registry.refusals import several


def full_name(word: str, known: Iterable[str]) -> str | None:
    """The full name that a word stands for; None where there is no such verb. Raises ActionLangError when there are several."""
    found = [name for name in known if word in (name, name.rpartition(".")[2])]
    if word in found:
        return word
    if len(found) > 1:
        raise several(word, found)
    return found[0] if found else None
