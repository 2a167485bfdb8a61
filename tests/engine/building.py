"""Plans put together by hand: the tables of a small helpdesk, and one short word for each kind of expression
and step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs

from actionlang.engine.ids import CountedIds
from actionlang.engine.interpreter.bind import BoundPlan, bind
from actionlang.engine.interpreter.observer import Observer
from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import RowRef, Store
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Default, Member, Moves, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Binding, Effects, Parameter, StepPlan, Verb

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

PRIORITY = t.Choice("desk.Priority")
STATUS = t.Choice("desk.case.status")
CASE = t.Row(("desk.case",))
TEAM = t.Row(("core.team",))
USER = t.USER
TASK = t.Row(("desk.task",))
PARTY = t.Row(("desk.account", "desk.contact"))
ACCOUNT = t.Row(("desk.account",))
LINE = t.Row(("desk.line",))


def column(name: str, type_: t.Type, **known: Any) -> Column:
    """A column stored under its own name."""
    return Column(name, type_, name, **known)


def table(name: str, *columns: Column, **known: Any) -> Table:
    """A table with an id, unless a column is primary already."""
    if not any(each.primary for each in columns):
        columns = (column("id", t.Id(), primary=True), *columns)
    keys = tuple((each.name,) for each in columns if each.key)
    uniques = tuple((each.name,) for each in columns if each.unique)
    known = {"keys": keys, "uniques": uniques} | known
    return Table(name, name.rpartition(".")[2], columns, **known)


CHOICES = (
    Choice("desk.Priority", (Member("low", 1), Member("normal", 2), Member("high", 3))),
    Choice(
        "desk.case.status",
        tuple(Member(name) for name in ("new", "open", "resolved", "cancelled")),
    ),
)

TABLES = (
    table("core.user", column("name", t.Text(200), required=True), column("email", t.Text(), key=True)),
    table("core.team", column("name", t.Text(100), required=True, key=True)),
    table(
        "desk.account",
        column("name", t.Text(100), key=True),
        column("revenue", t.Money()),
        column("parent", ACCOUNT, hierarchy=True),
    ),
    table("desk.contact", column("name", t.Text(100)), column("secret", t.Text(), sensitive=True, key=True)),
    table(
        "desk.case",
        column("number", t.Text(20), key=True),
        column("title", t.Text(200), required=True),
        column("priority", PRIORITY, required=True, default=Default("normal")),
        column(
            "status",
            STATUS,
            moves=(
                Moves("new", ("open", "cancelled")),
                Moves("open", ("resolved", "cancelled")),
                Moves("resolved", ("open",)),
                Moves("cancelled", ()),
            ),
        ),
        column("customer", PARTY),
        column("amount", t.Money()),
        column("rating", t.Decimal(5, 2)),
        column("score", t.Integer()),
        column("due", t.Date()),
        column("opened_on", t.DateTime(), default=Default(function="now")),
        column("opened", t.Date(), default=Default(function="today")),
        column("escalated_on", t.DateTime()),
        column("escalation_reason", t.Text()),
        column("age", t.Duration()),
        column("ratio", t.Float()),
        column("done", t.Boolean(), required=True, default=Default(False)),
        column("owner", t.OWNER),
    ),
    table(
        "desk.task",
        column("subject", t.Text(300), required=True),
        column("regarding", t.Row(("desk.case", "desk.account", "desk.contact"))),
        column("due", t.Date()),
        column("owner", t.OWNER),
    ),
    table(
        "desk.line",
        column("order", t.Integer(), primary=True),
        column("position", t.Integer(), primary=True),
        column("amount", t.Money()),
        column("total", t.Money(), readonly=True),
        column("code", t.Text(5), unique=True),
    ),
    table("desk.weight", column("level", PRIORITY, primary=True), column("value", t.Integer())),
)
BY_NAME = {each.name: each for each in TABLES}


# ------------------------------------------------------------------------------------------------ expressions

INTEGER, TEXT, DECIMAL, BOOLEAN, FLOAT = t.Integer(), t.Text(), t.Decimal(), t.Boolean(), t.Float()
DATE, DATETIME, DURATION, ID = t.Date(), t.DateTime(), t.Duration(), t.Id()

PYTHON_TYPES: dict[type, t.Type] = {str: TEXT, int: INTEGER, Decimal: DECIMAL, bool: BOOLEAN, float: FLOAT}


def lit(value: Any, type_: t.Type | None = None) -> e.Literal:
    """A constant; empty when it is None."""
    return e.Literal(type_ or PYTHON_TYPES[type(value)], value is None, value)


def local(name: str, type_: t.Type, optional: bool = False) -> e.Local:
    return e.Local(type_, optional, name)


def col(row: e.Expression, name: str) -> e.Column:
    """A column, with what the table says of its type."""
    assert isinstance(row.type, t.Row)
    found = BY_NAME[row.type.tables[0]].by_name[name]
    return e.Column(found.type, row.optional or found.optional, row, name)


def number(node: e.Expression) -> e.Convert:
    """A number as decimal."""
    return e.Convert(DECIMAL, node.optional, node)


def known(node: e.Expression, type_: t.Type | None = None) -> e.Narrow:
    """A value known not to be empty."""
    return e.Narrow(type_ or node.type, False, node)


def compare(left: e.Expression, operator: str, right: e.Expression) -> e.Compare:
    return e.Compare(BOOLEAN, False, operator, left, right)


def both(*operands: e.Expression) -> e.And:
    return e.And(BOOLEAN, False, operands)


def either(*operands: e.Expression) -> e.Or:
    return e.Or(BOOLEAN, False, operands)


def arithmetic(left: e.Expression, operator: str, right: e.Expression, type_: t.Type | None = None) -> e.Arithmetic:
    return e.Arithmetic(type_ or left.type, False, operator, left, right)


def call(function: str, overload: str, type_: t.Type, *arguments: e.Expression) -> e.CallFunction:
    return e.CallFunction(type_, False, function, overload, arguments)


def text(*parts: str | e.Expression) -> e.Template:
    return e.Template(TEXT, False, parts)


def by_key(table_name: str, **values: e.Expression) -> e.RowByKey:
    return e.RowByKey(t.Row((table_name,)), False, table_name, tuple(values), tuple(values.values()))


def query(
    type_: t.Row,
    row: str,
    where: e.Expression | None = None,
    order: tuple[tuple[e.Expression, bool], ...] = (),
    limit: e.Expression | None = None,
) -> e.Query:
    return e.Query(type_.tables[0], row, where, tuple(e.Ordering(*each) for each in order), limit)


def aggregate(
    kind: str, source: e.Query, value: e.Expression | None = None, type_: t.Type | None = None
) -> e.Aggregate:
    types = {"count": INTEGER, "exists": BOOLEAN, "average": DECIMAL}
    found = type_ or types.get(kind) or (value.type if value else INTEGER)
    return e.Aggregate(found, kind in ("min", "max", "average"), kind, source, value)


# ------------------------------------------------------------------------------------------------------ steps


def place(line: int = 1) -> s.Place:
    return s.Place(line, 3, line, 9)


def let(name: str, value: e.Expression, line: int = 1) -> s.Let:
    return s.Let(place(line), name, value)


def give(line: int = 1, **values: e.Expression) -> s.Return:
    return s.Return(place(line), tuple(values.items()))


def create(table_name: str, row: str | None = None, line: int = 1, **values: e.Expression) -> s.Create:
    return s.Create(place(line), table_name, row, tuple(values.items()))


def update(row: e.Expression, line: int = 1, **values: e.Expression) -> s.Update:
    return s.Update(place(line), row, tuple(values.items()))


def require(condition: e.Expression, message: str | None = None, line: int = 1) -> s.Require:
    return s.Require(place(line), condition, lit(message) if message else None, "as written")


def verb(
    *steps: s.Step,
    name: str = "desk.Do",
    on: t.Row | None = None,
    inputs: Mapping[str, t.Type] | tuple[Parameter, ...] = (),
    outputs: Mapping[str, t.Type] | None = None,
    kind: str = "action",
) -> Verb:
    """A verb of these steps; on a row, that row is called `this`."""
    binding = Binding(on.tables[0], "this") if on else None
    taken = tuple(Parameter(key, type_) for key, type_ in inputs.items()) if isinstance(inputs, Mapping) else inputs
    given = tuple(Parameter(key, type_, optional=True) for key, type_ in (outputs or {}).items())
    return Verb(name, kind, binding, taken, given, (), False, False, None, "", Effects(), steps, "desk.act", 1)


def plan(entry: Verb, *others: Verb) -> StepPlan:
    verbs = tuple(sorted((entry, *others), key=lambda each: each.name))
    return StepPlan(entry.name, verbs, TABLES, CHOICES)


# ------------------------------------------------------------------------------------------------------- runs


def unit(**known: Any) -> Unit:
    return Unit(known.pop("now", NOW), new_id=CountedIds(NOW), **known)


@attrs.frozen
class Desk:
    """A store with the helpdesk's tables (in memory, unless told otherwise), and ways to look into it."""

    store: Store = attrs.field(factory=lambda: MemoryStore(TABLES, CHOICES))

    def put(self, table_name: str, key: object, **values: object) -> RowRef:
        """Insert a row as it is, no defaults."""
        self.store.prepare_insert(BY_NAME[table_name], tuple(values))(key, tuple(values.values()))
        return RowRef(table_name, key)

    def case(self, key: str, **values: object) -> RowRef:
        """Insert a case that has all it must have."""
        required = {"title": key, "priority": "normal", "status": "open", "done": False}
        return self.put("desk.case", key, **(required | values))

    def get(self, row: RowRef, *names: str) -> tuple[object, ...] | None:
        found = self.store.prepare_read(BY_NAME[row.table], names)(row.key)
        return None if found is None else tuple(found)

    def keys(self, table_name: str) -> list[object]:
        return [row.key for row in self.store.prepare_scan(BY_NAME[table_name], (), ())(())]

    def bind(self, entry: Verb, *others: Verb, observer: Observer | None = None) -> BoundPlan:
        store: Store = self.store
        return bind(plan(entry, *others), store, observer)

    def run(self, entry: Verb, *others: Verb, on: RowRef | None = None, **arguments: object) -> dict[str, object]:
        return self.bind(entry, *others).run(unit(), arguments, on)


def evaluate(node: e.Expression, desk: Desk | None = None, **known: Any) -> Any:
    """What an expression gives in a verb without a row."""
    bound = (desk or Desk()).bind(verb(give(value=node), outputs={"value": node.type}))
    return bound.run(unit(**known))["value"]
