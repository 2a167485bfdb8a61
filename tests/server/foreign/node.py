"""Programs of Node.js that call a server, with the packages that are locked in `package-lock.json`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGES = ("package.json", "package-lock.json")


@cache
def folder() -> Path:
    """A folder with the packages: installed by `npm ci` when they are first needed on this machine, or others are."""
    text = b"".join((HERE / name).read_bytes() for name in PACKAGES)
    place = Path(tempfile.gettempdir()) / f"actionlang-foreign-{hashlib.sha256(text).hexdigest()[:16]}"
    if not place.exists():
        made = Path(tempfile.mkdtemp(prefix="actionlang-foreign-"))
        for name in PACKAGES:
            shutil.copy(HERE / name, made)
        npm = shutil.which("npm")
        assert npm, "Node.js with npm is not there"
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        done = subprocess.run([npm, "ci", *options], cwd=made, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        try:
            made.rename(place)
        except OSError:
            # Another process was quicker.
            shutil.rmtree(made)
    return place


def steps(script: str, base: str, token: str) -> dict[str, Any]:
    """What each step of a script gave, that calls the server at `base` with a token."""
    return dict(json.loads(printed((HERE / script).read_text("utf-8"), base, token)))


def printed(program: str, *words: str, **environment: str) -> str:
    """What a program printed."""
    place = Path(tempfile.mkdtemp(prefix="run-", dir=folder()))
    node = shutil.which("node")
    assert node, "Node.js is not there"
    try:
        shutil.copy(HERE / "steps.mjs", place)
        (place / "program.mjs").write_text(program, "utf-8")
        done = subprocess.run(
            [node, "program.mjs", *words],
            cwd=place,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        shutil.rmtree(place)
    assert done.returncode == 0, done.stderr
    return done.stdout
