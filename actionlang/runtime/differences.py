"""Where a database and the metadata disagree, in either direction."""

from __future__ import annotations

from enum import Enum

import attrs


class Kind(Enum):
    """The kinds of differences. Those of `STOPPING` keep a verb that needs the table or column from running at all."""

    NO_TABLE = "no table"
    NO_COLUMN = "no column"
    OTHER_TYPE = "other type"
    UNFIT_KEY = "unfit key"
    NO_RECORDS = "no records"
    UNKNOWN_TABLE = "unknown table"
    UNKNOWN_COLUMN = "unknown column"
    DEMANDED_COLUMN = "demanded column"
    NEVER_EMPTY = "never empty"
    MAY_BE_EMPTY = "may be empty"
    NOT_UNIQUE = "not unique"
    OTHERWISE_MADE = "otherwise made"
    NARROWER = "narrower"


STOPPING = frozenset({Kind.NO_TABLE, Kind.NO_COLUMN, Kind.OTHER_TYPE, Kind.UNFIT_KEY, Kind.NO_RECORDS})
ONLY_THERE = frozenset({Kind.UNKNOWN_TABLE, Kind.UNKNOWN_COLUMN, Kind.DEMANDED_COLUMN})
"""What the database has and the metadata does not."""

ONLY_HERE = frozenset({Kind.NO_TABLE, Kind.NO_COLUMN, Kind.NO_RECORDS})
"""What the metadata has and the database does not."""


@attrs.frozen
class Difference:
    """One difference. `stored` is the table's name in the database, `cell` the column's, if it is about one; `table` and
    `columns` are the metadata's names, where it knows them; `text` says it as a part of a sentence."""

    kind: Kind
    stored: str
    text: str
    cell: str | None = None
    table: str | None = None
    columns: tuple[str, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether no verb can run that needs the table or column."""
        return self.kind in STOPPING
