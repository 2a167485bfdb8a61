"""The process that the others are forked from: `python -m tests.forked.server SOCKET libraries|all`.

It loads the libraries, or all of the project as well, says so on its standard output, forks a process for each one who asks at the
socket (`client`), and ends when its standard input does.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import select
import signal
import socket
import struct
import sys
import time
from importlib import import_module
from pathlib import Path

LIBRARIES = tuple(
    "asyncio attrs click difflib fractions hmac lark psycopg secrets sqlalchemy sqlalchemy.dialects.postgresql.psycopg"
    " sqlalchemy.dialects.sqlite.pysqlite sqlite3 tomllib".split()
)
"""What most commands load that is not the project's."""

LARGE = frozenset("clients documentation lsp repl server".split())
"""Rooms that few commands need, whose libraries would make every process large."""

NUMBER = struct.Struct("!i")


def main() -> None:
    """See the module. In a process that was forked this ends as the command does."""
    place, loaded = sys.argv[1:]
    atexit.register(end)
    for name in (*LIBRARIES, *(own_modules() if loaded == "all" else ())):
        import_module(name)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        # Nobody waits for those who watch over a command.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            asking, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                begin(asking)
                break
            asking.close()
        else:
            return
    from actionlang.cli.main import main as command

    global status  # noqa: PLW0603
    status = FAILED
    try:
        status = command()
    except SystemExit as ended:  # click's, when the shell asks how a line may go on
        if isinstance(ended.code, int):
            status = ended.code


FAILED = 1

status = 0
"""How this process ends: as Python does after what nobody caught, until the command has told something else."""


def end() -> None:
    """The last function at exit, after threads and all that others have to do. Python would now take module after module apart, which
    takes longer than most commands; what is left open and cannot be reached is still complained of."""
    gc.collect()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def own_modules() -> list[str]:
    """The project's modules."""
    import actionlang

    names = [room.name for room in pkgutil.iter_modules(actionlang.__path__) if room.name not in LARGE]
    found = []
    for name in names:
        room = import_module(f"actionlang.{name}")
        found += [module.name for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")]
    return found


def begin(asking: socket.socket) -> None:
    """Returns in the process that is to be the command, and not in the one that waits for it to tell its end."""
    said, streams, _, _ = socket.recv_fds(asking, NUMBER.size, 3)
    (length,) = NUMBER.unpack(said)
    with asking.makefile("rb") as rest:
        asked = json.loads(rest.read(length))
    process = os.fork()
    if process:
        for stream in (0, 1, 2, *streams):
            os.close(stream)
        asking.sendall(NUMBER.pack(process))
        _, status = os.waitpid(process, 0)
        asking.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))
        os._exit(0)
    asking.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.argv = ["actionlang", *asked["arguments"]]
    # Where the installed command has its folder.
    sys.path[0] = str(Path(sys.executable).parent)


if __name__ == "__main__":
    main()
