"""How values are ordered where Python's own order of them is not the language's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.metadata.tables import Choice, Table
from actionlang.metadata.types import Choice as ChoiceType
from actionlang.metadata.types import Type

Order = Callable[[Any], Any]


def order_of(type_: Type, choices: Mapping[str, Choice]) -> Order | None:
    """What a value that is not empty is ordered by; None when Python's order of the values is right.

    Only numbered choices are ordered by something else: their members' numbers.
    """
    if not isinstance(type_, ChoiceType) or not choices[type_.name].numbered:
        return None
    numbers = {member.name: member.number for member in choices[type_.name].members}

    def number(name: str) -> int | None:
        try:
            return numbers[name]
        except KeyError:
            raise Failure(codes.STORED_VALUE, f"{name} is not a member of the choice {type_.name}.") from None

    return number


def empty_first(order: Order | None) -> Order:
    """The same order with empty before everything else."""
    if order is None:
        return lambda value: (False, 0) if value is None else (True, value)
    return lambda value: (False, 0) if value is None else (True, order(value))


def key_order(table: Table, choices: Mapping[str, Choice]) -> Order | None:
    """What a table's primary keys are ordered by (see `order_of`): the order in which rows come where none is
    given. A lookup in a key is ordered by the table's full name, then by that row's own key."""
    orders = [order_of(column.type, choices) for column in table.primary]
    if not any(orders):
        return None
    if len(orders) == 1:
        return orders[0]
    return lambda key: tuple(part if order is None else order(part) for order, part in zip(orders, key, strict=True))
