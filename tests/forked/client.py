"""Asks for a forked process and is as good as it: `python -IS client.py SOCKET READ ARGUMENTS...`. It loads next to nothing.

Signals that end a process are passed on to it, and its end is this one's. READ is the part of the environment that Python reads when
it starts, as the server had it: with another one, and as a job in the background, which does not hear Ctrl-C, the command is one that
starts by itself.
"""

import json
import os
import signal
import socket
import struct
import sys

NUMBER = struct.Struct("!i")
READ_AT_START = ("LANG", "LC_", "PYTHON")
"""How the names of variables begin that Python itself reads when it starts."""


def main() -> int:
    """The exit code, which is negative for a signal."""
    place, read, *arguments = sys.argv[1:]
    environment = dict(os.environ)
    if read_at_start(environment) != json.loads(read) or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        program = os.path.join(os.path.dirname(sys.executable), "actionlang")  # noqa: PTH118, PTH120
        os.execv(program, [program, *arguments])
    folder = os.getcwd()  # noqa: PTH109 - to import pathlib would take longer than all the rest
    asked = json.dumps({"folder": folder, "environment": environment, "arguments": arguments}).encode()
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(place)
        socket.send_fds(server, [NUMBER.pack(len(asked))], [0, 1, 2])
        server.sendall(asked)
        process = _number(server)
        for stream in (0, 1, 2):
            # Who reads what the command prints waits until nobody can print any more.
            os.close(stream)
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda number, _: os.kill(process, number))
        return _number(server)


def read_at_start(environment: dict[str, str]) -> dict[str, str]:
    """The part of an environment that Python reads when it starts."""
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def _number(server: socket.socket) -> int:
    (found,) = NUMBER.unpack(server.recv(NUMBER.size, socket.MSG_WAITALL))
    return int(found)


if __name__ == "__main__":
    status = main()
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)
