"""The server's log: one line an event, as JSON or for people. Whatever was sent, it stays on its line."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import IO

from actionlang.diagnostics.display import safe
from actionlang.server.observing.settings import JSON, Observing

REQUESTS = logging.getLogger("actionlang.server.requests")
"""A line a request."""

TOLD = "told"
"""What records of requests have: all that is to be told, as it is to be told."""

IN_MESSAGE = ("method", "route", "status")
"""What the message of a request's line says already."""

TALKATIVE = ("mcp", "sse_starlette", "httpx2", "httpcore2")
"""Libraries that say at each start, session and request that there was one."""

_PLAIN_PARTS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every record has; all else was given with the event."""

Told = str | int | float | bool | None | list[str]


def configure_logging(settings: Observing, stream: IO[str] | None = None) -> None:
    """Have all that this process logs written to a stream (standard error) as the settings say."""
    # What lines do not tell need not be found out for each of them (Logging HOWTO, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(JsonLines() if settings.log == JSON else PlainLines())
    root = logging.getLogger()
    for each in root.handlers[:]:
        root.removeHandler(each)
    root.addHandler(handler)
    root.setLevel(settings.log_level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class JsonLines(logging.Formatter):
    """One JSON object a line, in ASCII: `time`, `level`, `logger`, `message`, and what was given with the event."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        told: dict[str, Told] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {name: value for name, value in _given(record).items() if name not in told}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)


class PlainLines(logging.Formatter):
    """A line for people: the moment, the level, the message, and what was given with the event as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        known = IN_MESSAGE if hasattr(record, TOLD) else ()
        given = (f"{name}={value}" for name, value in _given(record).items() if value is not None and name not in known)
        line = " ".join((_moment(record), record.levelname.lower(), record.getMessage(), *given))
        line = safe(line).replace("\n", "<U+000A>")
        if record.exc_info:
            told = self.formatException(record.exc_info).splitlines()
            line += "".join(f"\n    {safe(each)}" for each in told)
        return line


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _given(record: logging.LogRecord) -> dict[str, Told]:
    known: dict[str, Told] | None = getattr(record, TOLD, None)
    if known is not None:
        return known
    return {name: _told(value) for name, value in vars(record).items() if name not in _PLAIN_PARTS}


def _told(value: object) -> Told:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return str(value)
