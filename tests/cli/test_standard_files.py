"""A program that was begun without standard files has them all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import COMMAND

PROGRAM = """
import socket, sys
from actionlang.cli.standard_files import see_to_standard_files

see_to_standard_files()
print("nobody reads this", flush=True)
print("nor this", file=sys.stderr, flush=True)
sys.exit(7 if sys.stdin.read() == "" and socket.socket().fileno() > 2 else 8)
"""


@pytest.mark.process
def test_standard_files_are_there() -> None:
    begun = ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", PROGRAM]
    assert subprocess.run(begun, check=False).returncode == 7


@pytest.mark.process
@pytest.mark.parametrize(
    ("arguments", "status"), [("--version", 0), ("check nothing.act", 2), ("check --format json nothing.act", 2)]
)
def test_commands_do_not_fail_for_want_of_them(arguments: str, status: int, tmp_path: Path) -> None:
    begun = ["/bin/sh", "-c", 'exec "$@" <&- >&-', "sh", *COMMAND, *arguments.split()]
    done = subprocess.run(begun, check=False, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
