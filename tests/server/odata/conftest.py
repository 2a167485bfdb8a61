"""A desk and a door to it, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.runtime.database import Database
from actionlang.server.odata.door import ODataDoor
from tests.server.odata.asking import Ask, asked
from tests.server.world import desk, service


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk of its own."""
    with desk(request.param) as database:
        yield database


@pytest.fixture
def door(database: Database) -> ODataDoor:
    """The door of a server that serves the desk."""
    return ODataDoor(service(database))


@pytest.fixture
def ask(door: ODataDoor) -> Ask:
    """Asks the door, as `asked` writes requests."""
    return lambda *parts, **more: door(asked(*parts, **more))
