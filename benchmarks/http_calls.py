"""Escalate over HTTP on PostgreSQL, 64 connections: `actionlang serve` against a hand-written FastAPI application with psycopg that
does the same reads, checks, writes and records.

All sides work on a database of their own with the same tables and 200,000 cases, on one server that is durable as it comes; a
request escalates a case picked at random that was not escalated yet. All run as two processes, check a key, validate the body
and answer with the task that was made. The applications by hand are there with functions that wait in threads and with coroutines;
their transactions are READ COMMITTED, as is usual, where those of verbs are serializable. "with rules" is the server as it comes: it
reads the caller's rights in each run's transaction and holds it to them, and logs each request; "with rights" is the application of
coroutines that reads them in its transaction, too, sees that they are enough, and logs each request. All sides have eight
connections a process. The load comes from this process over connections that stay open; the sides take turns, a round each; what is
told is the median of the rounds. CPU is that of the side's processes and of its sessions on PostgreSQL.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import attrs
import psutil
import sqlalchemy as sa

from actionlang.plan.steps import Assign, Create, Update
from actionlang.plan.walk import nodes
from actionlang.runtime.plans import Plan
from benchmarks.calls import escalate_plan
from benchmarks.http_load import Load, load, post
from benchmarks.server_calls import connected, fill
from benchmarks.servers import postgres_database

CASES = 200_000
ROUNDS = 5
CALLS = 3000
CONNECTIONS = 64
WARMING = 16
WORKERS = 2
BAR = 1.5
ACTIONLANG = str(Path(sys.executable).with_name("actionlang"))

VERBS, VERBS_WITH_RULES = "ActionLang", "ActionLang, with rules"
THREADS, COROUTINES, RIGHTS = "FastAPI, threads", "FastAPI, coroutines", "FastAPI, coroutines, with rights"
SIDES = (VERBS, VERBS_WITH_RULES, THREADS, COROUTINES, RIGHTS)
TABLES = ((VERBS, THREADS, COROUTINES), (VERBS_WITH_RULES, RIGHTS, COROUTINES))
"""What is compared in one run: the server, and applications by hand."""

KINDS = {THREADS: "threads", COROUTINES: "coroutines", RIGHTS: "rights"}
USER = "00000000-0000-7000-8000-000000000009"

WITH_RULES = """
[server]
calls = 8
connections = 8

[server.identity]
calls_per_second = 0
"""
"""One caller makes all calls, as many as it can; all sides have to share the connections that the database takes."""

WITHOUT_RULES = f"""{WITH_RULES}access = "off"

[server.observing]
requests = false
"""
"""No more than the applications by hand do: no rights, no line in the log for each request."""

ROLES = """
[agent]
perform = ["helpdesk.Escalate"]
privileges = ["support.escalate"]

