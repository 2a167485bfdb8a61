from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from actionlang.runtime.database import Database
from tests.durable.bench import Bench, at, bench
from tests.postgres import fresh_database


@pytest.fixture(scope="session")
def postgres_bench() -> Iterator[str]:
    """The name of a PostgreSQL database with a bench, to make others like it."""
    with fresh_database() as url:
        with bench(url):
            pass
        yield str(sa.make_url(url).database)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A bench in a file."""
    url = f"sqlite:///{tmp_path / 'bench.db'}"
    with bench(url):
        pass
    return url


@pytest.fixture
def postgres_url(postgres_bench: str) -> Iterator[str]:
    with fresh_database(f"TEMPLATE {postgres_bench}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A bench on each kind of database."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def here(url: str) -> Iterator[Bench]:
    """A bench on each kind of database, opened."""
    with Database.connect(url) as database:
        yield at(database)


@pytest.fixture
def desk() -> Iterator[Bench]:
    """A bench in memory."""
    with bench("sqlite://") as database:
        yield at(database)
