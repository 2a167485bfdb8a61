"""Typed expressions over the shop's tables, drawn from a source of random numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.plan.host_functions import host_functions
from actionlang.plan.verify_place import unsized
from tests.strategies.rows import Rows
from tests.strategies.shop import tables
from tests.strategies.values import constant

TEXT, INTEGER, DECIMAL, BOOLEAN = t.Text(), t.Integer(), t.Decimal(), t.Boolean()
DATE, DATETIME, DURATION, ID = t.Date(), t.DateTime(), t.Duration(), t.Id()
FLOAT = t.Float()
LEVEL, COLOR, STATUS = (t.Choice(f"example.{name}") for name in ("Level", "Color", "item.status"))
SCALARS = (TEXT, INTEGER, DECIMAL, BOOLEAN, DATE, DATETIME, DURATION, LEVEL, COLOR, STATUS, FLOAT)
ORDERED = (TEXT, INTEGER, DECIMAL, BOOLEAN, DATE, DATETIME, DURATION, LEVEL, FLOAT)
TAGS = t.Choices("example.Color")
USER = t.Row(("core.user",))
FUNCTIONS = [
    (name, overload, signature)
    for (name, overload), signature in host_functions().items()
    if signature.result in SCALARS and all(each in SCALARS for each in signature.parameters) and name != "power"
]
BIG_RESULT = frozenset({"repeat", "pad_left", "pad_right"})
"""Functions whose result is as long as a number says: called with small ones."""

ARITHMETIC: dict[t.Type, tuple[tuple[str, t.Type, t.Type], ...]] = {
    INTEGER: tuple((sign, INTEGER, INTEGER) for sign in "+-*+-"),
    DECIMAL: (
        *((sign, DECIMAL, DECIMAL) for sign in "+-*/"), ("/", INTEGER, INTEGER), ("/", DURATION, DURATION),
    ),
    DURATION: (
        ("+", DURATION, DURATION), ("-", DURATION, DURATION), ("*", DURATION, INTEGER), ("*", DURATION, DECIMAL),
        ("/", DURATION, DECIMAL), ("-", DATE, DATE), ("-", DATETIME, DATETIME),
    ),
    FLOAT: tuple((sign, FLOAT, FLOAT) for sign in "+-*/"),
    DATE: (("+", DATE, DURATION), ("-", DATE, DURATION)),
    DATETIME: (("+", DATETIME, DURATION), ("-", DATETIME, DURATION)),
}  # fmt: skip


def row_type(*names: str) -> t.Row:
    """The type of rows of tables, by short names."""
    return t.Row(tuple(tables()[name].name for name in names))


def table_of(type_: t.Row) -> Table:
    """The first table of a row's type."""
    return tables()[type_.tables[0].rpartition(".")[2]]


def literal(type_: t.Type, value: object) -> e.Literal:
    return e.Literal(type_, value is None, value)


def empty(type_: t.Type) -> e.Convert:
    return e.Convert(type_, True, literal(t.Empty(), None))


def local(name: str, type_: t.Type, optional: bool = False) -> e.Local:
    return e.Local(type_, optional, name)


def plain(node: e.Expression) -> e.Expression:
    """A sized text or number as one without size."""
    type_ = node.type
    wanted = DECIMAL if isinstance(type_, t.Money) else unsized(type_)
    return node if wanted == type_ else e.Convert(wanted, node.optional, node)


def of(row: e.Expression, column: Column) -> e.Column:
    """A column of a row."""
    return e.Column(column.type, column.optional or row.optional, row, column.name)


def both(*conditions: e.Expression) -> e.And:
    return e.And(BOOLEAN, False, conditions)


def is_empty(node: e.Expression) -> e.IsEmpty:
    return e.IsEmpty(BOOLEAN, False, node)


def filled(node: e.Expression) -> e.Not:
    return e.Not(BOOLEAN, False, is_empty(node))


def narrowed(node: e.Expression, type_: t.Type | None = None) -> e.Narrow:
    return e.Narrow(type_ or node.type, False, node)


