"""What a run says to others: events, which leave the database after its commit."""

from __future__ import annotations

from typing import NamedTuple

from actionlang.engine.store import RowRef
from actionlang.metadata.types import Type


class EventMember(NamedTuple):
    """One value that an event carries: a language value of a type. What is sensitive is masked before it is written."""

    name: str
    type: Type
    value: object
    sensitive: bool = False


class Event(NamedTuple):
    """An event emitted by a step of a verb. `row` is the row that the verb is on: events about one row are delivered in the
    order in which they were emitted."""

    name: str
    verb: str
    line: int
    row: RowRef | None
    members: tuple[EventMember, ...]
