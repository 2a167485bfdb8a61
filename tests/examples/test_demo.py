"""What `make demo` runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.examples.projects import Project

pytestmark = pytest.mark.process


def test_the_demo(tmp_path: Path) -> None:
    example = Project.copy("helpdesk", tmp_path)
    printed = example.fine("bash", "demo.sh")
    changed, _, again = printed.partition("Escalate it again")

    for shown in ("normal", "high", "Tier 2", "Loading dock at a standstill", "Call back: Order terminals"):
        assert shown in changed, shown
    assert "Only" in again or "has the case already" in again
    assert "rows are as they were" in again
    assert "actionlang explain Escalate" in again

    with closing(sqlite3.connect(example.folder / "helpdesk.db")) as database:
        assert database.execute("SELECT count(*) FROM 'case'").fetchone() == (160,)
        escalated = database.execute("SELECT number FROM 'case' WHERE escalated_on IS NOT NULL").fetchall()
        runs = database.execute(
            "SELECT outcome FROM actionlang_run WHERE verb LIKE '%.Escalate' ORDER BY id"
        ).fetchall()
    assert escalated == [("CAS-0042",)]
    assert runs == [("done",), ("failed",)]

    # What it tells to try next works, and the database it left is still there for it.
    for line in again.partition("Try next")[2].splitlines():
        if line.startswith("  actionlang "):
            example.fine("bash", "-c", line)

    example.fine("bash", "demo.sh")
