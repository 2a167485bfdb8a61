from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from actionlang.runtime.database import Database
from tests.guarantees.homes import Home, InMemory, OnDatabase, on_postgres, on_sqlite
from tests.postgres import fresh_database


@pytest.fixture(scope="module", params=[on_sqlite, on_postgres], ids=["sqlite", "postgres"])
def database_home(request: pytest.FixtureRequest) -> Iterator[OnDatabase]:
    """Each kind of database that verbs run on."""
    with request.param() as home:
        yield home


@pytest.fixture(scope="module")
def memory_home() -> Home:
    """The engine alone, on rows in memory."""
    return InMemory()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnDatabase]:
    """A database of each kind, which other connections can get to as well."""
    with ExitStack() as stack:
        if request.param == "postgres":
            url = stack.enter_context(fresh_database())
        else:
            url = f"sqlite:///{tmp_path_factory.mktemp('shared') / 'desk.db'}"
        yield OnDatabase(stack.enter_context(Database.connect(url, create=True, connections=8, busy_timeout=30)))


@pytest.fixture
def database(home: OnDatabase) -> Database:
    """A filled helpdesk."""
    home.begin()
    return home.database


@pytest.fixture
def url(database: Database) -> str:
    """Its URL, for other connections."""
    return database.engine.url.render_as_string(hide_password=False)
