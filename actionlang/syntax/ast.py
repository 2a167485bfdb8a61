"""The syntax tree: what a script says, before anyone asks what its names mean.

Every node begins with `start` and `end`, code-point offsets into the script. Names are as written; nothing is resolved.
"""

from __future__ import annotations

import datetime as dt
import decimal

import attrs

from actionlang.diagnostics.source import Span


@attrs.frozen
class Node:
    """Something at a place in a script."""

    start: int
    end: int

    @property
    def span(self) -> Span:
        """The place as a span."""
        return Span(self.start, self.end)


@attrs.frozen
class Name(Node):
    """One name, backticks removed."""

    text: str


@attrs.frozen
class Qualified(Node):
    """A name of a table, choice or verb, with the module it is taken from if written (`helpdesk.case`)."""

    qualifier: str | None
    text: str

    def __str__(self) -> str:
        return self.text if self.qualifier is None else f"{self.qualifier}.{self.text}"


@attrs.frozen
class Comment(Node):
    """A `#` or `##` comment, its text without the marks."""

    text: str
    is_doc: bool


# ------------------------------------------------------------------------------------------------------ expressions


@attrs.frozen
class Expression(Node):
    """Base of expressions."""


@attrs.frozen
class NameExpression(Expression):
    """A bare word: a row, a value, a choice's member, a table in a query call; context decides."""

    text: str


@attrs.frozen
class NumberLiteral(Expression):
    """`42` (an int) or `2.50` (a Decimal with the digits as written)."""

    value: int | decimal.Decimal


@attrs.frozen
class DurationLiteral(Expression):
    """`2 days`."""

    value: dt.timedelta


@attrs.frozen
class TextLiteral(Expression):
    """A text without interpolation, escapes resolved."""

    value: str


@attrs.frozen
class Template(Expression):
    """A text with interpolation: alternating parts, never two texts in a row."""

    parts: tuple[str | Expression, ...]


@attrs.frozen
class BooleanLiteral(Expression):
    """`true` or `false`."""

    value: bool


@attrs.frozen
class EmptyLiteral(Expression):
    """`empty`."""


@attrs.frozen
class TypedLiteral(Expression):
    """`date "..."`, `datetime "..."` or `id "..."`; the text is valid (the parser has converted it)."""

    kind: str
    value: dt.date | dt.datetime | str


@attrs.frozen
class ListLiteral(Expression):
    """`(a, b)`: two or more items."""

    items: tuple[Expression, ...]


@attrs.frozen
class Path(Expression):
    """`target.name`; also a qualified name when the target turns out to be a module."""

    target: Expression
    name: Name


@attrs.frozen
class Argument(Node):
    """An argument of a call, with its name when one was written."""

    name: Name | None
    value: Expression


@attrs.frozen
class QueryTail(Node):
    """What may follow a call's arguments: `from TABLE as NAME where CONDITION`. `table` is None when the call's
    argument itself names the table (`count(case as c where ...)`)."""

    table: Qualified | None
    alias: Name | None
    where: Expression | None


@attrs.frozen
class Call(Expression):
    """`callee(arguments tail)`: a function, a row by key or an aggregate; the checker knows which."""

    callee: Expression
    arguments: tuple[Argument, ...]
    tail: QueryTail | None


@attrs.frozen
class Unary(Expression):
    """`not operand` or `-operand`; `operator` is `not` or `-`."""

    operator: str
    operand: Expression


@attrs.frozen
class Binary(Expression):
    """`left operator right`; operator as written (`or and = != < <= > >= in under otherwise + - * /`)."""

    operator: str
    left: Expression
    right: Expression


@attrs.frozen
class IsEmpty(Expression):
    """`operand is empty`, or with `negated` `is not empty`."""

    operand: Expression
    negated: bool


@attrs.frozen
class IsTable(Expression):
    """`operand is TABLE`, for polymorphic lookups."""

    operand: Expression
    table: Qualified
    negated: bool


# ------------------------------------------------------------------------------------------------------- statements


@attrs.frozen
class Statement(Node):
    """Base of statements."""


@attrs.frozen
class Block(Node):
    """`< statements >`, angles included in the span."""

    statements: tuple[Statement, ...]


@attrs.frozen
class BrokenStatement(Statement):
    """Stands where the parser could not read a statement; already complained about."""


@attrs.frozen
class Assignment(Node):
    """`column = value`."""

    column: Name
    value: Expression


@attrs.frozen
class Create(Statement):
    table: Qualified
    alias: Name | None
    assignments: tuple[Assignment, ...]


@attrs.frozen
class Update(Statement):
    row: Expression
    assignments: tuple[Assignment, ...]


@attrs.frozen
class Delete(Statement):
    row: Expression


@attrs.frozen
class Assign(Statement):
    row: Expression
    owner: Expression


@attrs.frozen
class Move(Statement):
    row: Expression
    state: Name


@attrs.frozen
class Perform(Statement):
    verb: Qualified
    arguments: tuple[Argument, ...]
    row: Expression | None
    alias: Name | None


@attrs.frozen
class Inherited(Statement):
    """`inherited(...)` in an override: the steps that it stands above, on the same row."""

    arguments: tuple[Argument, ...]
    alias: Name | None


@attrs.frozen
class Start(Statement):
    """`start Verb(...) on row after DURATION | at WHEN`; at most one of `after` and `at` is set."""

    verb: Qualified
    arguments: tuple[Argument, ...]
    row: Expression | None
    after: Expression | None
    at: Expression | None


@attrs.frozen
class Ordering(Node):
    value: Expression
    descending: bool


@attrs.frozen
class Find(Statement):
    table: Qualified
    alias: Name | None
    optional: bool
    where: Expression | None
    order: tuple[Ordering, ...]
    message: Expression | None


