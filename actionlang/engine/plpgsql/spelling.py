"""PostgreSQL's spelling inside a function: failures with what the interpreter says of them, and functions of the host that need
more than an expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.decimals import DIGITS
from actionlang.engine.functions.casing import WHITE_SPACE
from actionlang.engine.functions.texts import LONGEST
from actionlang.engine.relational.postgres import DAY, FIRST_DAY, LAST_DAY, PostgresSpelling
from actionlang.engine.relational.value import ANY_WHOLE, Sql, any_fails
from actionlang.engine.schema import Schema
from actionlang.metadata import types as t

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.scope import ServerScope

COUNTS: dict[tuple[str, str], tuple[tuple[int, str, int], ...]] = {
    ("left", "text,integer"): ((1, "count", 0),),
    ("right", "text,integer"): ((1, "count", 0),),
    ("middle", "text,integer,integer"): ((1, "first", 1), (2, "count", 0)),
}
"""Arguments that must not be below something: which, by what name, below what."""


CODES = {
    code.id: code
    for code in (codes.TOO_MANY_DIGITS, codes.DIVISION_BY_ZERO, codes.TIME_OUT_OF_RANGE, codes.INTEGER_OVERFLOW)
}
STATIC = {
    codes.TOO_MANY_DIGITS.id: "The result has more than 38 digits.",
    codes.DIVISION_BY_ZERO.id: "This divides by zero.",
    codes.TIME_OUT_OF_RANGE.id: "The result is beyond the range of a {}.",
    codes.INTEGER_OVERFLOW.id: "The result is beyond what an integer of 64 bits holds.",
}
"""What is said of results that do not fit, whatever they are."""

HINTS = {
    codes.TOO_MANY_DIGITS.id: "round what goes in, or what comes out of a division, with round(value, places)",
    codes.DIVISION_BY_ZERO.id: "test the divisor with if or require first",
}
KINDS: dict[type[t.Type], str] = {t.Date: "date", t.DateTime: "datetime", t.Duration: "duration"}
FITS = "(scale(trim_scale({0})) <= 38 AND abs({0}) < ('1e' || 38 - scale(trim_scale({0})))::numeric)"
OF_A_ROW = re.compile(r"\br[0-9]+\.")
"""A text that looks at a column of a query's row."""

CONSTANT = re.compile(r"'((?:[^']|'')*)'(?:::text)?")


def _escaped(character: str) -> str:
    if character in "'\\":
        return character * 2
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def escaped_text(value: str) -> str:
    """A text as a constant in which no setting changes what a backslash means."""
    return f"E'{''.join(map(_escaped, value))}'::text"


def _known_days(length: Sql) -> int:
    assert length.known is not None
    assert isinstance(length.known.value, timedelta)
    return length.known.value // timedelta(days=1)


