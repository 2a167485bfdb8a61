"""What a run changed, in the order it happened: the matter of audit records and of dry runs."""

from __future__ import annotations

from typing import NamedTuple

from actionlang.engine.store import Key, RowRef
from actionlang.metadata.tables import Table


class Change(NamedTuple):
    """One row, changed by one step.

    `operation` is create, update, delete, assign or move. `columns` are those whose value became another one;
    for a create and a delete, all that the language sets (columns the database computes are left out of a
    create). `before` is None for a create and `after` for a delete; else they hold the columns' values, in
    the order of `columns`. A step that leaves every column as it was changes nothing and leaves no Change.
    """

    table: Table
    key: Key
    operation: str
    verb: str
    line: int
    stage: str | None
    columns: tuple[str, ...]
    before: tuple[object, ...] | None
    after: tuple[object, ...] | None

    @property
    def row(self) -> RowRef:
        """The row that changed."""
        return RowRef(self.table.name, self.key)

    @property
    def sensitive(self) -> frozenset[str]:
        """The changed columns whose values must never be logged."""
        by_name = self.table.by_name
        return frozenset(name for name in self.columns if by_name[name].sensitive)
