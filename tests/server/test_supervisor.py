"""The supervisor and its workers, which here are small programs that answer nobody: how many there are, whatever happens to them."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread

import psutil
import pytest

from actionlang.diagnostics.catalogue.server import BAD_SETTING
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.server import supervised
from actionlang.server.opening import Launch
from actionlang.server.settings import ServerSettings
from actionlang.server.supervisor import Supervisor

pytestmark = pytest.mark.process

WORKER = """
import os, sys, time
from multiprocessing.connection import Connection
supervisor = Connection(int(sys.argv[1]))
supervisor.recv_bytes()
if os.path.exists("broken"):
    sys.exit(1)
while os.path.exists("slow"):
    time.sleep(0.02)
supervisor.send("started")
try:
    supervisor.recv()
except EOFError:
    pass
"""
"""It begins as soon as no file says otherwise, and ends when it is told to, or left alone."""


class Log(logging.Handler):
    """What was logged, to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._changed = Condition()

    def emit(self, record: logging.LogRecord) -> None:
        with self._changed:
            self._lines.append(record.getMessage())
            self._changed.notify_all()

    def count(self, words: str) -> int:
        return sum(words in line for line in self._lines)

    def wait_for(self, words: str, times: int = 1) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.count(words) >= times, timeout=30), self._lines


class Operator:
    """Who runs a server: its settings, its log, its signals."""

    def __init__(self) -> None:
        self.settings = ServerSettings(workers=2, drain=0.0, stop_timeout=0.0)
        self.problem: Exception | None = None
        self.log = Log()

    def launch(self) -> Launch:
        if self.problem is not None:
            raise self.problem
        return Launch("sqlite://", "UTC", (), ".", self.settings)

    def send(self, number: signal.Signals) -> None:
        os.kill(os.getpid(), number)

    def reload(self) -> None:
        """Replace the workers, and wait until that is over."""
        before = self.log.count("all workers are replaced")
        self.send(signal.SIGHUP)
        self.log.wait_for("all workers are replaced", before + 1)

    def workers(self) -> list[psutil.Process]:
        """Those that there are, of which none has ended."""
        found = []
        for each in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):
                if WORKER in each.cmdline():
                    found.append(each)
        return found

    def has(self, number: int) -> list[int]:
        """Wait until there are so many workers; gives their ids."""
        for _ in range(1000):
            found = self.workers()
            if len(found) == number:
                return [each.pid for each in found]
            psutil.wait_procs(found, timeout=0.02)
        raise AssertionError(f"there are not {number} workers but {len(self.workers())}")


def supervise(folder: Path, monkeypatch: pytest.MonkeyPatch, script: Callable[[Operator], None]) -> Operator:
    """A supervisor with two workers, which an operator does something with, and then ends."""
    monkeypatch.setattr(supervised, "BEGIN", WORKER)
    monkeypatch.chdir(folder)
    operator = Operator()
    failed: list[BaseException] = []

    def operate() -> None:
        try:
            operator.log.wait_for(" answers", 2)
            script(operator)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)
        finally:
            operator.send(signal.SIGTERM)

    logger = logging.getLogger("actionlang.server")
    logger.addHandler(operator.log)
    monkeypatch.setattr(logger, "level", logging.INFO)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        operating = Thread(target=operate)
        supervisor = Supervisor(operator.launch(), listening, reload=operator.launch, started=operating.start)
        try:
            supervisor.run()
        finally:
            operating.join()
            logger.removeHandler(operator.log)
    if failed:
        raise failed[0]
    assert operator.workers() == []
    return operator


def test_all_are_replaced_and_there_are_not_more_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(operator: Operator) -> None:
        first = operator.has(2)
        operator.reload()
        assert not set(first) & set(operator.has(2))

    supervise(tmp_path, monkeypatch, script)


def test_asked_twice_all_are_replaced_after_the_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(operator: Operator) -> None:
        (tmp_path / "slow").touch()
        operator.send(signal.SIGHUP)
        operator.has(3)
        operator.settings = ServerSettings(workers=2, drain=0.0, stop_timeout=0.0, title="After the second time")
        (tmp_path / "slow").unlink()
        operator.reload()
        operator.has(2)

    operator = supervise(tmp_path, monkeypatch, script)
    assert operator.log.count("crashed") == 0


def test_there_are_as_many_as_the_new_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(operator: Operator) -> None:
        for workers, deliver in ((3, False), (2, True), (1, False)):
            operator.settings = ServerSettings(workers=workers, deliver=deliver, drain=0.0, stop_timeout=0.0)
            operator.reload()
            operator.has(workers + deliver)
        operator.settings = ServerSettings(workers=1, port=9, drain=0.0, stop_timeout=0.0)
        operator.reload()
        operator.log.wait_for("host and port stay as they are")

    supervise(tmp_path, monkeypatch, script)


@pytest.mark.parametrize(
    "problem",
    [ActionLangError(Diagnostic(BAD_SETTING, "port must be a number.")), PermissionError(13, "Permission denied")],
)
def test_settings_that_can_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    def script(operator: Operator) -> None:
        operator.problem = problem
        operator.reload()
        operator.log.wait_for("the settings stay as they are")
        operator.has(2)

    supervise(tmp_path, monkeypatch, script)


def test_new_ones_that_do_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(operator: Operator) -> None:
        first = operator.has(2)
        (tmp_path / "broken").touch()
        operator.send(signal.SIGHUP)
        operator.log.wait_for("did not begin")
        assert operator.has(2) == first
        # One more that can not begin is tried again, and begins once it can.
        operator.settings = ServerSettings(workers=3, drain=0.0, stop_timeout=0.0)
        operator.send(signal.SIGHUP)
        operator.log.wait_for("did not begin", 2)
        (tmp_path / "broken").unlink()
        operator.reload()
        operator.has(3)

    supervise(tmp_path, monkeypatch, script)


def test_nobody_waits_for_one_that_has_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(operator: Operator) -> None:
        (tmp_path / "slow").touch()
        operator.send(signal.SIGHUP)
        operator.has(3)

    operator = supervise(tmp_path, monkeypatch, script)
    assert operator.log.count("did not end in time") == 0


def test_one_that_crashes_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(operator: Operator) -> None:
        os.kill(operator.has(2)[0], signal.SIGKILL)
        operator.log.wait_for("crashed (signal 9, Killed)")
        operator.log.wait_for(" answers", 3)
        operator.has(2)

    supervise(tmp_path, monkeypatch, script)


def test_one_that_crashes_while_it_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(operator: Operator) -> None:
        replaced = min(operator.workers(), key=lambda worker: (worker.create_time(), worker.pid))
        (tmp_path / "slow").touch()
        operator.send(signal.SIGHUP)
        operator.has(3)
        replaced.kill()
        operator.log.wait_for("crashed")
        (tmp_path / "slow").unlink()
        operator.log.wait_for("all workers are replaced")
        operator.reload()
        operator.has(2)

    supervise(tmp_path, monkeypatch, script)
