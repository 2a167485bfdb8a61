"""PostgreSQL's spelling: the database's own exact types, and only functions whose meaning is the language's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.decimals import DIGITS, LARGEST_INTEGER, SMALLEST_INTEGER, plain
from actionlang.engine.json_form import EXACT_IN_JSON
from actionlang.engine.relational import postgres_functions
from actionlang.engine.relational.spelling import (
    MONEY_DIGITS,
    QUOTIENT_SCALE,
    Spelling,
    microseconds,
    quoted_text,
)
from actionlang.engine.relational.value import ANY_WHOLE, Sql
from actionlang.engine.sql.codecs import Codec
from actionlang.engine.sql.native import native_codec_of
from actionlang.engine.sql.storage import Cell
from actionlang.engine.values import LARGEST_MONEY, MONEY_SCALE, SMALLEST_MONEY, fitting
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table

DAY = 86_400_000_000
FIRST_DAY, LAST_DAY = "DATE '0001-01-01'", "DATE '9999-12-31'"
FIRST_MOMENT = "TIMESTAMPTZ '0001-01-01T00:00:00Z'"
LAST_MOMENT = "TIMESTAMPTZ '9999-12-31T23:59:59.999999Z'"
BINARY = ' COLLATE "C"'

SQL_TYPES: dict[type[t.Type], str] = {
    t.Integer: "bigint",
    t.Duration: "bigint",
    t.Decimal: "numeric",
    t.Money: "numeric",
    t.Float: "double precision",
    t.Boolean: "boolean",
    t.Date: "date",
    t.DateTime: "timestamptz",
    t.Id: "uuid",
}


def sql_type_of(type_: t.Type, *, numbered: bool = False) -> str:
    """The database's type of a cell of a language type, in canonical form; `numbered` for a choice that is stored by number."""
    return "bigint" if numbered else SQL_TYPES.get(type(type_), "text")


