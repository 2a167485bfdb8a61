"""Rows of the outbox as events."""

from __future__ import annotations

import json
from typing import Any

from actionlang.delivery.events import AboutRow, Delivered
from actionlang.engine.sql.codecs import read_moment


def event_of(row: Any, attempt: int) -> Delivered:
    """The event in a row of the table of events, for an attempt to deliver it."""
    return Delivered(
        row.id,
        row.name,
        json.loads(row.payload),
        row.run,
        row.verb,
        about_row(row),
        read_moment(row.emitted),
        attempt,
    )


def about_row(row: Any) -> AboutRow | None:
    """The row that an event is about, given the event's own row in its table."""
    if row.row_table is None:
        return None
    return AboutRow(row.row_table, None if row.row_key is None else json.loads(row.row_key))
