"""Constants in a plan: the Python values that stand for them, whether one is of a type, and how it is written as JSON.

| type | Python | JSON |
|---|---|---|
| text, id, choice | str | string |
| integer | int | number, beyond 2^53 a string |
| decimal, money | Decimal | string, plain digits |
| float | float | string, the shortest that reads back |
| boolean | bool | true, false |
| date | date | string, ISO |
| datetime | datetime, aware, UTC | string, ISO, `Z` |
| duration | timedelta | microseconds, as an integer is written |
| choices, list | tuple | array |

Every constant has exactly one spelling, so that equal plans have equal bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from actionlang.metadata import types as t

EXACT_IN_JSON = 2**53 - 1
LARGEST_INTEGER = 2**63 - 1
DIGITS = 38
MONEY_SCALE = 4
MICROSECOND = timedelta(microseconds=1)
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)\Z", re.ASCII)
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z", re.ASCII)
LONGEST_NUMBER = 80
"""Characters of the longest number that is looked at; no constant that fits its type needs more."""


def encode_value(type_: t.Type, value: object) -> object:
    """A constant as JSON holds it; None is null.

    Raises ValueError when the value is not of the type's Python class (its range is not looked at).
    """
    if value is None:
        return None
    form = FORMS.get(type(type_))
    if form is None or not _is_of(form[0], value):
        raise ValueError(f"{value!r} is no constant of type {type_}")
    return form[1](type_, value)


def decode_value(type_: t.Type, data: object) -> object:
    """The constant that JSON data stands for.

    Raises ValueError, saying why, when the data is not the one spelling of a constant of this type.
    """
    if data is None:
        return None
    form = FORMS.get(type(type_))
    if form is None:
        raise ValueError(f"there are no constants of type {type_}")
    try:
        value = form[2](type_, data)
        if encode_value(type_, value) == data:
            return value
    except (ValueError, TypeError, OverflowError, ArithmeticError):
        pass
    raise ValueError(f"{_shown(data)} is no constant of type {type_}")


def misfit(type_: t.Type, value: object) -> str | None:
    """Why a value other than None is not a constant of a type, or None when it is. Choices' members are not looked at."""
    form = FORMS.get(type(type_))
    if form is None:
        return f"there are no constants of type {type_}"
    if not _is_of(form[0], value):
        return f"{_shown(value)} is no constant of type {type_}"
    limit = LIMITS.get(type(type_))
    return limit(type_, value) if limit else None


def _is_of(kind: type, value: object) -> bool:
    """Exact classes only: True is no integer, and a datetime no date."""
    return type(value) is kind


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_NUMBER else f"{text[:LONGEST_NUMBER]}..."


# ---------------------------------------------------------------------------------------------------------- spelling


def _same(_: t.Type, value: object) -> object:
    return value


def _text(_: t.Type, data: object) -> str:
    if not isinstance(data, str):
        raise TypeError
    return data


def _boolean(_: t.Type, data: object) -> bool:
    if not isinstance(data, bool):
        raise TypeError
    return data


def _whole_out(_: t.Type, value: int) -> object:
    return value if -EXACT_IN_JSON <= value <= EXACT_IN_JSON else str(value)


def _whole_in(_: t.Type, data: object) -> int:
    if isinstance(data, str) and len(data) <= LONGEST_NUMBER and WHOLE.match(data):
        return int(data)
    if type(data) is int:
        return data
    raise TypeError


