"""Valid plans of all kinds of steps and expressions, built as the checker would build them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import attrs
from hypothesis import strategies as st

from actionlang.metadata import types as t
from actionlang.metadata.tables import Default
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter, StepPlan, Verb
from actionlang.plan.walk import nodes
from tests.plan import running
from tests.plan.samples import (
    ACCOUNT,
    BOOLEAN,
    BY_NAME,
    CASE,
    DATE,
    DATETIME,
    DECIMAL,
    DURATION,
    ID,
    INTEGER,
    MONEY,
    ON_CASE,
    PRIORITY,
    STATUS,
    TASK,
    TEAM,
    TEXT,
    USER,
    at,
    call,
    compare,
    empty,
    is_filled,
    literal,
    local,
    narrow,
    of,
    plan_of,
    verb,
)

X = TypeVar("X")

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)
CONSTANTS: dict[t.Type, st.SearchStrategy[Any]] = {
    TEXT: TEXTS,
    INTEGER: st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 9),
    DECIMAL: st.decimals(-1000, 1000, places=2) | st.integers(0, 9).map(Decimal),
    MONEY: st.decimals(-1000, 1000, places=4),
    BOOLEAN: st.booleans(),
    DATE: st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    DATETIME: st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    DURATION: st.timedeltas(timedelta(days=-400), timedelta(days=400)) | st.integers(0, 9).map(lambda n: timedelta(n)),
    ID: st.uuids().map(str),
    PRIORITY: st.sampled_from(["low", "normal", "high"]),
    STATUS: st.sampled_from(["new", "open", "resolved", "cancelled"]),
}
SCALARS = tuple(CONSTANTS)
KEYS: dict[tuple[str, str], list[str]] = {
    ("core.team", "name"): ["Tier 2"],
    ("helpdesk.account", "name"): ["ACME"],
    ("helpdesk.case", "number"): ["CAS-1"],
    **{(table, "id"): [row for name, row, _ in running.ROWS if name == table] for table, _, _ in running.ROWS},
}
"""Keys of rows that are there, by table and column."""
ROWS = (CASE, TASK, ACCOUNT, TEAM, USER)
FILLED = (
    (CASE, "title"),
    (CASE, "priority"),
    (CASE, "status"),
    (TASK, "subject"),
    (TEAM, "name"),
    (USER, "name"),
    (CASE, "id"),
)
OPTIONAL = (
    (CASE, "number"),
    (CASE, "amount"),
    (CASE, "due"),
    (CASE, "escalated_on"),
    (ACCOUNT, "revenue"),
    (TASK, "estimate"),
)
CALLS = (
    ("upper", "text", TEXT, (TEXT,)),
    ("length", "text", INTEGER, (TEXT,)),
    ("contains", "text,text", BOOLEAN, (TEXT, TEXT)),
    ("round", "decimal,integer", DECIMAL, (DECIMAL, INTEGER)),
    ("today", "", DATE, ()),
    ("now", "", DATETIME, ()),
    ("days", "decimal", DURATION, (DECIMAL,)),
    ("add_months", "date,integer", DATE, (DATE, INTEGER)),
)


class Writer:
    """Writes steps and expressions that fit the locals in scope."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], kind: str) -> None:
        self.draw = draw
        self.kind = kind
        self.locals: dict[str, tuple[t.Type, bool]] = {}
        self.outputs: tuple[Parameter, ...] = ()
        self.count = 0
        self.performed: list[Verb] = []

    def one(self, choices: Any) -> Any:
        """One of several."""
        return self.draw(st.sampled_from(choices))

    def fresh(self, type_: t.Type, optional: bool = False) -> str:
        """A new local."""
        self.count += 1
        name = f"name{self.count}"
        self.locals[name] = (type_, optional)
        return name

    @contextmanager
    def block(self) -> Iterator[None]:
        """A scope of its own."""
        before = dict(self.locals)
        yield
        self.locals = before

    # ------------------------------------------------------------------------------------------------- expressions

    def row(self, type_: t.Row) -> e.Expression:
        """A row of one table, never empty."""
        known = [name for name, found in self.locals.items() if found == (type_, False)]
        if known:
            return local(self.one(known), type_)
        table = BY_NAME[type_.tables[0]]
        key = table.keys[0] if table.keys and self.draw(st.booleans()) else tuple(each.name for each in table.primary)
        values = tuple(self.key_literal(table.name, name) for name in key)
        return e.RowByKey(type_, False, table.name, key, values)

    def key_literal(self, table: str, name: str) -> e.Literal:
        """A constant for a key's column, most often one that a row has."""
        type_ = ID if name == "id" else TEXT
        if self.one(range(10)):
            return literal(type_, self.one(KEYS[table, name]))
        return self.draw_literal(type_)

    def draw_literal(self, type_: t.Type) -> e.Literal:
        """A constant of a type."""
        return literal(type_, self.draw(CONSTANTS[type_]))

    def value(self, type_: t.Type, depth: int = 2) -> e.Expression:
        """A value of a type, never empty."""
        if isinstance(type_, t.Row):
            return self.row(type_) if len(type_.tables) == 1 else self.any_row(type_)
        ways: list[Callable[[], e.Expression]] = [lambda: self.draw_literal(type_)]
        ways += [lambda name=name: local(name, type_) for name, found in self.locals.items() if found == (type_, False)]
        if depth:
            ways += [
                lambda place=place: of(self.row(place[0]), place[1])
                for place in FILLED
                if self.column_type(place) == type_
            ]
            ways += [
                lambda place=place: self.otherwise(place, type_, depth)
                for place in OPTIONAL
                if self.column_type(place) == type_
            ]
            ways += [lambda each=each: self.called(each, depth) for each in CALLS if each[2] == type_]
            ways += [lambda rule=rule: rule(depth - 1) for rule in self.rules(type_)]
        return self.one(ways)()  # type: ignore[no-any-return]

    def column_type(self, place: tuple[t.Row, str]) -> t.Type:
        return BY_NAME[place[0].tables[0]].by_name[place[1]].type

    def any_row(self, type_: t.Row) -> e.Expression:
        """A row for a lookup to several tables."""
        return e.Convert(type_, False, self.row(t.Row((self.one(type_.tables),))))

    def otherwise(self, place: tuple[t.Row, str], type_: t.Type, depth: int) -> e.Expression:
        return e.Otherwise(type_, False, of(self.row(place[0]), place[1]), self.value(type_, depth - 1))

    def called(self, each: tuple[str, str, t.Type, tuple[t.Type, ...]], depth: int) -> e.Expression:
        name, overload, result, parameters = each
        return call(name, overload, result, *(self.value(parameter, depth - 1) for parameter in parameters))

    def rules(self, type_: t.Type) -> list[Callable[[int], e.Expression]]:
        """What makes a value of a type out of others."""
        return {
            TEXT: [
                lambda d: e.Template(
                    TEXT, False, (self.draw(TEXTS), self.value(self.one(SCALARS), d), "{", self.row(CASE))
                ),
                lambda d: e.Convert(TEXT, False, of(self.row(CASE), "title")),
            ],
            INTEGER: [
                lambda d: self.arithmetic(INTEGER, "+-*", INTEGER, INTEGER, d),
                lambda d: e.Negate(INTEGER, False, self.value(INTEGER, d)),
                lambda d: self.aggregate("count", INTEGER, None, d),
            ],
            DECIMAL: [
                lambda d: e.Convert(DECIMAL, False, self.value(self.one([INTEGER, MONEY]), d)),
                lambda d: self.arithmetic(DECIMAL, "+-*/", DECIMAL, DECIMAL, d),
                lambda d: self.arithmetic(DECIMAL, "/", INTEGER, INTEGER, d),
                lambda d: self.arithmetic(DECIMAL, "/", DURATION, DURATION, d),
            ],
            MONEY: [lambda d: self.aggregate("sum", MONEY, "amount", d)],
            BOOLEAN: [lambda d: self.condition(d)],
            DATE: [
                lambda d: e.Otherwise(
                    DATE, False, self.aggregate(self.one(["min", "max"]), DATE, "due", d), self.value(DATE, d)
                )
            ],
            DURATION: [
                lambda d: self.arithmetic(DURATION, "-", DATETIME, DATETIME, d),
                lambda d: self.arithmetic(DURATION, "-", DATE, DATE, d),
                lambda d: self.arithmetic(DURATION, "*", DURATION, self.one([INTEGER, DECIMAL]), d),
            ],
            DATETIME: [lambda d: self.arithmetic(DATETIME, "+-", DATETIME, DURATION, d)],
        }.get(type_, [])

    def arithmetic(self, result: t.Type, operators: str, left: t.Type, right: t.Type, depth: int) -> e.Expression:
        return e.Arithmetic(result, False, self.one(operators), self.value(left, depth), self.value(right, depth))

    def query(self, type_: t.Row, depth: int) -> e.Query:
        """A query whose row is in scope from here on."""
        row = self.fresh(type_)
        where = self.condition(depth, local(row, type_)) if self.draw(st.booleans()) else None
        return e.Query(type_.tables[0], row, where)

    def aggregate(self, kind: str, result: t.Type, column: str | None, depth: int) -> e.Expression:
        with self.block():
            query = self.query(CASE, depth)
            value = None if column is None else of(local(query.row, CASE), column)
        return e.Aggregate(result, kind in ("min", "max"), kind, query, value)

    def condition(self, depth: int, row: e.Expression | None = None) -> e.Expression:
        """A condition, about a row of a case if one is given."""
        ways: list[Callable[[], e.Expression]] = [
            lambda: self.comparison(depth),
            lambda: is_filled(of(self.row(CASE), "amount")),
            lambda: compare(of(self.row(CASE), "due"), "=", empty(DATE)),
            lambda: self.membership(depth),
            lambda: e.IsTable(BOOLEAN, False, of(self.row(CASE), "customer"), "helpdesk.account"),
            lambda: e.Under(BOOLEAN, False, self.row(ACCOUNT), of(self.row(ACCOUNT), "parent"), "parent"),
        ]
        if row is not None and row.type == CASE:
            ways += [lambda: compare(of(row, "status"), "=", self.draw_literal(STATUS))]
        if depth:
            ways += [
                lambda: e.Not(BOOLEAN, False, self.condition(depth - 1, row)),
                lambda: self.one([e.And, e.Or])(
                    BOOLEAN, False, tuple(self.condition(depth - 1, row) for _ in range(2))
                ),
                lambda: self.narrowing(),
            ]
        return self.one(ways)()  # type: ignore[no-any-return]

    def comparison(self, depth: int) -> e.Expression:
        type_ = self.one(SCALARS)
        operators = ["=", "!="] if type_ == STATUS else ["=", "!=", "<", "<=", ">", ">="]
        return compare(self.value(type_, max(depth - 1, 0)), self.one(operators), self.value(type_, max(depth - 1, 0)))

    def membership(self, depth: int) -> e.Expression:
        type_ = self.one([TEXT, INTEGER, PRIORITY, DATE])
        items = tuple(self.value(type_, max(depth - 1, 0)) for _ in range(self.one([1, 2, 3])))
        item = self.value(type_, max(depth - 1, 0))
        return e.In(BOOLEAN, False, item, e.ListLiteral(t.ListOf(type_), False, items))

    def narrowing(self) -> e.Expression:
        """A test and what it allows, in one condition."""
        amount = of(self.row(CASE), "amount")
        if not isinstance(amount.row, e.Local):
            return is_filled(amount)
        tested: tuple[e.Expression, ...] = (is_filled(amount), compare(narrow(amount), ">", self.draw_literal(MONEY)))
        if self.draw(st.booleans()):
            return e.And(BOOLEAN, False, tested)
        return e.Or(BOOLEAN, False, (e.IsEmpty(BOOLEAN, False, amount), tested[1]))

    # ------------------------------------------------------------------------------------------------------- steps

    def steps(self, depth: int) -> tuple[s.Step, ...]:
        """A few steps, none of which ends the verb."""
        return tuple(self.step(depth) for _ in range(self.one([1, 1, 2, 3])))

    def step(self, depth: int) -> s.Step:
        ways: list[Callable[[], s.Step]] = [self.let, self.require, self.find]
        if self.kind != "function":
            ways += [self.create, self.update, self.assign, self.move, self.perform] * 3
        if depth:
            ways += [
                lambda: self.if_(depth - 1),
                lambda: self.for_each_row(depth - 1),
                lambda: self.for_each_item(depth - 1),
                lambda: s.Stage(at(1), self.draw(TEXTS), self.inside(depth - 1)),
                lambda: self.attempt(depth - 1),
            ]
        if self.kind == "test":
            ways += [
                lambda: s.Expect(at(1), self.draw(st.none() | TEXTS.map(lambda x: literal(TEXT, x))), self.inside(0))
            ]
        return self.one(ways)()  # type: ignore[no-any-return]

    def inside(self, depth: int) -> tuple[s.Step, ...]:
        """The steps of a block."""
        with self.block():
            return self.steps(depth)

    def let(self) -> s.Step:
        type_ = self.one(SCALARS)
        value = of(self.row(CASE), "amount") if type_ == MONEY else self.value(type_)
        return s.Let(at(2), self.fresh(value.type, value.optional), value)

    def require(self) -> s.Step:
        message = self.value(TEXT, 1) if self.draw(st.booleans()) else None
        return s.Require(at(3), self.condition(2), message, "as written")

    def find(self) -> s.Step:
        optional = self.draw(st.sampled_from([True, True, False]))
        message = None if optional or self.draw(st.booleans()) else self.value(TEXT, 0)
        with self.block():
            query = self.query(CASE, 1)
            order = (
                e.Ordering(
                    of(local(query.row, CASE), self.one(["due", "title", "priority"])), self.draw(st.booleans())
                ),
            )
        self.locals[query.row] = (CASE, optional)
        return s.Find(at(4), attrs.evolve(query, order=order), optional, message)

    def create(self) -> s.Step:
        values: list[tuple[str, e.Expression]] = [("title", self.value(TEXT)), ("owner", self.value(t.OWNER))]
        if self.draw(st.booleans()):
            values.append(("amount", self.value(DECIMAL)))
        if self.kind == "test":
            values.append(("status", self.draw_literal(STATUS)))
        name = self.fresh(CASE) if self.draw(st.booleans()) else None
        return s.Create(at(5), "helpdesk.case", name, tuple(values))

    def update(self) -> s.Step:
        values = (("due", empty(DATE)), ("title", self.value(TEXT)), ("priority", self.value(PRIORITY)))
        return s.Update(at(6), self.row(CASE), values[: self.one([1, 2, 3])])

    def assign(self) -> s.Step:
        return s.Assign(at(7), self.row(CASE), self.value(t.OWNER))

    def move(self) -> s.Step:
        row = e.RowByKey(CASE, False, "helpdesk.case", ("number",), (self.key_literal("helpdesk.case", "number"),))
        return s.Move(at(8), row, self.one(["open", "resolved", "cancelled"]))

    def perform(self) -> s.Step:
        if not self.performed:
            return self.let()
        target = self.one(self.performed)
        on = self.row(CASE) if target.binding else None
        arguments = tuple((each.name, self.value(each.type, 1)) for each in target.inputs)
        result = None
        if target.outputs and self.draw(st.booleans()):
            result = self.fresh(t.Outputs(target.name))
        return s.Perform(at(9), target.name, on, arguments, result)

    def if_(self, depth: int) -> s.Step:
        row = self.row(CASE)
        amount = of(row, "amount")
        if isinstance(row, e.Local) and self.draw(st.booleans()):
            with self.block():
                body = (s.Let(at(11), self.fresh(MONEY), narrow(amount)), *self.steps(depth))
            branches = [s.Branch(is_filled(amount), body)]
        else:
            branches = [s.Branch(self.condition(1), self.inside(depth))]
        if self.draw(st.booleans()):
            branches.append(s.Branch(self.condition(0), self.inside(0)))
        otherwise = self.inside(depth) if self.draw(st.booleans()) else ()
        if otherwise and self.draw(st.booleans()):
            otherwise = (*otherwise, s.Fail(at(12), self.value(TEXT, 1)))
        return s.If(at(10), tuple(branches), otherwise)

    def for_each_row(self, depth: int) -> s.Step:
        limit = self.value(INTEGER, 0) if self.draw(st.booleans()) else None
        with self.block():
            query = self.query(CASE, 1)
            return s.ForEachRow(at(13), attrs.evolve(query, limit=limit), self.steps(depth))

    def for_each_item(self, depth: int) -> s.Step:
        items = e.ListLiteral(t.ListOf(TEXT), False, (self.value(TEXT, 1), self.value(TEXT, 0)))
        with self.block():
            name = self.fresh(TEXT)
            return s.ForEachItem(at(14), name, items, self.steps(depth))

    def attempt(self, depth: int) -> s.Step:
        body = self.inside(depth)
        with self.block():
            message = s.Let(at(16), self.fresh(TEXT), e.FailureMessage(TEXT, False))
            return s.Attempt(at(15), body, (message, *self.steps(depth)))


