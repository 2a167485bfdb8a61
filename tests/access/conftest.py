from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.access.office import Office, office


@pytest.fixture
def desk() -> Iterator[Office]:
    """An office in memory, on SQLite."""
    with office("sqlite") as opened:
        yield opened