class PostgresSpelling(Spelling):
    """See `Spelling`."""

    name = "postgresql"
    true = "TRUE"
    false = "FALSE"

    def sql_type(self, type_: t.Type) -> str:
        """The database's type of a cell of a language type, in canonical form."""
        return sql_type_of(type_, numbered=self.numbered(type_))

    # ------------------------------------------------------------------------------------------------ names and cells

    def parts(self, table: Table) -> tuple[str, ...]:
        """See `Spelling`: what stands before the first point is the schema."""
        namespace, _, name = table.stored.partition(".")
        return (namespace, name) if namespace and name else (table.stored,)

    def own_codec(self, type_: t.Type) -> Codec:
        """See `Spelling`."""
        return native_codec_of(type_, self.schema)

    def conforming(self, cell: Cell, text: str, type_: t.Type) -> str | None:
        """See `Spelling`."""
        type_ = cell.type
        if isinstance(type_, t.Choice):
            members = self.schema.choices[type_.name].members
            known = (quoted_text(m.name) if m.number is None else str(m.number) for m in members)
            return f"({text} IN ({', '.join(known)}))"
        if isinstance(type_, t.Text) and type_.length is not None:
            return f"(length({text}) <= {type_.length})"
        if isinstance(type_, t.Date):
            return f"({text} BETWEEN {FIRST_DAY} AND {LAST_DAY})"
        if isinstance(type_, t.DateTime):
            return f"({text} BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT})"
        if isinstance(type_, t.Money):
            return f"({text} BETWEEN {SMALLEST_MONEY} AND {LARGEST_MONEY})"
        if isinstance(type_, t.Decimal) and type_.precision is not None and type_.scale is not None:
            bound = Decimal(1).scaleb(type_.precision - type_.scale)
            return f"({text} > -{bound:f} AND {text} < {bound:f})"
        if isinstance(type_, t.Float):
            return f"({text} > '-Infinity' AND {text} < 'Infinity')"
        return None

    # -------------------------------------------------------------------------------------------------------- constants

    def null(self, type_: t.Type) -> str:
        """See `Spelling`."""
        return f"NULL::{self.sql_type(type_)}"

    def constant_text(self, value: object, type_: t.Type) -> str:
        """See `Spelling`."""
        if self.numbered(type_):
            return f"{self.number_of(value, type_)}::bigint"
        if isinstance(type_, t.Choices):
            assert isinstance(value, tuple)
            return quoted_text(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) + "::text"
        if isinstance(value, bool):
            return self.true if value else self.false
        if isinstance(value, datetime):
            return f"TIMESTAMPTZ '{value.isoformat()}'"
        if isinstance(value, date):
            return f"DATE '{value.isoformat()}'"
        if isinstance(value, timedelta):
            return whole(microseconds(value))
        if isinstance(value, Decimal):
            return f"'{plain(value)}'::numeric"
        if isinstance(value, int):
            return whole(value)
        if isinstance(value, float):
            return f"'{value!r}'::double precision"
        assert isinstance(value, str)
        if isinstance(type_, t.Id):
            return f"'{value}'::uuid"
        return literal_text(value) + "::text"

    def fail(self, code: str, type_: t.Type) -> str:
        """See `Spelling`. A cast that does not succeed; `random` keeps the planner from trying it out beforehand."""
        wanted = self.sql_type(type_)
        failed = f"(('{code}'::text || left(random()::text, 0))::bigint)"
        if wanted == "bigint":
            return failed
        if wanted == "text":
            return f"({failed}::text)"
        return f"({failed}::text::{wanted})"

    # ------------------------------------------------------------------------------------------------------- conditions

    def same(self, left: str, right: str, type_: t.Type, maybe_empty: bool) -> str:
        """See `Spelling`."""
        operator = "IS NOT DISTINCT FROM" if maybe_empty else "="
        return f"({left} {operator} {right}{self._collated(type_)})"

    def differ(self, left: str, right: str, type_: t.Type, maybe_empty: bool) -> str:
        """See `Spelling`."""
        operator = "IS DISTINCT FROM" if maybe_empty else "<>"
        return f"({left} {operator} {right}{self._collated(type_)})"

    def ordered(self, operator: str, left: str, right: str, type_: t.Type) -> str:
        """See `Spelling`."""
        return f"({left} {operator} {right}{self._collated(type_)})"

    def in_order(self, cell: str, type_: t.Type, descending: bool = False) -> str:
        """See `Spelling`."""
        return f"{cell}{self._collated(type_)} {'DESC NULLS LAST' if descending else 'NULLS FIRST'}"

    def key_order(self, cell: str, type_: t.Type) -> str:
        """See `Spelling`: as the key's index is ordered."""
        return f"{cell}{self._collated(type_)}"

    def _collated(self, type_: t.Type) -> str:
        return BINARY if self.sql_type(type_) == "text" else ""

    def extreme(self, kind: str, value: Sql) -> str:
        """See `Spelling`."""
        if isinstance(value.type, t.Id):
            return f"({kind}({value.text}::text{BINARY})::uuid)"
        return f"{kind}({value.text}{self._collated(value.type)})"

    # ---------------------------------------------------------------------------------------------------------- numbers

    def arithmetic(self, operator: str, left: Sql, right: Sql, type_: t.Type) -> Sql:
        """See `Spelling`."""
        return postgres_functions.arithmetic(self, operator, left, right, type_)

    def exact(self, value: Sql) -> Sql:
        """A number seen to have 38 digits at most, where that is not certain."""
        if value.digits <= DIGITS or value.scale > DIGITS:
            return value
        bound = 10 ** max(DIGITS - value.scale, 0)
        return self.guarded(value, f"abs({{0}}) < {bound}", codes.TOO_MANY_DIGITS.id)

    def guarded(self, value: Sql, condition: str, code: str) -> Sql:
        """A value of which a condition (`{0}` being the value) must hold, empty ones excepted."""
        refused = self.fail(code, value.type)
        if value.simple:
            text = value.text
            held = condition.format(text)
            made = f"(CASE WHEN {held} OR {text} IS NULL THEN {text} ELSE {refused} END)"
        else:
            held = condition.format("x.v")
            made = (
                f"(SELECT CASE WHEN {held} OR x.v IS NULL THEN x.v ELSE {refused} END "
                f"FROM (SELECT {value.text} AS v OFFSET 0) AS x)"
            )
        return attrs.evolve(value, cells=(made,), fails=True, simple=False, known=None)

    def negate(self, operand: Sql) -> Sql:
        """See `Spelling`. The smallest integer raises by itself."""
        fails = operand.fails or not isinstance(operand.type, t.Decimal | t.Money | t.Float)
        # A zero has no sign.
        minus = "'0'::double precision -" if isinstance(operand.type, t.Float) else "-"
        return attrs.evolve(operand, cells=(f"({minus} {operand.text})",), fails=fails, simple=False, known=None)

    def convert(self, operand: Sql, type_: t.Type) -> Sql:
        """See `Spelling`."""
        text = operand.text if isinstance(operand.type, t.Money) else f"({operand.text}::numeric)"
        return attrs.evolve(operand, cells=(text,), type=type_, known=None)

    def fit(self, operand: Sql, target: t.Type) -> Sql:
        """See `Spelling`."""
        fit = fitting(operand.type, target)
        if operand.known is not None:
            value = operand.known.value
            return self.literal(value if fit is None or value is None else fit(value), target)
        if fit is None:
            return attrs.evolve(operand, type=target)
        if isinstance(target, t.Text):
            fitted = attrs.evolve(operand, type=target)
            return self.guarded(fitted, f"length({{0}}) <= {target.length}", codes.TEXT_DOES_NOT_FIT.id)
        if isinstance(target, t.Money):
            fitted = self.rounded(operand, MONEY_SCALE, target)
            if fitted.whole < MONEY_DIGITS:
                return fitted
            held = f"{{0}} BETWEEN {SMALLEST_MONEY} AND {LARGEST_MONEY}"
            return attrs.evolve(self.guarded(fitted, held, codes.NUMBER_DOES_NOT_FIT.id), whole=MONEY_DIGITS)
        if isinstance(target, t.Decimal) and target.precision is not None and target.scale is not None:
            fitted = self.rounded(operand, target.scale, target)
            digits = target.precision - target.scale
            if fitted.whole <= digits:
                return fitted
            held = f"abs({{0}}) < {10**digits}"
            return attrs.evolve(self.guarded(fitted, held, codes.NUMBER_DOES_NOT_FIT.id), whole=digits)
        raise self.refuse("a list")

    def rounded(self, operand: Sql, scale: int, type_: t.Type) -> Sql:
        """A number rounded half-even to a scale."""
        if operand.scale <= scale:
            return attrs.evolve(operand, type=type_)
        text = postgres_functions.half_even(operand.text, scale)
        wider = operand.whole + 1
        return attrs.evolve(operand, cells=(text,), type=type_, whole=wider, scale=scale, simple=False, known=None)

    def total(self, value: Sql, type_: t.Type) -> Sql:
        """See `Spelling`. Sums are exact numerics; the cast back raises for what does not fit."""
        if isinstance(value.type, t.Float):
            raise self.refuse("a sum of floating point numbers")
        text = f"coalesce(sum({value.text}), 0)"
        if self.sql_type(type_) == "bigint":
            return self.sized(Sql((f"({text}::bigint)",), type_, False, True), type_)
        found = Sql((text,), type_, False, value.fails, ANY_WHOLE, value.scale)
        if isinstance(type_, t.Money):
            held = f"{{0}} BETWEEN {SMALLEST_MONEY} AND {LARGEST_MONEY}"
            return self._over_group(found, held, codes.NUMBER_DOES_NOT_FIT.id, MONEY_DIGITS)
        bound = 10 ** (DIGITS - value.scale)
        return self._over_group(found, f"abs({{0}}) < {bound}", codes.TOO_MANY_DIGITS.id, DIGITS - value.scale)

    def _over_group(self, found: Sql, condition: str, code: str, whole_digits: int) -> Sql:
        """A group's value of which a condition must hold: written twice, for it must stay in its group."""
        held = condition.format(found.text)
        text = f"(CASE WHEN {held} THEN {found.text} ELSE {self.fail(code, found.type)} END)"
        return attrs.evolve(found, cells=(text,), fails=True, whole=whole_digits)

    def mean(self, value: Sql, type_: t.Type) -> Sql:
        """See `Spelling`."""
        if isinstance(value.type, t.Float | t.Duration):
            raise self.refuse("an average of such values")
        total, count = f"sum({value.text})::numeric", f"nullif(count({value.text}), 0)"
        text = postgres_functions.quotient(total, f"{count}::numeric")
        return Sql((text,), type_, True, True, ANY_WHOLE - QUOTIENT_SCALE, QUOTIENT_SCALE)

    # ------------------------------------------------------------------------------------------------------------ texts

    def call(self, function: str, overload: str, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        """See `Spelling`."""
        return postgres_functions.call(self, function, overload, arguments, type_)

    def display(self, value: Sql) -> str:
        """See `Spelling`."""
        type_, text = value.type, value.text
        if self.numbered(type_):
            assert isinstance(type_, t.Choice)
            return self.members(text, type_)
        if isinstance(type_, t.Text | t.Json | t.Choice):
            return text
        if isinstance(type_, t.Id | t.Integer):
            return f"({text}::text)"
        if isinstance(type_, t.Decimal | t.Money):
            return f"(trim_scale({text})::text)"
        if isinstance(type_, t.Boolean):
            return f"(CASE {text} WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END)"
        if isinstance(type_, t.Date):
            return f"to_char({text}::timestamp, 'YYYY-MM-DD')"
        if isinstance(type_, t.DateTime):
            spelt = f"to_char({text} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
            return f"(replace({spelt}, '.000000', '') || 'Z')"
        if isinstance(type_, t.Duration):
            return postgres_functions.iso_duration(text)
        raise self.refuse(f"a {type_} written as text")

    def event_id(self, run: str, number: str) -> str:
        """See `Spelling`."""
        return (
            f"(SELECT left({run}, 15) || left(d.h, 3) || '-' || substr({run}, 20, 1) || substr(d.h, 4, 3) || '-' || "
            f"substr(d.h, 7, 12) FROM (SELECT encode(sha256(convert_to({run} || '.' || ({number}), 'UTF8')), 'hex')) AS d(h))"
        )

    def json(self, value: Sql) -> str:
        """See `Spelling`."""
        type_, text = value.type, value.text
        if isinstance(type_, t.Id | t.Date | t.Decimal | t.Money | t.DateTime | t.Duration):
            return f"('\"' || {self.display(value)} || '\"')"
        if isinstance(type_, t.Text | t.Choice | t.File):
            return f"(to_json({self.display(value) if self.numbered(type_) else text})::text)"
        if isinstance(type_, t.Boolean):
            return self.display(value)
        if isinstance(type_, t.Integer):
            inside = f"{text} BETWEEN -{EXACT_IN_JSON} AND {EXACT_IN_JSON}"
            return f"(CASE WHEN {inside} THEN {text}::text ELSE '\"' || {text}::text || '\"' END)"
        if isinstance(type_, t.Json | t.Choices):
            return text
        raise self.refuse(f"a {type_} written as JSON")


def literal_text(value: str) -> str:
    """A text as a literal, whatever the session says of backslashes."""
    if "\\" not in value:
        return quoted_text(value)
    escaped = quoted_text(value.replace("\\", "\\\\"))
    return f" E{escaped}"


def whole(value: int) -> str:
    """An integer as one operand."""
    if value == SMALLEST_INTEGER:
        return f"(-{LARGEST_INTEGER}::bigint - 1)"
    return f"{value}::bigint" if value >= 0 else f"(-{-value}::bigint)"
