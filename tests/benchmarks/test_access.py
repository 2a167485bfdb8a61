"""The benchmark of access does on both databases what it is to do."""

from __future__ import annotations

from benchmarks.access import FREE, SIDES, databases, measure


def test_all_sides_run_on_both_databases() -> None:
    with databases() as urls:
        for name, url in urls.items():
            measured = measure(name, url, rounds=1, calls=2, rows=30)
            assert set(measured.calls) == set(measured.sets) == {FREE, *SIDES}
            assert min(*measured.calls.values(), *measured.sets.values()) > 0
