from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.audit.office import Office, make_tables, open_office
from tests.postgres import fresh_database


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office's file, to be copied."""
    file = tmp_path_factory.mktemp("office") / "office.db"
    make_tables(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of an office's database, to be copied."""
    with fresh_database() as url:
        make_tables(url)
        yield str(sa.make_url(url).database)


@pytest.fixture
def sqlite_office(sqlite_template: Path, tmp_path: Path) -> Iterator[Office]:
    """An office in an SQLite file."""
    file = shutil.copy(sqlite_template, tmp_path / "office.db")
    with open_office(f"sqlite:///{file}") as made:
        yield made


@pytest.fixture
def postgres_office(postgres_template: str) -> Iterator[Office]:
    """An office in a PostgreSQL database."""
    with fresh_database(f'TEMPLATE "{postgres_template}"') as url, open_office(url) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest) -> Office:
    """An office on each of the databases."""
    found: Office = request.getfixturevalue(f"{request.param}_office")
    return found
