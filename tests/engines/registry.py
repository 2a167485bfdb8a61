"""The engines there are, by name. An engine that is added here is held to the whole conformance suite."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tests.engines.call import Engine
from tests.engines.database import DatabaseEngine
from tests.engines.memory import MemoryEngine
from tests.engines.place import Place

REFERENCE = "memory"

PLACES: dict[str, Callable[[], Place]] = {"sqlite": Place.on_sqlite, "postgres": Place.on_postgres}

ENGINES: dict[str, Callable[[], Engine]] = {
    REFERENCE: MemoryEngine,
    "sqlite": lambda: DatabaseEngine("interpreter", place("sqlite")),
    "sqlite-relational": lambda: DatabaseEngine("relational", place("sqlite")),
    "postgres": lambda: DatabaseEngine("interpreter", place("postgres")),
    "postgres-relational": lambda: DatabaseEngine("relational", place("postgres")),
    "postgres-server": lambda: DatabaseEngine("server", place("postgres")),
}

IN_THE_DATABASE = frozenset({"sqlite", "sqlite-relational", "postgres", "postgres-relational"})
"""Engines of which values that are parameters say little: expressions of them are worked out like the reference does it."""

ONE_ROW_ONLY = frozenset({"postgres-server"})
"""Engines that are never asked to run a verb on many rows."""

_places: dict[str, Place] = {}


@cache
def engine(name: str) -> Engine:
    """The engine of this name, made when it is first asked for."""
    return ENGINES[name]()


def place(name: str) -> Place:
    """The database of a kind, shared by the engines that run on it."""
    if name not in _places:
        _places[name] = PLACES[name]()
    return _places[name]


def close_places() -> None:
    """Drop the databases that were made."""
    engine.cache_clear()
    while _places:
        _places.popitem()[1].close()
