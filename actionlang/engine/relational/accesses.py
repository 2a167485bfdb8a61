"""What a verb reads and writes, by whose rows: the proof that no target's run sees what another's wrote.

Every access is to a column of a table, or to the question which rows the table has (`ROWS`), in rows of a *part*:

- `own`: the target itself;
- `tied:x`: rows whose lookup `x` is the target, so that two targets' sets are disjoint;
- `new`: rows that this target's run made;
- `row:...`: one row, reached by a lookup or a key: two targets may reach the same, which only the data tells;
- `any`: rows found by a query: any target may find any row.

A write and another access to the same column are harmless when both are to the same own, tied or new part. Where single rows
are written, the data is asked: if no two targets reach one row, they are apart.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from actionlang.engine.relational.refused import NotRelational
from actionlang.plan.steps import Place

OWN, NEW, ANY = "own", "new", "any"
TIED, ROW = "tied:", "row:"
ROWS = ""
"""Stands for a column where the question is which rows there are."""


@attrs.frozen
class Access:
    """One read or write. `place` and `verb` say where."""

    table: str
    column: str
    part: str
    place: Place | None
    verb: str | None


@attrs.define
class Accesses:
    """All that a verb does to rows."""

    reads: dict[tuple[str, str, str], Access] = attrs.field(factory=dict)
    writes: dict[tuple[str, str, str], Access] = attrs.field(factory=dict)

    def read(self, access: Access) -> None:
        """Note a read."""
        self.reads.setdefault((access.table, access.column, access.part), access)

    def write(self, access: Access) -> None:
        """Note a write."""
        self.writes.setdefault((access.table, access.column, access.part), access)

    def apart(self, of: str = "target's run") -> set[str]:
        """See that the targets' runs (or what else `of` names) are independent of each other. Gives the tables of which the
        data must tell that no two targets reach one row: those of which single rows are written.

        Raises NotRelational, with the place of the access that another target's write may be seen by.
        """
        doubtful: set[str] = set()
        for write in self.writes.values():
            for other in self._others(write):
                if write.part == other.part and _disjoint(write.part):
                    continue
                if NEW in (write.part, other.part):
                    if write.part == NEW and write.column == ROWS and other.part != NEW:
                        raise _seen(write, other, of)
                    continue
                if _one_row(write.part) and _one_row(other.part):
                    doubtful.add(write.table)
                    continue
                raise _seen(write, other, of)
            if write.part.startswith(ROW):
                doubtful.add(write.table)
        return doubtful

    def _others(self, write: Access) -> Iterator[Access]:
        """Accesses to the same column, the write itself too."""
        for access in (*self.writes.values(), *self.reads.values()):
            if access.table == write.table and access.column == write.column:
                yield access


def _disjoint(part: str) -> bool:
    return part in (OWN, NEW) or part.startswith(TIED)


def _one_row(part: str) -> bool:
    return part == OWN or part.startswith(ROW)


def _seen(write: Access, other: Access, of: str) -> NotRelational:
    """The refusal: one target's run may see what another's wrote."""
    short = write.table.rpartition(".")[2]
    what = f"which {short} rows there are" if write.column == ROWS else f"`{write.column}` of {short} rows"
    alone = f"more than one {of} may change {what}"
    seen = f"one {of} may see {what} as another one left it"
    return NotRelational(alone if other is write else seen, other.place, other.verb)
