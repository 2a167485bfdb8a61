"""What goes wrong around commands: unexpected errors, output that nobody reads, Ctrl-C, colour where there should be none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import attrs
import pexpect
import pytest

from actionlang.cli.main import INTERRUPTED, READER_GONE, _interrupted
from actionlang.runtime.result import RunInterrupted
from tests.cli.running import COMMAND, actionlang, environment, write

BROKEN = """
import sys
import actionlang.compile.selection as selection
def select(paths=()):
    raise ZeroDivisionError("by chance")
selection.select = select
from actionlang.cli.main import main
sys.exit(main())
"""


def _broken(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", BROKEN, *arguments]
    return subprocess.run(command, cwd=folder, env=environment(**more), capture_output=True, timeout=60, check=False)


def test_an_unexpected_error_is_told_in_one_line(tmp_path: Path) -> None:
    done = _broken(tmp_path, "check")
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "error[E0809]: ActionLang itself failed: ZeroDivisionError: by chance.",
        "  = hint: please report this with what you did; ACTIONLANG_TRACEBACK=1 before the command shows where it happened",
    ]
    assert b"Traceback" in _broken(tmp_path, "check", ACTIONLANG_TRACEBACK="1").stderr


def test_nothing_is_told_while_tab_is_pressed(tmp_path: Path) -> None:
    words = {"_ACTIONLANG_COMPLETE": "bash_complete", "COMP_WORDS": "actionlang run x", "COMP_CWORD": "2"}
    done = _broken(tmp_path, **words)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.process
@pytest.mark.parametrize("arguments", [("verbs",), ("--help",), ("explain", "E0301")])
def test_output_that_nobody_reads(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=tmp_path,
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (READER_GONE, b"")


@pytest.mark.process
def test_ctrl_c_ends_watching_with_one_line(tmp_path: Path) -> None:
    write(tmp_path, desk="action A < stop >\n")
    with subprocess.Popen(
        [*COMMAND, "check", "--watch"], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert process.stdout.readline() == b"1 script checked: no problems found.\n"
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == INTERRUPTED
            assert process.stderr.read() == b"Interrupted.\n"
        finally:
            process.kill()


@pytest.mark.process
def test_watching_checks_again(tmp_path: Path) -> None:
    write(tmp_path, desk="action A < stop >\n")
    with subprocess.Popen(
        [*COMMAND, "check", "--watch"], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert process.stdout.readline() == b"1 script checked: no problems found.\n"
            # The first answer comes before the watching begins, so a change may be missed: it is made until it is heard.
            os.set_blocking(process.stdout.fileno(), False)
            told = _until_heard(process.stdout.fileno(), tmp_path)
            assert b"[E0107]" in told
        finally:
            process.kill()


def _until_heard(output: int, folder: Path) -> bytes:
    import select as waiting

    for number in range(100):
        write(folder, desk=f"action A < # {number}\n")
        ready, _, _ = waiting.select([output], [], [], 0.5)
        if ready:
            return os.read(output, 100_000)
    return b""


def test_without_watchfiles(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        'import sys\nsys.modules["watchfiles"] = None\nsys.modules["sqlalchemy"] = None\n'
    )
    write(tmp_path, desk="action A < stop >\n")
    watching = actionlang(tmp_path, "check", "--watch", PYTHONPATH=str(hidden))
    assert watching.status == 2
    assert "error[E0911]: This needs watchfiles, which is not installed." in watching.error
    assert "pip install 'actionlang[watch]'" in watching.error
    running = actionlang(tmp_path, "run", "A", "--db", "x.db", PYTHONPATH=str(hidden))
    assert running.status == 2
    assert "pip install 'actionlang[sql]'" in running.error
    assert actionlang(tmp_path, "check", PYTHONPATH=str(hidden)).status == 0


def _on_a_terminal(folder: Path, *arguments: str, **more: str) -> str:
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], *arguments],
        cwd=str(folder),
        env=environment(TERM="xterm", **more),
        dimensions=(40, 80),
        timeout=60,
    )
    child.expect(pexpect.EOF)
    child.close()
    return child.before.decode().replace("\r\n", "\n")


@pytest.mark.terminal
def test_colour_on_a_terminal_only(tmp_path: Path) -> None:
    write(tmp_path, desk="action A < fail 3 >\n")
    assert "\x1b[1;31merror" in _on_a_terminal(tmp_path, "check")
    assert "\x1b" not in _on_a_terminal(tmp_path, "check", NO_COLOR="1")
    assert "\x1b" not in actionlang(tmp_path, "check").out
    assert "\x1b[1m" in _on_a_terminal(tmp_path, "explain", "E0301")


@pytest.mark.terminal
def test_lines_fit_a_terminal(tmp_path: Path) -> None:
    text = _on_a_terminal(tmp_path, "verbs", NO_COLOR="1")
    assert [line for line in text.splitlines() if len(line) > 80] == []


def test_a_terminal_without_the_characters(tmp_path: Path) -> None:
    done = actionlang(tmp_path, "explain", "helpdesk.Escalate", PYTHONIOENCODING="ascii")
    assert done.status == 0
    assert "\\u2514" in done.out


def test_ctrl_c_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    interrupt = RunInterrupted("Escalate", "01a2", committed=False)
    interrupt.diagnostic = attrs.evolve(interrupt.diagnostic, notes=("go on with --resume 01a2",))
    assert _interrupted(interrupt) == INTERRUPTED
    told = "error[E0807]: Escalate was interrupted, and nothing was changed.\n  = note: go on with --resume 01a2\n"
    assert capsys.readouterr().err == told
