"""Values as the prompt shows them: on their own the way people write them, in a table's cell shorter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from actionlang.engine.decimals import plain
from actionlang.engine.display import display_of
from actionlang.engine.store import RowRef
from actionlang.engine.times import MICROSECOND
from actionlang.metadata import types as t

EMPTY = "empty"
NUMBERS = (t.Integer, t.Decimal, t.Money, t.Float)

UNITS = (
    ("day", 86_400_000_000),
    ("hour", 3_600_000_000),
    ("minute", 60_000_000),
)
ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\u{D}", "{": "{{", "}": "}}"},
)

RowName = Callable[[RowRef], str]
"""What a row is called: `case CAS-0042`."""


def shown(value: object, type_: t.Type, row_name: RowName) -> str:
    """A value in one line, as it is shown on its own."""
    if value is None:
        return EMPTY
    if isinstance(value, RowRef):
        return row_name(value)
    if isinstance(type_, t.ListOf):
        assert isinstance(value, tuple)
        return f"({', '.join(shown(item, type_.item, row_name) for item in value)})"
    writer = WRITERS.get(type(type_))
    return writer(value) if writer else display_of(type_)(value)


def in_cell(value: object, type_: t.Type, row_name: RowName) -> str:
    """A value as it stands in a table: empty is blank, texts have no quotes, a row of the only table possible is its key."""
    if value is None:
        return ""
    if isinstance(value, RowRef):
        name = row_name(value)
        only_one = isinstance(type_, t.Row) and len(type_.tables) == 1
        return name.partition(" ")[2] if only_one else name
    if isinstance(type_, t.Money):
        return money_text(value)  # type: ignore[arg-type]
    if isinstance(type_, t.DateTime):
        return moment_text(value.replace(microsecond=0)).removesuffix(" UTC")  # type: ignore[attr-defined]
    if isinstance(type_, t.Duration):
        return duration_text(value)  # type: ignore[arg-type]
    if isinstance(type_, t.ListOf):
        assert isinstance(value, tuple)
        return ", ".join(in_cell(item, type_.item, row_name) for item in value)
    return display_of(type_)(value)


def is_number(type_: t.Type) -> bool:
    """Whether values of this type are set to the right in a table."""
    return isinstance(type_, NUMBERS)


def text_literal(value: str) -> str:
    """A text in quotes, as a script would have it."""
    return f'"{value.translate(ESCAPES)}"'


def money_text(value: Decimal) -> str:
    """An amount with its thousands parted and at least two decimals."""
    digits = plain(value)
    whole, _, cents = digits.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}.{cents:0<2}"


def date_text(value: date) -> str:
    """A day with its weekday."""
    return f"{value.isoformat()} ({value:%A})"


def moment_text(value: datetime) -> str:
    """A moment, to the second or as finely as it goes."""
    return f"{value.replace(tzinfo=None).isoformat(' ')} UTC"


def duration_text(value: timedelta) -> str:
    """A length of time: `2 days 3 hours 1.5 seconds`."""
    rest = abs(value // MICROSECOND)
    parts = []
    for word, size in UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {word}{'' if count == 1 else 's'}")
    if rest or not parts:
        seconds = plain(Decimal(rest) / 1_000_000)
        parts.append(f"{seconds} second{'' if seconds == '1' else 's'}")
    return f"{'-' if value < timedelta() else ''}{' '.join(parts)}"


WRITERS: dict[type[t.Type], Callable[[Any], str]] = {
    t.Text: text_literal,
    t.Money: money_text,
    t.Date: date_text,
    t.DateTime: moment_text,
    t.Duration: duration_text,
    t.Choices: lambda names: f"({', '.join(names)})",
}
