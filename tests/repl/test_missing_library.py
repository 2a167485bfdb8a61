"""Without the libraries that only a prompt on a terminal needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.cli.running import PROGRAM, environment

WITHOUT = "import sys; sys.modules[sys.argv.pop(1)] = None; "


@pytest.mark.terminal
@pytest.mark.parametrize("library", ["prompt_toolkit", "pygments"])
def test_a_terminal_is_told_what_to_install(tmp_path: Path, library: str) -> None:
    command = [sys.executable, "-c", WITHOUT + PROGRAM, library, "repl"]
    child = pexpect.spawn(command[0], command[1:], cwd=str(tmp_path), env=environment(), encoding="utf-8", timeout=20)  # type: ignore[arg-type]
    child.expect("E0911")
    child.expect(library)
    child.expect(r"pip install 'actionlang\[repl\]'")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2


@pytest.mark.parametrize("library", ["prompt_toolkit", "pygments"])
def test_a_pipe_needs_neither(tmp_path: Path, library: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + PROGRAM, library, "repl"],
        cwd=tmp_path,
        env=environment(),
        input="6 * 7\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("42\n", 0)
