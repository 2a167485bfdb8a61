"""What all parts of one function share while it is written: its variables, the places of its steps, what it calls for help."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import attrs

from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.failure import Site
from actionlang.engine.plpgsql.changes import Noted
from actionlang.engine.plpgsql.emit_sites import EmitSite
from actionlang.engine.plpgsql.row_variables import RowVariable
from actionlang.engine.plpgsql.spelling import ServerSpelling
from actionlang.engine.plpgsql.support_functions import PREFIX
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.engine.schema import Schema
from actionlang.engine.sql.storage import Storage
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import steps as s
from actionlang.plan.guards import Permit
from actionlang.plan.plan import StepPlan
from actionlang.plan.walk import nodes

LONGEST_HINT = 40
MOST_INLINED = 200
"""Performed verbs that one function may hold, each written out where it is performed."""


@attrs.frozen
class Attempted:
    """What can be said of a write when the database refuses it: by the number of its site."""

    site: int
    operation: str
    table: Table
    values: tuple[tuple[str, Sql], ...] = ()


class Function:
    """One function being written for a plan.

    `answers` says that the function gives its changes to the session that calls it, and lets failures through; else it is called
    by any client, and tells of failures in its result. `tells` says that it has to know at which step a failure was. `lasting`
    are variables that keep what they are given, `key_texts` those that hold the JSON text of the key in these variables. `target`
    is the key of the row that the verb is on.
    """

    def __init__(self, plan: StepPlan, support_schema: str, storage: Storage, *, answers: bool) -> None:
        self.plan = plan
        self.schema = Schema.of_plan(plan)
        self.storage = storage
        self.spelling = ServerSpelling(self.schema, self.support)
        self.support_names: set[str] = set()
        self._schema_of_support = support_schema
        self.answers = answers
        self.verbs = {verb.name: verb for verb in plan.verbs}
        self.variables: dict[str, str] = {}
        self.parameters: set[str] = set()
        self.lasting = {"now_", "today_"}
        self.sites: list[Site] = []
        self.attempted: list[Attempted] = []
        self.noted: list[Noted] = []
        self.emitted: list[EmitSite] = []
        self.target: Sql | None = None
        self.has_secrets = any(column.sensitive for table in plan.tables for column in table.columns)
        self.known_rows: dict[tuple[str, tuple[str, ...]], RowVariable] = {}
        self.fresh: set[RowVariable] = set()
        self.key_texts: dict[tuple[str, ...], str] = {}
        self.tells = not answers or any(
            isinstance(node, s.Attempt) for verb in plan.verbs for node in nodes(verb.steps)
        )
        # A plan that is held to rights begins by seeing that there is a caller.
        self.has_caller = isinstance(next(iter(plan.verb.steps), None), Permit)
        self.inlined = 0
        self.repeats = 0
        self.deleted = {
            node.row.type.tables[0]
            for verb in plan.verbs
            for node in nodes(verb.steps)
            if isinstance(node, s.Delete) and isinstance(node.row.type, t.Row)
        }
        self._count = 0

    def support(self, name: str) -> str:
        """A support function that this function calls."""
        self.support_names.add(name)
        return f"{self._schema_of_support}.{PREFIX}{name}"

    # ---------------------------------------------------------------------------------------------------- variables

    def variable(self, hint: str, type_: str, initial: str | None = None) -> str:
        """A new variable of a type of the database's; its name says what it is for."""
        name = f"{self._hinted(hint)}_{self._next()}"
        self.variables[name] = type_ if initial is None else f"{type_} := {initial}"
        return name

    def label(self, hint: str) -> str:
        """A new name for a block."""
        return f"{self._hinted(hint)}_{self._next()}"

    def _hinted(self, hint: str) -> str:
        return re.sub(r"[^a-z0-9]+", "_", hint.lower(), flags=re.ASCII).strip("_")[:LONGEST_HINT] or "value"

    def _next(self) -> int:
        self._count += 1
        return self._count

    def value_variables(self, hint: str, type_: t.Type) -> tuple[str, ...]:
        """New variables for a value of a type: one, or one for each cell of a row's key."""
        return tuple(self.variable(hint, self.variable_type(cell)) for cell in self.cell_types(type_))

    def cell_types(self, type_: t.Type) -> tuple[t.Type, ...]:
        """The types of the cells of a value."""
        if not isinstance(type_, t.Row):
            return (type_,)
        return tuple(cell.type for table in type_.tables for cell in self.storage.table(table).key_cells)

    def variable_type(self, type_: t.Type) -> str:
        """The database's type for variables of a type of the language."""
        if isinstance(type_, t.ListOf):
            items = self.cell_types(type_.item)
            if len(items) != 1:
                raise NotRelational(
                    "a list of rows whose keys have several columns, or of several tables, is used here"
                )
            return f"{self.variable_type(items[0])}[]"
        if isinstance(type_, t.Choice) and self.spelling.numbered(type_):
            return "bigint"
        return VARIABLE_TYPES[type(type_)]

    # --------------------------------------------------------------------------------------------------------- rows

    def row(self, table: Table, key: Sql) -> RowVariable:
        """The variables that hold what was read of the row with a key."""
        known = self.known_rows.get((table.name, key.cells))
        if known is None:
            known = self.known_rows[table.name, key.cells] = RowVariable(table, key, self)
        return known

    @contextmanager
    def repeating(self) -> Iterator[None]:
        """While this lasts, what is written may be gone through any number of times, or be undone."""
        self.repeats += 1
        try:
            yield
        finally:
            self.repeats -= 1

    def forget(self, tables: Iterable[str], but: RowVariable | None = None) -> None:
        """Rows of these tables were written: what was read of them before is to be read again."""
        written = set(tables)
        self.drop({row for row in self.fresh if row.table.name in written and row is not but})

    def drop(self, rows: set[RowVariable]) -> None:
        """These rows are to be read again, and those whose keys were read from them."""
        while rows:
            self.fresh -= rows
            names = {name for row in rows for name in row.names}
            rows = {row for row in self.fresh if names.intersection(row.key.cells)}

    # -------------------------------------------------------------------------------------------------------- places

    def site(self, site: Site) -> int:
        """The number of a place, counted from 1."""
        self.sites.append(site)
        return len(self.sites)


VARIABLE_TYPES: dict[type[t.Type], str] = {
    t.Text: "text",
    t.Integer: "bigint",
    t.Decimal: "numeric",
    t.Money: "numeric",
    t.Float: "double precision",
    t.Boolean: "boolean",
    t.Date: "date",
    t.DateTime: "timestamptz",
    t.Duration: "bigint",
    t.Id: "uuid",
    t.Json: "text",
    t.File: "text",
    t.Choice: "text",
    t.Choices: "text",
    t.Empty: "text",
}
"""Types of variables, in the canonical form that `relational.value` describes."""


def sqlstate(code: Code) -> str:
    """The SQLSTATE of a failure: AL701 for E0701."""
    return f"AL{code.id[2:]}"
