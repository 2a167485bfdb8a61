from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.guarantees.homes import Home, InMemory, OnDatabase, on_postgres, on_sqlite


@pytest.fixture(scope="module", params=[on_sqlite, on_postgres], ids=["sqlite", "postgres"])
def database_home(request: pytest.FixtureRequest) -> Iterator[OnDatabase]:
    """Each kind of database that verbs run on."""
    with request.param() as home:
        yield home


@pytest.fixture(scope="module")
def memory_home() -> Home:
    """The engine alone, on rows in memory."""
    return InMemory()
