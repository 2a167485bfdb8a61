"""Ten minutes of Escalate over HTTP on PostgreSQL from 64 connections that stay open: does memory stay flat, does anything fail?

The server is as it comes, with rules of access, request lines and metrics, in two processes, on a helpdesk of 600,000 cases; every
tenth request reads a page of cases, every twentieth is refused (its case is not there). Memory is the resident set of the
server's processes together, read at each minute's end.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from time import monotonic

import attrs
import psutil

from benchmarks.calls import escalate_plan
from benchmarks.http_calls import CONNECTIONS, VERBS_WITH_RULES, Side, side
from benchmarks.http_load import Load, load, post

CASES = 600_000
MINUTES = 10
MEBIBYTE = 1024 * 1024
EXPECTED = {200, 404}


@attrs.frozen
class Minute:
    """What came of one: the answers, and the server's memory at its end in bytes."""

    load: Load
    memory: int


def soak(*, cases: int = CASES, minutes: int = MINUTES, seconds: float = 60.0) -> list[Minute]:
    """Keep a server under load for so many times so many seconds, after some of warming up. Raises AssertionError when an answer
    is not what it should be, or does not come."""
    found: list[Minute] = []
    with side(VERBS_WITH_RULES, escalate_plan(), cases) as server:
        waiting = iter(random.Random(10).sample(range(cases), cases))
        for minute in range(minutes + 1):
            came = load(server.port, _requests(server, waiting, seconds if minute else seconds / 4), CONNECTIONS)
            assert set(came.statuses) <= EXPECTED, came.statuses
            assert not came.lost, came.lost
            if minute:
                found.append(Minute(came, _memory(server)))
    return found


def _requests(server: Side, waiting: Iterator[int], seconds: float) -> Iterator[bytes]:
    """Requests until time is over."""
    headers = [f"Authorization: Bearer {server.key}"]
    reading = post(
        server.port, "/api/data/v9.2/cases?$select=number,priority&$top=20&$filter=priority%20eq%202", b"", headers
    )
    reading = reading.replace(b"POST", b"GET", 1)
    last = monotonic() + seconds
    number = 0
    while monotonic() < last:
        number += 1
        if number % 10 == 0:
            yield reading
        elif number % 20 == 7:
            yield post(server.port, server.path.format("CAS-none"), b'{"reason":"Who knows"}', headers)
        else:
            yield from server.requests([next(waiting)])


def _memory(server: Side) -> int:
    top = psutil.Process(server.process.pid)
    return sum(each.memory_info().rss for each in (top, *top.children(recursive=True)))


def main() -> None:
    """Print the table."""
    minutes = soak(minutes=int(os.environ.get("ACTIONLANG_SOAK_MINUTES", MINUTES)))
    print("| minute | answers | 200 | 404 | p50 ms | p99 ms | memory MiB |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for number, minute in enumerate(minutes, 1):
        found = minute.load
        print(
            f"| {number} | {len(found.latencies)} | {found.statuses.get(200, 0)} | {found.statuses.get(404, 0)} "
            f"| {found.percentile(50):.1f} | {found.percentile(99):.1f} | {minute.memory / MEBIBYTE:.1f} |"
        )


if __name__ == "__main__":
    main()
