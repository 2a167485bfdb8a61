"""A server on a socket, in a thread of the test's process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from actionlang.server.serving import Serving, Told
from actionlang.server.settings import ServerSettings


@contextmanager
def live(application: Any) -> Iterator[str]:
    """The root of a server that serves an ASGI application; it is there when this begins."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        server = Serving(application, ServerSettings(), Told())
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.stop(at_once=True)
            thread.join()
