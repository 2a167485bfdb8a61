from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A helpdesk's database in a file."""
    with open_desk(tmp_path / "desk.db") as opened:
        yield opened
