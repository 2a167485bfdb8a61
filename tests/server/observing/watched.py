"""Requests that an observer watches, without a socket: a door answers what a test says."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from actionlang.server.messages import Response
from actionlang.server.observing.observer import Observed, Observer
from actionlang.server.observing.settings import Observing
from actionlang.server.observing.structured_log import configure_logging


def scope(path: str, method: str = "POST", **headers: str) -> dict[str, Any]:
    """A request's scope as ASGI has it."""
    raw = [(name.replace("_", "-").lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": raw}


def answer(observer: Observer, path: str, door: Callable[[Observed], Response], **headers: str) -> Response:
    """Have a request below `/api` answered."""

    def answered() -> Response:
        observed = observer.begin(scope(path, **headers))
        if path.startswith("/api"):
            observed.mounted("/api")
        return observed.ended(door(observed))

    return copy_context().run(answered)


@contextmanager
def log_lines(settings: Observing) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The log as it is written while this lasts, each line read as JSON."""
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logging(settings, stream)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        root.handlers[:] = before
        root.setLevel(level)