class Expressions:
    """Draws expressions that fit the locals in scope. `rows` are those that constants name."""

    def __init__(self, random: Random, rows: Rows) -> None:
        self.random = random
        self.rows = rows
        self.locals: dict[str, tuple[t.Type, bool]] = {}
        self.gone: set[str] = set()
        self.results: dict[str, tuple[tuple[str, t.Type, bool], ...]] = {}
        self.in_else = False
        self.count = 0
        self.calm = random.random() < 0.75
        self.functions: list[Any] = []

    def one(self, choices: Any) -> Any:
        """One of several."""
        return choices[int(self.random.random() * len(choices))]

    def chance(self, share: float) -> bool:
        """True in such a share of cases."""
        return self.random.random() < share

    def fresh(self, type_: t.Type, optional: bool = False, word: str = "v") -> str:
        """A new local."""
        self.count += 1
        name = f"{word}{self.count}"
        self.locals[name] = (type_, optional)
        return name

    @contextmanager
    def block(self) -> Iterator[None]:
        """A scope of its own."""
        before = dict(self.locals)
        yield
        self.locals = before

    def locals_of(self, type_: t.Type, optional: bool = False) -> list[e.Expression]:
        """The locals of a type."""
        return [
            local(name, type_, optional)
            for name, found in self.locals.items()
            if found == (type_, optional) and name not in self.gone
        ]

    # -------------------------------------------------------------------------------------------------------- rows

    def row(self, type_: t.Row, depth: int = 1) -> e.Expression:
        """A row, never empty."""
        if len(type_.tables) > 1:
            part = [name for name in type_.tables if self.rows[name] or self.locals_of(t.Row((name,)))]
            return e.Convert(type_, False, self.row(t.Row((self.one(part or type_.tables),)), depth))
        known = self.locals_of(type_)
        if type_ == USER and self.chance(0.3):
            return e.Caller(USER, False)
        if known and not self.chance(0.15):
            return self.one(known)
        if depth and self.chance(0.5):
            paths = self.paths(type_, optional=True)
            if paths:
                return e.Otherwise(type_, False, self.one(paths), self.row(type_, depth - 1))
        if known and self.chance(0.7):
            return self.one(known)
        return self.by_key(type_)

    def paths(self, type_: t.Type, *, optional: bool) -> list[e.Expression]:
        """Columns of this type of the rows in scope; those that may be empty where asked for."""
        found: list[e.Expression] = []
        for name, (known, empty_) in self.locals.items():
            if not isinstance(known, t.Row) or name in self.gone:
                continue
            if len(known.tables) > 1:
                continue
            for column in table_of(known).columns:
                if column.type == type_ or (not isinstance(type_, t.Row) and unsized_kin(column.type) == type_):
                    node = of(local(name, known, empty_), column)
                    if node.optional is optional:
                        found.append(node)
        return found

    def by_key(self, type_: t.Row) -> e.Expression:
        """A row by one of its keys, most often one that is there."""
        table = table_of(type_)
        primary = tuple(column.name for column in table.primary)
        key = self.one((primary, *table.keys)) if table.keys and len(table.keys[0]) == 1 else primary
        there = self.rows[table.name]
        if there and not (self.chance(0.03) and not self.calm):
            known = self.one(there)
            parts = known.key if len(primary) > 1 else (known.key,)
            values = dict(known.values) | dict(zip(primary, parts, strict=True))
            if all(values[name] is not None for name in key):
                types = [unsized_kin(table.by_name[name].type) for name in key]
                return e.RowByKey(
                    type_, False, table.name, key,
                    tuple(literal(each, values[name]) for each, name in zip(types, key, strict=True)),
                )  # fmt: skip
        if primary != key:
            return self.by_key(type_)
        nowhere = {ID: "00000000-0000-7000-8000-0000000000ff", INTEGER: 77, TEXT: "no"}
        types = [unsized_kin(column.type) for column in table.primary]
        return e.RowByKey(type_, False, table.name, key, tuple(literal(each, nowhere[each]) for each in types))

    # ------------------------------------------------------------------------------------------------------ values

    def constant(self, type_: t.Type) -> e.Expression:
        """A constant; far out only in programs that are not calm."""
        value = constant(type_, self.random)
        for _ in range(8):
            if not self.calm or _is_small(value):
                break
            value = constant(type_, self.random)
        return literal(type_, value)

    def maybe(self, type_: t.Type, depth: int) -> e.Expression:
        """A value that may be empty, for a place where it may."""
        if isinstance(type_, t.Row):
            paths = self.paths(type_, optional=True) + self.locals_of(type_, True)
        else:
            paths = self.paths(unsized_kin(type_), optional=True) + self.locals_of(unsized_kin(type_), True)
        if paths and (self.chance(0.35) or type_ == TAGS):
            return self.one(paths)
        if self.chance(0.12) or type_ == TAGS:
            return empty(type_)
        return self.value(type_, depth)

    def value(self, type_: t.Type, depth: int) -> e.Expression:
        """A value of a type, never empty."""
        if isinstance(type_, t.Row):
            return self.row(type_)
        if isinstance(type_, t.ListOf):
            return e.ListLiteral(type_, False, tuple(self.value(type_.item, 0) for _ in range(self.one((1, 2)))))
        type_ = unsized_kin(type_)
        if self.chance(0.25):
            return self.constant(type_)
        known = self.locals_of(type_)
        if known and self.chance(0.5):
            return self.one(known)
        if depth <= 0:
            paths = self.paths(type_, optional=False)
            return plain(self.one(paths)) if paths and self.chance(0.6) else self.constant(type_)
        ways: list[Callable[[], e.Expression]] = [
            lambda: self.filled_path(type_, depth),
            lambda: self.otherwise(type_, depth),
            lambda: self.otherwise(type_, depth),
        ]
        if type_ in ARITHMETIC:
            ways += [lambda: self.arithmetic(type_, depth - 1)] * 2
        ways += [lambda: self.host_call(type_, depth - 1), *[lambda: self.aggregate(type_, depth - 1)] * 2]
        if type_ == TEXT:
            ways += [lambda: self.template(depth - 1)] * 2
        if type_ == BOOLEAN:
            ways = [lambda: self.condition(depth)]
        if type_ in (INTEGER, DECIMAL, DURATION, FLOAT):
            ways.append(lambda: e.Negate(type_, False, self.value(type_, depth - 1)))
        if type_ == DECIMAL:
            ways.append(lambda: e.Convert(DECIMAL, False, self.value(INTEGER, depth - 1)))
        outputs = [
            e.OutputOf(each, False, e.Local(t.Outputs(self.locals[name][0].verb), False, name), output)  # type: ignore[attr-defined]
            for name, found in self.results.items()
            if name in self.locals
            for output, each, optional in found
            if each == type_ and not optional
        ]
        if outputs:
            ways += [lambda: self.one(outputs)] * 3
        ways += [lambda verb=verb: self.verb_call(verb) for verb in self.functions if verb.outputs[0].type == type_] * 4
        return self.one(ways)()

    def verb_call(self, verb: Any) -> e.Expression:
        """A call of a function written in the language."""
        on = None if verb.binding is None else self.row(t.Row((verb.binding.table,)))
        arguments = tuple((each.name, self.value(each.type, 1)) for each in verb.inputs)
        return e.CallVerb(verb.outputs[0].type, verb.outputs[0].optional, verb.name, on, arguments)

    def filled_path(self, type_: t.Type, depth: int) -> e.Expression:
        paths = self.paths(type_, optional=False)
        return plain(self.one(paths)) if paths else self.value(type_, depth - 1)

    def otherwise(self, type_: t.Type, depth: int) -> e.Expression:
        """A value that may be empty, read through up to two lookups, and what stands in for it."""
        rows = [
            found
            for name in ("account", "item", "person", "cell", "counter", "line", "user")
            if self.chance(0.3)
            for found in self.paths(row_type(name), optional=True)
        ]
        paths = self.paths(type_, optional=True) + self.locals_of(type_, True)
        for row in rows:
            assert isinstance(row.type, t.Row)
            paths += [of(row, each) for each in table_of(row.type).columns if unsized_kin(each.type) == type_]
        if not paths:
            return self.value(type_, depth - 1)
        return e.Otherwise(type_, False, plain(self.one(paths)), self.value(type_, depth - 1))

    def arithmetic(self, type_: t.Type, depth: int) -> e.Expression:
        sign, left, right = self.one(ARITHMETIC[type_])
        second = self.value(right, depth)
        if sign == "/" and right != DURATION and self.calm:
            second = literal(right, divisor(right))
        if type_ == DATE and self.chance(0.8):
            second = literal(DURATION, constant(DURATION, self.random))
        return e.Arithmetic(type_, False, sign, self.value(left, depth), second)

    def host_call(self, type_: t.Type, depth: int) -> e.Expression:
        fitting = [each for each in FUNCTIONS if each[2].result == type_]
        if not fitting:
            return self.constant(type_)
        name, overload, signature = self.one(fitting)
        arguments = [self.value(each, depth) for each in signature.parameters]
        for number, each in enumerate(signature.parameters):
            if each == INTEGER and (name in BIG_RESULT or self.chance(0.7)):
                arguments[number] = literal(INTEGER, self.random.randint(0 if name in BIG_RESULT else -2, 6))
        if overload.endswith("text") and name in ("date_in_zone", "datetime_at"):
            arguments[-1] = literal(TEXT, self.one(["Europe/Berlin", "America/St_Johns", "UTC", "Nowhere"]))
        return e.CallFunction(type_, False, name, overload, tuple(arguments))

    def template(self, depth: int) -> e.Expression:
        parts: list[str | e.Expression] = [self.one(("", "x", "é ", "{", "%"))]
        for _ in range(self.one((1, 1, 2))):
            if self.chance(0.2):
                parts.append(self.row(row_type(self.one(("item", "account", "user", "cell", "counter", "line")))))
            else:
                parts.append(plain(self.value(self.one(SCALARS), depth)))
            parts.append(self.one(("", "-", "b")))
        return e.Template(TEXT, False, tuple(part for part in parts if part != ""))

    # ----------------------------------------------------------------------------------------------------- queries

    def query(self, name: str, depth: int, tied: float = 0.6) -> e.Query:
        """A query, often of rows that refer to one in scope; its row is in scope from here on."""
        type_ = row_type(name)
        before = dict(self.locals)
        row = self.fresh(type_, word=name)
        conditions: list[e.Expression] = []
        if self.chance(tied):
            ties = [
                e.Compare(BOOLEAN, False, "=", of(local(row, type_), column), local(known, found))
                for column in table_of(type_).columns
                if isinstance(column.type, t.Row)
                for known, (found, optional) in before.items()
                if found == column.type and not optional and known not in self.gone
            ]
            if ties:
                conditions.append(self.one(ties))
        if (not conditions or self.chance(0.3)) and self.chance(0.7):
            conditions.append(self.about(local(row, type_), depth))
        where = None if not conditions else conditions[0] if len(conditions) == 1 else both(*conditions)
        return e.Query(type_.tables[0], row, where)

    def about(self, row: e.Expression, depth: int) -> e.Expression:
        """A condition on one of a row's columns."""
        assert isinstance(row.type, t.Row)
        column = self.one([each for each in table_of(row.type).columns if not each.primary])
        node = of(row, column)
        if isinstance(column.type, t.Row | t.Choices):
            return self.one((is_empty, filled))(node)
        type_ = unsized_kin(column.type)
        if node.optional and self.chance(0.3):
            return self.one((is_empty, filled))(node)
        if node.optional and type_ in ORDERED and self.chance(0.3):
            test = e.Compare(
                BOOLEAN, False, self.one(("<", "<=", ">", ">=")), plain(narrowed(node)), self.value(type_, depth - 1)
            )
            return both(filled(node), test) if self.chance(0.6) else e.Or(BOOLEAN, False, (is_empty(node), test))
        return e.Compare(BOOLEAN, False, self.one(("=", "!=")), plain(node), self.maybe(type_, depth - 1))

    def ordering(self, row: e.Expression) -> tuple[e.Ordering, ...]:
        """What rows are ordered by."""
        assert isinstance(row.type, t.Row)
        found = [each for each in table_of(row.type).columns if unsized_kin(each.type) in ORDERED]
        return tuple(
            e.Ordering(plain(of(row, self.one(found))), self.chance(0.5)) for _ in range(self.one((0, 1, 1, 2)))
        )

    def aggregate(self, type_: t.Type, depth: int) -> e.Expression:
        name = self.one(("item", "line", "line", "account", "counter", "cell", "entry", "person"))
        with self.block():
            query = self.query(name, depth)
            if type_ == INTEGER and self.chance(0.6):
                return e.Aggregate(INTEGER, False, "count", query, None)
            row = local(query.row, row_type(name))
            kinds = ["min", "max"] if type_ in ORDERED else []
            if type_ in (INTEGER, DECIMAL, DURATION, FLOAT):
                kinds += ["sum", "sum"]
            if type_ in (DECIMAL, DURATION, FLOAT):
                kinds.append("average")
            columns = [each for each in table_of(row.type).columns if unsized_kin(each.type) == type_]  # type: ignore[arg-type]
            if not kinds or not columns:
                return self.constant(type_)
            kind = self.one(kinds)
            column = self.one(columns)
            value = of(row, column)
            money = isinstance(column.type, t.Money)
        made = aggregate_of(kind, query, value if money else plain(value))
        if kind == "sum":
            return plain(made)
        return e.Otherwise(type_, False, plain(made), self.value(type_, depth - 1))

    # -------------------------------------------------------------------------------------------------- conditions

    def condition(self, depth: int) -> e.Expression:
        ways: list[Callable[[], e.Expression]] = [lambda: self.comparison(depth)] * 3
        rows = [(name, found) for name, (found, empty_) in self.locals.items()
                if isinstance(found, t.Row) and len(found.tables) == 1 and not empty_ and name not in self.gone]  # fmt: skip
        if rows:
            ways += [lambda: self.about(local(*self.one(rows)), depth)] * 3
        if depth > 0:
            ways += [
                lambda: e.Not(BOOLEAN, False, self.condition(depth - 1)),
                lambda: self.one((e.And, e.Or))(BOOLEAN, False, (self.condition(depth - 1), self.condition(depth - 1))),
                lambda: self.one((e.And, e.Or))(BOOLEAN, False, (self.condition(depth - 1), self.condition(depth - 1))),
                lambda: self.membership(depth - 1),
                lambda: self.exists(depth - 1),
                lambda: self.about_rows(),
                lambda: self.host_call(BOOLEAN, depth - 1),
            ]
        return self.one(ways)()

    def comparison(self, depth: int) -> e.Expression:
        if self.chance(0.15):
            type_: t.Type = row_type(self.one(("item", "account", "user")))
            return e.Compare(BOOLEAN, False, self.one(("=", "!=")), self.maybe(type_, 0), self.maybe(type_, 0))
        type_ = self.one(SCALARS)
        if type_ in ORDERED and self.chance(0.6):
            left, right = self.value(type_, depth - 1), self.value(type_, depth - 1)
            return e.Compare(BOOLEAN, False, self.one(("<", "<=", ">", ">=")), left, right)
        left, right = plain(self.maybe(type_, depth - 1)), plain(self.maybe(type_, depth - 1))
        return e.Compare(BOOLEAN, False, self.one(("=", "!=")), left, right)

    def membership(self, depth: int) -> e.Expression:
        tags = self.paths(TAGS, optional=True)
        if tags and self.chance(0.3):
            path = self.one(tags)
            return both(filled(path), e.In(BOOLEAN, False, self.maybe(COLOR, 0), narrowed(path)))
        lists = [
            name for name, (found, _) in self.locals.items() if isinstance(found, t.ListOf) and found.item in SCALARS
        ]
        if lists and self.chance(0.6):
            name = self.one(lists)
            found = self.locals[name][0]
            assert isinstance(found, t.ListOf)
            return e.In(BOOLEAN, False, plain(self.maybe(found.item, depth)), local(name, found))
        type_ = self.one((TEXT, INTEGER, LEVEL, STATUS, DATE, DECIMAL))
        items = tuple(self.value(type_, depth) for _ in range(self.one((1, 2, 3))))
        return e.In(BOOLEAN, False, plain(self.maybe(type_, depth)), e.ListLiteral(t.ListOf(type_), False, items))

    def exists(self, depth: int) -> e.Expression:
        with self.block():
            return e.Aggregate(
                BOOLEAN, False, "exists", self.query(self.one(("item", "line", "entry", "counter")), depth), None
            )

    def about_rows(self) -> e.Expression:
        """A question about the tree a row stands in, or about the table it is of."""
        known = [
            name for name, (found, empty_) in self.locals.items() if found == row_type("item") and name not in self.gone
        ]
        if not known:
            return self.comparison(0)
        name = self.one(known)
        item = local(name, row_type("item"), self.locals[name][1])
        if self.chance(0.5):
            column = tables()["item"].by_name["customer"]
            return e.IsTable(BOOLEAN, False, of(item, column), f"example.{self.one(('account', 'person'))}")
        kind = self.one(("item", "account"))
        above = self.row(row_type(kind))
        row = item if kind == "item" else of(item, tables()["item"].by_name["account"])
        return e.Under(BOOLEAN, False, row, above, "parent")


def aggregate_of(kind: str, query: e.Query, value: e.Expression) -> e.Aggregate:
    """An aggregate with its type."""
    type_ = value.type
    if kind == "average" and type_ not in (DURATION, FLOAT):
        type_ = DECIMAL
    return e.Aggregate(type_, kind != "sum", kind, query, value)


def unsized_kin(type_: t.Type) -> t.Type:
    """The type that expressions of a column's type are brought to."""
    return DECIMAL if isinstance(type_, t.Money | t.Decimal) else TEXT if isinstance(type_, t.Text) else type_


def divisor(type_: t.Type) -> object:
    """A divisor that is none of the dangerous ones."""
    return 4 if type_ == INTEGER else 1.6 if type_ == FLOAT else Decimal("1.6")


def _is_small(value: object) -> bool:
    if isinstance(value, int | Decimal | float):
        return abs(value) <= 100
    if isinstance(value, datetime | date):
        return 1900 < value.year < 2100
    return True
