"""A forked process is as good as one that starts by itself."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, environment, write
from tests.forked.commands import Loaded, command

pytestmark = pytest.mark.process

SCRIPT = 'action Hello() < fail "no" >\n'
LINES = (
    ("--version",),
    ("check",),
    ("check", "missing.act"),
    ("fmt", "-"),
    ("run", "Hello", "--db", "sqlite://"),
    ("explain", "E0301"),
)


def ran(program: tuple[str | Path, ...], folder: Path, line: tuple[str, ...]) -> tuple[int, str, str]:
    """The end of a process, and what it printed."""
    done = subprocess.run(
        [*program, *line],
        cwd=folder,
        env=environment(),
        input=SCRIPT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("loaded", ["libraries", "all"])
@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_it_prints_and_ends_alike(tmp_path: Path, loaded: Loaded, line: tuple[str, ...]) -> None:
    write(tmp_path, hello=SCRIPT)
    forked = ran((command(loaded, environment()),), tmp_path, line)
    assert forked == ran(COMMAND, tmp_path, line)
    assert forked[1] or forked[2]


def stopped(program: tuple[str | Path, ...], folder: Path, number: signal.Signals) -> tuple[int, bytes, bytes]:
    """The same of a process that got a signal after it had printed its first line."""
    words = [*program, "check", "--watch"]
    with subprocess.Popen(
        words, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        try:
            line = process.stdout.readline()
            process.send_signal(number)
            return process.wait(60), line + process.stdout.read(), process.stderr.read()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_for_it(tmp_path: Path, number: signal.Signals) -> None:
    write(tmp_path, hello=SCRIPT)
    forked = stopped((command("all", environment()),), tmp_path, number)
    assert forked == stopped(COMMAND, tmp_path, number)
    assert forked[0]
    assert forked[1]


def test_what_python_reads_when_it_starts_is_read(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('read')")
    given = environment(PYTHONPATH=str(tmp_path))
    done = subprocess.run(
        [command("all", environment()), "--version"], env=given, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, b"read")
