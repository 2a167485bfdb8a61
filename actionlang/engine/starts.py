"""What a run starts: runs of other verbs, which begin after its commit."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from actionlang.engine.store import RowRef
from actionlang.metadata.types import Type


class StartArgument(NamedTuple):
    """An argument of a verb that is started: a language value of a type."""

    name: str
    type: Type
    value: object


class Started(NamedTuple):
    """A verb that a step has started, by its full name, on a row or on none. It begins when `due` has come, an aware datetime."""

    verb: str
    on: RowRef | None
    arguments: tuple[StartArgument, ...]
    due: datetime
