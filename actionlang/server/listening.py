"""The socket that the server listens on: made here, or handed over by systemd, whose it stays when the server is restarted."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping

from actionlang.diagnostics.catalogue.server import NOT_LISTENING
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

BACKLOG = 2048
FIRST_HANDED_OVER = 3
"""The number of the first file that systemd hands over (sd_listen_fds(3))."""


def listening_socket(host: str, port: int, variables: Mapping[str, str] = os.environ) -> socket.socket:
    """A socket that listens. One that was handed over is taken, wherever it listens.

    Raises ActionLangError (E1108) when it can not listen there.
    """
    if variables.get("LISTEN_PID") == str(os.getpid()) and variables.get("LISTEN_FDS", "0") != "0":
        return socket.socket(fileno=FIRST_HANDED_OVER)
    return _bound(host, port)


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except socket.gaierror as error:
        raise _refused(f"There is no address {host}: {_told(error)}.", "see how it is written") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            told = f"Somebody else listens on port {port} of {host} already."
            raise _refused(told, "stop it, or take another one with --port; --port 0 takes any that is free") from None
        if error.errno in (errno.EACCES, errno.EPERM):
            told = f"This user may not listen on port {port}."
            raise _refused(told, "take a port above 1023, and let a proxy listen on the other one") from None
        raise _refused(f"The server can not listen on {host}, port {port}: {_told(error)}.", None) from None


def address_of(listening: socket.socket) -> str:
    """The root that it is reached at from this machine."""
    if listening.family == getattr(socket, "AF_UNIX", None):
        return f"unix:{listening.getsockname()}"
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing is bound here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _told(error: OSError) -> str:
    # What Python has made of the system's own words names the address once more, as Python has it.
    if error.errno is None or isinstance(error, socket.gaierror):
        return (error.strerror or str(error)).rstrip(".")
    return os.strerror(error.errno)


def _refused(message: str, hint: str | None) -> ActionLangError:
    return ActionLangError(Diagnostic(NOT_LISTENING, message, hint=hint))
