"""Sending events and sealing records beside the answering of calls, in threads of one process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from actionlang.audit.sealing import Sealer
from actionlang.delivery.deliverer import Attempt, Deliverer
from actionlang.delivery.subscribers import Subscribers
from actionlang.delivery.tables import DELIVERED, see_tables
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.runtime.database import Database

LOGGER = logging.getLogger("actionlang.delivery")

SEALING = 10.0
"""Seconds between one sealing and the next."""

THOROUGH = 30
"""Of so many sealings one looks through all records, for those of transactions that were open for long."""


@contextmanager
def delivering(database: Database) -> Iterator[None]:
    """While this lasts events are sent to those who subscribed to them, and records are sealed where the database has a chain. At
    the end what is being sent is finished.

    Raises ActionLangError when the database lacks the tables of delivery.
    """
    plugins = database.hosting.plugins
    after_commit = plugins.after_commit if plugins is not None and plugins.any_after_commit else None
    deliverer = Deliverer(
        database, subscribers=Subscribers.installed(), after_commit=after_commit, told=_told, troubled=_troubled
    )
    with database.connection() as connection:
        see_tables(connection)
    stop = threading.Event()
    threads = [
        threading.Thread(target=_deliver, args=(deliverer, stop), name="actionlang-delivering"),
        threading.Thread(target=_seal, args=(database, stop), name="actionlang-sealing"),
    ]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join()


def _deliver(deliverer: Deliverer, stop: threading.Event) -> None:
    """Deliver until it is to stop. What ends it before that is logged, and it begins anew."""
    while not stop.is_set():
        try:
            deliverer.run(stop)
        except ActionLangError as error:
            _troubled(error.diagnostics[0])
            stop.wait(SEALING)


def _seal(database: Database, stop: threading.Event) -> None:
    rounds = 0
    while not stop.wait(SEALING):
        rounds += 1
        _seal_once(database, thorough=rounds % THOROUGH == 0)
    _seal_once(database, thorough=True)


def _seal_once(database: Database, *, thorough: bool) -> None:
    """What can not be sealed now is left for whoever seals next."""
    sealer = Sealer(database)
    with suppress(ActionLangError, sa.exc.SQLAlchemyError):
        if sealer.is_possible:
            sealer.seal(thorough=thorough)


def _told(attempt: Attempt) -> None:
    level = logging.INFO if attempt.state == DELIVERED else logging.WARNING
    told = {"event": attempt.event.name, "subscription": attempt.subscription, "state": attempt.state}
    LOGGER.log(level, "%s to %s: %s", attempt.event.name, attempt.subscription, attempt.state, extra=told)


def _troubled(trouble: Diagnostic) -> None:
    LOGGER.error("%s", trouble.message, extra={"code": trouble.code.id})
