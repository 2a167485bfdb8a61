"""Arithmetic and functions on PostgreSQL: exact, and with the language's rounding and ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.decimals import LARGEST_INTEGER
from actionlang.engine.relational.postgres_days import DAYS, FIRST_DAY, LAST_DAY, Make, failed, written
from actionlang.engine.relational.spelling import INTEGER_DIGITS, QUOTIENT_SCALE
from actionlang.engine.relational.value import ANY_WHOLE, Sql, all_fixed, any_fails
from actionlang.metadata import types as t

if TYPE_CHECKING:
    from actionlang.engine.relational.postgres import PostgresSpelling

DAY = 86_400_000_000
FIRST_MOMENT = "TIMESTAMPTZ '0001-01-01T00:00:00Z'"
LAST_MOMENT = "TIMESTAMPTZ '9999-12-31T23:59:59.999999Z'"
LONGEST_DAYS = LARGEST_INTEGER // DAY
MOST_PLACES = 30


def half_even(text: str, scale: int) -> str:
    """A number rounded half-even to so many decimals."""
    unit = f"1e{scale}::numeric" if scale >= 0 else f"0.{'0' * (-scale - 1)}1"
    part = f"0.{'0' * (scale - 1)}1" if scale > 0 else f"1e{-scale}::numeric"
    return (
        f"(SELECT (CASE WHEN abs(z.y - z.q) > 0.5 OR (abs(z.y - z.q) = 0.5 AND z.q % 2 <> 0) "
        f"THEN z.q + sign(z.y) ELSE z.q END) * {part} "
        f"FROM (SELECT s.y, trunc(s.y) AS q FROM (SELECT {text} * {unit} AS y OFFSET 0) AS s OFFSET 0) AS z)"
    )


def quotient(left: str, right: str) -> str:
    """A quotient to 12 decimals, half-even; raises for a divisor of zero."""
    return (
        "(SELECT (CASE WHEN abs(z.r) * 2 > abs(z.b) OR (abs(z.r) * 2 = abs(z.b) AND z.q % 2 <> 0) "
        "THEN z.q + sign(z.n) * sign(z.b) ELSE z.q END) * 0.000000000001 "
        "FROM (SELECT s.n, s.b, s.q, s.n - s.q * s.b AS r FROM (SELECT d.n, d.b, div(d.n, d.b) AS q "
        f"FROM (SELECT {left} * 1e12::numeric AS n, {right} AS b OFFSET 0) AS d OFFSET 0) AS s OFFSET 0) AS z)"
    )


def _whole_quotient(left: str, right: str) -> str:
    """A quotient of exact numbers as a whole number, half-even."""
    return (
        "(SELECT CASE WHEN abs(z.r) * 2 > abs(z.b) OR (abs(z.r) * 2 = abs(z.b) AND z.q % 2 <> 0) "
        "THEN z.q + sign(z.n) * sign(z.b) ELSE z.q END "
        "FROM (SELECT s.n, s.b, s.q, s.n - s.q * s.b AS r FROM (SELECT d.n, d.b, div(d.n, d.b) AS q "
        f"FROM (SELECT {left} AS n, {right} AS b OFFSET 0) AS d OFFSET 0) AS s OFFSET 0) AS z)"
    )


def arithmetic(spelling: PostgresSpelling, operator: str, left: Sql, right: Sql, type_: t.Type) -> Sql:
    """An operation on two values."""
    kinds = (type(left.type), type(right.type))
    found = Sql(
        (f"({left.text} {operator} {right.text})",),
        type_,
        left.optional or right.optional,
        any_fails(left, right),
        fixed=all_fixed(left, right),
    )
    made = _numbers(spelling, operator, left, right, found, kinds) or _times(operator, left, right, found, kinds)
    if made is None:
        raise spelling.refuse(f"{left.type} {operator} {right.type}")
    return made


def _numbers(
    spelling: PostgresSpelling, operator: str, left: Sql, right: Sql, found: Sql, kinds: tuple[type, type]
) -> Sql | None:
    if operator == "/" and kinds in ((t.Integer, t.Integer), (t.Decimal, t.Decimal), (t.Duration, t.Duration)):
        text = quotient(f"{left.text}::numeric", f"{right.text}::numeric")
        whole = min(left.whole + right.scale + 1, ANY_WHOLE)
        made = attrs.evolve(found, cells=(text,), fails=True, whole=whole, scale=QUOTIENT_SCALE)
        return spelling.exact(made)
    if kinds == (t.Integer, t.Integer):
        one, other = _digits(left), _digits(right)
        whole = one + other if operator == "*" else max(one, other) + 1
        if whole < INTEGER_DIGITS:
            return attrs.evolve(found, whole=whole)
    if kinds in ((t.Integer, t.Integer), (t.Duration, t.Duration), (t.Duration, t.Integer)):
        # 64-bit arithmetic raises by itself.
        return attrs.evolve(found, fails=True, whole=INTEGER_DIGITS)
    if kinds == (t.Decimal, t.Decimal):
        if operator == "*":
            made = attrs.evolve(found, whole=left.whole + right.whole, scale=left.scale + right.scale)
        else:
            made = attrs.evolve(found, whole=max(left.whole, right.whole) + 1, scale=max(left.scale, right.scale))
        return spelling.exact(made)
    return None


def _digits(value: Sql) -> int:
    """The most digits of a whole number."""
    known = None if value.known is None else value.known.value
    return len(str(abs(known))) if isinstance(known, int) else value.whole


def _times(operator: str, left: Sql, right: Sql, found: Sql, kinds: tuple[type, type]) -> Sql | None:
    found = attrs.evolve(found, fails=True)
    one, other = left.text, right.text
    if kinds == (t.Duration, t.Decimal):
        if operator == "*":
            text = f"({_rounded_whole(f'{one}::numeric * {other}')}::bigint)"
        else:
            text = f"({_whole_quotient(f'{one}::numeric', other)}::bigint)"
        return attrs.evolve(found, cells=(text,))
    if kinds == (t.Date, t.Date):
        return attrs.evolve(found, cells=(f"(({one} - {other})::bigint * {DAY})",), fails=any_fails(left, right))
    if kinds == (t.DateTime, t.DateTime):
        text = f"(({_epoch(one)} - {_epoch(other)}))"
        return attrs.evolve(found, cells=(text,), fails=any_fails(left, right))
    if kinds == (t.Date, t.Duration):
        return attrs.evolve(found, cells=(_moved_date(one, operator, other),))
    if kinds == (t.DateTime, t.Duration):
        return attrs.evolve(found, cells=(_moved_moment(one, operator, other),))
    return None


def _rounded_whole(text: str) -> str:
    return half_even(text, 0)


def _epoch(text: str) -> str:
    """A moment as whole microseconds since 1970."""
    return f"((extract(epoch FROM {text}) * 1000000)::bigint)"


def _moved_date(one: str, operator: str, length: str) -> str:
    part, range_ = failed(codes.PART_OF_A_DAY.id, "date"), failed(codes.TIME_OUT_OF_RANGE.id, "date")
    return (
        f"(SELECT CASE WHEN m.l % {DAY} <> 0 THEN {part} "
        f"WHEN m.d IS NULL OR m.l IS NULL THEN NULL "
        f"WHEN (m.d - {FIRST_DAY})::bigint {operator} m.l / {DAY} NOT BETWEEN 0 AND {LAST_DAY} - {FIRST_DAY} "
        f"THEN {range_} ELSE m.d {operator} (m.l / {DAY})::integer END "
        f"FROM (SELECT {one} AS d, {length} AS l OFFSET 0) AS m)"
    )


def _moved_moment(one: str, operator: str, length: str) -> str:
    """Through whole microseconds, for intervals would round them."""
    range_ = failed(codes.TIME_OUT_OF_RANGE.id, "timestamptz")
    moved = f"{_epoch('m.d')} {operator} m.l"
    return (
        f"(SELECT CASE WHEN m.d IS NULL OR m.l IS NULL THEN NULL "
        f"WHEN {moved} NOT BETWEEN {_epoch(FIRST_MOMENT)} AND {_epoch(LAST_MOMENT)} THEN {range_} "
        # Hours, not days: days of the session's time zone may have another length.
        f"ELSE TIMESTAMPTZ '1970-01-01T00:00:00Z' + (({moved}) / 3600000000) * INTERVAL '1 hour' "
        f"+ (({moved}) % 3600000000) * INTERVAL '1 microsecond' END "
        f"FROM (SELECT {one} AS d, {length} AS l OFFSET 0) AS m)"
    )


def iso_duration(text: str) -> str:
    """A length of time as `times.iso_duration` writes it."""
    return (
        "(SELECT CASE WHEN p.u IS NULL THEN NULL WHEN p.u = 0 THEN 'PT0S' ELSE "
        "CASE WHEN p.u < 0 THEN '-P' ELSE 'P' END "
        f"|| CASE WHEN p.a >= {DAY} THEN div(p.a, {DAY})::text || 'D' ELSE '' END "
        f"|| CASE WHEN p.a % {DAY} > 0 THEN 'T' "
        f"|| CASE WHEN p.a % {DAY} >= 3600000000 THEN div(p.a % {DAY}, 3600000000)::text || 'H' ELSE '' END "
        "|| CASE WHEN p.a % 3600000000 >= 60000000 THEN div(p.a % 3600000000, 60000000)::text || 'M' ELSE '' END "
        "|| CASE WHEN p.a % 60000000 > 0 THEN trim_scale(p.a % 60000000 * 0.000001)::text || 'S' ELSE '' END "
        "ELSE '' END END "
        f"FROM (SELECT o.u, abs(o.u::numeric) AS a FROM (SELECT {text} AS u OFFSET 0) AS o OFFSET 0) AS p)"
    )


# ----------------------------------------------------------------------------------------------------------- functions


def call(spelling: PostgresSpelling, function: str, overload: str, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    """A function of the host."""
    make = FUNCTIONS.get((function, overload))
    if make is None:
        raise spelling.refuse(f"{function}({overload})")
    found = make(spelling, arguments, type_)
    return attrs.evolve(
        found,
        optional=any(argument.optional for argument in arguments),
        fails=found.fails or any_fails(*arguments),
        fixed=all_fixed(*arguments),
    )


def _counted(pattern: str, least: int, which: int) -> Make:
    """The same, an argument of which must not be below something. Counts beyond 32 bits are longer than any text."""

    def make(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        counts = list(arguments)
        for at in range(which, len(arguments)):
            low = least if at == which else 0
            guarded = spelling.guarded(arguments[at], f"{{0}} >= {low}", codes.NO_ANSWER.id)
            counts[at] = attrs.evolve(guarded, cells=(f"(least({guarded.text}, 2000000)::integer)",))
        text = pattern.format(*(argument.text for argument in counts))
        return Sql((text,), type_, fails=any_fails(*counts))

    return make


def _rounding(pattern: str) -> Make:
    """A decimal as a whole number."""

    def make(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        text = pattern.format(arguments[0].text)
        return spelling.sized(Sql((f"({text}::bigint)",), type_, fails=True), type_)

    return make


def _round_whole(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    return spelling.sized(Sql((f"({half_even(arguments[0].text, 0)}::bigint)",), type_, fails=True), type_)


def _round_places(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    """Rounding to a known number of places."""
    value, places = arguments
    known = None if places.known is None else places.known.value
    if not isinstance(known, int) or not -MOST_PLACES <= known <= MOST_PLACES:
        raise spelling.refuse("rounding to a number of places that differs")
    if value.scale <= known:
        return attrs.evolve(value, type=type_, known=None)
    made = Sql((half_even(value.text, known),), type_, fails=True, whole=value.whole + 1, scale=max(known, 0))
    return spelling.exact(made)


def _length_of_time(microseconds: int) -> Make:
    def make(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        text = f"({half_even(f'{arguments[0].text} * {microseconds}', 0)}::bigint)"
        return Sql((text,), type_, fails=True)

    return make


def _measured(microseconds: int) -> Make:
    def make(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        text = quotient(f"{arguments[0].text}::numeric", f"{microseconds}::numeric")
        return Sql((text,), type_, fails=arguments[0].fails, whole=14, scale=QUOTIENT_SCALE)

    return make


def _modulo_integers(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    return spelling.sized(Sql((_remainder(arguments),), type_, fails=True), type_)


def _modulo_decimals(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    value, divisor = arguments
    made = Sql((_remainder(arguments),), type_, fails=True, whole=divisor.whole, scale=max(value.scale, divisor.scale))
    return spelling.exact(made)


def _remainder(arguments: Sequence[Sql]) -> str:
    """What is left of a division whose quotient is rounded down: it has the divisor's sign."""
    return (
        "(SELECT CASE WHEN m.r <> 0 AND (m.r < 0) <> (m.b < 0) THEN m.r + m.b ELSE m.r END "
        "FROM (SELECT s.b, s.a % s.b AS r "
        f"FROM (SELECT {arguments[0].text} AS a, {arguments[1].text} AS b OFFSET 0) AS s OFFSET 0) AS m)"
    )


