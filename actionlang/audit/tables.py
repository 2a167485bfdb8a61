"""The tables of the chain that seals the records of runs, and what keeps both from being changed."""

from __future__ import annotations

import sqlalchemy as sa

from actionlang.audit.append_only import refusing
from actionlang.runtime.audit import CHANGES, METADATA, RUNS, STEPS, TEXT
from actionlang.runtime.outbox import EVENTS

SEALS = sa.Table(
    "actionlang_seal",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("previous", TEXT, nullable=False),
    sa.Column("sealed", TEXT, nullable=False),
    sa.Column("runs", sa.BigInteger, nullable=False),
    sa.Column("first_run", TEXT),
    sa.Column("last_run", TEXT),
    sa.Column("digest", TEXT, nullable=False),
    sa.Column("content", TEXT),
    sa.Column("hash", TEXT, nullable=False),
    sa.CheckConstraint("kind IN ('runs', 'pruned')", name="actionlang_seal.kind"),
)
"""The chain, counted from 1. A link of kind `runs` seals the records of so many runs, `first_run` to `last_run` by id; one of
kind `pruned` says that retention deleted records: `content` is JSON that says which, who had it done and why. `digest` is over
the list of runs or over the content, `previous` the hash of the link before, `hash` over all of these (see `audit.links`)."""

SEALED = sa.Table(
    "actionlang_sealed",
    METADATA,
    sa.Column("seal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run", TEXT, primary_key=True),
    sa.Column("digest", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""The runs that a link of the chain seals, and the digest of each one's record (see `audit.digests`)."""

BY_RUN = sa.Index("actionlang_sealed_run", SEALED.c.run, unique=True)
"""Finds runs that are not sealed yet."""

RETENTION = sa.Table("actionlang_retention", METADATA, sa.Column("moment", TEXT, primary_key=True))
"""Empty but for the transaction in which retention deletes records: on SQLite, the triggers look here."""

INDEXES = (
    f"CREATE INDEX IF NOT EXISTS actionlang_change_row ON {CHANGES.name} (row_table, row_key)",
    f"CREATE INDEX IF NOT EXISTS actionlang_run_failed_on ON {RUNS.name} (row_table, row_key) WHERE outcome <> 'done'",
    f"CREATE INDEX IF NOT EXISTS actionlang_run_failed ON {RUNS.name} (id) WHERE outcome <> 'done'",
    f"CREATE INDEX IF NOT EXISTS actionlang_event_run ON {EVENTS.name} (run)",
)
"""What became of a row, runs that failed, and a run's events are found among any number of records. A run that is done and emits
nothing pays for the first one only, an entry a change; databases made by `tables create` alone do without it."""

TABLES = (SEALS, SEALED, RETENTION)

NEVER_CHANGED = (RUNS, CHANGES, STEPS, EVENTS, SEALS, SEALED)

CHANGED = {EVENTS.name: ("dispatched",)}
"""Columns that are not part of a record."""


def ddl(dialect: str) -> tuple[str, ...]:
    """Indexes, and the triggers that keep records from being changed or deleted, for `sqlite` or `postgresql`."""
    triggers = (
        statement
        for table in NEVER_CHANGED
        for statement in refusing(table, dialect, changed=CHANGED.get(table.name, ()), pruned=table is not SEALS)
    )
    return (*INDEXES, *triggers)