@attrs.frozen
class ForEach(Statement):
    """`source` is a bare or qualified table name, or a list."""

    name: Name
    source: Expression
    where: Expression | None
    order: tuple[Ordering, ...]
    limit: Expression | None
    body: Block


@attrs.frozen
class Branch(Node):
    condition: Expression
    body: Block


@attrs.frozen
class If(Statement):
    """`if` and each `else if` are branches."""

    branches: tuple[Branch, ...]
    otherwise: Block | None


@attrs.frozen
class Attempt(Statement):
    body: Block
    otherwise: Block


@attrs.frozen
class Let(Statement):
    name: Name
    value: Expression


@attrs.frozen
class Require(Statement):
    condition: Expression
    message: Expression | None


@attrs.frozen
class Fail(Statement):
    message: Expression


@attrs.frozen
class Stop(Statement):
    pass


@attrs.frozen
class Emit(Statement):
    event: Qualified
    arguments: tuple[Argument, ...]


@attrs.frozen
class Stage(Statement):
    title: TextLiteral
    body: Block


@attrs.frozen
class Wait(Statement):
    """`wait DURATION`, or with `until` a moment."""

    value: Expression
    until: bool


@attrs.frozen
class Output(Node):
    name: Name
    value: Expression


@attrs.frozen
class Return(Statement):
    outputs: tuple[Output, ...]


@attrs.frozen
class Expect(Statement):
    """`expect failure [text] < ... >`, in tests only."""

    message: Expression | None
    body: Block


# ----------------------------------------------------------------------------------------------------- declarations


@attrs.frozen
class TypeName(Node):
    """A type as written: `text(200)` is name `text`, sizes (200,)."""

    name: Qualified
    sizes: tuple[int, ...]


@attrs.frozen
class ListType(Node):
    item: TypeExpression


@attrs.frozen
class ChoicesType(Node):
    choice: Qualified


@attrs.frozen
class AlternativesType(Node):
    """`account | contact`."""

    tables: tuple[Qualified, ...]


TypeExpression = TypeName | ListType | ChoicesType | AlternativesType


@attrs.frozen
class Modifier(Node):
    """`required`, `unique`, `optional`, ...; `default` has a value, `stored` (`stored as "x"`) has a text, `deprecated` has a
    text and, as its value, perhaps a day."""

    word: str
    value: Expression | None = None
    text: str | None = None


@attrs.frozen
class Declaration(Node):
    """Base of declarations."""


@attrs.frozen
class BrokenDeclaration(Declaration):
    """Stands where the parser could not read a declaration, a column or a member; already complained about."""


@attrs.frozen
class Import(Declaration):
    """`import helpdesk;` (a name), `import "tables.act";` (`is_path`), with an optional qualifier of the reader's choice."""

    target: str
    is_path: bool
    alias: Name | None


@attrs.frozen
class Member(Node):
    name: Name
    number: int | None
    label: str | None
    doc: str


@attrs.frozen
class Choice(Declaration):
    name: Name
    members: tuple[Member | BrokenDeclaration, ...]
    doc: str


@attrs.frozen
class State(Node):
    name: Name
    number: int | None
    label: str | None
    moves: tuple[Name, ...]
    doc: str


@attrs.frozen
class Column(Node):
    name: Name
    type: TypeExpression
    modifiers: tuple[Modifier, ...]
    doc: str


@attrs.frozen
class StatusColumn(Node):
    name: Name
    states: tuple[State, ...]
    modifiers: tuple[Modifier, ...]
    doc: str


@attrs.frozen
class Together(Node):
    """`unique (a, b)` or `key (a, b)`."""

    word: str
    columns: tuple[Name, ...]


@attrs.frozen
class Table(Declaration):
    name: Name
    label: str | None
    stored: str | None
    items: tuple[Column | StatusColumn | Together | BrokenDeclaration, ...]
    doc: str


@attrs.frozen
class Parameter(Node):
    name: Name
    type: TypeExpression
    modifiers: tuple[Modifier, ...]
    doc: str


@attrs.frozen
class Binding(Node):
    """`on case` or, with `each`, `on each case`."""

    table: Qualified
    each: bool


@attrs.frozen
class Clause(Node):
    """`requires a.b`, `as system`, `private`, `deprecated "text" until date "2027-01-01"`; `word` is requires, system, private or
    deprecated, `value` the day."""

    word: str
    text: str | None = None
    value: Expression | None = None


@attrs.frozen
class Action(Declaration):
    """An action or function. `kind` is one of `action`, `function`, `background`, `override`, `extern action`,
    `extern function`; `body` is None for the extern ones. `calls` are the names it performs or calls, as written."""

    kind: str
    name: Qualified
    binding: Binding | None
    parameters: tuple[Parameter, ...]
    returns: tuple[Parameter, ...]
    clauses: tuple[Clause, ...]
    body: Block | None
    doc: str
    calls: frozenset[str]


@attrs.frozen
class Hook(Declaration):
    """`on after update of case (priority) < ... >`; `columns` is empty when any column counts. `target` is a table, or a verb
    when the event is `perform`."""

    time: str
    event: str
    target: Qualified
    columns: tuple[Name, ...]
    body: Block


@attrs.frozen
class Test(Declaration):
    title: str
    at: Expression | None
    body: Block


@attrs.frozen
class Module:
    """A whole script."""

    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...]


@attrs.frozen
class QueryInput(Node):
    """What the REPL takes as `case where (...) order by ... limit n`; a bare expression has no tail."""

    value: Expression
    alias: Name | None
    where: Expression | None
    order: tuple[Ordering, ...]
    limit: Expression | None
