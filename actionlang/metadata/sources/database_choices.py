"""Choices, from enum types and from checks that list what a column may hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from actionlang.metadata import types as t
from actionlang.metadata.emit import writable
from actionlang.metadata.sources.database_names import choice_name
from actionlang.metadata.tables import Choice, Member


class Choices:
    """The choices of a script as they are found. `taken` are the short names of its tables."""

    def __init__(self, module: str, taken: Collection[str]) -> None:
        self.module = module
        self.made: dict[str, Choice] = {}
        self._taken = set(taken)
        self._by_label: dict[tuple[str, tuple[str, ...]], Choice] = {}

    def of_texts(self, values: tuple[str, ...], words: Iterable[str], label: str | None) -> t.Type | None:
        """The choice whose members are these texts; one that has a label (an enum's name) is made once for all columns.

        None when a text can not be a name.
        """
        if not values or not all(writable(value) for value in values):
            return None
        known = self._by_label.get((label, values)) if label is not None else None
        choice = known or self._make([Member(value) for value in values], words)
        if label is not None:
            self._by_label[label, values] = choice
        return t.Choice(choice.name)

    def of_numbers(self, values: tuple[int, ...], words: Iterable[str]) -> t.Type | None:
        """The choice whose members are stored as these numbers, and are called like them until somebody gives them names."""
        members = [Member(str(value), value) for value in sorted(values)]
        return t.Choice(self._make(members, words).name)

    def _make(self, members: list[Member], words: Iterable[str]) -> Choice:
        short = choice_name(words, self._taken)
        self._taken.add(short)
        choice = Choice(f"{self.module}.{short}", tuple(members))
        self.made[choice.name] = choice
        return choice

    def member(self, name: str, value: object) -> str:
        """The member that is stored as a value.

        Raises ValueError when there is none.
        """
        for member in self.made[name].members:
            if value in (member.name, member.number):
                return member.name
        raise ValueError(f"{value!r} is no member of {name}")
