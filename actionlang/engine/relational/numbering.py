"""Sequence numbers and ids: by the target's place, then in the order in which the target's own run does things.

Each row of a level has a number of changes and of new ids, those of its loops' turns included. Running totals give where a
row's begin; where every target has as many, that is a multiplication.
"""

from __future__ import annotations

from typing import NamedTuple

from actionlang.engine.relational.levels import Level
from actionlang.engine.relational.spelling import Spelling
from actionlang.engine.relational.state import Emitted, Event, Loop


class Counts(NamedTuple):
    """Texts: how many changes, how many ids, how many events."""

    changes: str
    ids: str
    events: str = "0"


class Numbering:
    """Numbers the changes, the new ids and the events of all levels. `tables` hold them where they have to be counted."""

    def __init__(self, levels: list[Level], spelling: Spelling) -> None:
        self._spelling = spelling
        self._levels = levels
        emits = any(isinstance(item, Emitted) for level in levels for item in level.flow)
        self._counted_things = ("changes", "ids", "events") if emits else ("changes", "ids")
        counts = [self._counts(level, item) for level in levels for item in level.flow]
        self.counted = any(not number.isdigit() for each in counts for number in each)

    def place(self, level: Level) -> str:
        """A row's number within its level, from 1."""
        return f"{level.alias}.{'rowid' if self._spelling.name == 'sqlite' else 'place'}"

    def base(self, level: Level) -> Counts:
        """How many changes, ids and events come before those of a row."""
        if self.counted:
            return Counts(*(f"n{level.number}.{what}" for what in self._counted_things))
        place = f"({self.place(level)} - 1)"
        return Counts(*(_times(place, number) for number in self._own(level)))

    def join(self, level: Level) -> str | None:
        """What has to be joined to a level's staging table for `base`."""
        if not self.counted:
            return None
        number = level.number
        return f"JOIN {self._table(level)} AS n{number} ON n{number}.{self._place_name} = {self.place(level)}"

    @property
    def _place_name(self) -> str:
        return "rowid" if self._spelling.name == "sqlite" else "place"

    def offset(self, level: Level, upto: object) -> Counts:
        """How many changes, ids and events of a row come before one thing that the row's run does."""
        before = []
        for item in level.flow:
            if item is upto:
                break
            before.append(self._counts(level, item))
        return _together(before)

    def _counts(self, level: Level, item: object) -> Counts:
        if isinstance(item, Loop):
            return Counts(*(f"n{level.number}.l{item.level.number}_{what}" for what in self._counted_things))
        if isinstance(item, Emitted):
            return Counts("0", "0", item.made.flag or "1")
        assert isinstance(item, Event)
        created = item.row.created if item.operation == "create" else None
        takes_id = created is not None and created.made_id
        return Counts(item.made.flag or "1", created.reached.flag or "1" if created and takes_id else "0")

    def _own(self, level: Level) -> Counts:
        """The changes, ids and events of a row, without those of loops."""
        return _together([self._counts(level, item) for item in level.flow if not isinstance(item, Loop)])

    def _table(self, level: Level) -> str:
        return f"actionlang_n{level.number}"

    def tables(self) -> list[tuple[str, str]]:
        """The tables that hold the numbers, by name, each with the query that fills it, in the order in which they are made."""
        if not self.counted:
            return []
        made = [
            (f"actionlang_m{level.number}", self._totals(level)) for level in reversed(self._levels) if level.parent
        ]
        return [*made, *((self._table(level), self._bases(level)) for level in self._levels)]

    def _with_loops(self, level: Level) -> tuple[str, list[Level]]:
        """A level with the totals of its loops joined to it."""
        loops = [item.level for item in level.flow if isinstance(item, Loop)]
        text = f"{level.name} AS {level.alias}"
        for loop in loops:
            sums = ", ".join(f"sum({what}) AS {what}" for what in self._counted_things)
            total = f"SELECT p{level.number} AS place, {sums} FROM actionlang_m{loop.number} GROUP BY p{level.number}"
            text += f" LEFT JOIN ({total}) AS l{loop.number} ON l{loop.number}.place = {self.place(level)}"
        return text, loops

    def _all(self, level: Level, loops: list[Level]) -> Counts:
        of_loops = (Counts(*(f"coalesce(l{loop.number}.{what}, 0)" for what in self._counted_things)) for loop in loops)
        return _together([self._own(level), *of_loops])

    def _totals(self, level: Level) -> str:
        """An inner level's changes, ids and events by row, with the row of the level around it."""
        assert level.parent is not None
        source, loops = self._with_loops(level)
        total = self._all(level, loops)
        parent = f"p{level.parent.number}"
        totals = ", ".join(f"{getattr(total, what)} AS {what}" for what in self._counted_things)
        return f"SELECT {level.alias}.{parent} AS {parent}, {totals} FROM {source}"

    def _bases(self, level: Level) -> str:
        source, loops = self._with_loops(level)
        total = self._all(level, loops)
        place = self.place(level)
        counted = "".join(
            f", coalesce(l{loop.number}.{what}, 0) AS l{loop.number}_{what}"
            for loop in loops
            for what in self._counted_things
        )
        if level.parent is None:
            window, start = f"OVER (ORDER BY {place} ROWS UNBOUNDED PRECEDING)", Counts("0", "0")
        else:
            parent = level.parent
            item = next(each for each in parent.flow if isinstance(each, Loop) and each.level is level)
            base, before = self.base(parent), self.offset(parent, item)
            start = _together([base, before])
            outer = f"{level.alias}.p{parent.number}"
            source += f" JOIN {parent.name} AS {parent.alias} ON {self.place(parent)} = {outer} {self.join(parent)}"
            window = f"OVER (PARTITION BY {outer} ORDER BY {place} ROWS UNBOUNDED PRECEDING)"
        numbers = ", ".join(
            f"{_whole(_sum([getattr(start, what), f'sum({number}) {window}', f'-({number})']), self._spelling)} AS {what}"
            for what, number in zip(self._counted_things, total, strict=False)
        )
        placed = "" if self._spelling.name == "sqlite" else f"{place} AS place, "
        return f"SELECT {placed}{numbers}{counted} FROM {source} ORDER BY {place}"


def _whole(text: str, spelling: Spelling) -> str:
    return text if spelling.name == "sqlite" else f"({text})::bigint"


def _times(place: str, count: str) -> str:
    if count in ("0", "1"):
        return "0" if count == "0" else place
    return f"{place} * {count}" if count.isdigit() else f"{place} * ({count})"


def _together(found: list[Counts]) -> Counts:
    return Counts(*(_sum([each[at] for each in found]) for at in range(len(Counts._fields))))


def _sum(parts: list[str]) -> str:
    """A sum, constants put together."""
    known = sum(int(part) for part in parts if part.isdigit())
    others = [part for part in parts if not part.isdigit()]
    if not others:
        return str(known)
    text = others[0]
    for part in [*others[1:], *([str(known)] if known else [])]:
        text += f" - {part[1:]}" if part.startswith("-(") else f" + {part}"
    return f"({text})"
