"""What differs between databases, for the store: how its statements are spelt, and what its driver's errors mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import attrs

from actionlang.engine.store import StoreError


class Cursor(Protocol):
    """What is needed of a driver's cursor."""

    @property
    def rowcount(self) -> int: ...

    def execute(self, statement: str, parameters: Sequence[Any] = ..., /) -> object: ...

    def executemany(self, statement: str, parameters: Sequence[Any], /) -> object: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


@attrs.frozen
class Refusal:
    """Why a database refused a write. `kind` is a ConstraintError's, but `foreign key` may be either direction; `cells` are the
    stored columns it named, `name` the constraint's name; either may be missing."""

    kind: str
    cells: tuple[str, ...] = ()
    name: str | None = None


@attrs.frozen
class Dialect:
    """One kind of database.

    `parameter` is how a parameter is spelt; `same` compares a column (`{0}`) with one, empty being equal to empty;
    `by_code_point` makes text compare by code point; `begin` opens a transaction that writes. `error` is the driver's
    base exception; `refusal` tells a refused write (else None), `trouble` what any other error means, `undecodable` the
    name of the column in which a text could not be read (else None). `dangling` counts the references to rows that are not
    there, where the database looks for them at the end of a transaction only.
    """

    name: str
    parameter: str
    same: str
    by_code_point: str
    begin: str
    error: type[Exception]
    refusal: Callable[[Exception], Refusal | None]
    trouble: Callable[[Exception], StoreError]
    undecodable: Callable[[Exception], str | None]
    dangling: Callable[[Cursor], Counter[object]]

    def quoted(self, name: str) -> str:
        """A name as it stands in a statement."""
        escaped = name.replace('"', '""')
        return f'"{escaped}"'
