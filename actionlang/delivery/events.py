"""An event as it is given to those who subscribed to it, and what became of giving it to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

EMAIL = "core.Email"
"""The event by which the library's verb SendEmail asks for a message to be sent."""

AFTER_COMMIT = "actionlang.after_commit"
"""The event by which a plug-in is called after the commit of a run."""

OWN = "actionlang."
"""What the names of events begin with that are ActionLang's own business."""


@attrs.frozen
class AboutRow:
    """The row that an event is about: its table's full name, and its key as JSON data (see `engine.json_form`)."""

    table: str
    key: Any


@attrs.frozen
class Delivered:
    """An event that is being delivered. `id` is the same each time that it is; `payload` is JSON data (numbers with decimals are
    texts, so that they stay exact); `attempt` counts from 1."""

    id: str
    name: str
    payload: Mapping[str, Any]
    run: str
    verb: str
    row: AboutRow | None
    emitted: datetime
    attempt: int = 1


@attrs.frozen
class Outcome:
    """What became of an attempt. Without an `error` the event has arrived; a `note` is kept with it. Otherwise it is tried again,
    not before `after` if a receiver asked for that, unless it is `final`. With `pause`, nothing more is to be sent to the
    subscription."""

    error: str | None = None
    final: bool = False
    after: timedelta | None = None
    pause: bool = False
    note: str | None = None


ARRIVED = Outcome()
