"""The benchmark of the audit log measures what it says: its calls leave records, its questions are answered."""

from __future__ import annotations

from pathlib import Path

from benchmarks import audit


def test_every_side_is_measured() -> None:
    assert all(found > 0 for found in audit.cost_of_calls(audit.sqlite_database, rounds=1, calls=5).values())


def test_records_that_were_made_up_are_sealed_and_asked(tmp_path: Path) -> None:
    without, answers, rates = audit.measure_records(f"sqlite:///{tmp_path / 'made.db'}", runs=2000)
    assert without.keys() == answers.keys() == audit.QUESTIONS.keys()
    assert min(rates.values()) > 0