def _display(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    return Sql((spelling.display(arguments[0]),), type_)


def _quotient(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    """The whole number at or below a quotient."""
    text = (
        "(SELECT m.a / m.b - CASE WHEN m.a % m.b <> 0 AND (m.a < 0) <> (m.b < 0) THEN 1 ELSE 0 END "
        f"FROM (SELECT {arguments[0].text} AS a, {arguments[1].text} AS b OFFSET 0) AS m)"
    )
    known = None if arguments[1].known is None else arguments[1].known.value
    return spelling.sized(Sql((text,), type_, fails=known in (None, 0, -1)), type_)


def _extreme(kind: str) -> Make:
    """The least or greatest of two; `least` and `greatest` would pass over an empty one."""

    def make(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        one, other = arguments
        text = f"{kind}({one.text}, {other.text})"
        if one.optional or other.optional:
            text = f"(CASE WHEN {one.text} IS NULL OR {other.text} IS NULL THEN NULL ELSE {text} END)"
        return Sql((text,), type_, whole=max(one.whole, other.whole), scale=max(one.scale, other.scale))

    return make


KINDS_IN_ORDER = ("integer", "decimal", "date", "datetime", "duration")

FUNCTIONS: dict[tuple[str, str], Make] = {
    ("length", "text"): written("(length({0})::bigint)"),
    ("left", "text,integer"): _counted("left({0}, {1})", 0, 1),
    ("right", "text,integer"): _counted("right({0}, {1})", 0, 1),
    ("middle", "text,integer,integer"): _counted("substr({0}, {1}, {2})", 1, 1),
    ("contains", "text,text"): written('(strpos({0} COLLATE "C", {1}) > 0)'),
    ("starts_with", "text,text"): written("starts_with({0}, {1})"),
    ("ends_with", "text,text"): written("(right({0}, length({1})) = {1} COLLATE \"C\" OR {1} = '')"),
    ("position", "text,text"): written('(strpos({0} COLLATE "C", {1})::bigint)'),
    **{("text_of", kind): _display for kind in ("integer", "decimal", "boolean", "date", "datetime", "duration", "id")},
    ("absolute", "integer"): written("abs({0})", fails=True),
    ("absolute", "decimal"): written("abs({0})"),
    ("absolute", "duration"): written("abs({0})", fails=True),
    ("sign", "decimal"): written("(sign({0})::bigint)"),
    ("round", "decimal"): _round_whole,
    ("round", "decimal,integer"): _round_places,
    ("floor", "decimal"): _rounding("floor({0})"),
    ("ceiling", "decimal"): _rounding("ceil({0})"),
    ("truncate", "decimal"): _rounding("trunc({0})"),
    ("quotient", "integer,integer"): _quotient,
    **{("minimum", f"{kind},{kind}"): _extreme("least") for kind in KINDS_IN_ORDER},
    **{("maximum", f"{kind},{kind}"): _extreme("greatest") for kind in KINDS_IN_ORDER},
    ("modulo", "integer,integer"): _modulo_integers,
    ("modulo", "decimal,decimal"): _modulo_decimals,
    **DAYS,
    ("weeks", "decimal"): _length_of_time(7 * DAY),
    ("days", "decimal"): _length_of_time(DAY),
    ("hours", "decimal"): _length_of_time(3_600_000_000),
    ("minutes", "decimal"): _length_of_time(60_000_000),
    ("seconds", "decimal"): _length_of_time(1_000_000),
    ("to_days", "duration"): _measured(DAY),
    ("to_hours", "duration"): _measured(3_600_000_000),
    ("to_minutes", "duration"): _measured(60_000_000),
    ("to_seconds", "duration"): _measured(1_000_000),
}
"""What is proved to mean the same; all else is left to the interpreter. Case mapping and white space follow one Unicode
table in the host, and time zones the host's own, so functions that ask these are not here."""
