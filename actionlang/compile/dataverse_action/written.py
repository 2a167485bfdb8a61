"""Expressions as they are being written: their text, and what has to be known to put them into others."""

from __future__ import annotations

import attrs

from actionlang.metadata import types as t

OR, AND, NOT, COMPARISON, OTHERWISE, SUM, MULTIPLICATION, ATOM = range(1, 9)
"""How tightly an expression's outermost operator binds."""


class CanNotSay(Exception):
    """Raised for what a script has no words for; the message says what that is."""


@attrs.frozen
class Written:
    """An expression: its text, its outermost operator, its type (None: not known), whether it may be empty.

    `shows` are the expressions that are not empty where this one, a condition, is true.
    """

    text: str
    level: int
    type: t.Type | None
    optional: bool
    shows: frozenset[str] = frozenset()


def bracketed(written: Written, level: int) -> str:
    """The text, in parentheses unless it binds at least as tightly as asked."""
    return written.text if written.level >= level else f"({written.text})"


@attrs.frozen
class Way:
    """How a value of one type becomes one of another: an expression with `{}` for it, and the name and documentation of a
    function that does it for a value that may be empty."""

    direct: str
    name: str
    doc: str


CONVERTED: dict[tuple[type[t.Type], type[t.Type]], Way] = {
    (t.DateTime, t.Date): Way("date_of({})", "day_of_moment", "The day of a moment; empty if there is none."),
    (t.Date, t.DateTime): Way("start_of_day({})", "moment_of_day", "The beginning of a day; empty if there is none."),
    (t.Decimal, t.Float): Way("to_float({})", "float_of_number", "The number as a binary one; empty if there is none."),
    (t.Float, t.Decimal): Way(
        "exact({}, 10)", "number_of_float", "The number, exact to ten places; empty if there is none."
    ),
}
