"""A verb worked out once for all targets: what its steps do becomes what is to be staged, guarded, written and recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import attrs

from actionlang.diagnostics.catalogue.run import ROW_GONE
from actionlang.engine.failure import Failure
from actionlang.engine.relational import rows
from actionlang.engine.relational.accesses import ANY, NEW, OWN, ROW, ROWS, Access, Accesses
from actionlang.engine.relational.attempts import At, Failing, Trials, Written
from actionlang.engine.relational.constants import Evaluator, Unknown
from actionlang.engine.relational.levels import Guard, Level, contains
from actionlang.engine.relational.moments import Memory
from actionlang.engine.relational.paths import see_short
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.setscope import SetScope, row_constant
from actionlang.engine.relational.spelling import Spelling
from actionlang.engine.relational.state import Create, Delete, Emitted, Event, KnownRow, Whether
from actionlang.engine.relational.value import Known, Sql
from actionlang.engine.sql.storage import Storage
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.expression_text import expression_text, query_text
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.walk import nodes, type_tables


class Compiler:
    """Collects what a verb does, over all levels. `target` is the row that the verb is on; `alone` says that there is one
    target at most, so that no other's run has to be thought of."""

    def __init__(
        self, plan: StepPlan, spelling: Spelling, storage: Storage, evaluator: Evaluator | Unknown, *, alone: bool
    ) -> None:
        self.plan = plan
        self.spelling = spelling
        self.storage = storage
        self.evaluator = evaluator
        self.alone = alone
        self.verbs = {verb.name: verb for verb in plan.verbs}
        self.accesses = Accesses()
        self.levels: list[Level] = []
        self.rows: dict[tuple[object, ...], KnownRow] = {}
        self.creates: list[Create] = []
        self.deletes: list[Delete] = []
        self.emitted: list[Emitted] = []
        self.target: KnownRow | None = None
        self.memory = Memory()
        self.trials = Trials()
        self._origins: dict[str, str] = {}
        self._turns: list[tuple[KnownRow, Accesses]] = []
        self._choosing = False
        self._aliases = 0
        self._place: s.Place | None = None
        self._verb: str | None = None

    @property
    def explaining(self) -> bool:
        """Whether nothing is run, so that what is the same for all rows has a name instead of a value."""
        return isinstance(self.evaluator, Unknown)

    def new_alias(self) -> str:
        """An alias for a query's row."""
        self._aliases += 1
        return f"r{self._aliases}"

    def new_level(self, table: Table | None, parent: Level | None) -> Level:
        """A level, inside another one or the first."""
        level = Level(len(self.levels), table, parent)
        level.on_stage = self._note_origin
        self.levels.append(level)
        return level

    def _note_origin(self, column: str, text: str) -> None:
        self._origins[column] = self._origins.get(text, text)

    def identity(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        """Cells by what they were before they were staged, so that one row is known again at every level."""
        return tuple(self._origins.get(cell, cell) for cell in cells)

    @contextmanager
    def at(self, step: s.Step, verb: Verb) -> Iterator[None]:
        """While this lasts, what is refused is refused at this step."""
        before = self._place, self._verb
        self._place, self._verb = step.place, verb.name
        try:
            yield
        except NotRelational as refused:
            if refused.place is None:
                refused.place, refused.verb = step.place, verb.name
            raise
        except Failure as failure:
            raise NotRelational(f"it fails for every row: {failure.message}", step.place, verb.name) from None
        finally:
            self._place, self._verb = before

    # -------------------------------------------------------------------------------------------- what is read, written

    def read(self, table: Table, column: str, part: str, known: KnownRow | None = None) -> None:
        """Note a read, of a row that is known or of rows of a part."""
        if self._choosing:
            return
        if not self.alone:
            self.accesses.read(Access(table.name, column, part, self._place, self._verb))
        for row, accesses in self._turns:
            accesses.read(Access(table.name, column, _part_of_turn(known, row), self._place, self._verb))

    def write(self, known: KnownRow, column: str, part: str | None = None) -> None:
        """Note a write into a row; `part` says more exactly who can see it."""
        table = known.table.name
        self.accesses.write(Access(table, column, part or known.part, self._place, self._verb))
        for row, accesses in self._turns:
            accesses.write(Access(table, column, _part_of_turn(known, row), self._place, self._verb))
        if column == ROWS:
            return
        rows_ = self.memory.written.setdefault((table, column), [])
        if known not in rows_:
            rows_.append(known)

    @contextmanager
    def choosing(self) -> Iterator[None]:
        """While this lasts, what is read only says which rows the verb runs on."""
        self._choosing = True
        yield
        self._choosing = False

    @contextmanager
    def turns(self, row: KnownRow) -> Iterator[None]:
        """While this lasts, steps are those of a loop's body, `row` being the loop's row. In the end no turn sees what
        another one wrote.

        Raises NotRelational.
        """
        accesses = Accesses()
        self._turns.append((row, accesses))
        try:
            yield
        finally:
            self._turns.pop()
        accesses.apart("turn of the loop")

    def see_unwritten(self, table: Table, column: str, known: KnownRow | None = None) -> None:
        """See that no other row that may be this one was written in a column before."""
        if table.name in self.memory.gone:
            raise NotRelational(f"{table.short_name} rows are read after some of them were deleted")
        for other in self.memory.written.get((table.name, column), ()):
            if other is known or (known is not None and other.created is not None):
                continue
            raise NotRelational(
                f"`{column}` of a {table.short_name} is read that may be the one in which it was changed before"
            )

    def see_no_new_rows(self, table: Table) -> None:
        """See that a query does not ask for rows that were made or deleted before."""
        if table.name in self.memory.new_rows or table.name in self.memory.gone:
            raise NotRelational(f"{table.short_name} rows are asked for after some of them were created or deleted")

    def note_new_row(self, table: Table) -> None:
        """A row of this table is made."""
        self.memory.new_rows.add(table.name)

    def note_deleted(self, table: Table) -> None:
        """Rows of this table are deleted."""
        self.memory.gone.add(table.name)

    def note_reads(self, node: object) -> None:
        """Note all that an expression or query, the same for all targets, reads by itself, and see that none of it was
        changed before."""
        for each in nodes(node):
            if isinstance(each, e.Query | e.RowByKey):
                table = self.storage.schema.tables[each.table]
                self.see_no_new_rows(table)
                self.read(table, ROWS, ANY)
                for name in each.columns if isinstance(each, e.RowByKey) else ():
                    self._reads(table, name)
            elif isinstance(each, e.Column | e.Under) and isinstance(each.row.type, t.Row):
                for name in each.row.type.tables:
                    self._reads(self.storage.schema.tables[name], each.column)
            elif isinstance(each, e.CallVerb):
                self.note_reads(self.verbs[each.verb].steps)
            elif isinstance(each, e.Template):
                for part in each.parts:
                    if isinstance(part, e.Expression):
                        self._shown(part.type)

    def _shown(self, type_: t.Type) -> None:
        """The key by which a row is written into a text."""
        for name in type_tables(type_):
            table = self.storage.schema.tables[name]
            for column in table.keys[0] if table.keys else ():
                self._reads(table, column)
                self._shown(table.by_name[column].type)

    def _reads(self, table: Table, column: str) -> None:
        self.see_unwritten(table, column)
        self.read(table, column, ANY)

    # ------------------------------------------------------------------------------------------------------- constants

    def constant(self, node: e.Expression, known: Mapping[str, object], scope: SetScope) -> Sql:
        """A value that is the same for all rows."""
        if isinstance(self.evaluator, Unknown):
            return self.named(node, expression_text(node), scope)
        return self.known_value(self.evaluator.value(node, known), node.type, scope)

    def first(self, query: e.Query, known: Mapping[str, object], scope: SetScope) -> Sql:
        """The first row of a query that is the same for all rows."""
        self.note_reads(query)
        row = t.Row((query.table,))
        if isinstance(self.evaluator, Unknown):
            return self.named(e.Local(row, False, query.row), f"the first of {query_text(query)}", scope)
        return self.known_value(self.evaluator.first(query, known), row, scope)

    def known_value(self, value: object, type_: t.Type, scope: SetScope) -> Sql:
        """A value as literals."""
        if isinstance(type_, t.Row):
            return row_constant(value, type_, scope)
        if isinstance(type_, t.ListOf):
            return Sql((), type_, value is None, simple=True, fixed=True, known=Known(value))
        return scope.spelling.literal(value, type_)

    def named(self, node: e.Expression, text: str, scope: SetScope) -> Sql:
        """A value that is known only in a run; `text` is what it is."""
        assert isinstance(self.evaluator, Unknown)
        name = self.evaluator.name(node, node.name if isinstance(node, e.Local) else None, text)
        if isinstance(node.type, t.Row):
            types = rows.cell_types(node.type, scope)
            cells = tuple(f":{name}" if len(types) == 1 else f":{name}_{n}" for n, _ in enumerate(types, 1))
            return Sql(cells, node.type, node.optional, simple=True, fixed=True)
        sql = Sql((f":{name}",), node.type, node.optional, simple=True, fixed=True)
        return scope.spelling.sized(sql, node.type)

    # ------------------------------------------------------------------------------------------------------------ rows

    def row(self, table: Table, key: Sql, scope: SetScope) -> KnownRow:
        """The row with a key, met now or before."""
        identity = (table.name, *self.identity(key.cells))
        found = self.rows.get(identity)
        if found is None:
            part = ROW + " ".join(str(cell) for cell in identity)
            found = self.rows[identity] = KnownRow(
                table, scope.level, attrs.evolve(key, type=t.Row((table.name,))), part
            )
        if scope.level is not found.level or scope.path.always:
            found.reached.add(None)
        else:
            found.reached.add(scope.path.condition(scope).text)
        if found.deleted:
            raise NotRelational(f"a {table.short_name} is used after it was deleted")
        return found

    def meet(self, table: Table, level: Level, key: Sql, part: str) -> KnownRow:
        """A row that a level goes through."""
        known = KnownRow(table, level, key, part)
        self.rows[table.name, *self.identity(key.cells)] = known
        return known

    def alias_of(self, known: KnownRow, level: Level) -> str:
        """Where the columns of a row can be read at a level: it is joined when it is first asked for."""
        identity = (known.table.name, *self.identity(known.key.cells))
        alias = level.joined.get(identity)
        if alias is None:
            alias = level.joined[identity] = f"j{level.number}_{len(level.joins) + 1}"
            key = known.key if known.level is level else known.level.stage(known.key)
            spelling, cells = self.spelling, self.storage.table(known.table.name).key_cells
            condition = " AND ".join(
                spelling.same(f"{alias}.{spelling.quoted(cell.name)}", spelling.writing(cell, text), cell.type, False)
                for cell, text in zip(cells, key.cells, strict=True)
            )
            level.joins.append(f"LEFT JOIN {spelling.table(known.table)} AS {alias} ON {condition}")
            there = f"({key.cells[0]} IS NULL OR {alias}.{spelling.quoted(cells[0].name)} IS NOT NULL)"
            level.expect(there, ROW_GONE.id)
        return alias

    # -------------------------------------------------------------------------------------------------- guards, changes

    def guard(self, scope: SetScope, condition: Sql, code: str, told: Callable[[], Sql] | None = None) -> None:
        """A condition that must hold wherever the verb gets here. Within an attempt the verb goes on the other way where it does
        not, if `told` gives what the failure says."""
        if condition.known is not None and condition.known.value:
            return
        if self._tried(scope, condition, told):
            return
        if self.trials.open:
            self.trials.ends(self._here)
        if condition.known is not None and scope.path.always and not self.explaining:
            raise NotRelational("it fails for every row")
        text = condition.text
        if not scope.path.always:
            text = f"(CASE WHEN {scope.path.condition(scope).text} THEN {text} ELSE {self.spelling.true} END)"
        scope.level.guards.append(Guard(text, code))

    @property
    def _here(self) -> At:
        assert self._place is not None
        assert self._verb is not None
        return At(self._verb, self._place)

    def _tried(self, scope: SetScope, condition: Sql, told: Callable[[], Sql] | None) -> bool:
        """Whether an attempt catches a guard. From here on the verb goes on only where the condition holds."""
        trial = self.trials.of(scope.level)
        if trial is None or told is None:
            return False
        message: Sql | None = None
        if trial.told:
            try:
                message = told()
            except NotRelational:
                return False
            if message.fails:
                return False
        self.forced(scope, condition)
        trial.failures.append(Failing(self._here, scope.path, condition, message))
        scope.path = scope.path.narrowed(condition)
        return True

    def forced(self, scope: SetScope, value: Sql) -> Sql:
        """A value that is worked out here, whoever uses it: where it fails, here it does."""
        if not value.fails or value.fixed:
            return value
        value = self.worked_out(scope, value)
        scope.level.stage(value)
        return attrs.evolve(value, fails=False)

    def worked_out(self, scope: SetScope, value: Sql) -> Sql:
        """A value that is worked out only where the verb gets here, and there in any case."""
        if not value.fails or scope.path.always or value.fixed:
            return value
        path = scope.path.condition(scope)
        cells = tuple(f"(CASE WHEN {path.text} THEN {cell} END)" for cell in value.cells)
        return attrs.evolve(value, cells=cells, optional=True, simple=False)

    def now_or_before(self, scope: SetScope, value: Sql, before: Sql) -> Sql:
        """A column's value behind a write that happens only on some ways."""
        return value if scope.path.always else self.one_of(scope.path.condition(scope), value, before)

    def one_of(self, condition: Sql, value: Sql, otherwise: Sql) -> Sql:
        """A column's value where a condition holds, and another one where it does not."""
        if condition.known is not None:
            return value if condition.known.value else otherwise
        if isinstance(value.type, t.Decimal | t.Money):
            value, otherwise = self.spelling.aligned(value, otherwise)
        cells = tuple(
            one if one == other else f"(CASE WHEN {condition.text} THEN {one} ELSE {other} END)"
            for one, other in zip(value.cells, otherwise.cells, strict=True)
        )
        see_short(*cells)
        return attrs.evolve(
            value,
            cells=cells,
            optional=value.optional or otherwise.optional,
            fails=value.fails or otherwise.fails,
            simple=False,
            fixed=False,
            known=None,
        )

    def written(self, scope: SetScope, name: str, *also: Sql, refusable: bool, takes_id: bool = False) -> Written:
        """Note a write, which is made where the verb gets here and more conditions hold."""
        path = scope.path
        for condition in also:
            path = path.narrowed(condition)
        whether, reached = (Whether(scope, scope.level, path) for _ in range(2))
        written = Written(name, reached, whether, refusable, takes_id)
        self.trials.write(written)
        if refusable:
            self.trials.refusable.append(written)
        return written

    def record(self, event: Event) -> None:
        """Note a change, in order."""
        event.row.level.flow.append(event)

    def called(self, node: e.CallVerb, scope: SetScope) -> Sql:
        """A function of the script, its steps put in place."""
        from actionlang.engine.relational.blocks import inline

        if scope.scans:
            raise NotRelational("a function of the script is called for each row of a query")
        with self.trials.calling():
            outputs = inline(self.verbs[node.verb], node.on, node.arguments, scope)
        return scope.seen(next(iter(outputs.values())))


def _part_of_turn(known: KnownRow | None, row: KnownRow) -> str:
    """Whose a row is among the turns of a loop."""
    if known is row:
        return OWN
    if known is not None and known.created is not None and contains(row.level, known.level):
        return NEW
    return ANY
