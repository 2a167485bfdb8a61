"""What a function has read of a row, in variables: each row once, with every column that the function needs of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actionlang.engine.relational.value import Sql
from actionlang.metadata.tables import Table

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.function import Function


class RowVariable:
    """A row by the variables that hold its key, and the variables for columns that are read from it or written to it."""

    def __init__(self, table: Table, key: Sql, function: Function) -> None:
        self.table = table
        self.key = key
        self.columns: dict[str, Sql] = {}
        self.function = function

    def column(self, name: str) -> Sql:
        """The variables of a column."""
        known = self.columns.get(name)
        if known is None:
            column = self.table.by_name[name]
            hint = f"{self.table.short_name}_{name}"
            cells = self.function.value_variables(hint, column.type)
            known = self.columns[name] = self.function.spelling.sized(
                Sql(cells, column.type, column.optional, simple=True), column.type
            )
        return known

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its columns' variables."""
        return tuple(name for column in self.columns.values() for name in column.cells)

    @property
    def is_key_empty(self) -> str:
        """Whether there is no row."""
        return f"{self.key.cells[0]} IS NULL"
