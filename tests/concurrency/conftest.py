from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.concurrency.bank import filled
from tests.postgres import fresh_database


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A filled database in an SQLite file."""
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    with filled(url):
        return url


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A filled PostgreSQL database."""
    with fresh_database() as url:
        with filled(url):
            pass
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A filled database of each kind."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found
