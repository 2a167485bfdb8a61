"""Many generated programs, each run by every engine, and what they differ in:

    python -m tests.differential.programs --count 100000 --seed 1 --workers 2

A program is made of the seed and its number alone, so that `--first NUMBER --count 1` runs one of them again. Its rows are those
of its hundred. What is printed is also written to a log file.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from actionlang.plan.describe import describe
from tests.differential.comparing import (
    ALL_TABLES,
    NAMES,
    SAME_ROWS,
    Contest,
    Difference,
    attempts,
    has_something_hung,
    program_of,
)
from tests.differential.shrinking import shrunk
from tests.postgres import GIVEN, server_url
from tests.strategies.programs import Program

ONLY: dict[str, Callable[[Program], bool]] = {
    "all": lambda _: True,
    "attempts": attempts,
    "hung": has_something_hung,
}
TOLD_EVERY = 30.0
MOST_SHRUNK = 2
"""How many differences of one kind a worker makes smaller; it takes time."""


def main() -> int:
    """Run the programs. Gives 1 when a difference was found."""
    asked = _arguments()
    # Whoever ends this program ends its workers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if any(name.startswith(("postgres", "server")) for name in asked.engines):
        os.environ[GIVEN] = server_url().set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    context = get_context("spawn")
    told: Any = context.Queue()
    blocks = context.Value("i", 0)
    end = time.time() + asked.minutes * 60
    given = (asked.seed, asked.first, asked.count, tuple(asked.engines), asked.only, end, blocks, told)
    workers = [context.Process(target=work, args=given, daemon=True) for _ in range(asked.workers)]
    Path(asked.log).parent.mkdir(parents=True, exist_ok=True)
    with Path(asked.log).open("a", encoding="utf-8") as log:
        telling = Telling(log, asked)
        for worker in workers:
            worker.start()
        telling.follow(told, len(workers))
        for worker in workers:
            worker.join()
    return 1 if telling.differences else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first program")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engines", nargs="+", default=list(NAMES), choices=NAMES)
    only = parser.add_mutually_exclusive_group()
    only.add_argument(
        "--attempts", dest="only", action="store_const", const="attempts", default="all", help="only with an attempt"
    )
    only.add_argument(
        "--hung", dest="only", action="store_const", const="hung", help="only with hooks or overrides hung on them"
    )
    parser.add_argument("--minutes", type=float, default=600, help="no hundred of programs is begun later than this")
    parser.add_argument("--log", default="/tmp/programs.log")
    return parser.parse_args()


class Telling:
    """Prints and logs what workers tell."""

    def __init__(self, log: Any, asked: argparse.Namespace) -> None:
        self._log = log
        self._began = time.monotonic()
        self._last = self._began
        self._counts: Counter[str] = Counter()
        self.differences = 0
        self._say(f"command: {' '.join(sys.argv[1:])}")
        self._say(f"engines: memory, {', '.join(asked.engines)}")

    def _say(self, text: str) -> None:
        print(text, flush=True)
        self._log.write(text + "\n")
        self._log.flush()

    def follow(self, told: Any, workers: int) -> None:
        """Listen to workers until all are done, then sum up."""
        left = workers
        while left:
            kind, what = told.get()
            if kind == "end":
                left -= 1
            elif kind == "counts":
                self._counts.update(what)
                self._tell_now_and_then()
            else:
                self.differences += 1
                self._say(what)
        self._sum_up()

    def _tell_now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._last >= TOLD_EVERY:
            self._last = now
            done = self._counts["programs"]
            per = (now - self._began) / max(done, 1) * 1000
            self._say(f"{now - self._began:6.0f} s  {done} programs, {per:.1f} ms each, {self.differences} differences")

    def _sum_up(self) -> None:
        seconds = time.monotonic() - self._began
        self._say(f"\n{self._counts['programs']} programs in {seconds:.0f} s, {self.differences} differences")
        for name, count in sorted(self._counts.items(), key=lambda each: (each[0].startswith("reason"), -each[1])):
            self._say(f"{count:8}  {name}")


def work(
    seed: int, first: int, count: int, names: tuple[str, ...], only: str, until: float, blocks: Any, told: Any
) -> None:
    """Run one hundred of programs after another until all are taken, or the time is over."""
    worker = Worker(seed, names, only, told)
    # What is there by now stays; nodes of plans make no circles worth looking for often.
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
    try:
        while True:
            with blocks.get_lock():
                begin = blocks.value
                blocks.value += SAME_ROWS - (first + begin) % SAME_ROWS
            if begin >= count or time.time() > until:
                break
            end = min(begin + SAME_ROWS - (first + begin) % SAME_ROWS, count)
            worker.run(range(first + begin, first + end))
    except BaseException:
        told.put(("difference", f"a worker ended:\n{traceback.format_exc()}"))
        raise
    finally:
        told.put(("end", None))
        worker.close()


class Worker:
    """Runs programs with databases of its own."""

    def __init__(self, seed: int, names: tuple[str, ...], only: str, told: Any) -> None:
        self._seed = seed
        self._wanted = ONLY[only]
        self._names = names
        self._told = told
        self._contest = Contest(names)
        self._shrunk: Counter[object] = Counter()

    def close(self) -> None:
        """Give back what is held."""
        self._contest.close()

    def run(self, numbers: range) -> None:
        """Run these programs, which have the same rows."""
        self._contest.fill(self._seed, numbers[0])
        for number in numbers:
            program = program_of(self._seed, number)
            if program is None:
                self._contest.counts["refused by the verifier"] += 1
                continue
            if self._wanted(program):
                self._one(number, program)
        self._told.put(("counts", Counter(self._contest.counts)))
        self._contest.counts.clear()

    def _one(self, number: int, program: Program) -> None:
        found = self._found(program, number % ALL_TABLES == 0)
        if not found:
            return
        kind = tuple((each.contender, each.what) for each in found)
        if self._shrunk[kind] < MOST_SHRUNK:
            self._shrunk[kind] += 1
            kept = Counter(self._contest.counts)
            wanted = {(each.contender, each.what) for each in found}
            program = shrunk(
                program, lambda each: bool(wanted & {(it.contender, it.what) for it in self._found(each, True)})
            )
            found = self._found(program, True) or found
            self._contest.counts = kept
        self._told.put(("difference", told_of(self._seed, number, program, found)))

    def _found(self, program: Program, all_tables: bool) -> list[Difference]:
        """In what the engines differ; an engine that breaks down differs, too."""
        try:
            return self._contest.compare(program, all_tables=all_tables)
        except Exception as error:  # noqa: BLE001 - an engine that breaks down is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            self._contest.undo()
            return [
                Difference(
                    "some engine", f"{type(error).__name__} in {Path(where.filename).name}", "", str(error)[:500]
                )
            ]


def told_of(seed: int, number: int, program: Program, found: list[Difference]) -> str:
    """A difference, with all that is needed to see it again."""
    lines = [f"\nDIFFERENCE in program {number} (--seed {seed} --first {number} --count 1)"]
    for each in found:
        lines += [
            f"  {each.contender}, {each.what}:",
            f"    expected {each.expected[:700]}",
            f"    found    {each.found[:700]}",
        ]
    called = (
        f"rows: {[row.key for row in program.targets]}, caller: {program.caller}, arguments: {dict(program.arguments)}"
    )
    lines += [describe(program.plan), f"{called}, clock: {program.clock}, zone: {program.zone}"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
