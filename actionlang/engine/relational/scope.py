"""What names mean while an expression is put into SQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from actionlang.engine.interpreter.constants import bare
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.spelling import Spelling
from actionlang.engine.relational.value import Sql
from actionlang.engine.sql.storage import Storage, StoredColumn
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan.guards import Guarded

Rule = Callable[[Any, "Scope"], Sql]


class Scope(ABC):
    """Where an expression stands: whoever wants SQL says here what locals are, and may answer for more.

    Subclasses answer `local` for all names that are no query's row inside the expression itself; the other methods have
    an answer for everyone. `rules` are those of `expressions.RULES`.
    """

    def __init__(self, spelling: Spelling, storage: Storage, rules: Mapping[type, Rule]) -> None:
        self.spelling = spelling
        self.storage = storage
        self.schema = storage.schema
        self.rules = rules
        self.scans: dict[str, str] = {}
        self._aliases = 0

    # ---------------------------------------------------------------------------------------- for subclasses to answer

    @abstractmethod
    def local(self, node: e.Local) -> Sql:
        """What a local is: the value, or the cells of a row's key."""

    def constant(self, node: e.Expression) -> Sql | None:
        """An expression that is the same in every row, as one value worked out elsewhere; None to put it into SQL."""
        return None

    def column_of(self, row: Sql, table: Table, stored: StoredColumn) -> Sql | None:
        """A column of the row with a key, of this table, none of it primary: from where the row has been joined, say, or
        from what was written into it before. None to read it by its key, in a subquery."""
        return None

    def caller(self) -> Sql:
        """The row of the user who calls."""
        raise NotRelational("who calls is not known here")

    def of_the_run(self, function: str) -> Sql:
        """What `now()` or `today()` gives."""
        raise NotRelational(f"{function}() is not known here")

    def output(self, node: e.OutputOf) -> Sql:
        """An output of a performed verb."""
        raise NotRelational("what a performed verb returned is not known here")

    def failure_message(self) -> Sql:
        """What the failure of the attempt around this said."""
        raise NotRelational("the message of a failure is made by the interpreter")

    def call(self, node: e.CallVerb) -> Sql:
        """What a function written in the language gives."""
        raise NotRelational("a function of the script is called here")

    def guarded(self, node: Guarded) -> Sql:
        """A row, once it is seen that the caller may read it."""
        raise NotRelational("whether the caller may read a row is asked here")

    def conforms(self, alias: str, stored: StoredColumn) -> None:  # noqa: B027 - not everyone has to listen
        """Told of every column that is read from a table: its value is believed to be one of the column's type."""

    def asks(self, query: e.Query) -> None:  # noqa: B027 - not everyone has to listen
        """Told of every query: which rows there are is read."""

    # ------------------------------------------------------------------------------------------------------ for all

    def translate(self, node: e.Expression) -> Sql:
        """An expression in SQL. Raises NotRelational."""
        known = self.constant(node)
        return self.rules[type(node)](node, self) if known is None else known

    def new_alias(self) -> str:
        """A name for a table in a statement, not given before."""
        self._aliases += 1
        return f"r{self._aliases}"

    @contextmanager
    def scanning(self, name: str, alias: str) -> Iterator[None]:
        """While this lasts, the local `name` is the row that `alias` stands for."""
        before = self.scans.get(name)
        self.scans[name] = alias
        try:
            yield
        finally:
            if before is None:
                del self.scans[name]
            else:
                self.scans[name] = before

    def scanned(self, node: e.Expression) -> str | None:
        """The alias of the query's row that an expression is, if it is one."""
        local = bare(node)
        return self.scans.get(local.name) if isinstance(local, e.Local) else None

    def read(self, alias: str, table: Table, column: str) -> Sql:
        """A column of the row that an alias stands for."""
        stored = self.storage.table(table.name).columns[column]
        self.conforms(alias, stored)
        quoted = self.spelling.quoted
        cells = tuple(self.spelling.reading(cell, f"{alias}.{quoted(cell.name)}") for cell in stored.cells)
        return self.spelling.sized(
            Sql(cells, stored.column.type, stored.column.optional, simple=True), stored.column.type
        )

    def key_of(self, alias: str, table: Table) -> Sql:
        """The key of the row that an alias stands for."""
        cells = tuple(
            self.spelling.reading(cell, f"{alias}.{self.spelling.quoted(cell.name)}")
            for cell in self.storage.table(table.name).key_cells
        )
        return Sql(cells, t.Row((table.name,)), simple=True)

    def named(self, table: Table, alias: str) -> str:
        """A table under an alias, as it stands behind FROM."""
        return f"{self.spelling.table(table)} AS {alias}"
