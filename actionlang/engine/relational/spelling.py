"""How a database spells values and operations: what `sqlite` and `postgres` fill in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import attrs

from actionlang.engine.decimals import plain
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import ANY_WHOLE, Known, Sql
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Codec
from actionlang.engine.sql.storage import Cell
from actionlang.engine.times import MICROSECOND
from actionlang.engine.values import MONEY_SCALE
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table

INTEGER_DIGITS = 19
MONEY_DIGITS = 15
QUOTIENT_SCALE = 12


class Spelling(ABC):
    """One database's SQL. Every text given back is one operand. All methods raise NotRelational for what the database has no
    proved form of."""

    name: str
    true: str
    false: str

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    # ------------------------------------------------------------------------------------------------ names and cells

    def quoted(self, name: str) -> str:
        """A name as it stands in a statement."""
        escaped = name.replace('"', '""')
        return f'"{escaped}"'

    def table(self, table: Table) -> str:
        """A table's name as it stands in a statement."""
        return ".".join(self.quoted(part) for part in self.parts(table))

    def parts(self, table: Table) -> tuple[str, ...]:
        """The parts of a table's stored name."""
        return (table.stored,)

    @abstractmethod
    def own_codec(self, type_: t.Type) -> Codec:
        """How a type stands in columns that we make, which is its canonical form."""

    def reading(self, cell: Cell, text: str) -> str:
        """A stored cell in canonical form."""
        self._see_own(cell)
        return text

    def writing(self, cell: Cell, text: str) -> str:
        """A canonical text as the cell stores it."""
        self._see_own(cell)
        return text

    def _see_own(self, cell: Cell) -> None:
        """See that a cell holds its type as a column of ours does."""
        own, codec = self.own_codec(cell.type), cell.codec
        alike = (own.kind, own.ordered, own.exact, own.compared) == (
            codec.kind, codec.ordered, codec.exact, codec.compared,
        )  # fmt: skip
        if not (alike and own.ordered and _same_code(own.read, codec.read) and _same_code(own.write, codec.write)):
            raise self.refuse(f"{cell.name}, stored as it is,")

    @abstractmethod
    def conforming(self, cell: Cell, text: str, type_: t.Type) -> str | None:
        """A condition that a filled stored cell holds a value of its type; None where the database sees to that."""

    # -------------------------------------------------------------------------------------------------------- constants

    def literal(self, value: object, type_: t.Type) -> Sql:
        """A constant of a type that is no row and no list."""
        text = self.null(type_) if value is None else self.constant_text(value, type_)
        sql = Sql((text,), type_, value is None, simple=True, fixed=True, known=Known(value))
        if isinstance(value, Decimal):
            return attrs.evolve(sql, whole=whole_digits(value), scale=scale_of(value))
        if isinstance(value, int) and isinstance(type_, t.Integer):
            return attrs.evolve(sql, whole=len(str(abs(value))))
        return self.sized(sql, type_)

    @abstractmethod
    def constant_text(self, value: object, type_: t.Type) -> str:
        """A constant that is not empty."""

    def null(self, type_: t.Type) -> str:
        """Empty, of a type."""
        return "NULL"

    def sized(self, sql: Sql, type_: t.Type) -> Sql:
        """The same with what a type says of its numbers' digits."""
        if isinstance(type_, t.Integer):
            return attrs.evolve(sql, whole=INTEGER_DIGITS, scale=0)
        if isinstance(type_, t.Money):
            return attrs.evolve(sql, whole=MONEY_DIGITS, scale=MONEY_SCALE)
        if isinstance(type_, t.Decimal) and type_.precision is not None and type_.scale is not None:
            return attrs.evolve(sql, whole=type_.precision - type_.scale, scale=type_.scale)
        return sql

    @abstractmethod
    def fail(self, code: str, type_: t.Type) -> str:
        """An expression that raises when, and only when, it is worked out."""

    # ------------------------------------------------------------------------------------------------------ conditions

    @abstractmethod
    def same(self, left: str, right: str, type_: t.Type, maybe_empty: bool) -> str:
        """Whether two cells are equal, empty being equal to empty."""

    @abstractmethod
    def differ(self, left: str, right: str, type_: t.Type, maybe_empty: bool) -> str:
        """Whether two cells are not equal."""

    @abstractmethod
    def ordered(self, operator: str, left: str, right: str, type_: t.Type) -> str:
        """Whether two filled cells stand in an order."""

    @abstractmethod
    def in_order(self, cell: str, type_: t.Type, descending: bool = False) -> str:
        """A cell as it stands behind ORDER BY, empty first (last when descending)."""

    @abstractmethod
    def extreme(self, kind: str, value: Sql) -> str:
        """The `min` or `max` of a group's values."""

    def key_order(self, cell: str, type_: t.Type) -> str:
        """A cell of a primary key, never empty, as it stands behind ORDER BY."""
        return self.in_order(cell, type_)

    # --------------------------------------------------------------------------------------------------------- numbers

    def aligned(self, left: Sql, right: Sql) -> tuple[Sql, Sql]:
        """Two numbers spelt so that their texts compare and add as the numbers do."""
        return left, right

    @abstractmethod
    def arithmetic(self, operator: str, left: Sql, right: Sql, type_: t.Type) -> Sql:
        """An operation on two values that are not empty."""

    @abstractmethod
    def negate(self, operand: Sql) -> Sql:
        """A number or duration with the other sign."""

    @abstractmethod
    def convert(self, operand: Sql, type_: t.Type) -> Sql:
        """An integer or money as a decimal."""

    @abstractmethod
    def fit(self, operand: Sql, target: t.Type) -> Sql:
        """A value brought into a column's type, as `engine.values.fitting` does."""

    @abstractmethod
    def total(self, value: Sql, type_: t.Type) -> Sql:
        """The sum of a group's values, 0 where there are none."""

    @abstractmethod
    def mean(self, value: Sql, type_: t.Type) -> Sql:
        """The average of a group's values, empty where there are none."""

    # ----------------------------------------------------------------------------------------------------------- texts

    @abstractmethod
    def call(self, function: str, overload: str, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        """A function of the host."""

    def joined(self, texts: Sequence[str]) -> str:
        """Texts put together."""
        return "(" + " || ".join(texts) + ")" if texts else self.constant_text("", t.Text())

    @abstractmethod
    def display(self, value: Sql) -> str:
        """A value, not empty, as `engine.display` writes it into a text."""

    @abstractmethod
    def json(self, value: Sql) -> str:
        """A value, not empty and of one cell, as JSON text: what `runtime.json_text` writes."""

    @abstractmethod
    def event_id(self, run: str, number: str) -> str:
        """The id of a run's event with a number: what `events.event_id` gives."""

    # --------------------------------------------------------------------------------------------------------- choices

    def members(self, text: str, type_: t.Choice) -> str:
        """The name of a numbered choice's member."""
        members = self.schema.choices[type_.name].members
        cases = " ".join(f"WHEN {m.number} THEN {self.constant_text(m.name, t.Text())}" for m in members)
        return f"(CASE {text} {cases} END)"

    def numbered(self, type_: t.Type) -> bool:
        """Whether a type is a choice that is stored by number."""
        return isinstance(type_, t.Choice) and self.schema.choices[type_.name].numbered

    def number_of(self, value: object, type_: t.Type) -> int:
        """The number of a numbered choice's member."""
        assert isinstance(type_, t.Choice)
        number = self.schema.choices[type_.name].by_name[str(value)].number
        assert number is not None
        return number

    def refuse(self, what: str) -> NotRelational:
        """The refusal of something on this database."""
        return NotRelational(f"{what} has no form in SQL that is proved to mean the same on {self.name}")


def _same_code(one: object, other: object) -> bool:
    """Whether two functions are made by the same lines."""
    if hasattr(one, "__code__") and hasattr(other, "__code__"):
        return one.__code__ is other.__code__
    # A dictionary's own method, that looks members of a choice up.
    mine, theirs = (getattr(each, "__self__", None) for each in (one, other))
    return one == other or (mine is not None and type(one) is type(other) and mine == theirs)


def microseconds(value: timedelta) -> int:
    """A duration as it is stored."""
    return value // MICROSECOND


def scale_of(value: Decimal) -> int:
    """Digits behind the point, zeros at the end not counted."""
    _, _, behind = plain(value).partition(".")
    return len(behind)


def whole_digits(value: Decimal) -> int:
    """Digits before the point."""
    before = plain(value).lstrip("-").partition(".")[0].lstrip("0")
    return min(len(before), ANY_WHOLE)


def quoted_text(value: str) -> str:
    """A text as a literal."""
    escaped = value.replace("'", "''")
    return f"'{escaped}'"
