"""Sequence numbers and ids: by the target's place, then in the order in which the target's own run does things.

Each row of a level has a number of changes and of new ids, those of its loops' turns included. Running totals give where a
row's begin; where every target has as many, that is a multiplication.
"""

from __future__ import annotations

from typing import NamedTuple

from actionlang.engine.relational.levels import Level
from actionlang.engine.relational.spelling import Spelling
from actionlang.engine.relational.state import Event, Loop


class Counts(NamedTuple):
    """Two texts: how many changes, how many ids."""

    changes: str
    ids: str


class Numbering:
    """Numbers the changes and new ids of all levels. `statements` make the tables that hold them; `first_change` and
    `first_id` are what counting begins with."""

    def __init__(self, levels: list[Level], spelling: Spelling) -> None:
        self._spelling = spelling
        self._levels = levels
        counts = [self._counts(level, item) for level in levels for item in level.flow]
        self.counted = any(not number.isdigit() for each in counts for number in each)

    def place(self, level: Level) -> str:
        """A row's number within its level, from 1."""
        return f"{level.alias}.{'rowid' if self._spelling.name == 'sqlite' else 'place'}"

    def base(self, level: Level) -> Counts:
        """How many changes and ids come before those of a row."""
        if self.counted:
            return Counts(f"n{level.number}.changes", f"n{level.number}.ids")
        own = self._own(level)
        place = f"({self.place(level)} - 1)"
        return Counts(_times(place, own.changes), _times(place, own.ids))

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
        """How many changes and ids of a row come before one thing that the row's run does."""
        changes, ids = [], []
        for item in level.flow:
            if item is upto:
                break
            counts = self._counts(level, item)
            changes.append(counts.changes)
            ids.append(counts.ids)
        return Counts(_sum(changes), _sum(ids))

    def _counts(self, level: Level, item: object) -> Counts:
        if isinstance(item, Loop):
            return Counts(f"n{level.number}.l{item.level.number}_changes", f"n{level.number}.l{item.level.number}_ids")
        assert isinstance(item, Event)
        created = item.row.created if item.operation == "create" else None
        takes_id = created is not None and created.made_id
        return Counts(item.made.flag or "1", created.reached.flag or "1" if created and takes_id else "0")

    def _own(self, level: Level) -> Counts:
        """The changes and ids of a row, without those of loops."""
        found = [self._counts(level, item) for item in level.flow if isinstance(item, Event)]
        return Counts(_sum([each.changes for each in found]), _sum([each.ids for each in found]))

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
            total = (
                f"SELECT p{level.number} AS place, sum(changes) AS changes, sum(ids) AS ids "
                f"FROM actionlang_m{loop.number} GROUP BY p{level.number}"
            )
            text += f" LEFT JOIN ({total}) AS l{loop.number} ON l{loop.number}.place = {self.place(level)}"
        return text, loops

    def _all(self, level: Level, loops: list[Level]) -> Counts:
        own = self._own(level)
        changes = [own.changes, *(f"coalesce(l{loop.number}.changes, 0)" for loop in loops)]
        ids = [own.ids, *(f"coalesce(l{loop.number}.ids, 0)" for loop in loops)]
        return Counts(_sum(changes), _sum(ids))

    def _totals(self, level: Level) -> str:
        """An inner level's changes and ids by row, with the row of the level around it."""
        assert level.parent is not None
        source, loops = self._with_loops(level)
        total = self._all(level, loops)
        parent = f"p{level.parent.number}"
        return (
            f"SELECT {level.alias}.{parent} AS {parent}, {total.changes} AS changes, {total.ids} AS ids FROM {source}"
        )

    def _bases(self, level: Level) -> str:
        source, loops = self._with_loops(level)
        total = self._all(level, loops)
        place = self.place(level)
        counted = "".join(
            f", coalesce(l{loop.number}.{what}, 0) AS l{loop.number}_{what}"
            for loop in loops
            for what in ("changes", "ids")
        )
        if level.parent is None:
            window, start = f"OVER (ORDER BY {place} ROWS UNBOUNDED PRECEDING)", Counts("0", "0")
        else:
            parent = level.parent
            item = next(each for each in parent.flow if isinstance(each, Loop) and each.level is level)
            base, before = self.base(parent), self.offset(parent, item)
            start = Counts(_sum([base.changes, before.changes]), _sum([base.ids, before.ids]))
            outer = f"{level.alias}.p{parent.number}"
            source += f" JOIN {parent.name} AS {parent.alias} ON {self.place(parent)} = {outer} {self.join(parent)}"
            window = f"OVER (PARTITION BY {outer} ORDER BY {place} ROWS UNBOUNDED PRECEDING)"
        numbers = ", ".join(
            f"{_whole(_sum([getattr(start, what), f'sum({number}) {window}', f'-({number})']), self._spelling)} AS {what}"
            for what, number in (("changes", total.changes), ("ids", total.ids))
        )
        placed = "" if self._spelling.name == "sqlite" else f"{place} AS place, "
        return f"SELECT {placed}{numbers}{counted} FROM {source} ORDER BY {place}"


def _whole(text: str, spelling: Spelling) -> str:
    return text if spelling.name == "sqlite" else f"({text})::bigint"


def _times(place: str, count: str) -> str:
    if count in ("0", "1"):
        return "0" if count == "0" else place
    return f"{place} * {count}" if count.isdigit() else f"{place} * ({count})"


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
