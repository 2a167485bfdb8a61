"""What is asked for when metrics are read: the outbox, and which verbs are in use in which version."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from platform import python_version
from threading import Lock
from time import monotonic

import attrs
import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from actionlang.delivery.tables import DEAD, DELIVERIES, PENDING, is_in
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.durable.runs import FAILED, RUNNING, WAITING, in_state
from actionlang.engine.sql.codecs import read_moment
from actionlang.registry.active import Active
from actionlang.registry.store import generation
from actionlang.registry.verbs import Verbs
from actionlang.runtime.background import BACKGROUND
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS

FIVE_SECONDS = 5.0
"""How long what the database said stands, however often metrics are read."""


@attrs.frozen
class Outbox:
    """How many events nobody has dispatched yet, how many deliveries are pending or dead, and since when the oldest event waits
    that is not delivered to all who wanted it; None where none waits."""

    waiting: int
    pending: int
    dead: int
    oldest: datetime | None


def read_outbox(connection: sa.Connection) -> Outbox | None:
    """How far the outbox of a database is; None where it has none. Raises the driver's errors."""
    inspector = sa.inspect(connection)
    if not inspector.has_table(EVENTS.name):
        return None
    fresh = EVENTS.c.dispatched.is_(None)
    waiting = connection.scalar(sa.select(sa.func.count()).select_from(EVENTS).where(fresh)) or 0
    moments = [connection.scalar(sa.select(sa.func.min(EVENTS.c.emitted)).where(fresh))]
    pending = dead = 0
    if inspector.has_table(DELIVERIES.name):
        pending, dead = (
            connection.scalar(sa.select(sa.func.count()).select_from(DELIVERIES).where(is_in(state))) or 0
            for state in (PENDING, DEAD)
        )
        joined = sa.join(DELIVERIES, EVENTS, DELIVERIES.c.event == EVENTS.c.id)
        moments.append(
            connection.scalar(sa.select(sa.func.min(EVENTS.c.emitted)).select_from(joined).where(is_in(PENDING)))
        )
    known = [read_moment(each) for each in moments if each is not None]
    return Outbox(waiting, pending, dead, min(known, default=None))


@attrs.frozen
class BackgroundRuns:
    """How many background runs wait, are being made, and have failed, and since when the one that is due longest is due; None
    where none is."""

    waiting: int
    running: int
    failed: int
    due: datetime | None


def read_background(connection: sa.Connection) -> BackgroundRuns | None:
    """How far the background runs of a database are; None where it has none. Raises the driver's errors."""
    if not sa.inspect(connection).has_table(BACKGROUND.name):
        return None
    waiting, running, failed = (
        connection.scalar(sa.select(sa.func.count()).select_from(BACKGROUND).where(in_state(state))) or 0
        for state in (WAITING, RUNNING, FAILED)
    )
    due = connection.scalar(sa.select(sa.func.min(BACKGROUND.c.due)).where(in_state(WAITING)))
    return BackgroundRuns(waiting, running, failed, None if due is None else read_moment(due))


@attrs.frozen
class Found:
    """What one look at the database found; all but the first are None where it could not be reached, or has none."""

    is_up: bool
    outbox: Outbox | None = None
    background: BackgroundRuns | None = None
    generation: int | None = None
    active: tuple[Active, ...] = ()


class Scraped(Collector):
    """Asks the database when metrics are read, at most once in a while. What can not be asked for is left out, and
    `actionlang_database_up` is 0."""

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._looking = Lock()
        self._known: tuple[float, Found] | None = None

    def collect(self) -> Iterable[Metric]:
        """See `Collector`."""
        yield from metrics_of(self._found())

    def _found(self) -> Found:
        with self._looking:
            if self._known is None or monotonic() - self._known[0] >= FIVE_SECONDS:
                self._known = (monotonic(), self._look(self._verbs.database))
            return self._known[1]

    def _look(self, database: Database) -> Found:
        try:
            active = tuple(self._verbs.list())
            with database.connection() as connection:
                background = read_background(connection)
                return Found(True, read_outbox(connection), background, generation(connection), active)
        except ActionLangError:
            return Found(False)


def metrics_of(found: Found) -> Iterable[Metric]:
    """What a look at the database found, as metrics."""
    yield InfoMetricFamily(
        "actionlang_build", "What serves.", value={"version": version("actionlang"), "python": python_version()}
    )
    yield GaugeMetricFamily("actionlang_database_up", "Whether the database could be asked.", value=found.is_up)
    if found.generation is not None:
        yield GaugeMetricFamily(
            "actionlang_registry_generation", "The number of the last activation.", value=found.generation
        )
        versions = GaugeMetricFamily(
            "actionlang_active_version", "The active version of each verb in use.", labels=("verb",)
        )
        for active in found.active:
            versions.add_metric((active.name,), active.version)
        yield versions
    if found.outbox is not None:
        yield from _outbox(found.outbox)
    if found.background is not None:
        yield from _background(found.background)


def _seconds_since(moment: datetime | None) -> float:
    return 0.0 if moment is None else max(0.0, (datetime.now(UTC) - moment).total_seconds())


def _background(runs: BackgroundRuns) -> Iterable[Metric]:
    yield GaugeMetricFamily(
        "actionlang_background_lag_seconds",
        "For how long the background run is due that nobody goes on with.",
        value=_seconds_since(runs.due),
    )
    states = GaugeMetricFamily(
        "actionlang_background_runs",
        "Background runs that wait, that are being made, and that have failed.",
        labels=("state",),
    )
    for state, count in ((WAITING, runs.waiting), (RUNNING, runs.running), (FAILED, runs.failed)):
        states.add_metric((state,), count)
    yield states


def _outbox(outbox: Outbox) -> Iterable[Metric]:
    yield GaugeMetricFamily(
        "actionlang_outbox_lag_seconds",
        "For how long the oldest event waits that is not delivered.",
        value=_seconds_since(outbox.oldest),
    )
    yield GaugeMetricFamily("actionlang_outbox_events", "Events that are not dispatched yet.", value=outbox.waiting)
    states = GaugeMetricFamily(
        "actionlang_outbox_deliveries", "Deliveries on their way, and those that were given up.", labels=("state",)
    )
    states.add_metric((PENDING,), outbox.pending)
    states.add_metric((DEAD,), outbox.dead)
    yield states
