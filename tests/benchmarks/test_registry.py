"""The benchmark of calls by name does on both databases what it is to do."""

from __future__ import annotations

from pathlib import Path

from benchmarks.registry import measure
from tests.postgres import fresh_database


def test_all_sides_run_on_both_databases(tmp_path: Path) -> None:
    with fresh_database() as url:
        for each in (f"sqlite:///{tmp_path / 'desk.db'}", url):
            measured = measure(each, rounds=1, calls=2, active=4)
            assert len(measured.calls) == 3
            assert min(*measured.calls, measured.activation) > 0
