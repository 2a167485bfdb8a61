"""Functions over the values of a row, written out value by value.

A row has few columns and is read and written often: a loop over its columns costs more than what is done with each. So such a
function is made as Python code of its own, once for the columns of a statement. Names and texts never stand in the code: they
are values that it refers to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any


def unrolled(
    expression: str, names: Mapping[str, object], *, width: int | None = None
) -> Callable[[Sequence[Any]], Any]:
    """A function of a sequence, which the expression calls `row`, beside the names given. With a `width`, the sequence has so
    many values, called v0, v1, v2 and so on; for one of another length the function raises ValueError then.
    """
    known: dict[str, Any] = dict(names)
    exec(_code(expression, width), known)  # noqa: S102 - made of numbers and of what callers wrote, see above
    made: Callable[[Sequence[Any]], Any] = known["made"]
    return made


@lru_cache(maxsize=512)
def _code(expression: str, width: int | None) -> CodeType:
    """The code, which is the same for many tables."""
    taken = "" if width is None else f"    [{', '.join(f'v{at}' for at in range(width))}] = row\n"
    return compile(f"def made(row):\n{taken}    return {expression}\n", "<row>", "exec")
