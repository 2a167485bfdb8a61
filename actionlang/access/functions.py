"""Functions that a restricted plan has in addition: whether a row may be read, and the row with a key, if it may be."""

from __future__ import annotations

from collections.abc import Mapping

from actionlang.access.reach import Reach
from actionlang.access.rules import any_within, within
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row, Text
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.membership import BOOLEAN
from actionlang.plan.plan import Effects, Parameter, Verb

NOWHERE = s.Place(1, 1, 1, 1)
SOURCE = "the rules of access"


class Functions:
    """Makes the functions that are asked for, each once. `made` has them by name."""

    def __init__(self, reach: Reach, tables: Mapping[str, Table]) -> None:
        self._reach = reach
        self._tables = tables
        self.made: dict[str, Verb] = {}

    def may_read(self, row: e.Expression) -> e.CallVerb:
        """The call that tells of a row whether the caller may read it. An empty one may be read."""
        assert isinstance(row.type, Row)
        name = f"access.may read {' or '.join(map(_plain, row.type.tables))}"
        if name not in self.made:
            given = Parameter("row", row.type, optional=True)
            local = e.Local(row.type, True, given.name)
            condition = any_within(self._reach.restricted(row), local, self._tables)
            self._make(name, (given,), Parameter("allowed", BOOLEAN), (s.Return(NOWHERE, (("allowed", condition),)),))
        return e.CallVerb(BOOLEAN, False, name, None, (("row", row),))

    def row_by_key(self, node: e.RowByKey) -> e.CallVerb:
        """The call that gives the row with a key, or fails alike whether there is none or the caller may not read it."""
        table = self._tables[node.table]
        name = f"access.{_plain(node.table)} by {', '.join(node.columns)}"
        if name not in self.made:
            self._make_row_by_key(name, node, table)
        return e.CallVerb(node.type, False, name, None, tuple(zip(node.columns, node.values, strict=True)))

    def _make_row_by_key(self, name: str, node: e.RowByKey, table: Table) -> None:
        row = e.Local(Row((table.name,)), False, " row")
        inputs = tuple(Parameter(column, table.by_name[column].type) for column in node.columns)
        keyed = tuple(
            e.Compare(
                BOOLEAN,
                False,
                "=",
                e.Column(each.type, table.by_name[each.name].optional, row, each.name),
                e.Local(each.type, False, each.name),
            )
            for each in inputs
        )
        rule = within(self._reach.reading(table.name), row, table)
        query = e.Query(table.name, row.name, e.And(BOOLEAN, False, (*keyed, rule)))
        parts: list[str | e.Expression] = [f"There is no {table.short_name} with "]
        for number, each in enumerate(inputs):
            parts.append(f"{' and ' if number else ''}{each.name} ")
            is_shown = not (table.by_name[each.name].sensitive or isinstance(each.type, Row))
            parts.append(e.Local(each.type, False, each.name) if is_shown else "***")
        parts.append(" within the caller's reach.")
        message = e.Template(Text(), False, tuple(parts))
        steps = (s.Find(NOWHERE, query, False, message), s.Return(NOWHERE, (("row", row),)))
        self._make(name, inputs, Parameter("row", row.type), steps)

    def _make(self, name: str, inputs: tuple[Parameter, ...], output: Parameter, steps: tuple[s.Step, ...]) -> None:
        self.made[name] = Verb(
            name, "function", None, inputs, (output,), (), False, False, None, "", Effects(), steps, SOURCE, 1
        )


def _plain(table: str) -> str:
    """A table's full name without dots: what stands behind the last dot of a verb's name is its short name."""
    return table.replace(".", ":")
