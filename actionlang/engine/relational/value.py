"""A value in SQL: its text, and what is known of it.

Values of one type are spelt alike wherever they come from, in the database's canonical form:

| type | PostgreSQL | SQLite |
|---|---|---|
| text, json, file, choices, a choice without numbers | text | TEXT |
| integer, a choice with numbers | bigint | INTEGER |
| duration | bigint, microseconds | INTEGER, microseconds |
| decimal, money | numeric | INTEGER, so many times 10 as `scale` says |
| float | double precision | REAL |
| boolean | boolean | INTEGER, 0 or 1 |
| date | date | TEXT, 2026-11-24 |
| datetime | timestamptz | TEXT, 27 characters: 2026-11-24T09:30:00.000000Z |
| id | uuid | TEXT |
| a row | the cells of its primary key | the same |

A row that may be of several tables has the cells of each table's key, of which at most one table's are filled. Empty is
NULL. Every text is one operand: it can be put beside an operator as it is.
"""

from __future__ import annotations

import attrs

from actionlang.metadata import types as t

ANY_WHOLE = 38
"""Digits before the point of a number of which nothing is known."""


SCALARS = (
    t.Text,
    t.Integer,
    t.Decimal,
    t.Money,
    t.Float,
    t.Boolean,
    t.Date,
    t.DateTime,
    t.Duration,
    t.Id,
    t.Choice,
)
"""Types whose values can be handed to a database by themselves, and to Python from there."""


@attrs.frozen
class Known:
    """A value that is known when the SQL is written: the language value, None for empty."""

    value: object


@attrs.frozen
class Sql:
    """A value in SQL.

    `cells` is its text, one for each cell; `optional` whether it may be NULL, `fails` whether working it out may raise.
    `whole` and `scale` are the most digits before and behind the point of a number; on SQLite `scale` also says how a
    decimal is spelt. `simple` says that it costs nothing to write it twice: a column, a constant, a variable. `fixed`
    that it is the same in every row. `known` is set where it is a constant, `opposite` where it says that a condition does
    not hold.
    """

    cells: tuple[str, ...]
    type: t.Type
    optional: bool = False
    fails: bool = False
    whole: int = ANY_WHOLE
    scale: int = 0
    simple: bool = False
    fixed: bool = False
    known: Known | None = None
    opposite: Sql | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def text(self) -> str:
        """The text of a value of one cell."""
        assert len(self.cells) == 1, self.type
        return self.cells[0]

    @property
    def digits(self) -> int:
        """The most digits of a number."""
        return self.whole + self.scale


def any_fails(*parts: Sql) -> bool:
    """Whether any of several values may fail."""
    return any(part.fails for part in parts)


def all_fixed(*parts: Sql) -> bool:
    """Whether all of several values are the same in every row."""
    return all(part.fixed for part in parts)
