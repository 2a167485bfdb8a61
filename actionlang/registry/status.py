"""How a database's registry stands."""

from __future__ import annotations

import attrs
import sqlalchemy as sa

from actionlang.registry.history import entry_of
from actionlang.registry.installing import install
from actionlang.registry.store import Entry, active_heads, generation, see_registry
from actionlang.registry.tables import ACTIVATIONS, VERSIONS
from actionlang.runtime.database import Database


@attrs.frozen
class Status:
    """How many verbs are active and how many versions there are; the generation, and the last activation if there was one.
    `missing` is what `registry init` would make."""

    active: int
    versions: int
    generation: int
    last: Entry | None
    missing: tuple[str, ...]


def status(database: Database) -> Status:
    """How it stands. Raises ActionLangError when there is none, or the database fails."""
    with database.connection() as connection:
        see_registry(connection)
        row = connection.execute(sa.select(ACTIVATIONS).order_by(ACTIVATIONS.c.number.desc()).limit(1)).one_or_none()
        found = Status(
            len(active_heads(connection)),
            int(connection.scalar(sa.select(sa.func.count()).select_from(VERSIONS)) or 0),
            generation(connection),
            None if row is None else entry_of(row),
            (),
        )
    return attrs.evolve(found, missing=install(database, dry_run=True).changes)
