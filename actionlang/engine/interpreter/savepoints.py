"""Going back to a moment of a run: the store's rows, and what the unit knows of them."""

from __future__ import annotations

from actionlang.engine.store import Store
from actionlang.engine.unit import Unit


class Savepoint:
    """A moment of a run, to be undone or kept; savepoints nest."""

    __slots__ = ("_changes", "_events", "_gone", "_mark", "_started", "_store", "_unit")

    def __init__(self, store: Store, unit: Unit) -> None:
        self._store = store
        self._unit = unit
        self._changes = len(unit.changes)
        self._events = len(unit.events)
        self._started = len(unit.started)
        self._gone = unit.gone.copy()
        self._mark = store.savepoint()

    def undo(self) -> None:
        """Undo every write since."""
        self._store.undo(self._mark)
        self._unit.forget_rows()
        self._unit.gone = self._gone
        del self._unit.changes[self._changes :]
        del self._unit.events[self._events :]
        del self._unit.started[self._started :]

    def keep(self) -> None:
        """Keep every write since."""
        self._store.keep(self._mark)