def _decimal_out(_: t.Type, value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a number")
    return format(value, "f")


def _decimal_in(_: t.Type, data: object) -> Decimal:
    text = _text(_, data)
    if len(text) > LONGEST_NUMBER or not DECIMAL.match(text):
        raise ValueError
    return Decimal(text)


def _float_out(_: t.Type, value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number")
    return repr(value)


def _float_in(_: t.Type, data: object) -> float:
    value = float(_text(_, data))
    if repr(value) != data or not math.isfinite(value):
        raise ValueError
    return value


def _date_out(_: t.Type, value: date) -> str:
    return value.isoformat()


def _date_in(_: t.Type, data: object) -> date:
    return date.fromisoformat(_text(_, data))


def _datetime_out(_: t.Type, value: datetime) -> str:
    if value.utcoffset() != timedelta(0):
        raise ValueError(f"{value} is not in UTC")
    return f"{value.replace(tzinfo=None).isoformat()}Z"


def _datetime_in(_: t.Type, data: object) -> datetime:
    text = _text(_, data)
    if not text.endswith("Z"):
        raise ValueError
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def _duration_out(type_: t.Type, value: timedelta) -> object:
    return _whole_out(type_, value // MICROSECOND)


def _duration_in(type_: t.Type, data: object) -> timedelta:
    return timedelta(microseconds=_whole_in(type_, data))


def _id_in(_: t.Type, data: object) -> str:
    text = _text(_, data)
    if str(UUID(text)) != text:
        raise ValueError
    return text


def _item_type(type_: t.Type) -> t.Type:
    if isinstance(type_, t.ListOf):
        return type_.item
    assert isinstance(type_, t.Choices)
    return t.Choice(type_.name)


def _many_out(type_: t.Type, value: tuple[object, ...]) -> list[object]:
    item = _item_type(type_)
    if None in value:
        raise ValueError("a list has no empty items")
    return [encode_value(item, each) for each in value]


def _many_in(type_: t.Type, data: object) -> tuple[object, ...]:
    if not isinstance(data, list) or None in data:
        raise TypeError
    item = _item_type(type_)
    return tuple(decode_value(item, each) for each in data)


FORMS: dict[type, tuple[type, Callable[..., object], Callable[[t.Type, object], object]]] = {
    t.Text: (str, _same, _text),
    t.Id: (str, _same, _id_in),
    t.Choice: (str, _same, _text),
    t.Integer: (int, _whole_out, _whole_in),
    t.Decimal: (Decimal, _decimal_out, _decimal_in),
    t.Money: (Decimal, _decimal_out, _decimal_in),
    t.Float: (float, _float_out, _float_in),
    t.Boolean: (bool, _same, _boolean),
    t.Date: (date, _date_out, _date_in),
    t.DateTime: (datetime, _datetime_out, _datetime_in),
    t.Duration: (timedelta, _duration_out, _duration_in),
    t.Choices: (tuple, _many_out, _many_in),
    t.ListOf: (tuple, _many_out, _many_in),
}
"""For each class of types its values' Python class, how one is written and how it is read."""


# ------------------------------------------------------------------------------------------------------------ limits


def _text_limit(type_: t.Text, value: str) -> str | None:
    if "\x00" in value:
        return "a text has no U+0000"
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "a text has no half of a surrogate pair"
    if type_.length is not None and len(value) > type_.length:
        return f"the text has {len(value)} characters, and {type_} takes {type_.length}"
    return None


def _integer_limit(_: t.Integer, value: int) -> str | None:
    return None if -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER else f"{_shown(value)} does not fit 64 bits"


def digits_and_scale(value: Decimal) -> tuple[int, int]:
    """Digits before and behind the point of a finite number; a zero before the point is none."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return max(len(digits) + exponent, 0) if value else 0, max(-exponent, 0)


def _decimal_limit(type_: t.Decimal, value: Decimal) -> str | None:
    if not value.is_finite():
        return f"{value} is not a number"
    before, scale = digits_and_scale(value)
    if type_.scale is not None and (before > (type_.precision or 0) - type_.scale or scale > type_.scale):
        return f"{_shown(value)} does not fit {type_}"
    return None if before + scale <= DIGITS else f"{_shown(value)} has more than {DIGITS} digits"


def _money_limit(_: t.Money, value: Decimal) -> str | None:
    problem = _decimal_limit(t.Decimal(), value)
    if problem is None and digits_and_scale(value)[1] > MONEY_SCALE:
        return f"{value} has more than {MONEY_SCALE} decimals"
    if problem is None and abs(value.scaleb(MONEY_SCALE)) > LARGEST_INTEGER:
        return f"{value} is more than money holds"
    return problem


def _float_limit(_: t.Float, value: float) -> str | None:
    return None if math.isfinite(value) else f"{value} is not a number"


def _datetime_limit(_: t.DateTime, value: datetime) -> str | None:
    return None if value.utcoffset() == timedelta(0) else f"{value} is not in UTC"


def _id_limit(_: t.Id, value: str) -> str | None:
    try:
        _id_in(_, value)
    except ValueError:
        return f"{_shown(value)} is no id"
    return None


def _many_limit(type_: t.Type, value: tuple[object, ...]) -> str | None:
    item = _item_type(type_)
    if None in value:
        return "a list has no empty items"
    if isinstance(type_, t.Choices) and len(set(value)) != len(value):
        return "a member stands twice"
    return next((problem for problem in (misfit(item, each) for each in value) if problem), None)


LIMITS: dict[type, Callable[..., str | None]] = {
    t.Text: _text_limit,
    t.Integer: _integer_limit,
    t.Decimal: _decimal_limit,
    t.Money: _money_limit,
    t.Float: _float_limit,
    t.DateTime: _datetime_limit,
    t.Id: _id_limit,
    t.Choices: _many_limit,
    t.ListOf: _many_limit,
}
