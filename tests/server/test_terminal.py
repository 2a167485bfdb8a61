"""A program that was begun without standard files has them all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import socket, sys
from actionlang.server.terminal import see_to_standard_files

see_to_standard_files()
print("nobody reads this", flush=True)
print("nor this", file=sys.stderr, flush=True)
sys.exit(7 if sys.stdin.read() == "" and socket.socket().fileno() > 2 else 8)
"""


@pytest.mark.process
def test_standard_files_are_there() -> None:
    begun = ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", PROGRAM]
    assert subprocess.run(begun, check=False).returncode == 7
