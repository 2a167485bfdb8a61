"""What a value is, and what fits a column, parameter or output. Every store and every engine keeps to this
table.

| type | Python value | equality and order |
|---|---|---|
| text | str without U+0000 and surrogates; length in code points | by code point |
| integer | int of 64 bits | by number |
| decimal, money | Decimal, finite, never NaN | by number, however many zeros it carries |
| float | float, finite; a zero has no sign | by number |
| boolean | bool | false before true |
| date | date | by day |
| datetime | datetime, aware, in UTC | by moment |
| duration | timedelta whose microseconds fit 64 bits | by length |
| id | str: the UUID in small letters with hyphens | by that text, which is the order of its bytes |
| json | str: the JSON text, canonical (see `engine.json_form`) | equality of that text; no order |
| a choice | str: the member's name | by number; without numbers no order |
| choices | tuple of names, in declared order, none twice | equality only |
| a row, owner | RowRef | equality only |
| list of ... | tuple, none of its items None | equality only |
| empty | None | equals itself only; sorts first |

Equality is Python's `==` between values of one type. Storing into a column, and handing a value to a
parameter or output, rounds a number half-even to the scale and fails when the value does not fit; nothing is
ever cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER, WIDE, plain, rounded
from actionlang.engine.failure import Failure
from actionlang.metadata import types as t

Fit = Callable[[object], object]

MONEY_SCALE = 4
LARGEST_MONEY = Decimal(LARGEST_INTEGER).scaleb(-MONEY_SCALE, WIDE)
SMALLEST_MONEY = Decimal(SMALLEST_INTEGER).scaleb(-MONEY_SCALE, WIDE)


def fitting(source: t.Type, target: t.Type) -> Fit | None:
    """What brings a value of type `source`, not empty, into `target`; None when each such value is there
    already.

    What is returned raises Failure (without site and column) for a value that does not fit.
    """
    if source == target:
        return None
    if isinstance(target, t.Text):
        return _text_fitting(source, target)
    if isinstance(target, t.Money):
        return money
    if isinstance(target, t.Decimal) and target.precision is not None and target.scale is not None:
        return _decimal_fitting(target.precision, target.scale)
    if isinstance(target, t.ListOf):
        item = fitting(source.item, target.item) if isinstance(source, t.ListOf) else None
        return item and _list_fitting(item)
    return None


def _text_fitting(source: t.Type, target: t.Text) -> Fit | None:
    length = target.length
    known = source.length if isinstance(source, t.Text) else None
    if length is None or (known is not None and known <= length):
        return None

    def text(value: object) -> object:
        assert isinstance(value, str)
        if len(value) > length:
            raise Failure(
                codes.TEXT_DOES_NOT_FIT,
                f"The text has {len(value)} characters; {target} takes at most {length}.",
                hint=f"shorten it first, for instance with left(value, {length})",
            )
        return value

    return text


def money(value: object) -> Decimal:
    """A number as money: four decimals, half-even.

    Raises Failure when its ten-thousandfold does not fit 64 bits.
    """
    assert isinstance(value, Decimal)
    amount = rounded(value, MONEY_SCALE)
    if SMALLEST_MONEY <= amount <= LARGEST_MONEY:
        return amount
    raise Failure(
        codes.NUMBER_DOES_NOT_FIT, f"{plain(value)} does not fit money, which ends at {plain(LARGEST_MONEY)}."
    )


def _decimal_fitting(precision: int, scale: int) -> Fit:
    bound = Decimal(1).scaleb(precision - scale, WIDE)

    def decimal(value: object) -> object:
        assert isinstance(value, Decimal)
        number = rounded(value, scale)
        if -bound < number < bound:
            return number
        raise Failure(
            codes.NUMBER_DOES_NOT_FIT,
            f"{plain(value)} does not fit decimal({precision},{scale}), "
            f"which takes {precision - scale} digits before the point.",
        )

    return decimal


def _list_fitting(item: Fit) -> Fit:
    def items(value: object) -> object:
        assert isinstance(value, tuple)
        return tuple(item(each) for each in value)

    return items
