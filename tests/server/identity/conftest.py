"""Desks and issuers for the tests of who may call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.runtime.database import Database
from tests.server.identity.issuer import TestIssuer, issuing
from tests.server.world import desk


@pytest.fixture(scope="session")
def kept_issuer() -> Iterator[TestIssuer]:
    """An issuer that no test changes."""
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer() -> Iterator[TestIssuer]:
    """An issuer of a test's own."""
    with issuing() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def kept_desk() -> Iterator[Database]:
    """A desk that is only looked at."""
    with desk("sqlite") as database:
        yield database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database
