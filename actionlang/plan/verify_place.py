"""The verifier's place in a plan: what the plan holds, which locals are in scope, what the flow has shown, and the checks
that every expression goes through there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import attrs

from actionlang.diagnostics.catalogue import plans as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.metadata.types import Boolean, Decimal, ListOf, Money, Row, Text, Type
from actionlang.plan.expressions import Column as ColumnOfRow
from actionlang.plan.expressions import Expression, Local
from actionlang.plan.facts import Facts
from actionlang.plan.flow import without_locals
from actionlang.plan.plan import StepPlan, Verb

T = TypeVar("T")


class Refusal(Exception):
    """A reason not to run a plan; `verify` adds where it is."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def wrong_type(reason: str) -> NoReturn:
    """Refuse a plan for a type. Raises Refusal."""
    raise Refusal(codes.WRONG_TYPE_IN_PLAN, reason)


def wrong_call(reason: str) -> NoReturn:
    """Refuse a plan for a call. Raises Refusal."""
    raise Refusal(codes.WRONG_CALL_IN_PLAN, reason)


def may_be_empty(expression: Expression) -> NoReturn:
    """Refuse a plan for an expression that may be empty. Raises Refusal."""
    raise Refusal(codes.EMPTY_IN_PLAN, f"{in_words(expression)} may be empty here")


def in_words(expression: Expression) -> str:
    """An expression in a message."""
    if isinstance(expression, Local):
        return expression.name
    if isinstance(expression, ColumnOfRow):
        return f"the column {expression.column}"
    return f"the {type(expression).__name__} expression"


@attrs.frozen
class Contents:
    """What a plan holds, by full name."""

    verbs: Mapping[str, Verb]
    tables: Mapping[str, Table]
    choices: Mapping[str, Choice]

    @classmethod
    def of(cls, plan: StepPlan) -> Contents:
        """A plan's verbs, tables and choices."""
        return cls(
            {verb.name: verb for verb in plan.verbs},
            {table.name: table for table in plan.tables},
            {choice.name: choice for choice in plan.choices},
        )

    def table(self, name: str) -> Table:
        """A table. Raises Refusal when the plan has none of this name."""
        return _known(self.tables, name, "table")

    def choice(self, name: str) -> Choice:
        """A choice. Raises Refusal when the plan has none of this name."""
        return _known(self.choices, name, "choice")

    def verb(self, name: str) -> Verb:
        """A verb. Raises Refusal when the plan has none of this name."""
        return _known(self.verbs, name, "verb")

    def column(self, table: str, name: str) -> Column:
        """A table's column. Raises Refusal when there is no such table or column."""
        return _known(self.table(table).by_name, name, f"column of {table}")


def _known(found: Mapping[str, T], name: str, what: str) -> T:
    if name not in found:
        raise Refusal(codes.UNKNOWN_IN_PLAN, f"there is no {what} named {name}")
    return found[name]


@attrs.frozen
class LocalValue:
    """What a local holds."""

    type: Type
    optional: bool


Typed = tuple[Type, bool]
"""A type, and whether the value may be empty."""


@attrs.define(eq=False)
class Body:
    """State while a verb's steps are gone through. `rules` has for each class of expressions what works out its type. It
    `commits` where a background action's statements are committed one after another."""

    contents: Contents
    verb: Verb
    rules: Mapping[type, Callable[[Any, Body], Typed]]
    locals: dict[str, LocalValue] = attrs.field(factory=dict)
    facts: Facts = attrs.field(factory=Facts)
    deleted: frozenset[str] = frozenset()
    in_else_of_attempt: bool = False
    commits: bool = False

    def bind(self, name: str, type_: Type, optional: bool = False) -> None:
        """Bring a local into scope. Raises Refusal when its name is taken or no name."""
        if name in self.locals:
            raise Refusal(codes.WRONG_NAME_IN_PLAN, f"the name {name} is taken")
        if not name:
            raise Refusal(codes.WRONG_NAME_IN_PLAN, "a local has no name")
        self.locals[name] = LocalValue(type_, optional)
        self.deleted -= {name}

    def local(self, name: str) -> LocalValue:
        """A local in scope. Raises Refusal when there is none of this name, or its row was deleted."""
        if name not in self.locals:
            raise Refusal(codes.WRONG_NAME_IN_PLAN, f"there is no local named {name} here")
        if name in self.deleted:
            raise Refusal(codes.WRONG_FLOW_IN_PLAN, f"the row {name} is used after it was deleted")
        return self.locals[name]

    @contextmanager
    def block(self, *, is_stage: bool = False) -> Iterator[None]:
        """A scope of its own: what is bound inside, and known of it, ends with it. But for a stage it is committed as a whole."""
        before, commits = self.locals, self.commits
        self.locals = dict(before)
        self.commits = commits and is_stage
        try:
            yield
        finally:
            self.commits = commits
            bound = self.locals.keys() - before.keys()
            self.locals = before
            self.facts = without_locals(self.facts, bound)

    @contextmanager
    def knowing(self, facts: Facts) -> Iterator[None]:
        """With other facts for a while."""
        before = self.facts
        self.facts = facts
        try:
            yield
        finally:
            self.facts = before

    def check(self, expression: Expression) -> Type:
        """See that an expression's type follows from its parts; the type. Raises Refusal."""
        type_, optional = self.rules[type(expression)](expression, self)
        if expression.type != type_:
            wrong_type(f"{in_words(expression)} is {type_}, not {expression.type}")
        if expression.optional != optional:
            words = "may be empty" if optional else "is never empty"
            raise Refusal(codes.EMPTY_IN_PLAN, f"{in_words(expression)} {words}, and the plan says otherwise")
        return type_

    def check_filled(self, expression: Expression) -> Type:
        """See that an expression is right and never empty; its type. Raises Refusal."""
        type_ = self.check(expression)
        if expression.optional:
            may_be_empty(expression)
        return type_

    def check_slot(self, expression: Expression, wanted: Type, optional: bool = False) -> None:
        """See that an expression may stand where a type is wanted. Raises Refusal."""
        type_ = self.check(expression)
        if not fits(type_, wanted):
            wrong_type(f"{wanted} is wanted here, not {type_}")
        if expression.optional and not optional:
            may_be_empty(expression)

    def check_condition(self, condition: Expression) -> None:
        """See that an expression is a condition. Raises Refusal."""
        self.check_slot(condition, Boolean())


def unsized(type_: Type) -> Type:
    """A type without length, precision and scale, which are matters of storing a value."""
    if isinstance(type_, Text):
        return Text()
    if isinstance(type_, ListOf):
        return ListOf(unsized(type_.item))
    return Decimal() if isinstance(type_, Decimal) else type_


def kin(type_: Type) -> Type:
    """One type for all whose values are interchangeable where they are stored and compared: money is an exact number."""
    if isinstance(type_, ListOf):
        return ListOf(kin(type_.item))
    return Decimal() if isinstance(type_, Money) else unsized(type_)


def fits(type_: Type, wanted: Type) -> bool:
    """Whether a value of a type may stand where one of another is wanted, up to length, precision and scale."""
    return type_ == wanted or kin(type_) == kin(wanted)


def row_table(type_: Type, what: str) -> str:
    """The one table of a row's type. Raises Refusal when it is no row or may be of several tables."""
    if not isinstance(type_, Row) or len(type_.tables) != 1:
        wrong_type(f"{what} has to be a row of one table, not {type_}")
    return type_.tables[0]
