"""What the rules of access say, over again, in a few lines of plain Python over rows: nothing here knows of plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from actionlang.access.rights import Depth, Rights
from actionlang.engine.store import RowRef
from actionlang.metadata.tables import Table

State = Mapping[RowRef, Mapping[str, Any]]
"""All rows of a moment, with their columns."""


@attrs.frozen
class Oracle:
    """Says how far away a row is from a user."""

    tables: Mapping[str, Table]
    rights: Rights

    def distance(self, row: RowRef, state: State) -> Depth:
        """The least depth that reaches a row."""
        me = self.rights.user
        mine = {each["team"] for each in _members(state) if each["user"] == me}
        mates = {each["user"] for each in _members(state) if each["team"] in mine}
        values = state[row]
        table = self.tables[row.table]
        if row.table == "core.user":
            return Depth.OWN if row == me else Depth.TEAM if row in mates else Depth.ALL
        if row.table == "core.team":
            return Depth.OWN if row in mine else Depth.ALL
        if row.table == "core.membership":
            return Depth.OWN if values["user"] == me else Depth.TEAM if values["team"] in mine else Depth.ALL
        if table.owner is None:
            return Depth.ALL
        owner = values[table.owner.name]
        return Depth.OWN if owner == me else Depth.TEAM if owner in mine | mates else Depth.ALL

    def may_read(self, row: RowRef, state: State) -> bool:
        """Whether a row may be read as things are."""
        return self.rights.depth("read", row.table) >= self.distance(row, state)


def _members(state: State) -> Iterable[Mapping[str, Any]]:
    return [values for row, values in state.items() if row.table == "core.membership"]
