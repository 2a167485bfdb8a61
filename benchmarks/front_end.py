"""Scripts to plans: how fast is the front end, against what others take for reading alone?

A generated project of 20,000 lines is read, checked and compiled into its plans, without any cache. The others read sources
that say much the same, as far as their languages can, and do nothing else with them. All take turns in one process, a round
each; what is told is the best of the rounds. Then the project is compiled twice with the cache, as two processes. Last, one
of its files is edited, and the project is checked with the cache of the time before: against checking that file alone, with what
it imports, without a cache.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import attrs

from actionlang.compile.compiled import check, compile_scripts
from actionlang.compile.selection import Selection, select
from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import parse
from benchmarks.generated_project import write_project
from benchmarks.other_languages import parsers

LINES = 20_000
ROUNDS = 5
SIZE = 150_000
"""Bytes of the others' sources: enough to be measured, and little enough for the slowest."""

BAR, AIM, CACHED_BAR, EDITED_BAR = "cel-python", "sqlglot", 20.0, 3.0
WHOLE = "ActionLang: parse, check and compile"
ALONE = "ActionLang: parse alone"


def speeds(selection: Selection, rounds: int = ROUNDS, size: int = SIZE) -> dict[str, float]:
    """KB of source a second, of each contender."""
    texts = [script.read_text("utf-8") for script in selection.scripts]
    total = sum(len(text.encode()) for text in texts)
    contenders: dict[str, tuple[Callable[[], object], int]] = {
        WHOLE: (lambda: _compile(selection, cached=False), total),
        ALONE: (lambda: [parse(Source("", text)) for text in texts], total),
        **parsers(size),
    }
    best = dict.fromkeys(contenders, 0.0)
    for _ in range(rounds):
        for name, (work, count) in contenders.items():
            best[name] = max(best[name], count / 1024 / _seconds(work))
    return best


def _compile(selection: Selection, cached: bool) -> object:
    compiled = compile_scripts(selection, cached=cached)
    assert not compiled.diagnostics, compiled.diagnostics[0].message
    return compiled


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begun = perf_counter()
    work()
    return perf_counter() - begun


def cached_runs(project: Path) -> tuple[float, float, float]:
    """Seconds of the first and of the second `compile_scripts` with an empty cache, each in a process of its own without its
    start-up; and of the whole second process."""
    program = (
        "import sys, time; from pathlib import Path; from actionlang.compile.compiled import compile_scripts;"
        "from actionlang.compile.selection import select; begun = time.perf_counter();"
        "found = compile_scripts(select([Path(sys.argv[1])])); print(time.perf_counter() - begun)"
    )
    with tempfile.TemporaryDirectory() as cache:
        taken = []
        for _ in range(4):
            begun = perf_counter()
            made = subprocess.run(
                [sys.executable, "-c", program, str(project)],
                env={**os.environ, "ACTIONLANG_CACHE": cache},
                capture_output=True,
                text=True,
                check=True,
            )
            taken.append((float(made.stdout), perf_counter() - begun))
    again = min(taken[1:])
    return taken[0][0], again[0], again[1]


EDITS = {
    "the steps of a verb": ("orders.act", "is not active any more.", "is not active any more, {}."),
    "a column of a table": ("orders.act", "  remark        text;", "  remark        text({});"),
    "a table that all others use": ("base.act", "name        text(200)", "name        text({})"),
}
"""What is edited: the file, what stands there, and what is written, with a new number each time."""


@attrs.frozen
class EditedRuns:
    """Seconds of checking the edited project with the cache, and of checking the edited file alone without one: in one process,
    and as processes of their own."""

    project: float
    alone: float
    project_process: float
    alone_process: float


def edited_runs(folder: Path, edit: tuple[str, str, str], rounds: int = ROUNDS) -> EditedRuns:
    """The best of some rounds, of each; both take turns, and every round has an edit of its own."""
    name, old, new = edit
    file = folder / name
    text = file.read_text("utf-8")
    assert old in text
    whole, single = select([folder]), select([file])
    best = [float("inf")] * 4
    number = 300
    with tempfile.TemporaryDirectory() as cache, _cache_in(cache):
        check(whole)
        for _ in range(rounds):
            for process in (False, True):
                number += 1
                file.write_text(text.replace(old, new.format(number)), "utf-8")
                if process:
                    taken = (_process(cache, str(folder)), _process(cache, "--no-cache", str(file)))
                else:
                    taken = (_seconds(lambda: check(whole)), _seconds(lambda: check(single, cached=False)))
                place = 2 if process else 0
                best[place : place + 2] = map(min, best[place : place + 2], taken)
        file.write_text(text, "utf-8")
    return EditedRuns(*best)


@contextmanager
def _cache_in(folder: str) -> Iterator[None]:
    before = os.environ.get("ACTIONLANG_CACHE")
    os.environ["ACTIONLANG_CACHE"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["ACTIONLANG_CACHE"]
        else:
            os.environ["ACTIONLANG_CACHE"] = before


def _process(cache: str, *arguments: str) -> float:
    """Seconds of `actionlang check`, from its start to its end."""
    command = [str(Path(sys.executable).with_name("actionlang")), "check", *arguments]
    begun = perf_counter()
    subprocess.run(command, env={**os.environ, "ACTIONLANG_CACHE": cache}, capture_output=True, check=True)
    return perf_counter() - begun


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        size = write_project(project, LINES)
        found = speeds(select([project]))
        whole = found[WHOLE]
        print(f"A project of {LINES:,} lines ({size / 1024:.0f} KB); KB of source a second, best of {ROUNDS} rounds.\n")
        print("| | KB a second | the first line is | |")
        print("|---|---:|---:|---|")
        for name, speed in found.items():
            bars = {BAR: "the bar: faster than this", AIM: "the aim: faster than this"}
            parsing = "" if name.startswith("ActionLang") else ", parse alone"
            print(f"| {name}{parsing} | {speed:.0f} | {whole / speed:.2f} times | {bars.get(name, '')} |")
        first, second, process = cached_runs(project)
        print("\nThe same project compiled again, nothing changed, in a new process with the cache.\n")
        print("| first run | second run | times faster | bar | whole second process |")
        print("|---:|---:|---:|---:|---:|")
        print(f"| {first:.2f} s | {second:.3f} s | {first / second:.0f} | {CACHED_BAR:.0f} | {process:.2f} s |")
        print(
            f"\nThe same project checked with a warm cache after one file was edited (bar: below {EDITED_BAR:.0f} times).\n"
        )
        print("| edited | project | that file alone | times | as processes | that file alone | times |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for what, edit in EDITS.items():  # The last one leaves nothing of what was known: no bar is set for it.
            runs = edited_runs(project, edit)
            inside = f"{runs.project:.3f} s | {runs.alone:.3f} s | {runs.project / runs.alone:.1f}"
            outside = f"{runs.project_process:.2f} s | {runs.alone_process:.2f} s"
            print(f"| {what} | {inside} | {outside} | {runs.project_process / runs.alone_process:.1f} |")


if __name__ == "__main__":
    main()
