"""The host's own functions inside SQLite: what SQL has no form of is worked out by the very code the interpreter uses.

Each is registered on a connection under a name that says all about it, so that one name always means the same; those that
ask the run's clock or time zone are registered anew for each run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER, WIDE
from actionlang.engine.events import event_id
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.spelling import microseconds
from actionlang.engine.relational.value import SCALARS
from actionlang.engine.schema import Schema
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t

Change = Callable[[Any], Any]


class DoesNotFit(Exception):
    """A result that has no place in the form that SQLite computes with; the interpreter has one for it."""


class Refused(Exception):
    """Raised out of a statement on purpose: the run fails there, as the interpreter will tell."""


@attrs.frozen
class Hosted:
    """A function to be registered: its name, how many arguments it takes, what makes it for a run."""

    name: str
    arity: int
    make: Callable[[Unit], Callable[..., Any]]


def reader(type_: t.Type, scale: int, schema: Schema) -> Change | None:
    """What makes the language value of a canonical one; None where it is that already."""
    if isinstance(type_, t.Decimal | t.Money):
        return lambda stored: Decimal(stored).scaleb(-scale, WIDE)
    if isinstance(type_, t.Choice) and schema.choices[type_.name].numbered:
        names = {member.number: member.name for member in schema.choices[type_.name].members}
        return names.__getitem__
    return READERS.get(type(type_))


def writer(type_: t.Type, scale: int, schema: Schema) -> Change | None:
    """What makes the canonical value of a language value."""
    if isinstance(type_, t.Decimal | t.Money):
        return lambda value: _scaled(value, scale)
    if isinstance(type_, t.Choice) and schema.choices[type_.name].numbered:
        numbers = {member.name: member.number for member in schema.choices[type_.name].members}
        return numbers.__getitem__
    return WRITERS.get(type(type_))


def moment_text(value: datetime) -> str:
    """A moment as SQLite stores it."""
    return value.isoformat("T", "microseconds")[:26] + "Z"


def _scaled(value: Decimal, scale: int) -> int:
    scaled = value.scaleb(scale, WIDE)
    whole = int(scaled)
    if whole == scaled and SMALLEST_INTEGER <= whole <= LARGEST_INTEGER:
        return whole
    raise DoesNotFit(value)


READERS: dict[type[t.Type], Change] = {
    t.Boolean: bool,
    t.Date: date.fromisoformat,
    t.DateTime: datetime.fromisoformat,
    t.Duration: lambda stored: timedelta(microseconds=stored),
}
WRITERS: dict[type[t.Type], Change] = {
    t.Boolean: int,
    t.Date: date.isoformat,
    t.DateTime: moment_text,
    t.Duration: microseconds,
}


def hosted(
    name: str,
    call: Callable[..., Any],
    takes: Sequence[tuple[t.Type, int]],
    gives: tuple[t.Type, int],
    schema: Schema,
    takes_unit: bool = False,
) -> Hosted:
    """A function over language values as one over canonical ones. An empty argument gives empty."""
    for type_, _ in (*takes, gives):
        if not isinstance(type_, SCALARS):
            raise NotRelational(f"{name} takes or gives a list")
    reads = [reader(type_, scale, schema) or _same for type_, scale in takes]
    write = writer(*gives, schema) or _same

    def make(unit: Unit) -> Callable[..., Any]:
        def function(*stored: Any) -> Any:
            if None in stored:
                return None
            values = [read(value) for read, value in zip(reads, stored, strict=True)]
            return write(call(unit, *values) if takes_unit else call(*values))

        return function

    return Hosted(name, len(takes), make)


def _same(value: Any) -> Any:
    return value


def _refuse(code: str) -> None:
    raise Refused(code)


def _whole(value: Any) -> Any:
    if isinstance(value, float):
        raise DoesNotFit(value)
    return value


FAIL = Hosted("actionlang_fail", 1, lambda unit: _refuse)
EVENT_ID = Hosted("actionlang_event_id", 2, lambda unit: event_id)
WHOLE = Hosted("actionlang_whole", 1, lambda unit: _whole)
"""Refuses what became a floating point number because it left the 64 bits."""
