from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.subscription import Subscription, Webhook
from actionlang.delivery.subscriptions import Subscriptions
from actionlang.runtime.database import Database
from tests.delivery.outbox import START, Clock, make_tables
from tests.delivery.receiver import Receiver, receiving
from tests.postgres import connect, fresh_database

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database in an SQLite file."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    with Database.connect(url, create=True) as made:
        make_tables(made)
    return url


@pytest.fixture(scope="session")
def postgres_of_all() -> Iterator[str]:
    """A PostgreSQL database for all tests of delivery."""
    with fresh_database() as url:
        with Database.connect(url) as made:
            make_tables(made)
        yield url


@pytest.fixture
def postgres_url(postgres_of_all: str) -> str:
    """The same, empty."""
    with connect(postgres_of_all) as driver:
        driver.execute("TRUNCATE actionlang_event, actionlang_subscription, actionlang_delivery")
    return postgres_of_all


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A database of each kind, with the tables of delivery."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with Database.connect(url) as opened:
        yield opened


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Database]:
    with Database.connect(sqlite_url) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as ready:
        yield ready


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> SecretPlace:
    monkeypatch.setenv("DESK_SECRET", SECRET)
    return SecretPlace("env", "DESK_SECRET")


def subscribe(database: Database, url: str, secret: SecretPlace, *events: str, name: str = "desk") -> None:
    """A webhook to this machine."""
    target = Webhook(url, secret, allow_private=True)
    Subscriptions(database).add(Subscription(name, events or ("*",), target, START))
