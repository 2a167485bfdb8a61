from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from actionlang.runtime.database import Database
from tests.postgres import fresh_database
from tests.registry.board import board


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A new SQLite file."""
    return f"sqlite:///{tmp_path / 'board.db'}"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A new PostgreSQL database."""
    with fresh_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A new database of each kind."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture(scope="session")
def postgres_board() -> Iterator[str]:
    """The name of a PostgreSQL database with a board and an empty registry, to make others like it."""
    with fresh_database() as url:
        with board(url):
            pass
        yield str(sa.make_url(url).database)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A board with an empty registry, on each kind of database."""
    if request.param == "sqlite":
        with board(f"sqlite:///{tmp_path / 'board.db'}") as opened:
            yield opened
        return
    template: str = request.getfixturevalue("postgres_board")
    with fresh_database(f"TEMPLATE {template}") as url, Database.connect(url) as opened:
        yield opened


@pytest.fixture
def desk() -> Iterator[Database]:
    """The same in memory."""
    with board("sqlite://") as opened:
        yield opened
