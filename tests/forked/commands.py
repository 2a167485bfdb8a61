"""The command `actionlang` whose processes are forked."""

from __future__ import annotations

import atexit
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal

from tests.forked import client

ROOT = Path(__file__).parents[2]
COMMAND = '#!/bin/sh\nexec {python} -IS {client} {socket} {read} "$@"\n'

Loaded = Literal["libraries", "all"]


def command(loaded: Loaded, environment: Mapping[str, str]) -> Path:
    """The program, alone in its folder, for those who run it in such an environment. Its processes have loaded the libraries, or all
    of the project as well."""
    return _command(loaded, json.dumps(client.read_at_start(dict(environment))))


@cache
def _command(loaded: Loaded, read: str) -> Path:
    folder = Path(mkdtemp(prefix="actionlang-forked-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    place = folder / "socket"
    # All streams are pipes, as they are for most commands: Python asks that only when it starts.
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.forked.server", str(place), loaded],
        cwd=ROOT,
        env=json.loads(read),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    atexit.register(server.communicate)
    assert server.stdin and server.stdout and server.stderr
    assert server.stdout.readline() == b"ready\n", server.stderr.read().decode()
    program = folder / "bin" / "actionlang"
    program.parent.mkdir()
    words = {"python": sys.executable, "client": client.__file__, "socket": str(place), "read": read}
    program.write_text(COMMAND.format(**{name: shlex.quote(word) for name, word in words.items()}))
    program.chmod(0o755)
    return program
