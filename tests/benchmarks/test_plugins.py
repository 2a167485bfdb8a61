"""The benchmark of plug-ins measures what it says: each side calls its plug-ins, and does what the others do."""

from __future__ import annotations

from benchmarks import plugins


def test_every_side_is_measured() -> None:
    found = plugins.measure(rounds=1, calls=3)
    assert found.calls.keys() == plugins.hostings().keys()
    assert min(found.calls.values()) > 0
