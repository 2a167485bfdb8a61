"""Money that only moves: any number of threads transfer it between a few accounts, while connections are ended in the middle of
their runs, and who lost one calls again with the same key. At the end every transfer has happened once, and nothing else.

`python -m tests.concurrency.transfers --runs 10000 --threads 32 --kill 25 [--db URL]` does that and says what it saw. Without `--db` it
makes a database of its own on the tests' PostgreSQL server.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections import Counter
from contextlib import ExitStack
from decimal import Decimal
from itertools import count
from typing import Self

import attrs
import psycopg

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database
from actionlang.runtime.retry import Attempts, Retry
from tests.concurrency.bank import filled, verb
from tests.concurrency.steering import in_threads
from tests.postgres import connect, fresh_database

BALANCE = 1_000_000
KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'actionlang' AND pid != pg_backend_pid()
ORDER BY random() LIMIT 1
"""


@attrs.frozen
class Transfer:
    """One transfer."""

    key: str
    source: int
    target: int
    amount: int


@attrs.define
class Seen:
    """What was seen on the way."""

    calls: int = 0
    replayed: int = 0
    failures: Counter[str] = attrs.field(factory=Counter)
    recorded: int = 0
    killed: int = 0
    runs: dict[str, str] = attrs.field(factory=dict)


class Killer:
    """Ends one of the connections every so many calls, more or less, whatever it is doing just then."""

    def __init__(self, url: str, every: int, seed: int) -> None:
        self._driver = connect(url)
        self._random = random.Random(seed)
        self._every = every
        self._next = self._random.randint(1, 2 * every)
        self._lock = threading.Lock()
        self.killed = 0

    def called(self, calls: int) -> None:
        """There were so many calls until now."""
        with self._lock:
            if calls < self._next:
                return
            self._next = calls + self._random.randint(1, 2 * self._every)
            self.killed += self._driver.execute(KILL).rowcount

    def close(self) -> None:
        self._driver.close()


def transfers(runs: int, accounts: int, seed: int) -> list[Transfer]:
    """Transfers between accounts that are numbered from 1."""
    chance = random.Random(seed)
    made = []
    for number in range(runs):
        source, target = chance.sample(range(1, accounts + 1), 2)
        made.append(Transfer(f"transfer {number}", source, target, chance.randint(1, 20)))
    return made


def move(database: Database, planned: list[Transfer], threads: int, killer: Killer | None) -> Seen:
    """Make all transfers, each called again until it has succeeded."""
    seen, lock, waiting = Seen(), threading.Lock(), iter(planned)
    numbers = count(1)

    def call(transfer: Transfer) -> bool:
        calls = next(numbers)
        if killer is not None:
            killer.called(calls)
        try:
            result = verb("Transfer").run(
                database, source=transfer.source, target=transfer.target, amount=transfer.amount, key=transfer.key
            )
        except ActionLangError as error:
            with lock:
                seen.failures[error.diagnostics[0].code.id] += 1
                seen.recorded += bool(getattr(error, "recorded", False))
            return False
        with lock:
            seen.replayed += result.replayed
            seen.runs[transfer.key] = str(result.run)
        return True

    def work() -> None:
        while True:
            with lock:
                transfer = next(waiting, None)
            if transfer is None:
                return
            while not call(transfer):
                pass

    in_threads([work] * threads)
    seen.calls = next(numbers) - 1
    seen.killed = 0 if killer is None else killer.killed
    return seen


def expected(planned: list[Transfer], accounts: int) -> dict[int, Decimal]:
    """The balances at the end."""
    balances = dict.fromkeys(range(1, accounts + 1), Decimal(BALANCE))
    for each in planned:
        balances[each.source] -= each.amount
        balances[each.target] += each.amount
    return balances


def see_that_all_is_well(url: str, planned: list[Transfer], accounts: int, seen: Seen) -> None:
    """Every transfer once: in the accounts, in the log, under its key. Raises AssertionError."""
    with connect(url) as driver:
        balances: dict[int, Decimal] = dict(driver.execute("SELECT number, balance FROM account").fetchall())
        log = driver.execute("SELECT id, outcome FROM actionlang_run WHERE verb = 'bank.Transfer'").fetchall()
        keys: dict[str, str] = dict(driver.execute("SELECT key, run FROM actionlang_key").fetchall())
        changes = driver.execute(
            "SELECT count(*), count(DISTINCT run) FROM actionlang_change JOIN actionlang_run ON run = id "
            "WHERE actionlang_run.verb = 'bank.Transfer' AND outcome = 'done'"
        ).fetchone()
    assert sum(balances.values()) == accounts * BALANCE
    assert balances == expected(planned, accounts)
    done = {run for run, outcome in log if outcome == "done"}
    assert len(log) == len({run for run, _ in log})
    assert len(done) == len(planned)
    assert keys == seen.runs
    assert set(keys.values()) == done
    assert changes == (2 * len(planned), len(planned))
    assert len(log) - len(done) == seen.recorded


class Conflicts:
    """Counts the attempts that met another run."""

    def __init__(self) -> None:
        self.count = 0
        self._again = Attempts.again

    def __enter__(self) -> Self:
        def again(attempts: Attempts) -> None:
            self.count += 1
            self._again(attempts)

        Attempts.again = again  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *_: object) -> None:
        Attempts.again = self._again  # type: ignore[method-assign]


def main() -> None:
    """Read the command line, transfer, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--accounts", type=int, default=10)
    parser.add_argument("--kill", type=int, default=25, help="end a connection every so many calls; 0: never")
    parser.add_argument("--no-queue", action="store_true", help="try again without queueing, to compare")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--db")
    asked = parser.parse_args()
    with ExitStack() as stack:
        url = asked.db or stack.enter_context(fresh_database())
        with filled(url, asked.accounts, BALANCE):
            pass
        killer = Killer(url, asked.kill, asked.seed) if asked.kill else None
        retry = Retry(attempts=1000, seconds=120, queue=not asked.no_queue)
        database = stack.enter_context(Database.connect(url, connections=asked.threads, busy_timeout=30, retry=retry))
        conflicts = stack.enter_context(Conflicts())
        planned = transfers(asked.runs, asked.accounts, asked.seed)
        began = time.monotonic()
        seen = move(database, planned, asked.threads, killer)
        seconds = time.monotonic() - began
        if killer is not None:
            killer.close()
        see_that_all_is_well(url, planned, asked.accounts, seen)
        with connect(url) as driver:
            (version,) = driver.execute("SHOW server_version").fetchone() or ("?",)
    print(f"PostgreSQL {version}, psycopg {psycopg.__version__}, {asked.threads} threads, {asked.accounts} accounts")
    print(f"{asked.runs} transfers, each kept once, in {seconds:.1f} s: {asked.runs / seconds:.0f} a second")
    print(f"{seen.killed} connections ended, {seen.calls} calls, {seen.replayed} of them replayed")
    print(f"{conflicts.count} attempts met another run; failures told: {dict(sorted(seen.failures.items()))}")
    print(f"the sum of all balances is what it was: {asked.accounts * BALANCE}")


if __name__ == "__main__":
    main()
