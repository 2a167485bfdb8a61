"""Calling verbs by name: the way in for callers and servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, tzinfo
from threading import Lock
from time import monotonic
from types import MappingProxyType

import sqlalchemy as sa

from actionlang.diagnostics.catalogue.database import READ_ONLY
from actionlang.diagnostics.catalogue.registry import NOT_ACTIVE
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.active import Active, Snapshot
from actionlang.registry.history import why_not_active
from actionlang.registry.refusals import not_active
from actionlang.registry.store import active_heads, generation, plans_of, see_registry
from actionlang.registry.tables import REGISTRY
from actionlang.runtime.database import Database
from actionlang.runtime.plans import NOTHING, Plan
from actionlang.runtime.result import Result

HALF_A_SECOND = 0.5

_within: ContextVar[Mapping[Verbs, Snapshot]] = ContextVar("actionlang_within", default=MappingProxyType({}))
"""What was active when the runs began that are under way here: what they call by name is of the same moment."""


class Verbs:
    """The verbs that are active in a database's registry. It serves any number of threads.

    A call gets the version that is active when it begins, and keeps it to its end, whatever is activated meanwhile. What others
    activate is seen after `max_age` seconds at the latest.
    """

    def __init__(self, database: Database, max_age: float) -> None:
        self.database = database
        self._max_age = max_age
        self._looking = Lock()
        self._looked = 0.0
        self._plans: dict[str, Plan] = {}
        self._snapshot = self._look(None)
        if database.find_verb is None:
            # Plug-ins perform what is active, too.
            database.find_verb = lambda name: self.find(name).plan

    @staticmethod
    def open(database: Database, *, max_age: float = HALF_A_SECOND) -> Verbs:
        """The verbs of a database. `max_age` is how many seconds may pass before it is asked again whether others have
        activated something; 0 asks it at every call.

        Raises ActionLangError when the database has no registry, or fails.
        """
        return Verbs(database, max_age)

    def find(self, name: str) -> Active:
        """The active version of a verb, by its full name (`helpdesk.Escalate`) or its short one. Inside of a run, what was active
        when that run began.

        Raises ActionLangError when no such verb is active, when it is private, or when several are called so.
        """
        return self._found(self.snapshot(), name)

    def list(self) -> tuple[Active, ...]:
        """All active verbs, by full name. Raises ActionLangError when the database fails."""
        return self.snapshot().all()

    def perform(  # noqa: PLR0913 - one parameter an option
        self,
        name: str,
        /,
        *,
        on: object = None,
        caller: object = None,
        at: datetime | None = None,
        zone: tzinfo | str | None = None,
        dry_run: bool = False,
        key: str | None = None,
        engine: str = "auto",
        expected: str | None = None,
        arguments: Mapping[str, object] = NOTHING,
        **named: object,
    ) -> Result:
        """Run the active version of a verb as one unit. All is as `Plan.run` says.

        Raises what `find` and `Plan.run` raise.
        """
        snapshot = self.snapshot()
        active = self._found(snapshot, name)
        if named:
            arguments = {**arguments, **named}
        with self.holding(snapshot):
            return active.plan.run(
                self.database,
                on=on,
                caller=caller,
                at=at,
                zone=zone,
                dry_run=dry_run,
                key=key,
                engine=engine,
                expected=expected,
                arguments=arguments,
            )

    @contextmanager
    def holding(self, snapshot: Snapshot) -> Iterator[None]:
        """Inside, what is active stays what it is in a snapshot, whatever is activated meanwhile."""
        before = _within.set({**_within.get(), self: snapshot})
        try:
            yield
        finally:
            _within.reset(before)

    def snapshot(self) -> Snapshot:
        """All that is active now, or was a moment ago. Raises ActionLangError when the database fails."""
        within = _within.get().get(self)
        if within is not None:
            return within
        if monotonic() - self._looked < self._max_age:
            return self._snapshot
        # While one thread looks, the others go on with what is known, unless every call is to look.
        if self._looking.acquire(blocking=not self._max_age):
            try:
                self._snapshot = self._look(self._snapshot)
            finally:
                self._looking.release()
        return self._snapshot

    def _found(self, snapshot: Snapshot, name: str) -> Active:
        """See `Snapshot.find`; of a verb that was active it is told what became of it, unless a run is under way here, or the
        history may not be read."""
        try:
            return snapshot.find(name)
        except ActionLangError as error:
            if error.diagnostics[0].code is not NOT_ACTIVE or self in _within.get():
                raise
            told = self._what_became_of(name)
            if told is None:
                raise
            raise not_active(name, (), told) from None

    def _what_became_of(self, name: str) -> str | None:
        try:
            with self.database.connection() as connection:
                return why_not_active(connection, name)
        except ActionLangError as error:
            if error.diagnostics[0].code is READ_ONLY:
                return None
            raise

    def _look(self, known: Snapshot | None) -> Snapshot:
        """Ask the database what is active, which mostly is what was."""
        began = monotonic()
        with self.database.connection() as connection:
            if known is None or self._generation(connection) != known.generation:
                known = self._read(connection)
        self._looked = began
        return known

    @staticmethod
    def _generation(connection: sa.Connection) -> int:
        """The generation, asked for in one statement without a transaction around it."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute(f"SELECT generation FROM {REGISTRY.name}")
            return int(cursor.fetchone()[0])  # type: ignore[index]
        finally:
            cursor.close()

    def _read(self, connection: sa.Connection) -> Snapshot:
        """What is active. Plans that are known are not read again."""
        with connection.begin():
            see_registry(connection)
            # Before the rest: what is activated meanwhile, where a host's engine lets that be seen, is asked for again.
            now = generation(connection)
            heads = active_heads(connection)
            wanted = {head.plan_hash for head in heads.values()}
            self._plans = {plan_hash: plan for plan_hash, plan in self._plans.items() if plan_hash in wanted}
            texts = plans_of(connection, wanted - self._plans.keys())
            return Snapshot(now, heads, texts, self._plans)
