"""The outbox: events that a run emits, written in its own transaction. Who delivers them reads them after the commit."""

from __future__ import annotations

import sqlalchemy as sa

from actionlang.runtime.audit import METADATA, TEXT

EVENTS = sa.Table(
    "actionlang_event",
    METADATA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("run", TEXT, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("row_table", TEXT),
    sa.Column("row_key", TEXT),
    sa.Column("payload", TEXT, nullable=False),
    sa.Column("emitted", TEXT, nullable=False),
)
"""Events by id, which stays the same however often one is delivered; `sequence` counts those of a run from 1. `row_table` and
`row_key` (JSON) name the row that the verb was on, `payload` is a JSON object of what the event carries, `emitted` the moment."""
