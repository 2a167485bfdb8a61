"""The databases that sets run on here, opened once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.relational.many import Engines


@pytest.fixture(scope="package")
def engines() -> Iterator[Engines]:
    made = Engines()
    yield made
    made.close()
