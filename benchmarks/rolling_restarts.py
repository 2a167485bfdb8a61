"""Rolling restarts under load: whether a call is lost while all workers of a server are replaced, again and again.

    python -m benchmarks.rolling_restarts [RESTARTS] [CLIENTS]

Clients keep their connections and count samples up without a pause, over HTTP on PostgreSQL; the server has two workers, and SIGHUP
replaces them as soon as it has replaced them. A call is lost that is not answered, or not with 200; and every call that was answered
has to have counted exactly once.
"""

from __future__ import annotations

import signal
import sys
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.postgres import connect
from tests.server.serving import ROOT, Load, ask, serve
from tests.server.world import desk_url

RESTARTS, CLIENTS, WORKERS = 50, 16, 2


def call(connection: HTTPConnection, number: int) -> None:
    """Count a client's own sample up."""
    status, told = ask(connection, "POST", f"{ROOT}/samples(code='S-{number}')/Microsoft.Dynamics.CRM.CountUp", {})
    assert status == 200, (status, told)


def main(restarts: int = RESTARTS, clients: int = CLIENTS) -> int:
    """Measure, and print a table; 1 if a call was lost."""
    with TemporaryDirectory() as folder, desk_url("postgres") as url:
        with serve(Path(folder), url, "--workers", str(WORKERS)) as server:
            for number in range(clients):
                server.ask("POST", f"{ROOT}/TakeSample", {"code": f"S-{number}", "grade": 2})
            began = perf_counter()
            with Load(server, clients, call) as load:
                for times in range(1, restarts + 1):
                    server.process.send_signal(signal.SIGHUP)
                    server.log.wait_for("all workers are replaced", times)
            seconds = perf_counter() - began
            ended = server.end()
        with connect(url) as driver:
            (counted,) = driver.execute("SELECT sum(count) - count(*) FROM sample").fetchone() or (0,)
    table: dict[str, float] = {
        "rolling restarts": restarts,
        "workers replaced": restarts * WORKERS,
        "clients": clients,
        "seconds": seconds,
        "calls": load.calls,
        "calls a second": load.calls / seconds,
        "lost": len(load.lost),
        "counted in the database": counted,
    }
    print("| | |\n|---|---:|")
    for name, number in table.items():
        print(f"| {name} | {number:,.0f} |")
    for each in load.lost[:10]:
        print(f"\n{each}")
    return int(bool(load.lost) or ended != 0 or counted != load.calls)


if __name__ == "__main__":
    given = tuple(map(int, sys.argv[1:]))
    sys.exit(main(*given, *(RESTARTS, CLIENTS)[len(given) :]))
