"""Running `actionlang` as its users do: a process of its own, in a folder of its own. It begins quickly (see tests.forked)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import attrs

from tests.forked.commands import command

PROGRAM = "import sys; from actionlang.cli.main import main; sys.exit(main())"
COMMAND = (sys.executable, "-c", PROGRAM)

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
TOOK = re.compile(r" *[0-9]+\.[0-9]+ m?s\b")


@attrs.frozen
class Done:
    """A process that has ended."""

    status: int
    out: str
    error: str

    def fine(self) -> str:
        """What it printed; it ended well and complained of nothing."""
        assert (self.status, self.error) == (0, ""), self
        return self.out


@cache
def cache_folder() -> str:
    """One cache for all tests of a test process, so that the grammar's table is worked out once."""
    return mkdtemp(prefix="actionlang-cache-")


def environment(**more: str) -> dict[str, str]:
    """A process's environment: nothing that its user may have set, a cache of its own."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR")}
    return {**kept, "ACTIONLANG_CACHE": cache_folder(), "LANG": "C.UTF-8", "PYTHONWARNINGS": "error", **more}


def actionlang(folder: Path, *arguments: str, given: str = "", **more: str) -> Done:
    """Run a command line in a folder; `given` comes through standard input, `more` goes into the environment."""
    done = subprocess.run(
        [command("all", environment()), *arguments],
        cwd=folder,
        env=environment(**more),
        input=given.encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def steady(text: str) -> str:
    """Output without what is another each time: ids are numbered, durations left out."""
    known: dict[str, str] = {}
    numbered = ID.sub(lambda found: known.setdefault(found[0], f"ID-{len(known) + 1}"), text)
    return TOOK.sub(" N ms", numbered)


def write(folder: Path, **scripts: str) -> None:
    """Write scripts, each named after its keyword."""
    for name, text in scripts.items():
        (folder / f"{name}.act").write_text(text, "utf-8")
