"""The failure of a function that has no answer to its arguments."""

from __future__ import annotations

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure


def no_answer(message: str, hint: str | None = None) -> Failure:
    """A function's failure, in a sentence."""
    return Failure(codes.NO_ANSWER, message, hint=hint)


def not_below(name: str, value: int, least: int) -> None:
    """See that a count or position is not too small.

    Raises Failure when it is.
    """
    if value < least:
        raise no_answer(f"`{name}` is {value}; it must not be below {least}.")


def within(name: str, value: int, least: int, most: int) -> None:
    """See that a number is in a range.

    Raises Failure when it is not.
    """
    if not least <= value <= most:
        raise no_answer(f"`{name}` is {value}; it must be from {least} to {most}.")
