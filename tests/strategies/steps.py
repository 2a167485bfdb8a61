"""Steps over the shop's tables, drawn from a source of random numbers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import attrs

from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.flow import must_be_given
from actionlang.plan.plan import Parameter, Verb
from tests.strategies.expressions import (
    INTEGER,
    SCALARS,
    TAGS,
    TEXT,
    Expressions,
    filled,
    literal,
    local,
    narrowed,
    of,
    plain,
    row_type,
    table_of,
    unsized_kin,
)
from tests.strategies.rows import Rows
from tests.strategies.shop import tables
from tests.strategies.values import constant

WRITABLE = ("item", "line", "account", "counter", "cell", "entry", "person")


class Steps(Expressions):
    """Draws steps. `kind` says what the verb may do."""

    def __init__(self, random: Random, rows: Rows, kind: str, prefix: str) -> None:
        super().__init__(random, rows)
        self.kind = kind
        self.prefix = prefix
        self.trying = random.random() < 0.2
        self.calm = self.calm or self.trying
        self.performed: list[Verb] = []
        self.outputs: tuple[Parameter, ...] = ()
        self.line = 1

    def place(self) -> s.Place:
        """Where the next step stands."""
        self.line += 1
        return s.Place(self.line, 3, self.line, 20)

    def steps(self, depth: int, most: int = 3) -> tuple[s.Step, ...]:
        """Some steps, none of which ends the verb in any case."""
        found: list[s.Step] = []
        for _ in range(min(self.random.randint(1, most), self.random.randint(1, most))):
            found += self.some(depth)
        return tuple(found)

    def inside(self, depth: int) -> tuple[s.Step, ...]:
        """The steps of a block."""
        with self.block():
            return self.steps(depth, 2)

    def some(self, depth: int) -> list[s.Step]:
        """One step, and what it needs before it."""
        ways: list[Callable[[int], list[s.Step]]] = [self.let, self.let, self.require, self.find]
        if self.kind == "action":
            ways += (
                [self.update] * 6
                + [self.create] * 4
                + [self.move, self.assign, self.delete, self.of_lookup, self.of_lookup, self.emit, self.emit]
            )
            ways += [self.perform] * (6 if self.performed else 0)
        if depth > 0:
            ways += [self.branch] * 3 + [self.loop, self.loop, self.stage] + [self.attempt] * (8 if self.trying else 1)
            if not self.calm or self.chance(0.3):
                ways += [self.items]
        return self.one(ways)(depth)

    # ------------------------------------------------------------------------------------------------- plain steps

    def let(self, depth: int) -> list[s.Step]:
        type_ = self.one(SCALARS)
        value = self.value(type_, 2) if self.chance(0.7) else plain(self.maybe(type_, 1))
        return [s.Let(self.place(), self.fresh(value.type, value.optional), value)]

    def require(self, depth: int) -> list[s.Step]:
        condition = self.condition(2)
        for _ in range(self.one((0, 1, 1, 2, 2, 3))):
            condition = e.Or(condition.type, False, (condition, self.condition(1)))
        message = self.value(TEXT, 1) if self.chance(0.5) else None
        return [s.Require(self.place(), condition, message, "as written")]

    def find(self, depth: int) -> list[s.Step]:
        name = self.one(WRITABLE)
        optional = self.chance(0.75)
        message = None if optional or self.chance(0.5) else self.value(TEXT, 1)
        with self.block():
            query = self.query(name, 1)
            order = self.ordering(local(query.row, row_type(name)))
        self.locals[query.row] = (row_type(name), optional)
        return [s.Find(self.place(), attrs.evolve(query, order=order), optional, message)]

    def perform(self, depth: int) -> list[s.Step]:
        verb = self.one(self.performed)
        on = None if verb.binding is None else self.row(t.Row((verb.binding.table,)))
        arguments = tuple(
            (each.name, self.value(each.type, 1)) for each in verb.inputs if each.default is None or self.chance(0.6)
        )
        result = None
        if verb.outputs and self.chance(0.8):
            result = self.fresh(t.Outputs(verb.name), word="r")
            self.results[result] = tuple((each.name, unsized_kin(each.type), each.optional) for each in verb.outputs
                                         if each.type == unsized_kin(each.type))  # fmt: skip
        steps: list[s.Step] = [s.Perform(self.place(), verb.name, on, arguments, result)]
        if result is not None and self.results[result] and self.chance(0.7):
            name, type_, optional = self.one(self.results[result])
            value = e.OutputOf(type_, optional, local(result, t.Outputs(verb.name)), name)
            steps.append(s.Let(self.place(), self.fresh(type_, optional), value))
        return steps

    # ----------------------------------------------------------------------------------------------- changing rows

    def target(self, *names: str) -> e.Expression:
        """A row to change: most often one in scope."""
        known = [found for name in names for found in self.locals_of(row_type(name))]
        if known and not self.chance(0.12):
            return self.one(known)
        return self.by_key(row_type(self.one(names)))

    def set_value(self, column: Column) -> e.Expression:
        """A value for a column."""
        if isinstance(column.type, t.Row):
            return self.maybe(column.type, 1) if column.optional else self.row(column.type)
        if column.optional:
            return self.maybe(column.type, 2)
        return self.value(column.type, self.one((0, 1, 2)))

    def values(self, table: Table, row: e.Expression) -> tuple[tuple[str, e.Expression], ...]:
        """What is set in an update."""
        may = [
            each for each in table.columns if not (each.primary or each.moves) and not (each.key and self.chance(0.95))
        ]
        chosen = self.random.sample(may, min(len(may), self.one((1, 1, 2, 3))))
        found: list[tuple[str, e.Expression]] = []
        for column in chosen:
            if (
                unsized_kin(column.type) in (INTEGER, t.Decimal())
                and self.chance(0.4)
                and not isinstance(row, e.RowByKey)
            ):
                found.append((column.name, self.counted_up(column, row)))
            else:
                found.append((column.name, self.set_value(column)))
        return tuple(found)

    def counted_up(self, column: Column, row: e.Expression) -> e.Expression:
        """What the column holds and something more."""
        type_ = unsized_kin(column.type)
        held = plain(of(row, column))
        if held.optional:
            held = e.Otherwise(type_, False, held, literal(type_, constant(type_, Random(1))))
        return e.Arithmetic(type_, False, self.one("+-"), held, self.value(type_, 1))

    def update(self, depth: int) -> list[s.Step]:
        row = self.target("item", "line", "account") if self.chance(0.7) else self.target(*WRITABLE)
        assert isinstance(row.type, t.Row)
        return [s.Update(self.place(), row, self.values(table_of(row.type), row))]

    def of_lookup(self, depth: int) -> list[s.Step]:
        """A row reached through a lookup is changed, where there is one."""
        paths = [
            found for name in ("account", "item", "cell", "line") for found in self.paths(row_type(name), optional=True)
        ]
        if not paths:
            return self.update(depth)
        path = self.one(paths)
        row = narrowed(path)
        assert isinstance(row.type, t.Row)
        change = s.Update(self.place(), row, self.values(table_of(row.type), row))
        if self.chance(0.3):
            return [s.Require(self.place(), filled(path), None, "there"), change]
        return [s.If(self.place(), (s.Branch(filled(path), (change,)),), ())]

    def create(self, depth: int) -> list[s.Step]:
        table = tables()[self.one(("line", "line", "line", *WRITABLE))]
        values: list[tuple[str, e.Expression]] = []
        for column in table.columns:
            if column.moves is not None or (column.primary and column.type == t.Id()):
                continue
            if column.key or column.unique:
                if must_be_given(column) or self.chance(0.3):
                    values.append((column.name, self.key_value(column)))
            elif must_be_given(column) or self.chance(0.4):
                values.append((column.name, self.key_value(column) if column.primary else self.set_value(column)))
        name = self.fresh(row_type(table.short_name), word=table.short_name) if self.chance(0.5) else None
        return [s.Create(self.place(), table.name, name, tuple(values))]

    def key_value(self, column: Column) -> e.Expression:
        """A value for a key, so that it is often new."""
        if isinstance(column.type, t.Row) or column.type == INTEGER:
            return self.set_value(column)
        texts = [plain(each) for each in self.paths(TEXT, optional=False)]
        if texts and self.chance(0.7):
            return e.CallFunction(TEXT, False, "left", "text,integer", (self.one(texts), literal(INTEGER, 3)))
        return literal(TEXT, self.one(("N1", "N2", "N3", "A-0")))

    def assign(self, depth: int) -> list[s.Step]:
        return [s.Assign(self.place(), self.target("item", "account"), self.row(t.Row(("core.user", "core.team"))))]

    def move(self, depth: int) -> list[s.Step]:
        row = self.target("item")
        state = self.one(("open", "open", "done", "done", "new"))
        change = s.Move(self.place(), row, state)
        if isinstance(row, e.Local) and self.chance(0.7):
            status = tables()["item"].by_name["status"]
            sources = [each.state for each in status.moves or () if state in each.targets]
            was = e.Compare(t.Boolean(), False, "=", of(row, status), literal(status.type, self.one(sources)))
            return [s.If(self.place(), (s.Branch(was, (change,)),), ())]
        return [change]

    def delete(self, depth: int) -> list[s.Step]:
        if self.chance(0.6):
            with self.block():
                name = self.one(("line", "entry", "entry"))
                query = self.query(name, 1, tied=1)
                gone = s.Delete(self.place(), local(query.row, row_type(name)))
                return [s.ForEachRow(self.place(), query, (gone,))]
        row = self.target("line", "entry", "cell", "item") if not self.calm else self.target("entry")
        if isinstance(row, e.Local):
            self.gone.add(row.name)
        return [s.Delete(self.place(), row)]

    def emit(self, depth: int) -> list[s.Step]:
        """An event that carries a few values."""
        values: list[tuple[str, e.Expression]] = []
        for number in range(self.one((0, 1, 1, 2, 3))):
            type_ = self.one((*SCALARS, row_type("item"), t.Row(("core.user", "core.team")), TAGS))
            optional = self.chance(0.4)
            values.append((f"v{number}", self.maybe(type_, 1) if optional else self.value(type_, 2)))
        return [s.Emit(self.place(), f"shop.{self.one(('Changed', 'Told'))}", tuple(values))]

    # ------------------------------------------------------------------------------------------------------ blocks

    def ending(self) -> tuple[s.Step, ...]:
        """Steps that end the verb."""
        if self.chance(0.4):
            return (s.Fail(self.place(), self.value(TEXT, 1)),)
        if not self.outputs:
            return (s.Stop(self.place()),)
        return (self.return_(),)

    def return_(self) -> s.Step:
        """Set outputs and end."""
        return s.Return(self.place(), tuple((each.name, self.output(each)) for each in self.outputs
                                            if not each.optional or self.chance(0.8)))  # fmt: skip

    def output(self, each: Parameter) -> e.Expression:
        return self.maybe(each.type, 2) if each.optional else self.value(each.type, 2)

    def branch(self, depth: int) -> list[s.Step]:
        branches = []
        for number in range(self.one((1, 1, 2))):
            condition = self.condition(2 - number)
            body = self.inside(depth - 1)
            if number == 0 and self.chance(0.12):
                with self.block():
                    body = (*self.steps(0, 1), *self.ending()) if self.chance(0.5) else self.ending()
            branches.append(s.Branch(condition, body))
        if self.chance(0.4):
            special = self.one((self.narrowing_branch, self.table_branch))
            branches[0] = special(depth) or branches[0]
        return [s.If(self.place(), tuple(branches), self.inside(depth - 1) if self.chance(0.4) else ())]

    def narrowing_branch(self, depth: int) -> s.Branch | None:
        """A branch for a value that is not empty, which its body reads."""
        type_ = self.one(SCALARS)
        paths = self.paths(type_, optional=True)
        if not paths:
            return None
        path = self.one(paths)
        with self.block():
            use = s.Let(self.place(), self.fresh(type_), plain(narrowed(path)))
            return s.Branch(filled(path), (use, *self.steps(depth - 1, 2)))

    def table_branch(self, depth: int) -> s.Branch | None:
        """A branch for a lookup that leads to one of its tables, in which the row is read as one of that."""
        items = self.locals_of(row_type("item"))
        if not items:
            return None
        customer = of(self.one(items), tables()["item"].by_name["customer"])
        type_ = row_type(self.one(("account", "person")))
        row = narrowed(customer, type_)
        column = self.one(
            [each for each in table_of(type_).columns if not isinstance(each.type, t.Row | t.Choices | t.Id)]
        )
        with self.block():
            value = plain(of(row, column))
            use = s.Let(self.place(), self.fresh(value.type, value.optional), value)
            condition = e.IsTable(t.Boolean(), False, customer, type_.tables[0])
            return s.Branch(condition, (use, *self.steps(depth - 1, 2)))

    def loop(self, depth: int) -> list[s.Step]:
        name = self.one(("line", "line", "item", "entry", "account", "cell"))
        limit = self.value(INTEGER, 0) if not self.calm and self.chance(0.3) else None
        if limit is not None and self.chance(0.8):
            limit = literal(INTEGER, self.random.randint(0, 3))
        with self.block():
            query = self.query(name, 1, tied=0.85)
            order = self.ordering(local(query.row, row_type(name))) if self.chance(0.4) else ()
            gone = set(self.gone)
            body = self.steps(depth - 1, 2)
            self.gone = gone
            if self.chance(0.08):
                body = (*body, s.If(self.place(), (s.Branch(self.condition(1), self.ending()),), ()))
        return [s.ForEachRow(self.place(), attrs.evolve(query, order=order, limit=limit), body)]

    def items(self, depth: int) -> list[s.Step]:
        type_: t.Type = self.one((TEXT, INTEGER))
        items: e.Expression = e.ListLiteral(t.ListOf(type_), False, (self.value(type_, 1), self.value(type_, 0)))
        lists = [(name, found) for name, (found, _) in self.locals.items() if isinstance(found, t.ListOf)]
        if lists:
            name, found = self.one(lists)
            items, type_ = local(name, found), found.item
        with self.block():
            name = self.fresh(type_, word="each")
            return [s.ForEachItem(self.place(), name, items, self.steps(depth - 1, 2))]

    def stage(self, depth: int) -> list[s.Step]:
        return [s.Stage(self.place(), self.one(("One", "Zwei 😀", "it's")), self.inside(depth - 1))]

    def attempt(self, depth: int) -> list[s.Step]:
        """Steps that may fail, most often for some rows only, and what is done then, which mostly asks why."""
        with self.block():
            body = self.steps(depth - 1, 2)
            if self.chance(0.7):
                body = (*body, *self.giving_up(), *(self.steps(depth - 1, 1) if self.chance(0.4) else ()))
        with self.block():
            message = s.Let(self.place(), self.fresh(TEXT), e.FailureMessage(TEXT, False))
            told = (message,) if self.chance(0.7) else ()
            return [s.Attempt(self.place(), body, (*told, *self.steps(depth - 1, 2)))]

    def giving_up(self) -> list[s.Step]:
        """A step that fails, or may."""
        failing = s.Fail(self.place(), self.value(TEXT, 1))
        if self.chance(0.2):
            return [failing]
        if self.chance(0.5):
            return [s.If(self.place(), (s.Branch(self.condition(1), (failing,)),), ())]
        return self.require(0)
