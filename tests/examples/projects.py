"""The examples, each copied to a place of its own and driven as people do: by commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import attrs

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/actionlang.toml"))
SECONDS = 300


@attrs.frozen
class Project:
    """An example's copy."""

    folder: Path

    @staticmethod
    def copy(name: str, to: Path) -> Project:
        """Copy an example, without what a demo may have left in it."""
        left_behind = shutil.ignore_patterns("build", ".actionlang", "__pycache__", "*.db", "*.db-*")
        return Project(Path(shutil.copytree(EXAMPLES / name, to / name, ignore=left_behind)))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the example's folder; its output and errors are told together."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": path, "NO_COLOR": "1", "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def fine(self, *command: str) -> str:
        """Run a command that has to succeed; what it printed."""
        done = self.run(*command)
        assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout
