"""The functions of OData that filters have, each as a function of the language that never fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs

from actionlang.engine.functions import casing
from actionlang.metadata import types as t

TEXT, INTEGER, BOOLEAN, DATE, DATETIME = t.Text(), t.Integer(), t.Boolean(), t.Date(), t.DateTime()


@attrs.frozen
class Overload:
    """A function of the language: name and parameters' types as plans have them, what it gives; `added` makes OData's answer of
    it."""

    name: str
    takes: tuple[t.Type, ...]
    gives: t.Type
    added: Decimal = Decimal(0)

    @property
    def written(self) -> str:
        """The overload, as plans tell them apart."""
        return ",".join(map(str, self.takes))


@attrs.frozen
class Function:
    """A function of OData: its overloads, and what it is of constants."""

    overloads: tuple[Overload, ...]
    of_values: Callable[[Sequence[Any]], object]

    @property
    def takes(self) -> tuple[t.Type, ...]:
        """The parameters' types of the first overload."""
        return self.overloads[0].takes

    def overload_of(self, types: Sequence[t.Type | None]) -> Overload | None:
        """The overload for values of these types; None stands for a constant, which fits."""
        for overload in self.overloads:
            if all(
                each is None or type(each) is type(taken) for each, taken in zip(types, overload.takes, strict=True)
            ):
                return overload
        return None


def _texts(name: str, of_values: Callable[..., object], *, gives: t.Type = BOOLEAN, added: int = 0) -> Function:
    overload = Overload(name, (TEXT, TEXT), gives, Decimal(added))
    return Function((overload,), lambda values: of_values(*_all_text(values)))


def _text(name: str, of_value: Callable[[str], object], gives: t.Type = TEXT) -> Function:
    return Function((Overload(name, (TEXT,), gives),), lambda values: of_value(*_all_text(values)))


def _all_text(values: Sequence[Any]) -> Sequence[str]:
    if not all(isinstance(value, str) for value in values):
        raise TypeError(values)
    return values


def _part(name: str, *, of_day: bool) -> Function:
    """A part of a moment, in UTC, or of a day."""
    overloads = (Overload(name, (DATETIME,), INTEGER), *((Overload(name, (DATE,), INTEGER),) if of_day else ()))
    return Function(overloads, lambda values: getattr(_in_utc(values[0]), name))


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


FUNCTIONS: dict[str, Function] = {
    "contains": _texts("contains", lambda text, part: part in text),
    "startswith": _texts("starts_with", str.startswith),
    "endswith": _texts("ends_with", str.endswith),
    "indexof": _texts("position", str.find, gives=INTEGER, added=-1),
    "length": _text("length", len, INTEGER),
    "tolower": _text("lower", casing.lower),
    "toupper": _text("upper", casing.upper),
    "trim": _text("trim", casing.trim),
    "year": _part("year", of_day=True),
    "month": _part("month", of_day=True),
    "day": _part("day", of_day=True),
    "hour": _part("hour", of_day=False),
    "minute": _part("minute", of_day=False),
    "second": _part("second", of_day=False),
    "date": Function((Overload("date_of", (DATETIME,), DATE),), lambda values: values[0].astimezone(UTC).date()),
}
