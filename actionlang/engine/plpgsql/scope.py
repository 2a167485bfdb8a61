"""One verb being written into a function: what its names are, where in it we are, and where its statements go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.failure import Site
from actionlang.engine.interpreter.constants import bare
from actionlang.engine.plpgsql.function import Function, sqlstate
from actionlang.engine.plpgsql.reading import load
from actionlang.engine.plpgsql.row_variables import RowVariable
from actionlang.engine.plpgsql.spelling import OF_A_ROW, ServerSpelling
from actionlang.engine.plpgsql.writing import Block
from actionlang.engine.relational import rows, texts
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Rule, Scope
from actionlang.engine.relational.spelling import quoted_text
from actionlang.engine.relational.value import Sql
from actionlang.engine.sql.storage import StoredColumn
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb

NO_CALLER = "The verb asks who calls it, and this run has no caller."


KINDS_OF_TIME: dict[type[t.Type], str] = {t.Date: "date", t.DateTime: "datetime", t.Duration: "duration"}
"""Types whose results may be out of range, which is told otherwise than of integers."""


class ServerScope(Scope):
    """One verb as it stands in one place of a function: a verb that is performed twice is written twice.

    Outside of queries every value that may fail is worked out at once, by a statement, so that failures come in the
    interpreter's order; inside a query it says that it fails, and whoever writes the query goes through the rows one by one.
    """

    spelling: ServerSpelling

    def __init__(self, function: Function, verb: Verb, block: Block, rules: Mapping[type, Rule]) -> None:
        super().__init__(function.spelling, function.storage, rules)
        self.function = function
        self.verb = verb
        self.block = block
        self.values: dict[str, Sql] = {}
        self.results: dict[str, Mapping[str, Sql]] = {}
        self.outputs: dict[str, Sql] = {}
        self.messages: list[Sql] = []
        self.stage: str | None = None
        self.label = function.label(verb.short_name)
        self.at = 0
        self.function.spelling.scope = self

    # ------------------------------------------------------------------------------------------------ values of names

    def local(self, node: e.Local) -> Sql:
        """See `Scope`."""
        return self.values[node.name]

    def of_the_run(self, function: str) -> Sql:
        """See `Scope`."""
        type_: t.Type = t.DateTime() if function == "now" else t.Date()
        return Sql((f"{function}_",), type_, simple=True, fixed=True)

    def caller(self) -> Sql:
        """See `Scope`. A run without a caller fails when it gets here."""
        user = t.Row(("core.user",))
        if user.tables[0] not in self.schema.tables:
            raise NotRelational("who calls is asked here, and the plan does not know users")
        cells = self.storage.table(user.tables[0]).key_cells
        if len(cells) != 1:
            raise NotRelational("who calls is asked here, and users have a key of several columns")
        if self.scans and not self.function.has_caller:
            return Sql(("caller_",), user, optional=True, fails=True, simple=True)
        if self.scans:
            return Sql(("caller_",), user, simple=True, fixed=True)
        branch = self.block.inside("IF caller_ IS NULL THEN", "END IF;")
        self.fail(codes.NO_CALLER, self.text(NO_CALLER), hint="name the user who runs it", block=branch)
        return Sql(("caller_",), user, simple=True, fixed=True)

    def failure_message(self) -> Sql:
        """See `Scope`."""
        return self.messages[-1]

    def output(self, node: e.OutputOf) -> Sql:
        """See `Scope`."""
        result = bare(node.result)
        assert isinstance(result, e.Local)
        return self.results[result.name][node.output]

    def column_of(self, row: Sql, table: Table, stored: StoredColumn) -> Sql | None:
        """See `Scope`: from the variables of the row. Columns that the database computes are read anew each time."""
        if stored.column.readonly:
            return None
        if self.scans and not self.is_variable(row):
            return None
        key = row if self.is_variable(row) else self.held(row, f"{table.short_name}")
        known = self.function.row(table, key)
        if self.scans and table.name in self.function.deleted and known not in self.function.fresh:
            return attrs.evolve(known.column(stored.column.name), fails=True, optional=True)
        load(known, self, maybe_empty=row.optional)
        column = known.column(stored.column.name)
        return attrs.evolve(column, optional=column.optional or row.optional)

    def is_variable(self, row: Sql) -> bool:
        """Whether variables hold the key of a row."""
        known, parameters = self.function.variables, self.function.parameters
        return all(cell in known or cell in parameters for cell in row.cells)

    # ------------------------------------------------------------------------------------------------------ statements

    def translate(self, node: e.Expression) -> Sql:
        """See `Scope`."""
        found = super().translate(node)
        if not found.fails:
            return found
        if self.scans:
            return self._ahead(node, found)
        kind = KINDS_OF_TIME.get(type(found.type))
        if kind is None or not self.function.tells:
            return self.held(found)
        self.block.say(f"why_ := '{kind}';")
        held = self.held(found)
        self.block.say("why_ := 'integer';")
        return held

    def _ahead(self, node: e.Expression, found: Sql) -> Sql:
        """A value inside of a query that is the same at all its rows, worked out before it, so that nothing in it may fail then.

        Where the value itself fails, no row may have asked for it: so only for a session's function, whose failures are the
        interpreter's to tell, and where nothing catches one before.
        """
        function = self.function
        if not function.answers or function.tells or any(OF_A_ROW.search(cell) for cell in found.cells):
            return found
        parts: tuple[e.Expression, ...] | None = None
        if isinstance(node, e.Arithmetic):
            parts = (node.left, node.right)
        elif isinstance(node, e.CallFunction):
            parts = node.arguments
        if parts is None:
            return found
        with self.trying():
            if any(self.translate(part).fails for part in parts):
                return found
        return self.held(found)

    def held(self, value: Sql, hint: str = "value") -> Sql:
        """A value, worked out now and kept in variables of its own."""
        names = self.function.value_variables(hint, value.type)
        self.block.say(*(f"{name} := {text};" for name, text in zip(names, value.cells, strict=True)))
        self.function.lasting.update(names)
        return attrs.evolve(value, cells=names, fails=False, simple=True)

    def kept(self, node: e.Expression, value: Sql, hint: str = "value") -> Sql:
        """A value that later writes do not change."""
        if value.known is not None or isinstance(bare(node), e.Local | e.Literal | e.Caller | e.OutputOf):
            return value
        return value if self.function.lasting.issuperset(value.cells) else self.held(value, hint)

    @contextmanager
    def into(self, block: Block) -> Iterator[Block]:
        """While this lasts, statements go into a block that is not always gone through: what is read there is not known to have
        been read behind it."""
        outer, self.block = self.block, block
        before = set(self.function.fresh)
        try:
            yield block
        finally:
            self.block = outer
            self.function.fresh = before & self.function.fresh

    @contextmanager
    def within_block(self) -> Iterator[None]:
        """While this lasts, statements go one step further in; they are gone through in any case."""
        outer, self.block = self.block, Block()
        outer.put(self.block)
        try:
            yield
        finally:
            self.block = outer

    @contextmanager
    def trying(self) -> Iterator[None]:
        """While this lasts, nothing that is written stays."""
        outer, self.block = self.block, Block()
        before, values = set(self.function.fresh), dict(self.values)
        try:
            yield
        finally:
            self.block, self.function.fresh, self.values = outer, before, values

    def aside(self, node: e.Expression) -> tuple[Block, Sql]:
        """An expression that is not always worked out: the statements it needs, and its value behind them."""
        with self.into(Block()) as block:
            value = self.translate(node)
        return block, value

    def fail(self, code: Code, message: str, *, hint: str | None = None, block: Block | None = None) -> None:
        """Write a statement that ends in a failure. `message` is SQL."""
        using = [f"ERRCODE = '{sqlstate(code)}'", f"MESSAGE = {message}"]
        if hint is not None:
            using.append(f"HINT = {quoted_text(hint)}")
        (self.block if block is None else block).say(f"RAISE EXCEPTION USING {', '.join(using)};")

    def text(self, value: str) -> str:
        """A text as SQL."""
        return self.spelling.constant_text(value, t.Text())

    # ---------------------------------------------------------------------------------------------------------- places

    def arrive(self, step: s.Step) -> int:
        """Write that the run gets to a step; gives the number of its site."""
        self.at = self.function.site(Site(self.verb.name, self.verb.source, step.place, self.stage))
        self.return_to()
        return self.at

    def return_to(self) -> None:
        """Write that the run is back at the step that it was at."""
        if self.function.tells:
            self.block.say(f"at_ := {self.at};")

    @contextmanager
    def in_stage(self, title: str) -> Iterator[None]:
        """While this lasts, steps belong to this stage."""
        outer, self.stage = self.stage, title
        try:
            yield
        finally:
            self.stage = outer

    # ------------------------------------------------------------------------------------------------------------ rows

    def row_of(self, node: e.Expression, *, hint: str = "row") -> RowVariable:
        """The variables of the row that an expression is, which is of one table and not empty."""
        value = self.translate(node)
        assert isinstance(node.type, t.Row)
        value = rows.as_row(value, t.Row(node.type.tables[:1]), self)
        if not (isinstance(bare(node), e.Local) and self.is_variable(value)):
            value = self.held(value, hint)
        return self.function.row(self.schema.tables[node.type.tables[0]], value)

    def told(self, value: Sql) -> str:
        """A value as a failure's message writes it: rows by their primary keys, so that nothing is read."""
        return texts.shown(value, self, tuple(self.schema.tables))
