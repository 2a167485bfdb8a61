"""Deliveries a second: a deliverer that posts events to a receiver on the same machine, with nothing delivered before, and with a
million events that have arrived lying in the tables.

The receiver is a process of its own that reads a request and answers 204. Each event is signed, posted over a connection that is
kept open, and written down in a transaction of its own. Events are about 500 rows, whose order is kept. Each count of workers has
a round of its own; what is told is the best of the rounds.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from actionlang.delivery.deliverer import Deliverer, Pace
from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.subscription import Subscription, Webhook
from actionlang.delivery.subscriptions import Subscriptions
from actionlang.delivery.tables import DELIVERIES, SUBSCRIPTIONS
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS

WORKERS = (1, 2, 4)
ROUNDS = 2
NEW = 1_000
ROWS = 500
OLD = 1_000_000
MOMENT = "2026-11-24T09:30:00.000000Z"

NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})",
    "postgresql": "WITH numbers(n) AS (SELECT * FROM generate_series({first}, {last}))",
}
EVENT = """
INSERT INTO actionlang_event (id, run, sequence, name, verb, row_table, row_key, payload, emitted, dispatched)
{numbers} SELECT 'e-' || n, 'r-' || n, 1, 'desk.Moved', 'desk.Move', 'desk.ticket', '"T-' || (n % {rows}) || '"',
'{{"number":' || n || ',"reason":"no reply for two days"}}', '{moment}', {dispatched} FROM numbers
"""
DELIVERED = """
INSERT INTO actionlang_delivery (event, subscription, lane, state, attempts, due, settled)
{numbers} SELECT 'e-' || n, 'hub', 'desk.ticket "T-' || (n % {rows}) || '"', 'delivered', 1, '{moment}', '{moment}' FROM numbers
"""


class Answering(asyncio.Protocol):
    """Answers each request of a connection as soon as all of its body is there."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.read = b""

    def data_received(self, data: bytes) -> None:
        self.read += data
        head, end, body = self.read.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            self.read = b""
            self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def receive(ready: Connection) -> None:
    """The receiver's process."""

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def receiving() -> Iterator[str]:
    """The URL of a receiver."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=receive, args=(there,), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{here.recv()}/events"
    process.terminate()
    process.join()


def measure(url: str, receiver: str, old: int, *, new: int = NEW, rounds: int = ROUNDS) -> dict[int, float]:
    """Deliveries a second by count of workers, with so many events that have arrived before."""
    os.environ["BENCHMARK_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with Database.connect(url, create=True) as database:
        with database.connection() as connection, connection.begin():
            EVENTS.metadata.create_all(connection, tables=[EVENTS, SUBSCRIPTIONS, DELIVERIES])
        target = Webhook(receiver, SecretPlace("env", "BENCHMARK_SECRET"), allow_private=True)
        Subscriptions(database).add(Subscription("hub", ("*",), target, datetime.now(UTC)))
        _fill(database, 1, old, arrived=True)
        best = dict.fromkeys(WORKERS, 0.0)
        first = old + 1
        for _ in range(rounds):
            for workers in WORKERS:
                _fill(database, first, first + new - 1, arrived=False)
                first += new
                begun = perf_counter()
                tally = Deliverer(database, pace=Pace(workers=workers)).run_once()
                best[workers] = max(best[workers], new / (perf_counter() - begun))
                assert tally.delivered == new, tally
    return best


def _fill(database: Database, first: int, last: int, *, arrived: bool) -> None:
    """Put events into the tables, new ones or such as have arrived."""
    if last < first:
        return
    numbers = NUMBERS[database.dialect.name].format(first=first, last=last)
    with database.connection() as connection, connection.begin():
        more = {"numbers": numbers, "rows": ROWS, "moment": MOMENT}
        dispatched = f"'{MOMENT}'" if arrived else "NULL"
        connection.execute(sa.text(EVENT.format(**more, dispatched=dispatched).replace(":", "\\:")))
        if arrived:
            connection.execute(sa.text(DELIVERED.format(**more).replace(":", "\\:")))
    if arrived:
        _settle(database)


def _settle(database: Database) -> None:
    """Let the database finish what it puts off, so that it does not do it while it is measured."""
    with database.connection() as connection:
        driver: Any = connection.connection.driver_connection
        statements = ("ANALYZE",) if database.dialect.name == "sqlite" else ("VACUUM ANALYZE", "CHECKPOINT")
        for statement in statements:
            driver.execute(statement).close()


@contextmanager
def _databases() -> Iterator[dict[str, tuple[str, str]]]:
    """By what they are called, two empty databases of each kind."""
    # Only where there is a server to be started.
    from benchmarks.servers import postgres_database

    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_database() as one,
        postgres_database() as other,
    ):
        files = (f"sqlite:///{Path(folder) / name}" for name in ("one.db", "other.db"))
        first, second = files
        yield {"SQLite": (first, second), "PostgreSQL": (one, other)}


def main() -> None:
    """Print the table."""
    print(f"Deliveries a second, best of {ROUNDS} rounds of {NEW:,} events.\n")
    print("| | workers | empty before | a million before | ratio |")
    print("|---|---:|---:|---:|---:|")
    with receiving() as receiver, _databases() as databases:
        for name, (one, other) in databases.items():
            empty, full = measure(one, receiver, 0), measure(other, receiver, OLD)
            for workers in WORKERS:
                print(
                    f"| {name} | {workers} | {empty[workers]:,.0f} | {full[workers]:,.0f} | {full[workers] / empty[workers]:.2f} |"
                )


if __name__ == "__main__":
    main()
