"""Defaults of columns as one line of text, there and back: for documents that have no words of their own for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from actionlang.metadata import types as t
from actionlang.metadata.tables import Default

MICROSECOND = timedelta(microseconds=1)

FORMS: Mapping[type[t.Type], tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    t.Decimal: (str, Decimal),
    t.Money: (str, Decimal),
    t.Float: (repr, float),
    t.Date: (date.isoformat, date.fromisoformat),
    t.DateTime: (datetime.isoformat, datetime.fromisoformat),
    t.Duration: (lambda value: value // MICROSECOND, lambda data: timedelta(microseconds=data)),
    t.Choices: (list, tuple),
}
"""How values that JSON does not have are written in it, and read; others are as they are."""


def write_default(type_: t.Type, default: Default) -> str:
    """A default as text: `now()` for a function, else JSON."""
    if default.function is not None:
        return f"{default.function}()"
    write, _ = FORMS.get(type(type_), (_same, _same))
    return json.dumps(None if default.value is None else write(default.value))


def read_default(type_: t.Type, text: str) -> Default:
    """The default that was written so. Raises ValueError for what is none."""
    if text in ("now()", "today()"):
        return Default(function=text[:-2])
    _, read = FORMS.get(type(type_), (_same, _same))
    try:
        data = json.loads(text)
        return Default(None if data is None else read(data))
    except (TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError(text) from error


def _same(value: Any) -> Any:
    return value
