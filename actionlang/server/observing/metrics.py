"""What the server counts, for Prometheus. Labels have as many values as there are verbs in use and error codes, whatever callers
send: what is not known is told as `other`.

With several worker processes the environment variable `PROMETHEUS_MULTIPROC_DIR` names a folder, where each keeps its counts in a
file: any of them tells of all. It has to be set before prometheus_client is imported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

from actionlang.runtime.connections import Usage

OTHER = "other"

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_CODE = re.compile(r"E\d{4}")
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Metrics:
    """The counts of one process. For any number of threads."""

    def __init__(self) -> None:
        # Twice as many samples, for which nobody asks.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self.registry = CollectorRegistry()
        self._calls = Counter(
            "actionlang_calls", "Calls of verbs that have ended.", ("verb", "status"), registry=registry
        )
        self._call_seconds = Histogram(
            "actionlang_call_seconds", "How long calls of verbs took.", ("verb",), buckets=_BUCKETS, registry=registry
        )
        self._call_failures = Counter(
            "actionlang_call_failures",
            "Calls of verbs that were refused or failed.",
            ("verb", "code"),
            registry=registry,
        )
        self._retries = Counter(
            "actionlang_conflict_retries",
            "Attempts made again because a run met others.",
            ("verb",),
            registry=registry,
        )
        self._replays = Counter(
            "actionlang_replays",
            "Calls answered by what an earlier one with the same key did.",
            ("verb",),
            registry=registry,
        )
        self._requests = Counter(
            "actionlang_requests", "Requests that were answered.", ("door", "method", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "actionlang_request_seconds", "How long requests took.", ("door",), buckets=_BUCKETS, registry=registry
        )
        self._request_failures = Counter(
            "actionlang_request_failures", "Requests answered with an error.", ("door", "code"), registry=registry
        )
        self._running = Gauge(
            "actionlang_requests_running",
            "Requests that are not answered yet.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._connections = Gauge(
            "actionlang_connections",
            "Connections for runs: in use, kept open, and how many may be in use at once.",
            ("state",),
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._under_way = 0
        self._counting = Lock()
        # Looked up once for each combination of labels, of which there are not many.
        self._of_call, self._of_call_seconds = cache(self._calls.labels), cache(self._call_seconds.labels)
        self._of_request, self._of_request_seconds = cache(self._requests.labels), cache(self._request_seconds.labels)
        self._of_connections = [self._connections.labels(state) for state in Usage._fields]

    # ------------------------------------------------------------------------------------------------- what is counted

    def call_ended(self, verb: str, status: int, code: str | None, seconds: float) -> None:
        """A call of a verb in use has ended; `verb` is its full name, or `other` where there is none that is in use."""
        self._of_call(verb, str(status)).inc()
        self._of_call_seconds(verb).observe(seconds)
        if code is not None:
            self._call_failures.labels(verb, _known(code)).inc()

    def retried(self, verb: str, times: int) -> None:
        """A run was attempted again, so many times."""
        self._retries.labels(verb).inc(times)

    def replayed(self, verb: str) -> None:
        """A call was answered by what an earlier one did."""
        self._replays.labels(verb).inc()

    def request_began(self) -> None:
        """A request is there. Called on the event loop, as is `request_ended`."""
        self._under_way += 1

    def request_ended(self, door: str, method: str, status: int, code: str | None, seconds: float) -> None:
        """A request was answered; `door` is the path that it is below, or `other`."""
        self._under_way -= 1
        self._of_request(door, method if method in _METHODS else OTHER, str(status)).inc()
        self._of_request_seconds(door).observe(seconds)
        if code is not None:
            self._request_failures.labels(door, _known(code)).inc()

    def levels_noted(self, ask: Callable[[], Usage] | None = None) -> None:
        """Note what has a level and is no count: how many requests are under way at this moment, and, as is asked, how many
        connections are in use. To note that at each request would cost more than all other counts."""
        self._running.set(self._under_way)
        if ask is not None:
            with self._counting:
                for gauge, count in zip(self._of_connections, ask(), strict=True):
                    gauge.set(count)

    # --------------------------------------------------------------------------------------------- of several processes

    @property
    def of_all_processes(self) -> CollectorRegistry:
        """What holds the counts of all processes that share a folder, or of this one where there is none."""
        folder = shared_folder()
        if folder is None:
            return self.registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
        return registry


def shared_folder() -> Path | None:
    """Where the processes of a server keep their counts; None where each has its own."""
    told = os.environ.get(FOLDER_VARIABLE)
    return Path(told) if told else None


def forget_process(pid: int) -> None:
    """A process has ended: what it was doing is done by nobody any more. What it has counted stays."""
    folder = shared_folder()
    if folder is None:
        return
    for file in folder.glob(f"gauge_live*_{pid}.db"):
        with suppress(FileNotFoundError):
            file.unlink()


def _known(code: str) -> str:
    return code if _CODE.fullmatch(code) else OTHER
