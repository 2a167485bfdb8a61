"""What a verb's own run knows of rows, which an attempt that fails takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from actionlang.engine.relational.levels import Level
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.setscope import SetScope
from actionlang.engine.relational.state import KnownRow
from actionlang.engine.relational.value import Sql

if TYPE_CHECKING:
    from actionlang.engine.relational.compiling import Compiler


@attrs.define
class Memory:
    """What the run has done to rows so far: those written into, by table and column, and the tables of which rows were made or
    deleted."""

    written: dict[tuple[str, str], list[KnownRow]] = attrs.field(factory=dict)
    new_rows: set[str] = attrs.field(factory=set)
    gone: set[str] = attrs.field(factory=set)

    def copy(self) -> Memory:
        """The same, to be kept."""
        return Memory({key: list(rows) for key, rows in self.written.items()}, set(self.new_rows), set(self.gone))

    def joined(self, other: Memory) -> Memory:
        """What was done on the one way or on the other."""
        both = self.copy()
        for key, rows in other.written.items():
            known = both.written.setdefault(key, [])
            known += [row for row in rows if row not in known]
        return Memory(both.written, self.new_rows | other.new_rows, self.gone | other.gone)

    def since(self, before: Memory) -> dict[tuple[str, str], list[KnownRow]]:
        """The rows that were written into after a moment before."""
        return {
            key: [row for row in rows if row not in before.written.get(key, ())] for key, rows in self.written.items()
        }


@attrs.frozen
class Moment:
    """What is known at a moment: by the run as a whole, and of each row that it has met."""

    memory: Memory
    values: dict[KnownRow, dict[str, Sql]]
    deleted: frozenset[KnownRow]

    @classmethod
    def now(cls, compiler: Compiler) -> Moment:
        """What is known now."""
        rows = compiler.rows.values()
        return cls(
            compiler.memory.copy(),
            {row: dict(row.values) for row in rows},
            frozenset(row for row in rows if row.deleted),
        )

    def again(self, compiler: Compiler) -> None:
        """Know this again, and nothing that came later. Rows that were made later are reached by no name any more."""
        compiler.memory = self.memory.copy()
        for row in compiler.rows.values():
            if row.created is None or row in self.values:
                row.values = dict(self.values.get(row, {}))
            row.deleted = row in self.deleted


def either(failed: Sql, before: Moment, kept: Moment, undone: Moment, scope: SetScope) -> None:
    """Know what holds behind an attempt: where it `failed` what is known on the other way, else what is known behind its body.

    Raises NotRelational where that can not be told.
    """
    compiler, level = scope.compiler, scope.level
    _see_one_name_each(before, kept, undone, level)
    before.again(compiler)
    for row, values in undone.values.items():
        body = kept.values.get(row, {})
        if row.level is not level:
            # Of a loop's row nobody asks behind the loop, but what is written into it has to be known.
            row.values = {**body, **values}
        elif row.created is None or row in before.values:
            found = {}
            for name in (*body, *values):
                here, there = (way[name] if name in way else scope.column(row, name) for way in (body, values))
                found[name] = compiler.one_of(failed, there, here)
            row.values |= found
    for row in undone.values:
        row.deleted = row in kept.deleted or row in undone.deleted
    compiler.memory = kept.memory.joined(undone.memory)


def _see_one_name_each(before: Moment, kept: Moment, undone: Moment, level: Level) -> None:
    """See that of a row that was written into on one of the ways no other name was on the other one."""
    after = undone.memory.since(before.memory)
    for (table, column), rows in kept.memory.since(before.memory).items():
        for row in rows:
            for other in after.get((table, column), ()):
                apart = row is other or row.created is not None or other.created is not None
                if not apart and level in (row.level, other.level):
                    short = table.rpartition(".")[2]
                    raise NotRelational(
                        f"an attempt changes `{column}` of a {short}, and where it fails that of one that may be the same"
                    )
