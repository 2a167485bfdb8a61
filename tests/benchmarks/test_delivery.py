"""The benchmark of deliveries delivers, on both databases, also with some that have arrived before."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.delivery import WORKERS, measure, receiving
from tests.postgres import fresh_database


@pytest.mark.process
def test_it_delivers(tmp_path: Path) -> None:
    with receiving() as receiver, fresh_database() as postgres:
        for url in (f"sqlite:///{tmp_path / 'desk.db'}", postgres):
            found = measure(url, receiver, 20, new=10, rounds=1)
            assert set(found) == set(WORKERS)
            assert all(found.values())
