"""Names and columns while a verb is worked out over a set of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from actionlang.diagnostics.catalogue.access import ROW_OUT_OF_REACH
from actionlang.diagnostics.catalogue.run import STORED_VALUE
from actionlang.engine.interpreter.constants import bare
from actionlang.engine.relational import rows
from actionlang.engine.relational.accesses import ANY, ROWS, TIED
from actionlang.engine.relational.expressions import RULES
from actionlang.engine.relational.levels import Level, contains
from actionlang.engine.relational.paths import ALWAYS
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.state import Bound, KnownRow
from actionlang.engine.relational.value import Known, Sql
from actionlang.engine.sql.storage import StoredColumn
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan.guards import Guarded
from actionlang.plan.plan import Verb
from actionlang.plan.walk import nodes

if TYPE_CHECKING:
    from actionlang.engine.relational.compiling import Compiler

QUERY_ALIAS = re.compile(r"\br[0-9]+\.")


class SetScope(Scope):
    """One verb's names at one level. Inner blocks get a copy with locals of their own."""

    def __init__(self, compiler: Compiler, level: Level, verb: Verb, stage: str | None = None) -> None:
        super().__init__(compiler.spelling, compiler.storage, RULES)
        self.compiler = compiler
        self.level = level
        self.verb = verb
        self.stage = stage
        self.locals: dict[str, Bound] = {}
        self.outputs: dict[str, Mapping[str, Bound]] = {}
        self.path = ALWAYS
        self.message: Bound | None = None
        self._parts: dict[str, str] = {}
        self._part_of_query: dict[str, str] = {}

    def inner(self, level: Level | None = None) -> SetScope:
        """A scope for a block, or for a loop's body at a level of its own."""
        scope = SetScope(self.compiler, level or self.level, self.verb, self.stage)
        scope.locals = dict(self.locals)
        scope.outputs = dict(self.outputs)
        scope.path = self.path if level is None else ALWAYS
        scope.message = self.message
        return scope

    def new_alias(self) -> str:
        """See `Scope`: aliases of one compiler are all different."""
        return self.compiler.new_alias()

    def bind(self, name: str, value: Sql) -> None:
        """Give a local its value, of this level."""
        self.locals[name] = Bound(self.level, value)

    def seen(self, bound: Bound) -> Sql:
        """A value as it is written at this level."""
        if bound.level is self.level:
            return bound.value
        return bound.level.stage(bound.value)

    def translate(self, node: e.Expression) -> Sql:
        """See `Scope`. What is made of known values but is not known itself is worked out by the database, where it may fail: at
        its place, then, like all that is not the same for all rows."""
        value = super().translate(node)
        if value.fixed and value.known is None and not self.compiler.explaining:
            return attrs.evolve(value, fixed=False)
        return value

    # ------------------------------------------------------------------------------------------- answers for `Scope`

    def local(self, node: e.Local) -> Sql:
        """See `Scope`."""
        found = self.seen(self.locals[node.name])
        if isinstance(node.type, t.Row) and isinstance(found.type, t.Row) and node.type != found.type:
            return rows.as_row(found, node.type, self)
        return found

    def constant(self, node: e.Expression) -> Sql | None:
        """See `Scope`: whatever depends on no row, but for what is a constant by itself."""
        if isinstance(node, e.Literal | e.Local | e.OutputOf | e.FailureMessage | e.Narrow | e.Convert):
            return None
        known = self._known_locals(node)
        if known is None:
            return None
        self.compiler.note_reads(node)
        return self.compiler.constant(node, known, self)

    def known_query(self, query: e.Query) -> Mapping[str, object] | None:
        """The known locals that a query depends on, when it depends on nothing else."""
        return self._known_locals(query, {query.row})

    def _known_locals(self, node: object, bound: set[str] | None = None) -> Mapping[str, object] | None:
        bound = bound or set()
        found: dict[str, object] = {}
        inside = {each.row for each in nodes(node) if isinstance(each, e.Query)} | bound
        for each in nodes(node):
            if isinstance(each, e.FailureMessage | e.OutputOf):
                return None
            if not isinstance(each, e.Local) or each.name in inside:
                continue
            if each.name in self.scans or each.name not in self.locals:
                return None
            value = self.locals[each.name].value
            if value.known is None:
                if not (self.compiler.explaining and value.fixed):
                    return None
                continue
            found[each.name] = value.known.value
        return found

    def caller(self) -> Sql:
        """See `Scope`; asked only where a caller is no constant, which is never."""
        raise NotRelational("who calls is asked here")

    def output(self, node: e.OutputOf) -> Sql:
        """See `Scope`."""
        result = bare(node.result)
        if not isinstance(result, e.Local) or result.name not in self.outputs:
            raise NotRelational("what a performed verb returned is used as a whole")
        return self.seen(self.outputs[result.name][node.output])

    def failure_message(self) -> Sql:
        """See `Scope`."""
        return super().failure_message() if self.message is None else self.seen(self.message)

    def call(self, node: e.CallVerb) -> Sql:
        """See `Scope`: the function's steps are put in place of the call."""
        return self.compiler.called(node, self)

    def guarded(self, node: Guarded) -> Sql:
        """See `Scope`: where a row may not be read the set run ends, and the interpreter tells of it."""
        row = self.translate(node.row)
        self.compiler.guard(self, self.call(node.check), ROW_OUT_OF_REACH.id)
        return row

    def column_of(self, row: Sql, table: Table, stored: StoredColumn) -> Sql | None:
        """See `Scope`."""
        name = stored.column.name
        if any(QUERY_ALIAS.search(cell) for cell in row.cells):
            self.compiler.see_unwritten(table, name)
            self.compiler.read(table, name, ANY)
            return None
        known = self.compiler.row(table, row, self)
        return self.column(known, name)

    def column(self, known: KnownRow, name: str) -> Sql:
        """A column of a row that is known, as it is at this moment."""
        if name in known.values:
            return self.seen(Bound(known.level, known.values[name]))
        stored = self.storage.table(known.table.name).columns[name]
        if known.created is not None or (stored.column.readonly and known.written):
            raise NotRelational(f"`{name}` is worked out by the database when the row is written")
        self.compiler.see_unwritten(known.table, name, known)
        self.compiler.read(known.table, name, known.part, known)
        home = known.level if contains(known.level, self.level) else self.level
        alias = self.compiler.alias_of(known, home)
        return self.seen(Bound(home, super().read(alias, known.table, name)))

    def read(self, alias: str, table: Table, column: str) -> Sql:
        """See `Scope`; here for a query's own rows."""
        if not table.by_name[column].primary:
            self.compiler.see_unwritten(table, column)
            self.compiler.read(table, column, self._parts.get(alias, ANY))
        return super().read(alias, table, column)

    def conforms(self, alias: str, stored: StoredColumn) -> None:
        """See `Scope`: what is read of a joined row is seen to conform. Where it does not the interpreter tells of it."""
        level = self.level
        if len(stored.cells) != 1 or not (alias == level.row or alias in level.joined.values()):
            return
        cell = stored.cells[0]
        text = f"{alias}.{self.spelling.quoted(cell.name)}"
        condition = self.spelling.conforming(cell, text, stored.column.type)
        if alias == level.row and not stored.column.optional:
            filled = f"{text} IS NOT NULL"
            level.expect(f"({filled} AND {condition})" if condition else f"({filled})", STORED_VALUE.id)
        elif condition is not None:
            level.expect(f"({text} IS NULL OR {condition})", STORED_VALUE.id)

    def asks(self, query: e.Query) -> None:
        """See `Scope`."""
        table = self.schema.tables[query.table]
        self.compiler.see_no_new_rows(table)
        part = self.part_of(query)
        self._part_of_query[query.row] = part
        self.compiler.read(table, ROWS, part)

    @contextmanager
    def scanning(self, name: str, alias: str) -> Iterator[None]:
        """See `Scope`."""
        self._parts[alias] = self._part_of_query.get(name, ANY)
        with super().scanning(name, alias):
            yield

    def part_of(self, query: e.Query) -> str:
        """Of whose rows a query's are: tied to the target by a lookup, or any."""
        for condition in _conjuncts(query.where):
            if not isinstance(condition, e.Compare) or condition.operator != "=":
                continue
            for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
                column = bare(one)
                if isinstance(column, e.Column) and _is(column.row, query.row) and self._is_target(other):
                    self.compiler.read(self.schema.tables[query.table], column.column, ANY)
                    return TIED + column.column
        return ANY

    def _is_target(self, node: e.Expression) -> bool:
        local = bare(node)
        if not isinstance(local, e.Local) or local.name in self.scans or local.name not in self.locals:
            return False
        value = self.locals[local.name].value
        if not isinstance(value.type, t.Row) or self.compiler.target is None:
            return False
        wanted = rows.as_row(self.compiler.target.key, value.type, self)
        return self.compiler.identity(value.cells) == self.compiler.identity(wanted.cells)


