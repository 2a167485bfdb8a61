"""SQLite's spelling: exact numbers are scaled 64-bit integers, and what SQL lacks is the host's own code, registered."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.decimals import WIDE, divide
from actionlang.engine.display import display_of
from actionlang.engine.functions.registry import FUNCTIONS
from actionlang.engine.interpreter.arithmetic import NEGATIONS, OPERATIONS
from actionlang.engine.json_form import EXACT_IN_JSON, to_json
from actionlang.engine.relational.hosted import EVENT_ID, FAIL, WHOLE, Hosted, hosted, moment_text
from actionlang.engine.relational.spelling import (
    MONEY_DIGITS,
    QUOTIENT_SCALE,
    Spelling,
    microseconds,
    quoted_text,
    scale_of,
)
from actionlang.engine.relational.value import ANY_WHOLE, Sql, all_fixed, any_fails
from actionlang.engine.sql.codecs import Codec, Kind, codec_of
from actionlang.engine.sql.storage import Cell
from actionlang.engine.values import MONEY_SCALE, fitting
from actionlang.metadata import types as t

SAFE_DIGITS = 18
"""Digits that always fit a 64-bit integer."""

LONGEST_TWICE = 120
"""Characters of a text that may be written twice to look at its result."""

TEXTUAL = (t.Text, t.Json, t.File, t.Choice, t.Choices, t.Id, t.Date, t.DateTime)
SAME_SCALE = ("minimum", "maximum", "absolute", "modulo")
PLACES = ("round", "round_half_up", "round_up", "round_down", "exact")
TEXT = t.Text()


class SqliteSpelling(Spelling):
    """See `Spelling`. `functions` are those that the texts written so far call."""

    name = "sqlite"
    true = "1"
    false = "0"

    def __init__(self, schema: Any) -> None:
        super().__init__(schema)
        self.functions: dict[str, Hosted] = {}

    def _use(self, function: Hosted) -> str:
        self.functions[function.name] = function
        return function.name

    # ------------------------------------------------------------------------------------------------ names and cells

    def own_codec(self, type_: t.Type) -> Codec:
        """See `Spelling`."""
        return codec_of(type_, self.schema)

    def _kind(self, type_: t.Type) -> Kind:
        if isinstance(type_, t.Float):
            return Kind.REAL
        return Kind.TEXT if isinstance(type_, TEXTUAL) and not self.numbered(type_) else Kind.INTEGER

    def conforming(self, cell: Cell, text: str, type_: t.Type) -> str | None:
        """See `Spelling`."""
        type_ = cell.type
        if isinstance(type_, t.Choice):
            members = self.schema.choices[type_.name].members
            known = (quoted_text(m.name) if m.number is None else str(m.number) for m in members)
            return f"{text} IN ({', '.join(known)})"
        if isinstance(type_, t.Boolean):
            return f"{text} IN (0, 1)"
        if isinstance(type_, t.Date):
            return f"{text} = date({text})"
        if isinstance(type_, t.Text) and type_.length is not None:
            return f"(typeof({text}) = 'text' AND length({text}) <= {type_.length})"
        if isinstance(type_, t.Decimal) and type_.precision is not None:
            largest = 10**type_.precision - 1
            return f"(typeof({text}) = 'integer' AND {text} BETWEEN -{largest} AND {largest})"
        kind = {Kind.TEXT: "text", Kind.INTEGER: "integer", Kind.REAL: "real"}[self._kind(type_)]
        if isinstance(type_, t.DateTime):
            return f"(typeof({text}) = 'text' AND length({text}) = 27)"
        return f"typeof({text}) = '{kind}'"

    # -------------------------------------------------------------------------------------------------------- constants

    def constant_text(self, value: object, type_: t.Type) -> str:
        """See `Spelling`."""
        if self.numbered(type_):
            return str(self.number_of(value, type_))
        if isinstance(type_, t.Choices):
            assert isinstance(value, tuple)
            return quoted_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, datetime):
            return quoted_text(moment_text(value))
        if isinstance(value, date):
            return quoted_text(value.isoformat())
        if isinstance(value, timedelta):
            return _number(microseconds(value))
        if isinstance(value, Decimal):
            scaled = int(value.scaleb(scale_of(value), WIDE))
            if abs(scaled) >= 10**SAFE_DIGITS:
                raise self.refuse(f"a number of {len(str(abs(scaled)))} digits")
            return _number(scaled)
        if isinstance(value, int):
            return _number(value)
        if isinstance(value, float):
            _, digits, exponent = Decimal(repr(value)).as_tuple()
            if len(digits) > 15 or not -22 <= exponent <= 22:  # type: ignore[operator]
                # SQLite reads others to the last digit but one.
                raise self.refuse("a floating point number with so many digits or so large an exponent")
            return repr(value)
        assert isinstance(value, str)
        return quoted_text(value)

    def fail(self, code: str, type_: t.Type) -> str:
        """See `Spelling`."""
        return f"{self._use(FAIL)}('{code}')"

    # ------------------------------------------------------------------------------------------------------- conditions

    def same(self, left: str, right: str, type_: t.Type, maybe_empty: bool) -> str:
        """See `Spelling`."""
        return f"({left}{self._collated(type_)} {'IS' if maybe_empty else '='} {right})"

    def differ(self, left: str, right: str, type_: t.Type, maybe_empty: bool) -> str:
        """See `Spelling`."""
        return f"({left}{self._collated(type_)} {'IS NOT' if maybe_empty else '<>'} {right})"

    def ordered(self, operator: str, left: str, right: str, type_: t.Type) -> str:
        """See `Spelling`."""
        return f"({left}{self._collated(type_)} {operator} {right})"

    def in_order(self, cell: str, type_: t.Type, descending: bool = False) -> str:
        """See `Spelling`."""
        return f"{cell}{self._collated(type_)}{' DESC' if descending else ''}"

    def _collated(self, type_: t.Type) -> str:
        return " COLLATE BINARY" if self._kind(type_) is Kind.TEXT else ""

    def extreme(self, kind: str, value: Sql) -> str:
        """See `Spelling`."""
        return f"{kind}({value.text}{self._collated(value.type)})"

    # ---------------------------------------------------------------------------------------------------------- numbers

    def aligned(self, left: Sql, right: Sql) -> tuple[Sql, Sql]:
        """See `Spelling`: both with the larger scale."""
        if not isinstance(left.type, t.Decimal | t.Money) or not isinstance(right.type, t.Decimal | t.Money):
            return left, right
        scale = max(left.scale, right.scale)
        return self.scaled(left, scale), self.scaled(right, scale)

    def scaled(self, value: Sql, scale: int) -> Sql:
        """A number spelt with a larger scale."""
        if value.scale == scale:
            return value
        if value.known is not None and value.known.value is None:
            return attrs.evolve(value, scale=scale)
        if value.known is not None and value.fixed:
            assert isinstance(value.known.value, Decimal)
            text = _number(int(value.known.value.scaleb(scale, WIDE)))
            if len(text) <= SAFE_DIGITS:
                return attrs.evolve(value, cells=(text,), scale=scale)
        text = f"({value.text} * {10 ** (scale - value.scale)})"
        return self._checked(attrs.evolve(value, cells=(text,), scale=scale, known=None), value.simple)

    def _checked(self, value: Sql, simple: bool) -> Sql:
        """A whole number that must not have left its 64 bits: there SQLite goes on with floating point numbers."""
        if value.digits <= SAFE_DIGITS:
            return attrs.evolve(value, simple=False)
        text = value.text
        if simple and len(text) <= LONGEST_TWICE:
            refused = self.fail(codes.INTEGER_OVERFLOW.id, value.type)
            text = f"(CASE typeof({text}) WHEN 'real' THEN {refused} ELSE {text} END)"
        else:
            text = f"{self._use(WHOLE)}({text})"
        return attrs.evolve(value, cells=(text,), fails=True, simple=False)

    def arithmetic(self, operator: str, left: Sql, right: Sql, type_: t.Type) -> Sql:
        """See `Spelling`."""
        kinds = (type(left.type), type(right.type))
        if operator in "+-" and kinds in ((t.Integer, t.Integer), (t.Decimal, t.Decimal), (t.Duration, t.Duration)):
            left, right = self.aligned(left, right)
            return self._combined(operator, left, right, type_, max(left.whole, right.whole) + 1, left.scale)
        if operator == "*" and kinds in ((t.Integer, t.Integer), (t.Decimal, t.Decimal), (t.Duration, t.Integer)):
            return self._combined(operator, left, right, type_, left.whole + right.whole, left.scale + right.scale)
        operation = OPERATIONS[(operator, *kinds)]
        name = f"actionlang_{OPERATION_NAMES[operator]}_{kinds[0].__name__}_{kinds[1].__name__}".lower()
        return self._hosted(name, operation, (left, right), type_, QUOTIENT_SCALE)

    def _combined(self, operator: str, left: Sql, right: Sql, type_: t.Type, whole: int, scale: int) -> Sql:
        found = Sql(
            (f"({left.text} {operator} {right.text})",),
            type_,
            left.optional or right.optional,
            any_fails(left, right),
            whole,
            scale,
            fixed=all_fixed(left, right),
        )
        return self._checked(found, left.simple and right.simple)

    def negate(self, operand: Sql) -> Sql:
        """See `Spelling`."""
        if isinstance(operand.type, t.Float):
            return self._hosted("actionlang_negate", NEGATIONS[t.Float], (operand,), operand.type, 0)
        return self._checked(attrs.evolve(operand, cells=(f"(- {operand.text})",), known=None), operand.simple)

    def convert(self, operand: Sql, type_: t.Type) -> Sql:
        """See `Spelling`."""
        return attrs.evolve(operand, type=type_)

    def fit(self, operand: Sql, target: t.Type) -> Sql:
        """See `Spelling`."""
        fit = fitting(operand.type, target)
        if operand.known is not None:
            value = operand.known.value
            known = value if fit is None or value is None else fit(value)
            return self.at_scale(self.literal(known, target), target)
        if fit is None:
            return attrs.evolve(operand, type=target)
        if isinstance(target, t.Text):
            return self._fit_text(operand, target)
        if isinstance(target, t.Money | t.Decimal):
            return self._fit_number(operand, target)
        raise self.refuse("a list")

    def _fit_text(self, operand: Sql, target: t.Text) -> Sql:
        refused = self.fail(codes.TEXT_DOES_NOT_FIT.id, target)
        text = f"(CASE WHEN length({operand.text}) > {target.length} THEN {refused} ELSE {operand.text} END)"
        return attrs.evolve(operand, cells=(text,), type=target, fails=True, simple=False)

    def _fit_number(self, operand: Sql, target: t.Money | t.Decimal) -> Sql:
        scale = MONEY_SCALE if isinstance(target, t.Money) else target.scale or 0
        whole = MONEY_DIGITS if isinstance(target, t.Money) else (target.precision or 0) - scale
        if operand.scale > scale:
            name = f"actionlang_fit_{operand.scale}_{str(target).translate(IN_NAMES)}"
            fit = fitting(t.Decimal(), target)
            assert fit is not None
            return self._hosted(name, fit, (operand,), target, scale, exact_scale=scale)
        value = self.scaled(operand, scale)
        value = attrs.evolve(value, type=target)
        if isinstance(target, t.Money) or operand.whole <= whole:
            return value
        largest = 10 ** (whole + scale) - 1
        refused = self.fail(codes.NUMBER_DOES_NOT_FIT.id, target)
        text = f"(CASE WHEN {value.text} BETWEEN -{largest} AND {largest} THEN {value.text} WHEN {value.text} IS NULL"
        text += f" THEN NULL ELSE {refused} END)"
        return attrs.evolve(value, cells=(text,), whole=whole, fails=True, simple=False)

    def at_scale(self, value: Sql, target: t.Type) -> Sql:
        """A constant that fits, spelt with its column's scale."""
        if isinstance(target, t.Money):
            return self._respelt(value, MONEY_SCALE)
        if isinstance(target, t.Decimal) and target.scale is not None:
            return self._respelt(value, target.scale)
        return value

    def _respelt(self, value: Sql, scale: int) -> Sql:
        assert value.known is not None
        number = value.known.value
        if number is None:
            return attrs.evolve(value, scale=scale)
        assert isinstance(number, Decimal)
        return attrs.evolve(value, cells=(_number(int(number.scaleb(scale, WIDE))),), scale=scale)

    def total(self, value: Sql, type_: t.Type) -> Sql:
        """See `Spelling`. SQLite's sum of integers raises where it leaves the 64 bits, and is a floating point number
        where one of the values was no integer."""
        if isinstance(value.type, t.Float):
            raise self.refuse("a sum of floating point numbers")
        text = f"coalesce(sum({value.text}), 0)"
        return Sql((text,), type_, False, True, ANY_WHOLE, value.scale)

    def mean(self, value: Sql, type_: t.Type) -> Sql:
        """See `Spelling`."""
        if isinstance(value.type, t.Float | t.Duration):
            raise self.refuse("an average of such values")
        name = f"actionlang_average_{value.scale}"
        function = hosted(
            name, divide, ((t.Decimal(), value.scale), (t.Decimal(), 0)), (type_, QUOTIENT_SCALE), self.schema
        )
        text = f"{self._use(function)}(sum({value.text}), nullif(count({value.text}), 0))"
        return Sql((text,), type_, True, True, ANY_WHOLE, QUOTIENT_SCALE)

    # ------------------------------------------------------------------------------------------------------------ texts

    def call(self, function: str, overload: str, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        """See `Spelling`."""
        if function == "length":
            return attrs.evolve(arguments[0], cells=(f"length({arguments[0].text})",), type=type_, whole=7, known=None)
        call, takes_unit = FUNCTIONS[function, overload]
        name = f"actionlang_{function}_{overload.translate(IN_NAMES)}"
        scale = QUOTIENT_SCALE
        if function in SAME_SCALE:
            scale = max(argument.scale for argument in arguments)
        elif function in PLACES and len(arguments) == 2 and arguments[1].known is not None:
            places = arguments[1].known.value
            assert isinstance(places, int)
            scale = min(max(places, 0), SAFE_DIGITS)
        return self._hosted(name, call, arguments, type_, scale, takes_unit)

    def _hosted(
        self,
        name: str,
        call: Callable[..., Any],
        arguments: Sequence[Sql],
        type_: t.Type,
        scale: int,
        takes_unit: bool = False,
        exact_scale: int | None = None,
    ) -> Sql:
        """A call of the host's code."""
        decimal = isinstance(type_, t.Decimal | t.Money)
        takes = [(argument.type, argument.scale) for argument in arguments]
        scales = [str(argument.scale) for argument in arguments if isinstance(argument.type, t.Decimal | t.Money)]
        whole_name = "_".join([name, *scales, *([f"to{scale}"] if decimal else [])])
        function = hosted(whole_name, call, takes, (type_, scale if decimal else 0), self.schema, takes_unit)
        text = f"{self._use(function)}({', '.join(argument.text for argument in arguments)})"
        found = Sql(
            (text,),
            type_,
            any(argument.optional for argument in arguments),
            True,
            scale=scale if decimal else 0,
            fixed=all_fixed(*arguments),
        )
        if decimal:
            return attrs.evolve(found, whole=SAFE_DIGITS + 1 - scale if scale <= SAFE_DIGITS else 1)
        return self.sized(found, type_)

    def display(self, value: Sql) -> str:
        """See `Spelling`."""
        type_, text = value.type, value.text
        if self.numbered(type_):
            assert isinstance(type_, t.Choice)
            return self.members(text, type_)
        if isinstance(type_, t.Text | t.Id | t.Json | t.Choice | t.Date):
            return text
        if isinstance(type_, t.Integer):
            return f"CAST({text} AS TEXT)"
        if isinstance(type_, t.Boolean):
            return f"(CASE {text} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
        if isinstance(type_, t.DateTime) and value.simple:
            return f"(CASE substr({text}, 20) WHEN '.000000Z' THEN substr({text}, 1, 19) || 'Z' ELSE {text} END)"
        if isinstance(type_, t.Decimal | t.Money) and value.simple and value.scale:
            return _plain(text, value.scale)
        return self._hosted(
            f"actionlang_text_{type(type_).__name__}".lower(), display_of(type_), (value,), TEXT, 0
        ).text

    def event_id(self, run: str, number: str) -> str:
        """See `Spelling`."""
        return f"{self._use(EVENT_ID)}({run}, {number})"

    def json(self, value: Sql) -> str:
        """See `Spelling`."""
        type_, text = value.type, value.text
        if isinstance(type_, t.Id | t.Date):
            return f"('\"' || {text} || '\"')"
        if isinstance(type_, t.Decimal | t.Money | t.DateTime):
            return f"('\"' || {self.display(value)} || '\"')"
        if isinstance(type_, t.Text | t.Choice | t.File):
            return f"json_quote({self.display(value) if self.numbered(type_) else text})"
        if isinstance(type_, t.Boolean):
            return self.display(value)
        if isinstance(type_, t.Integer):
            inside = f"{text} BETWEEN -{EXACT_IN_JSON} AND {EXACT_IN_JSON}"
            return f"(CASE WHEN {inside} THEN CAST({text} AS TEXT) ELSE '\"' || {text} || '\"' END)"
        if isinstance(type_, t.Json | t.Choices):
            return text
        name = f"actionlang_json_{type(type_).__name__}".lower()
        return self._hosted(name, lambda found: json.dumps(to_json(found, type_)), (value,), TEXT, 0).text


OPERATION_NAMES = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
IN_NAMES = str.maketrans({",": "_", " ": "_", "(": "_", ")": None})


def _number(value: int) -> str:
    """A number as one operand."""
    if value == -(2**63):
        return "(-9223372036854775807 - 1)"
    return str(value) if value >= 0 else f"({value})"


def _plain(text: str, scale: int) -> str:
    """A scaled integer in digits, as `decimals.plain` writes the number."""
    unit = 10**scale
    behind = f"rtrim('.' || printf('%0{scale}d', abs({text}) % {unit}), '0')"
    sign = f"CASE WHEN {text} < 0 THEN '-' ELSE '' END"
    return f"({sign} || (abs({text}) / {unit}) || CASE abs({text}) % {unit} WHEN 0 THEN '' ELSE {behind} END)"
