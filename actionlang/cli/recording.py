"""How closely commands record the runs they make: traced, and sealed when they are over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

SECONDS = 10
"""Between one sealing and the next, while a command goes on."""

QUICK = 30
"""Of so many sealings one looks through all records, for those of transactions that were open for long."""

if TYPE_CHECKING:
    from actionlang.runtime.database import Database


@contextmanager
def recording(database: Database, *, trace: bool | None) -> Iterator[None]:
    """While this lasts runs are traced: by default where the database has a table for it. What they leave is sealed at the end,
    where it has the chain's tables; if that can not be done now, whoever seals next does it.

    Raises ActionLangError when the database fails.
    """
    if trace is None:
        trace = _has_steps(database)
    if trace:
        import attrs

        database.hosting = attrs.evolve(database.hosting, trace=True)
    try:
        yield
    finally:
        seal_quickly(database)


@contextmanager
def sealing(database: Database, *, all_along: bool) -> Iterator[None]:
    """While this lasts, what runs leave is sealed every few seconds (`all_along`), all of it every few minutes and at the end,
    where the database has the chain's tables."""
    import threading

    ended = threading.Event()

    def go_on() -> None:
        rounds = 0
        while not ended.wait(SECONDS):
            rounds += 1
            seal_quickly(database, thorough=rounds % QUICK == 0)

    beside = threading.Thread(target=go_on, name="actionlang-sealing", daemon=True)
    if all_along:
        beside.start()
    try:
        yield
    finally:
        ended.set()
        if all_along:
            beside.join()
        seal_quickly(database, thorough=True)


def seal_quickly(database: Database, *, thorough: bool = False) -> None:
    """Seal what runs have just left, where the database has the chain's tables; what can not be done now is left for whoever
    seals next."""
    import sqlalchemy as sa

    from actionlang.diagnostics.diagnostic import ActionLangError

    with suppress(ActionLangError, sa.exc.SQLAlchemyError):
        with database.connection() as connection:
            from actionlang.audit.sealing import Sealer, has_chain

            is_there = has_chain(connection)
        if is_there:
            Sealer(database).seal(thorough=thorough)


def _has_steps(database: Database) -> bool:
    import sqlalchemy as sa

    from actionlang.runtime.audit import STEPS

    with database.connection() as connection:
        return sa.inspect(connection).has_table(STEPS.name)
