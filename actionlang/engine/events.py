"""What a run says to others: events, which leave the database after its commit."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from actionlang.engine.store import RowRef
from actionlang.metadata.types import Type

MASKED = "***"
"""What an event carries in place of a sensitive value."""


def event_id(run: str, sequence: int) -> str:
    """The id of a run's event with this number: a UUID of version 7 with the run's time, the rest a digest of both. So every
    engine gives an event the same id, be it in Python or in SQL."""
    digest = sha256(f"{run}.{sequence}".encode()).hexdigest()
    return f"{run[:15]}{digest[:3]}-{run[19]}{digest[3:6]}-{digest[6:18]}"


class EventMember(NamedTuple):
    """One value that an event carries: a language value of a type; `MASKED` in place of one that is sensitive."""

    name: str
    type: Type
    value: object
    sensitive: bool = False


class Event(NamedTuple):
    """An event emitted by a step of a verb, by its full name. `row` is the row that the verb is on, or the run where the verb is
    on none: events about one row are delivered in the order in which they were emitted."""

    name: str
    verb: str
    line: int
    row: RowRef | None
    members: tuple[EventMember, ...]
