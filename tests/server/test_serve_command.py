"""`actionlang serve` as its operator knows it: what it serves, what it says when it can not, how it is replaced and ended."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import chdir
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pexpect
import pytest
from click.testing import CliRunner

from actionlang.cli.group import actionlang
from actionlang.server.opening import MAX_AGE
from tests.postgres import connect
from tests.server.serving import ACTIONLANG, ROOT, Load, Serve, ask, serve
from tests.server.world import DESK, desk_url

pytestmark = pytest.mark.process


def run(*words: str, cwd: Path) -> tuple[int, str]:
    """A command in this process."""
    with chdir(cwd):
        done = CliRunner().invoke(actionlang, words, catch_exceptions=False, standalone_mode=False)
    return done.return_value or 0, done.output


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A desk on each kind of database."""
    with desk_url(request.param) as url:
        yield url


@pytest.fixture
def postgres() -> Iterator[str]:
    with desk_url("postgres") as url:
        yield url


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The desk's scripts, to be changed."""
    return Path(shutil.copytree(DESK, tmp_path / "project"))


def _activate(project: Path, url: str, step: int) -> None:
    """Have CountUp count by another number."""
    script = project / "verbs" / "desk.act"
    text = script.read_text("utf-8")
    script.write_text(re.sub(r"sample\.count \+ \w+;\n", f"sample.count + {step};\n", text), "utf-8")
    status, output = run("activate", ".", "--why", "test", "--db", url, cwd=project)
    assert status == 0, output


def test_an_activation_is_seen_without_a_restart(url: str, project: Path, tmp_path: Path) -> None:
    workers = ("--workers", "2") if url.startswith("postgres") else ()
    with serve(tmp_path, url, *workers) as server:
        assert server.told["workers"] == (2 if workers else 1)
        assert server.ask("POST", f"{ROOT}/TakeSample", {"code": "S", "grade": 2})[0] == 200
        _activate(project, url, 100)
        # Each on a connection of its own: any of the workers may answer.
        before = 1
        counted = [_count_up(server) for _ in range(3)]
        while counted[-1] - counted[-2] != 100 or counted[-2] - counted[-3] != 100:
            counted.append(_count_up(server))
        assert {after - count for count, after in zip([before, *counted], counted, strict=False)} <= {1, 100}
        assert server.end() == 0
    assert MAX_AGE <= 0.5


def _count_up(server: Serve) -> int:
    status, told = server.ask("POST", f"{ROOT}/samples(code='S')/Microsoft.Dynamics.CRM.CountUp", {})
    assert status == 200, told
    return int(told["count"])


def test_a_call_that_is_under_way_keeps_its_version(postgres: str, project: Path, tmp_path: Path) -> None:
    with serve(tmp_path, postgres) as server, connect(postgres) as driver:
        assert server.ask("POST", f"{ROOT}/TakeSample", {"code": "S", "grade": 2})[0] == 200
        assert _count_up(server) == 2
        driver.execute("BEGIN")
        driver.execute("SELECT count FROM sample FOR UPDATE")
        told: list[int] = []
        calling = Thread(target=lambda: told.append(_count_up(server)))
        calling.start()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while driver.execute(waiting).fetchone() is None:
            driver.execute("SELECT pg_stat_clear_snapshot()")
        _activate(project, postgres, 100)
        driver.execute("ROLLBACK")
        calling.join()
        assert told == [3]


def test_a_server_of_one_process_is_not_ended_by_a_reload(tmp_path: Path) -> None:
    with desk_url("sqlite") as url, serve(tmp_path, url) as server:
        server.process.send_signal(signal.SIGHUP)
        server.log.wait_for("this server is one process")
        assert server.ask("GET", "/healthz")[0] == 200
        assert server.end() == 0


def test_it_ends_with_its_terminal(tmp_path: Path) -> None:
    with desk_url("sqlite") as url:
        child = pexpect.spawn(ACTIONLANG[0], [*ACTIONLANG[1:], "serve", "--port", "0", "--db", url], cwd=str(tmp_path))
        child.expect("Ctrl-C stops it")
        os.close(child.child_fd)
        assert os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) >= 0


def test_workers_are_replaced_without_losing_a_call(postgres: str, tmp_path: Path) -> None:
    def call(connection: HTTPConnection, number: int) -> None:
        status, told = ask(connection, "POST", f"{ROOT}/samples(code='S-{number}')/Microsoft.Dynamics.CRM.CountUp", {})
        assert status == 200, told

    with serve(tmp_path, postgres, "--workers", "2") as server:
        for number in range(6):
            server.ask("POST", f"{ROOT}/TakeSample", {"code": f"S-{number}", "grade": 2})
        with Load(server, 3, call) as load:
            for times in (1, 2):
                server.process.send_signal(signal.SIGHUP)
                server.log.wait_for("all workers are replaced", times)
        assert load.lost == []
        with connect(postgres) as driver:
            assert driver.execute("SELECT sum(count) - 6 FROM sample").fetchone() == (load.calls,)
        # One that crashes is begun anew.
        os.kill(server.log.workers()[-1], signal.SIGKILL)
        server.log.wait_for(" answers", 7)
        assert server.log.count("crashed") == 1
        assert server.end() == 0


def test_a_background_run_outlives_its_server(url: str, tmp_path: Path) -> None:
    with serve(tmp_path, url) as server:
        assert server.ask("POST", f"{ROOT}/TakeSample", {"code": "S-1"})[0] == 200
        connection = server.connected()
        headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
        given = json.dumps({"step": 4, "pause": "PT1S"})
        connection.request("POST", f"{ROOT}/samples(code='S-1')/CountSlowly", given, headers)
        response = connection.getresponse()
        assert (response.status, response.read()) == (202, b"")
        state = urlsplit(str(response.headers["Location"])).path
        connection.close()
        while server.ask("GET", f"{ROOT}/samples(code='S-1')?$select=count")[1]["count"] == 1:
            """Until the first unit is kept."""
        server.end(signal.SIGKILL)
    with serve(tmp_path, url) as server:
        while (answer := server.ask("GET", state))[1] is None:
            """Until it has come to its end."""
        assert (answer[0], answer[1]["count"]) == (200, 9)