@st.composite
def verbs(draw: Any, name: str, kind: str, performed: tuple[Verb, ...] = ()) -> Verb:
    """A verb that may perform others."""
    writer = Writer(draw, kind)
    writer.performed = list(performed)
    bound = kind == "action" and draw(st.booleans())
    if bound:
        writer.locals["case"] = (CASE, False)
    inputs: list[Parameter] = []
    if kind != "test":
        for type_ in draw(st.lists(st.sampled_from(SCALARS), max_size=3)):
            parameter = Parameter(writer.fresh(type_), type_)
            if draw(st.booleans()):
                parameter = attrs.evolve(parameter, default=Default(draw(CONSTANTS[type_])))
            inputs.append(parameter)
    outputs = (
        ()
        if kind == "test"
        else tuple(
            Parameter(f"out{n}", type_) for n, type_ in enumerate(draw(st.lists(st.sampled_from(SCALARS), max_size=2)))
        )
    )
    steps = writer.steps(2)
    if outputs:
        steps = (*steps, s.Return(at(99), tuple((each.name, writer.value(each.type)) for each in outputs)))
    return verb(
        name,
        *steps,
        kind=kind,
        binding=ON_CASE if bound else None,
        inputs=tuple(inputs),
        outputs=outputs,
        doc=draw(TEXTS),
    )


@st.composite
def plans(draw: Any) -> StepPlan:
    """A plan of one verb, or of one that performs another."""
    kind = draw(st.sampled_from(["action", "action", "function", "test"]))
    inner = (draw(verbs("Inner", "action")),) if kind != "function" and draw(st.booleans()) else ()
    entry = draw(verbs("Outer", kind, inner))
    called = {step.verb for step in _performs(entry)}
    return plan_of(entry, *(each for each in inner if each.name in called))


def _performs(entry: Verb) -> Iterator[s.Perform]:
    return (node for node in nodes(entry.steps) if isinstance(node, s.Perform))
