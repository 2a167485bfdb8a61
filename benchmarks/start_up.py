"""From the return key to the answer: how long does it take to start?

Whole processes, which take turns; what is told is the best of the rounds. A plan that is run needs no parser and no checker, which
is looked at, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROUNDS = 15
BAR = 1.5

ACTIONLANG = str(Path(sys.executable).with_name("actionlang"))
BASELINE = "python -c 'import click'"
HELP = "actionlang --help"
FORBIDDEN = ("lark", "actionlang.syntax", "actionlang.check", "actionlang.compile")
SCRIPT = """
table case < title text(200) required; priority text(10) >

## Raise a case.
action Raise on case (priority text(10)) < update case set priority = priority >

action Open(title text(200)) returns (made case) < create case as made set title = title; return made: made >
"""
IMPORTED = """
import sys, time
begun = time.perf_counter()
import {module}
print(time.perf_counter() - begun, *sys.modules)
"""
MODULES = (
    "actionlang.runtime.plans",
    "actionlang.runtime.database",
    "actionlang.syntax.parser",
    "actionlang.compile.compiled",
    "click",
    "sqlalchemy",
)


def commands(folder: Path) -> dict[str, list[str]]:
    """What is timed, in a folder with a database, a script and a plan."""
    (folder / "cases.act").write_text(SCRIPT)
    (folder / "actionlang.toml").write_text('database = "sqlite:///cases.db"\n')
    for arguments in (["compile", "-o", "plans"], ["tables", "create"], ["run", "Open", "title=Printer"]):
        subprocess.run([ACTIONLANG, *arguments], cwd=folder, env=_environment(folder), capture_output=True, check=True)
    (plan,) = (folder / "plans").rglob("*Open*")
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        BASELINE: [sys.executable, "-c", "import click"],
        HELP: [ACTIONLANG, "--help"],
        "actionlang run PLAN title=Printer": [ACTIONLANG, "run", str(plan), "title=Printer"],
        "actionlang run Open title=Printer": [ACTIONLANG, "run", "Open", "title=Printer"],
        "actionlang check": [ACTIONLANG, "check"],
    }


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "ACTIONLANG_CACHE": str(folder / ".cache"), "NO_COLOR": "1"}


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds of each command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = commands(folder)
        best = dict.fromkeys(found, float("inf"))
        for _ in range(rounds):
            for title, command in found.items():
                begun = perf_counter()
                subprocess.run(command, cwd=folder, env=_environment(folder), capture_output=True, check=True)
                best[title] = min(best[title], (perf_counter() - begun) * 1000)
    return best


def imports(module: str, rounds: int = 5) -> tuple[float, int, list[str]]:
    """Milliseconds that importing a module takes in a fresh process, the modules that are loaded then, and those of them that
    running a plan must not need."""
    best, loaded = float("inf"), list[str]()
    for _ in range(rounds):
        made = subprocess.run(
            [sys.executable, "-c", IMPORTED.format(module=module)], capture_output=True, text=True, check=True
        )
        seconds, *loaded = made.stdout.split()
        best = min(best, float(seconds) * 1000)
    return best, len(loaded), [name for name in loaded if name.startswith(FORBIDDEN)]


def main() -> None:
    """Print the tables."""
    found = measure()
    print(f"Milliseconds of a whole process, best of {ROUNDS} rounds.\n")
    print(f"| | ms | times `{BASELINE}` | bar |")
    print("|---|---:|---:|---:|")
    for title, taken in found.items():
        bar = f"{BAR}" if title == HELP else ""
        print(f"| `{title}` | {taken:.0f} | {taken / found[BASELINE]:.2f} | {bar} |")
    print("\n| import | ms | modules loaded | of parser or checker |")
    print("|---|---:|---:|---|")
    for module in MODULES:
        taken, count, parsers = imports(module)
        print(f"| `{module}` | {taken:.0f} | {count} | {len(parsers) or 'none'} |")


if __name__ == "__main__":
    main()
