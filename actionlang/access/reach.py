"""How deep a caller reaches into a plan's tables, and what is known to be within reach while a verb is gone through."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.access.rights import READ, Depth, Rights
from actionlang.engine.interpreter.constants import bare
from actionlang.metadata.types import Row
from actionlang.plan import expressions as e


@attrs.frozen
class Reach:
    """The depths of one caller. Nobody changes what they can not see, so a word reaches no deeper than reading does, except for
    `create`, which makes the row that it is about."""

    rights: Rights

    def reading(self, table: str) -> Depth:
        """How deep the caller reads."""
        return self.rights.depth(READ, table)

    def writing(self, table: str, *words: str) -> Depth:
        """How deep the caller may do something for which all these words are needed."""
        return min([self.reading(table), *(self.rights.depth(word, table) for word in words)])

    def creating(self, table: str) -> Depth:
        """How deep the caller makes rows."""
        return self.rights.depth("create", table)

    def restricted(self, row: e.Expression) -> dict[str, Depth]:
        """Those of a row's tables that the caller does not read as a whole, and how deep instead."""
        assert isinstance(row.type, Row)
        found = {table: self.reading(table) for table in row.type.tables}
        return {table: depth for table, depth in found.items() if depth is not Depth.ALL}


@attrs.frozen
class Reached:
    """Names of rows that a verb has found within reach, and the depth within which each was found. A row that was once found
    stays within reach under that name, whatever the verb does with it."""

    rows: Mapping[str, Depth] = attrs.field(factory=dict)

    def depth(self, row: e.Expression) -> Depth | None:
        """The depth within which a row was found, if it goes by a name and was."""
        local = bare(row)
        return self.rows.get(local.name) if isinstance(local, e.Local) else None

    def is_within(self, row: e.Expression, depth: Depth) -> bool:
        """Whether a row is known to be within a depth."""
        found = self.depth(row)
        return found is not None and found <= depth

    def with_row(self, name: str | None, depth: Depth | None) -> Reached:
        """With a name found within a depth; with None the name stands for something else from now on."""
        if name is None:
            return self
        rows = {other: found for other, found in self.rows.items() if other != name}
        return Reached(rows if depth is None else {**rows, name: depth})

    def after(self, row: e.Expression, depth: Depth) -> Reached:
        """Once a row was seen to be within a depth."""
        local = bare(row)
        if not isinstance(local, e.Local):
            return self
        known = self.rows.get(local.name)
        return self.with_row(local.name, depth if known is None else min(depth, known))