class ServerSpelling(PostgresSpelling):
    """See `Spelling`. `support` names a function that stands beside the one that is written."""

    def __init__(self, schema: Schema, support: Callable[[str], str]) -> None:
        super().__init__(schema)
        self.support = support
        self.scope: ServerScope | None = None

    def constant_text(self, value: object, type_: t.Type) -> str:
        """See `Spelling`. Backslashes and what can not be seen are written so that no setting changes what they mean."""
        if isinstance(value, str) and not isinstance(type_, t.Id) and ("\\" in value or not value.isprintable()):
            return escaped_text(value)
        return super().constant_text(value, type_)

    def same(self, left: str, right: str, type_: t.Type, maybe_empty: bool) -> str:
        """See `Spelling`. All columns here are of collations that take only the same text for the same (see `existing_postgres`),
        and one that is compared with a value as it is can be looked up in its index, whatever its collation."""
        if not maybe_empty and not (OF_A_ROW.search(left) and OF_A_ROW.search(right)):
            return f"({left} = {right})"
        return super().same(left, right, type_, maybe_empty)

    def arithmetic(self, operator: str, left: Sql, right: Sql, type_: t.Type) -> Sql:
        """See `Spelling`."""
        scope = self.scope
        if isinstance(left.type, t.Float):
            raise self.refuse("arithmetic of floating point numbers")
        if (
            scope is not None
            and not scope.scans
            and isinstance(left.type, t.Date)
            and isinstance(right.type, t.Duration)
        ):
            return self._moved_date(operator, left, self._whole_days(right, scope), scope)
        return super().arithmetic(operator, left, right, type_)

    def _moved_date(self, operator: str, date: Sql, length: Sql, scope: ServerScope) -> Sql:
        """A date moved by whole days."""
        date = date if date.simple else scope.held(date, "date")
        days = f"({length.text} / {DAY})" if length.known is None else str(_known_days(length))
        branch = scope.block.inside(
            f"IF ({date.text} - {FIRST_DAY})::bigint {operator} {days} NOT BETWEEN 0 AND {LAST_DAY} - {FIRST_DAY} THEN",
            "END IF;",
        )
        scope.fail(codes.TIME_OUT_OF_RANGE, scope.text(STATIC[codes.TIME_OUT_OF_RANGE.id].format("date")), block=branch)
        text = f"({date.text} {operator} {days}::integer)"
        return Sql((text,), date.type, date.optional or length.optional, fixed=date.fixed and length.fixed)

    def sized(self, sql: Sql, type_: t.Type) -> Sql:
        """See `Spelling`. Nothing is known of the digits of a decimal that is any."""
        if isinstance(type_, t.Decimal) and type_.precision is None and sql.known is None:
            return attrs.evolve(sql, whole=ANY_WHOLE, scale=ANY_WHOLE)
        return super().sized(sql, type_)

    def exact(self, value: Sql) -> Sql:
        """See `PostgresSpelling`. Digits are counted, for a number may have fewer than what is known of it allows."""
        return value if value.digits <= DIGITS else self.guarded(value, FITS, codes.TOO_MANY_DIGITS.id)

    def total(self, value: Sql, type_: t.Type) -> Sql:
        """See `Spelling`."""
        if not isinstance(type_, t.Decimal):
            return super().total(value, type_)
        found = Sql((f"coalesce(sum({value.text}), 0)",), type_, False, value.fails, ANY_WHOLE, value.scale)
        return self._over_group(found, FITS, codes.TOO_MANY_DIGITS.id, ANY_WHOLE)

    def guarded(self, value: Sql, condition: str, code: str) -> Sql:
        """See `PostgresSpelling`. Outside of queries it is seen to at once, by a statement."""
        scope = self.scope
        if scope is None or scope.scans or code not in STATIC:
            return super().guarded(value, condition, code)
        held = value if value.simple else scope.held(value)
        branch = scope.block.inside(f"IF NOT ({condition.format(held.text)}) THEN", "END IF;")
        message = STATIC[code].format(KINDS.get(type(value.type), ""))
        scope.fail(CODES[code], scope.text(message), hint=HINTS.get(code), block=branch)
        return attrs.evolve(held, fails=False)

    def joined(self, texts: Sequence[str]) -> str:
        """See `Spelling`. Constants beside each other become one."""
        merged: list[str] = []
        for text in texts:
            if merged and (one := CONSTANT.fullmatch(merged[-1])) and (other := CONSTANT.fullmatch(text)):
                merged[-1] = f"'{one[1]}{other[1]}'"
            else:
                merged.append(text)
        return merged[0] if len(merged) == 1 else super().joined(merged)

    def _whole_days(self, length: Sql, scope: ServerScope) -> Sql:
        if (
            length.known is not None
            and isinstance(length.known.value, timedelta)
            and not length.known.value % timedelta(days=1)
        ):
            return length
        length = length if length.simple else scope.held(length, "length")
        branch = scope.block.inside(f"IF {length.text} % {DAY} <> 0 THEN", "END IF;")
        message = self.joined([scope.text("A date takes whole days only, not "), self.display(length), scope.text(".")])
        hint = "use a datetime, such as start_of_day(...), where hours count"
        scope.fail(codes.PART_OF_A_DAY, message, hint=hint, block=branch)
        return length

    def call(self, function: str, overload: str, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        """See `Spelling`."""
        scope = self.scope
        counts = COUNTS.get((function, overload))
        if counts is not None and scope is not None and not scope.scans:
            arguments = self._counted(counts, list(arguments), scope)
        made = OWN.get((function, overload))
        if made is None:
            return super().call(function, overload, arguments, type_)
        return attrs.evolve(
            made(self, arguments, type_),
            optional=any(argument.optional for argument in arguments),
            fixed=all(argument.fixed for argument in arguments),
        )

    def _counted(self, counts: tuple[tuple[int, str, int], ...], arguments: list[Sql], scope: ServerScope) -> list[Sql]:
        for at, name, least in counts:
            value = arguments[at] = arguments[at] if arguments[at].simple else scope.held(arguments[at], name)
            told = [scope.text(f"`{name}` is "), f"{value.text}::text", scope.text(f"; it must not be below {least}.")]
            branch = scope.block.inside(f"IF {value.text} < {least} THEN", "END IF;")
            scope.fail(codes.NO_ANSWER, self.joined(told), block=branch)
        return arguments

    def helped(self, name: str, *arguments: Sql) -> str:
        """A call of a support function."""
        return f"{self.support(name)}({', '.join(argument.text for argument in arguments)})"


def _trim(spelling: ServerSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    return Sql(
        (f"btrim({arguments[0].text}, {spelling.constant_text(WHITE_SPACE, type_)})",),
        type_,
        fails=any_fails(*arguments),
    )


def _cased(name: str) -> Callable[[ServerSpelling, Sequence[Sql], t.Type], Sql]:
    def made(spelling: ServerSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        return Sql((spelling.helped(name, *arguments),), type_, fails=any_fails(*arguments))

    return made


def _join(spelling: ServerSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    text = f"array_to_string({arguments[0].text}, {arguments[1].text})"
    return spelling.guarded(Sql((text,), type_), f"length({{0}}) <= {LONGEST}", codes.NO_ANSWER.id)


def _position(pattern: str) -> Callable[[ServerSpelling, Sequence[Sql], t.Type], Sql]:
    def made(spelling: ServerSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        found = f'strpos({arguments[0].text} COLLATE "C", {arguments[1].text})'
        sql = Sql((pattern.format(found),), type_, fails=any_fails(*arguments))
        return spelling.sized(sql, type_)

    return made


def _rounded(way: str) -> Callable[[ServerSpelling, Sequence[Sql], t.Type], Sql]:
    def made(spelling: ServerSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        value, places = arguments
        text = f"{spelling.support('rounded')}({value.text}, {places.text}, '{way}')"
        return Sql((text,), type_, fails=True, scale=min(value.scale, DIGITS))

    return made


def _helped(name: str, *more: str, fails: bool = True) -> Callable[[ServerSpelling, Sequence[Sql], t.Type], Sql]:
    """A support function, called with the arguments and then with what is said here as SQL."""

    def made(spelling: ServerSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        given = [*(argument.text for argument in arguments), *more]
        text = f"{spelling.support(name)}({', '.join(given)})"
        sql = Sql((text,), type_, fails=fails or any_fails(*arguments), whole=ANY_WHOLE, scale=DIGITS)
        return spelling.sized(sql, type_)

    return made


OWN: dict[tuple[str, str], Callable[[ServerSpelling, Sequence[Sql], t.Type], Sql]] = {
    ("trim", "text"): _trim,
    ("upper", "text"): _cased("upper"),
    ("lower", "text"): _cased("lower"),
    ("contains", "text,text"): _position("({} > 0)"),
    ("position", "text,text"): _position("({}::bigint)"),
    ("round", "decimal,integer"): _rounded("half even"),
    ("round_half_up", "decimal,integer"): _rounded("half up"),
    ("round_up", "decimal,integer"): _rounded("up"),
    ("round_down", "decimal,integer"): _rounded("down"),
    ("join", "list of text,text"): _join,
    ("number_of", "text"): _helped("number_of"),
    ("is_number", "text"): _helped("is_number", fails=False),
    ("integer_of", "text"): _helped("integer_of"),
    ("date_of", "text"): _helped("date_of"),
    ("is_date", "text"): _helped("is_date", fails=False),
    ("make_date", "integer,integer,integer"): _helped("make_date"),
    ("text_of", "decimal,integer"): _helped("with_places"),
    ("replace", "text,text,text"): _helped("replaced"),
    ("position", "text,text,integer"): _helped("position_from"),
    ("repeat", "text,integer"): _helped("repeated"),
    ("pad_left", "text,integer"): _helped("padded_left", "' '"),
    ("pad_left", "text,integer,text"): _helped("padded_left"),
    ("pad_right", "text,integer"): _helped("padded_right", "' '"),
    ("pad_right", "text,integer,text"): _helped("padded_right"),
}
