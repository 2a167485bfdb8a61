from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines.registry import close_places


@pytest.fixture(scope="session", autouse=True)
def places_closed() -> Iterator[None]:
    """Databases go when the tests are done."""
    yield
    close_places()
