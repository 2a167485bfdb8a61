"""Which columns a plan reads of which table, so that a row is read once with all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from actionlang.engine.interpreter.display import shown_key
from actionlang.engine.schema import Schema
from actionlang.metadata.types import ListOf, Row, Type
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan
from actionlang.plan.walk import nodes

NO_OTHERS: Mapping[str, frozenset[str]] = {}


def columns_needed(plan: StepPlan, wanted: Mapping[str, frozenset[str]] = NO_OTHERS) -> dict[str, tuple[str, ...]]:
    """For each table of the plan the columns beside its primary key, in declared order, that are read or
    written over, or `wanted` by someone else."""
    needed = _Needed(Schema.of_plan(plan))
    for verb in plan.verbs:
        for node in nodes(verb.steps):
            needed.look_at(node)
    return {
        table.name: tuple(
            column.name
            for column in table.columns
            if not column.primary
            and ((table.name, column.name) in needed.columns or column.name in wanted.get(table.name, ()))
        )
        for table in plan.tables
    }


class _Needed:
    """Columns being gathered."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.columns: set[tuple[str, str]] = set()

    def look_at(self, node: object) -> None:
        """Add what one step or expression needs by itself."""
        if isinstance(node, e.Column | e.Under):
            self._add(node.row.type, (node.column,))
        elif isinstance(node, e.Template):
            for part in node.parts:
                if isinstance(part, e.Expression):
                    self._add_shown(part.type)
        elif isinstance(node, s.Update):
            self._add(node.row.type, (name for name, _ in node.values))
        elif isinstance(node, s.Delete | s.Assign | s.Move):
            self._add_written(node)

    def _add(self, type_: Type, columns: Iterable[str]) -> None:
        assert isinstance(type_, Row)
        self.columns.update((table, column) for column in columns for table in type_.tables)

    def _add_written(self, step: s.Delete | s.Assign | s.Move) -> None:
        assert isinstance(step.row.type, Row)
        table = self.schema.tables[step.row.type.tables[0]]
        if isinstance(step, s.Delete):
            self._add(step.row.type, (column.name for column in table.columns))
        else:
            column = table.owner if isinstance(step, s.Assign) else table.status
            assert column is not None
            self._add(step.row.type, (column.name,))

    def _add_shown(self, type_: Type) -> None:
        """The columns that rows are written by in texts, and those that the rows in these are written by."""
        row = type_.item if isinstance(type_, ListOf) else type_
        for name in row.tables if isinstance(row, Row) else ():
            table = self.schema.tables[name]
            for column in shown_key(table):
                if (name, column) not in self.columns:
                    self.columns.add((name, column))
                    self._add_shown(table.by_name[column].type)
