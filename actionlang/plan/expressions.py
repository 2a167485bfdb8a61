"""Typed expressions of a plan.

Every expression says its `type` and whether its value may be empty (`optional`). Tables, choices and verbs go by full
name (`helpdesk.case`). Operands have exactly the types their operator takes: where the source relied on a conversion
(an integer where a decimal is wanted) there is a `Convert`; where it relied on narrowing there is a `Narrow`.
"""

from __future__ import annotations

import attrs

from actionlang.metadata.types import Type


@attrs.frozen
class Expression:
    """Base of expressions."""

    type: Type
    optional: bool


@attrs.frozen
class Literal(Expression):
    """A constant. `value` is None for `empty`, else the Python value of the type: str, int, Decimal, bool, date, datetime
    (aware, UTC), timedelta; for an `id` its canonical text; for a choice the member's name."""

    value: object


@attrs.frozen
class Local(Expression):
    """A row or value by the name it has in this verb: a binding, a parameter, an `as`, a `let`, a loop's or query's row.
    Locals of one verb have different names, except in branches that exclude each other's scope (see `Verb`)."""

    name: str


@attrs.frozen
class Caller(Expression):
    """The user who calls; a run without one fails when it gets here."""


@attrs.frozen
class FailureMessage(Expression):
    """In the else block of an attempt: what the failure said."""


@attrs.frozen
class Column(Expression):
    """A column of a row. When `row` is optional and empty the value is empty. On a row of several tables every table has
    the column, with one type."""

    row: Expression
    column: str


@attrs.frozen
class OutputOf(Expression):
    """An output of a performed verb; `result` is a local of type Outputs."""

    result: Expression
    output: str


@attrs.frozen
class RowByKey(Expression):
    """The row whose key columns have these values; a run fails when there is none.
    `columns` are the table's whole primary key or one whole alternate key."""

    table: str
    columns: tuple[str, ...]
    values: tuple[Expression, ...]


@attrs.frozen
class Narrow(Expression):
    """`operand`, known here not to be empty, or to be a row of fewer tables, by what the flow has tested.
    `type` and `optional` say what is known."""

    operand: Expression


@attrs.frozen
class Convert(Expression):
    """`operand` as `type`, a conversion that never fails: integer, decimal(p,s) or money to
    decimal, text(n) to text, a row to a row of more tables, an empty literal to any type. Empty stays empty."""

    operand: Expression


@attrs.frozen
class Not(Expression):
    operand: Expression


@attrs.frozen
class And(Expression):
    """Left to right, only as far as needed."""

    operands: tuple[Expression, ...]


@attrs.frozen
class Or(Expression):
    """Left to right, only as far as needed."""

    operands: tuple[Expression, ...]


@attrs.frozen
class Compare(Expression):
    """`operator` is one of = != < <= > >=. For = and != operands may be empty, and empty equals empty."""

    operator: str
    left: Expression
    right: Expression


@attrs.frozen
class IsEmpty(Expression):
    operand: Expression


@attrs.frozen
class IsTable(Expression):
    """Whether a row is of this table; an empty one is not."""

    operand: Expression
    table: str


@attrs.frozen
class In(Expression):
    """Whether `item` equals one of `collection`'s items (a list, or a `choices` value). An empty item is in no list."""

    item: Expression
    collection: Expression


@attrs.frozen
class Under(Expression):
    """Whether `row` is `ancestor` or below it in the tree that the `hierarchy` column makes; empty is under nothing."""

    row: Expression
    ancestor: Expression
    column: str


@attrs.frozen
class Otherwise(Expression):
    """`operand` unless it is empty, else `fallback`."""

    operand: Expression
    fallback: Expression


@attrs.frozen
class Arithmetic(Expression):
    """`operator` is one of + - * /. Types (left, right -> result):
    integer,integer -> integer (`/`: decimal); decimal,decimal -> decimal; duration,duration -> duration (+ -);
    duration,duration -> decimal (/); duration,integer -> duration (*); duration,decimal -> duration (* /);
    date,duration -> date (+ -; whole days only); datetime,duration -> datetime (+ -); datetime,datetime -> duration (-);
    date,date -> duration (-); float,float -> float."""

    operator: str
    left: Expression
    right: Expression


@attrs.frozen
class Negate(Expression):
    operand: Expression


@attrs.frozen
class Template(Expression):
    """Text put together from texts and values, none of them optional."""

    parts: tuple[str | Expression, ...]


@attrs.frozen
class ListLiteral(Expression):
    items: tuple[Expression, ...]


@attrs.frozen
class CallFunction(Expression):
    """A function of the host (`function` is its name in the prelude, without module); arguments in parameter order, with
    the parameters' types exactly. `overload` tells same-named functions apart: the parameter types' text joined by `,`."""

    function: str
    overload: str
    arguments: tuple[Expression, ...]


@attrs.frozen
class CallVerb(Expression):
    """A function written in the language, with exactly one output; arguments by parameter name."""

    verb: str
    on: Expression | None
    arguments: tuple[tuple[str, Expression], ...]


@attrs.frozen
class Ordering:
    """One sort key; empty sorts first (last when descending)."""

    value: Expression
    descending: bool


@attrs.frozen
class Query:
    """Rows of a table under a local name, those for which `where` holds, ordered, the primary key breaking ties."""

    table: str
    row: str
    where: Expression | None
    order: tuple[Ordering, ...] = ()
    limit: Expression | None = None


@attrs.frozen
class Aggregate(Expression):
    """`kind` is count, exists, sum, min, max or average; `value` is None for count and exists."""

    kind: str
    query: Query
    value: Expression | None
