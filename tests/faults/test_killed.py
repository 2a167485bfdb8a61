"""A real process that is killed, or interrupted, at every statement of a run: the database is as before."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from actionlang.runtime.database import Database
from tests.runtime.desk import ESCALATE_PLAN, dump, open_desk, query

pytestmark = pytest.mark.process

STATEMENTS = 9
"""BEGIN, the case by its number, the team by its name, the update with the assignment, the new task, the record, its changes,
COMMIT; and before BEGIN nothing. The ninth is the first that there is not."""

ROOT = Path(__file__).parents[2]


def run_child(path: Path, way: str, number: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.faults.child", str(path), way, str(number)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled database's file, closed."""
    with open_desk(tmp_path_factory.mktemp("pristine") / "desk.db") as desk:
        return desk.path


@pytest.fixture
def path(pristine: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(pristine, tmp_path / "desk.db"))


def assert_sound(path: Path) -> None:
    """The file is whole, and the next run on it works."""
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert query(path, "PRAGMA foreign_key_check") == []
    with Database.connect(f"sqlite:///{path}") as database:
        assert ESCALATE_PLAN.run(database, on="CAS-1", reason="again").changes


def test_the_run_has_as_many_statements_as_are_tried(path: Path) -> None:
    done = run_child(path, "none", 0)
    assert (done.returncode, done.stdout) == (0, f"{STATEMENTS - 1}\n")
    assert len(query(path, "SELECT * FROM task")) == 1


@pytest.mark.parametrize("way", ["killed before", "killed inside"])
@pytest.mark.parametrize("number", range(1, STATEMENTS))
def test_a_killed_run_leaves_the_database_as_it_was(path: Path, way: str, number: int) -> None:
    before = dump(path)
    done = run_child(path, way, number)
    assert done.returncode == -signal.SIGKILL
    assert dump(path) == before
    assert_sound(path)


@pytest.mark.parametrize("number", range(1, STATEMENTS))
def test_ctrl_c_before_a_statement_undoes_the_run_and_leaves_a_record(path: Path, number: int) -> None:
    before = query(path, 'SELECT * FROM "dbo.Incident"')
    done = run_child(path, "interrupted before", number)
    assert done.returncode != 0
    assert done.stdout == "E0807: Escalate was interrupted, and nothing was changed. False\n"
    assert query(path, 'SELECT * FROM "dbo.Incident"') == before
    assert query(path, "SELECT * FROM task UNION ALL SELECT run, 1, 1, 1, 1 FROM actionlang_change") == []
    recorded = [("interrupted", "E0807", "The run was interrupted.")] if number > 2 else []
    assert query(path, "SELECT outcome, error_code, message FROM actionlang_run") == recorded
    assert_sound(path)


def test_ctrl_c_after_the_end_keeps_the_run_and_says_so(path: Path) -> None:
    done = run_child(path, "interrupted after", STATEMENTS - 1)
    assert done.stdout == "E0807: Escalate was interrupted, after its end: its changes are kept. True\n"
    assert query(path, "SELECT outcome FROM actionlang_run") == [("done",)]
    assert len(query(path, "SELECT * FROM task")) == 1
    assert_sound(path)