def _conjuncts(node: e.Expression | None) -> list[e.Expression]:
    if isinstance(node, e.And):
        return [inner for operand in node.operands for inner in _conjuncts(operand)]
    return [] if node is None else [node]


def _is(node: e.Expression, row: str) -> bool:
    local = bare(node)
    return isinstance(local, e.Local) and local.name == row


def row_constant(row: object, type_: t.Row, scope: Scope) -> Sql:
    """A known row as literals."""
    if row is None:
        return rows.empty(type_, scope)
    assert isinstance(row, RowRef)
    cells: list[str] = []
    for table in type_.tables:
        if table == row.table:
            cells += key_constants(table, row.key, scope)
        else:
            cells += [scope.spelling.null(cell.type) for cell in rows.key_cells(table, scope)]
    return Sql(tuple(cells), type_, simple=True, fixed=True, known=Known(row))


def key_constants(table: str, key: object, scope: Scope) -> list[str]:
    """A known primary key as literals."""
    primary = scope.schema.tables[table].primary
    parts = key if len(primary) > 1 and isinstance(key, tuple) else (key,)
    cells: list[str] = []
    for column, part in zip(primary, parts, strict=True):
        if isinstance(column.type, t.Row):
            cells += row_constant(part, column.type, scope).cells
        else:
            cells.append(scope.spelling.fit(scope.spelling.literal(part, column.type), column.type).text)
    return cells
