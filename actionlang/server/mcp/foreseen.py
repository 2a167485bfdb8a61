"""What a verb that was only tried out would have changed, as far as whoever called may read it.

A run may change rows that its caller may not read: verbs that run as the system do. Of those it is told how many there are, no
more. A row that was there is told when the caller reads it, what it would become unless it would be given to somebody else; a new
row when the caller reads all rows of its table, or would own it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import attrs

from actionlang.access.rights import Depth
from actionlang.engine.changes import Change
from actionlang.engine.store import RowRef
from actionlang.metadata.wire_names import WireNames
from actionlang.runtime.database import Database
from actionlang.runtime.masking import MASK, names_sensitive_rows
from actionlang.runtime.readable import Readable
from actionlang.runtime.reading import Reading, reading
from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.addresses import address_of
from actionlang.server.mcp.rows import READ, value_text
from actionlang.server.mcp.surface import Surface
from actionlang.server.service import refusing


@attrs.frozen
class Foreseen:
    """The changes that are told, as data for JSON, and how many there are besides."""

    changes: list[dict[str, Any]]
    hidden: int


def foreseen(changes: Iterable[Change], identity: Identity, database: Database, surface: Surface) -> Foreseen:
    """What is told of changes. Raises Refusal."""
    all_changes = [change for change in changes if change.table.name in surface.catalog.tables]
    if not all_changes or not identity.allows(READ):
        return Foreseen([], len(all_changes))
    with refusing(), reading(database, surface.wire.schema, identity.caller) as opened:
        telling = _Telling(opened, surface, _there(all_changes, opened))
        told = [telling.told(change) for change in all_changes]
    return Foreseen([each for each in told if each is not None], told.count(None))


def _there(changes: Iterable[Change], opened: Reading) -> set[RowRef]:
    """Those rows that are there, and that the caller reads."""
    keys: dict[str, list[object]] = {}
    for change in changes:
        keys.setdefault(change.table.name, []).append(change.key)
    found: set[RowRef] = set()
    for table, wanted in keys.items():
        if opened.readable.depth(table) is not Depth.NONE and not _is_secret(opened.readable, table):
            found |= {row.row for row in opened.by_keys(table, wanted, ()).values()}
    return found


def _is_secret(readable: Readable, table: str) -> bool:
    return any(readable.is_hidden(column) for column in readable.schema.tables[table].primary)


class _Telling:
    """Tells changes one after another: what became of rows before is known."""

    def __init__(self, opened: Reading, surface: Surface, there: set[RowRef]) -> None:
        self._readable = opened.readable
        self._surface = surface
        self._known = there

    def told(self, change: Change) -> dict[str, Any] | None:
        """A change; None where the caller would not see it."""
        if change.before is None and self._reads_new(change):
            self._known.add(change.row)
        if change.row not in self._known:
            return None
        told: dict[str, Any] = {"row": address_of(change.row, self._surface), "operation": change.operation}
        if change.before is not None:
            told["before"] = self._values(change, change.before)
        if change.after is not None:
            if not self._keeps(change):
                self._known.discard(change.row)
            told["after"] = self._values(change, change.after) if change.row in self._known else {}
        return told

    def _reads_new(self, change: Change) -> bool:
        if _is_secret(self._readable, change.table.name):
            return False
        depth = self._readable.depth(change.table.name)
        return depth is Depth.ALL or (depth is not Depth.NONE and self._is_callers(change))

    def _keeps(self, change: Change) -> bool:
        """Whether the row is still within the caller's reach after a change."""
        owner = change.table.owner
        if owner is None or owner.name not in change.columns or change.before is None:
            return True
        return self._readable.depth(change.table.name) is Depth.ALL or self._is_callers(change)

    def _is_callers(self, change: Change) -> bool:
        owner, rights = change.table.owner, self._readable.rights
        if owner is None or rights is None or change.after is None or owner.name not in change.columns:
            return False
        return change.after[change.columns.index(owner.name)] == rights.user

    def _values(self, change: Change, values: tuple[object, ...]) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for name, value in zip(change.columns, values, strict=True):
            column = change.table.by_name[name]
            hides = names_sensitive_rows(column.type, self._surface.catalog.tables) and value is not None
            told[WireNames.property(name)] = MASK if hides else json.loads(value_text(column, value, self._surface))
        return told
