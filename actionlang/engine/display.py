"""How a value is written into a text: by interpolation, by `text_of`, in messages.

ISO dates and durations, plain decimals (see `decimals.plain`), choice names, `true` and `false`; the items of
a list with ", " between them. Rows are written by whoever can read their key (see the interpreter).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from actionlang.engine.decimals import plain
from actionlang.engine.times import iso_datetime, iso_duration
from actionlang.metadata import types as t

Display = Callable[[Any], str]


def float_text(value: float) -> str:
    """The shortest digits that read back as the same number, without an exponent."""
    return plain(Decimal(repr(value)))


def boolean_text(value: bool) -> str:
    return "true" if value else "false"


def _same(value: str) -> str:
    return value


DISPLAYS: dict[type[t.Type], Display] = {
    t.Text: _same,
    t.Id: _same,
    t.Json: _same,
    t.Choice: _same,
    t.Choices: ", ".join,
    t.Integer: str,
    t.Decimal: plain,
    t.Money: plain,
    t.Float: float_text,
    t.Boolean: boolean_text,
    t.Date: str,
    t.DateTime: iso_datetime,
    t.Duration: iso_duration,
}


def display_of(type_: t.Type) -> Display:
    """What writes a value of this type, which is neither empty nor a row nor a list of rows."""
    if isinstance(type_, t.ListOf):
        item = display_of(type_.item)
        return lambda values: ", ".join(item(value) for value in values)
    return DISPLAYS[type(type_)]
