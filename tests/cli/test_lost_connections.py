"""A connection that breaks under a command: told by its error alone, not by what libraries log of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import environment
from tests.postgres import fresh_database

pytestmark = pytest.mark.process

BREAKING = """
import sys
from pathlib import Path
from actionlang.cli.databases import open_database
from actionlang.compile.project import find_project

with open_database(sys.argv[1], find_project(Path.cwd())) as database:
    lost = database.engine.raw_connection()
    lost.cursor().execute("BEGIN")
    with database.connection() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({lost.driver_connection.info.backend_pid}, 60000)")
    lost.close()
"""

LOGGING = "import logging; logging.basicConfig()\n"


def error_of(program: str, folder: Path) -> str:
    """What a program prints as errors that gives back a connection which has ended: its pool can not roll back on it."""
    with fresh_database() as url:
        done = subprocess.run(
            [sys.executable, "-c", program, url],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return done.stderr


def test_nothing_is_logged_of_a_connection_that_can_not_be_put_back(tmp_path: Path) -> None:
    assert error_of(BREAKING, tmp_path) == ""


def test_who_asks_for_logs_gets_them(tmp_path: Path) -> None:
    assert "Exception during reset" in error_of(LOGGING + BREAKING, tmp_path)