[agent.tables]
"helpdesk.case" = { read = "all", update = "all", assign = "all" }
"helpdesk.task" = { read = "all", create = "all" }
"core.team" = { read = "all" }
"core.membership" = { read = "all" }
"core.user" = { read = "all" }
"core.notification" = { create = "all" }
"""


@attrs.frozen
class Measured:
    """One side: answers a second, milliseconds, and microseconds of CPU a call (its own, PostgreSQL's)."""

    throughput: float
    half: float
    most: float
    cpu: float
    database_cpu: float


@attrs.frozen
class Side:
    """A server that is up: where it listens, what is called, its processes, its database."""

    port: int
    path: str
    key: str
    process: subprocess.Popen[bytes]
    database: str

    def requests(self, cases: list[int]) -> list[bytes]:
        """Requests that escalate these cases."""
        body, headers = b'{"reason":"No reply for two days"}', [f"Authorization: Bearer {self.key}"]
        return [post(self.port, self.path.format(f"CAS-{case:06}"), body, headers) for case in cases]

    def cpu(self) -> tuple[float, float]:
        """Seconds of CPU until now: of the side, of PostgreSQL for it."""
        top = psutil.Process(self.process.pid)
        own = sum(_seconds(each) for each in (top, *top.children(recursive=True)))
        sessions = (each for each in psutil.process_iter(["cmdline"]) if self._is_session(each))
        return own, sum(_seconds(each) for each in sessions)

    def _is_session(self, process: psutil.Process) -> bool:
        line = " ".join(process.info["cmdline"] or ())
        return line.startswith("postgres:") and self.database in line


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def measure(
    plan: Plan, names: Sequence[str], *, cases: int = CASES, rounds: int = ROUNDS, calls: int = CALLS
) -> dict[str, Measured]:
    """Let the sides escalate cases in turns. Raises AssertionError when an answer is not 204 or did not come."""
    found: dict[str, list[Measured]] = {name: [] for name in names}
    with ExitStack() as kept:
        sides = {name: kept.enter_context(side(name, plan, cases)) for name in names}
        picked = random.Random(20).sample(range(cases), (rounds + 1) * calls)
        for round_ in range(rounds + 1):
            for name, each in sides.items():
                before = each.cpu()
                # The first round is for warming up: each connection to PostgreSQL has its functions made.
                connections = CONNECTIONS if round_ else WARMING
                requests = each.requests(picked[round_ * calls : (round_ + 1) * calls])
                came = load(each.port, requests, connections)
                assert came.statuses == {200: calls}, (name, came.statuses, came.lost)
                if round_:
                    found[name].append(_measured(came, before, each.cpu()))
    return {name: _median(measured) for name, measured in found.items()}


def _measured(came: Load, before: tuple[float, float], after: tuple[float, float]) -> Measured:
    own, database = ((late - early) * 1e6 / len(came.latencies) for early, late in zip(before, after, strict=True))
    return Measured(came.throughput, came.percentile(50), came.percentile(99), own, database)


def _median(measured: list[Measured]) -> Measured:
    return Measured(*(median(values) for values in zip(*map(attrs.astuple, measured), strict=True)))


@contextmanager
def side(name: str, plan: Plan, cases: int, workers: int = WORKERS) -> Iterator[Side]:
    """A side that is ready to answer, on a new database; it is stopped afterwards."""
    with ExitStack() as kept:
        url = kept.enter_context(postgres_database())
        fill(url, plan, cases)
        port = free_port()
        if name in (VERBS, VERBS_WITH_RULES):
            process, key = kept.enter_context(_served(url, port, workers, rules=name == VERBS_WITH_RULES))
            path = "/api/data/v9.2/cases(number='{}')/Microsoft.Dynamics.CRM.Escalate"
        else:
            process, key = kept.enter_context(_by_hand(name, url, port, workers, plan)), "k-123456789"
            path = "/cases/{}/escalate"
        _wait_for(port, process)
        yield Side(port, path, key, process, str(sa.make_url(url).database))


class _Project:
    """A folder with the settings, the roles and the script, for a database."""

    def __init__(self, folder: Path, url: str, settings: str) -> None:
        self.folder = folder
        self._url = url
        (folder / "actionlang.toml").write_text(settings, "utf-8")
        (folder / "roles.toml").write_text(ROLES, "utf-8")
        (folder / "desk.act").write_text("import helpdesk;\n", "utf-8")

    def run(self, *words: str) -> str:
        """Run a command of `actionlang`; gives what it prints."""
        command = [ACTIONLANG, *words, "--db", self._url]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def furnish(self) -> None:
        """Activate the verb, and let Ann call it."""
        self.run("registry", "init")
        self.run("activate", "helpdesk.Escalate")
        with connected(self._url) as driver:
            added = 'INSERT INTO "user" (id, name, email, active) VALUES (%s, %s, %s, TRUE)'
            driver.execute(added, (USER, "Ann", "ann@example.com"))
        self.run("access", "apply")
        self.run("access", "give", "ann@example.com", "agent")


@contextmanager
def _served(url: str, port: int, workers: int, *, rules: bool) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with tempfile.TemporaryDirectory() as name:
        project = _Project(Path(name), url, WITH_RULES if rules else WITHOUT_RULES)
        project.furnish()
        scopes = ("--scope", "verb:*", "--scope", "read")
        made = project.run("key", "create", "load", "--as", "ann@example.com", *scopes, "--json")
        command = [ACTIONLANG, "serve", "--db", url, "--port", str(port)]
        with _running([*command, "--workers", str(workers)], project.folder, {}) as process:
            yield process, json.loads(made)["key"]


@contextmanager
def _by_hand(name: str, url: str, port: int, workers: int, plan: Plan) -> Iterator[subprocess.Popen[bytes]]:
    parts = sa.make_url(url)
    steps = [node for node in nodes(plan.verb.steps) if isinstance(node, Update | Assign | Create)]
    environment = {
        "BY_HAND_URL": parts.set(drivername="postgresql").render_as_string(hide_password=False),
        "BY_HAND_KEY": "k-123456789",
        "BY_HAND_USER": USER,
        "BY_HAND_HASH": plan.hash,
        "BY_HAND_LINES": ",".join(str(step.place.line) for step in steps),
    }
    if name == RIGHTS:
        with tempfile.TemporaryDirectory() as folder:
            _Project(Path(folder), url, WITH_RULES).furnish()
    command = [sys.executable, "-m", "benchmarks.http_by_hand", KINDS[name], str(port), str(workers)]
    with _running(command, Path.cwd(), environment) as process:
        yield process


@contextmanager
def _running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a request is answered, whatever the answer is."""
    while process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as asking:
                asking.sendall(f"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
                if asking.recv(1):
                    return
        except ConnectionError:
            continue
    message = f"{process.args!r} ended with {process.returncode}"
    raise AssertionError(message)


def main() -> None:
    """Print a table for each way in which the server is run: all sides together need more connections than PostgreSQL takes."""
    print(
        f"Median of {ROUNDS} rounds of {CALLS} calls; ratios are to the quickest application by hand. The bar is {BAR}."
    )
    for names in TABLES:
        found = measure(escalate_plan(), names)
        base = max((found[name] for name in names[1:]), key=lambda each: each.throughput)
        print("\n| | calls a second | ratio | p50 ms | p99 ms | CPU us | PostgreSQL's CPU us |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for side_name, each in found.items():
            print(
                f"| {side_name} | {each.throughput:.0f} | {each.throughput / base.throughput:.2f} | {each.half:.1f} "
                f"| {each.most:.1f} | {each.cpu:.0f} | {each.database_cpu:.0f} |"
            )


if __name__ == "__main__":
    main()
