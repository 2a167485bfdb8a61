"""Running the server: in this process, or with a supervisor and workers."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory

import attrs

from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from actionlang.server.notifying import READY, STOPPING, notify
from actionlang.server.opening import Launch, opened
from actionlang.server.settled import settle
from actionlang.server.terminal import hung_up

COUNTS = "PROMETHEUS_MULTIPROC_DIR"


@attrs.frozen
class Serves:
    """What a server serves when it begins: how many verbs are in use, and the number of the last activation."""

    verbs: int
    generation: int

    @staticmethod
    def of(verbs: Verbs) -> Serves:
        """What is in use now."""
        snapshot = verbs.snapshot()
        return Serves(len(snapshot.all()), snapshot.generation)


def run(
    launch: Launch, listening: socket.socket, reload: Callable[[], Launch], started: Callable[[Serves], None]
) -> None:
    """Serve until a signal says to end. `reload` gives what is to be served when workers are replaced; `started` is called when
    requests are answered.

    Raises ActionLangError when it can not begin.
    """
    from actionlang.server.observing.structured_log import configure_logging

    configure_logging(launch.settings.observing)
    if launch.settings.workers == 1:
        with opened(launch) as (database, verbs):
            _run_here(launch, database, verbs, listening, started)
        return
    # What can not be served is found here, once, and not by each of the workers.
    with opened(launch) as (_, verbs):
        serves = Serves.of(verbs)
    from actionlang.server.supervisor import Supervisor

    with _counting_together():
        Supervisor(launch, listening, reload=reload, started=lambda: started(serves)).run()


def _run_here(
    launch: Launch, database: Database, verbs: Verbs, listening: socket.socket, started: Callable[[Serves], None]
) -> None:
    from actionlang.server.mounting import assembled
    from actionlang.server.serving import Serving, Told

    def ready() -> None:
        settle()
        started(Serves.of(verbs))
        notify(READY)

    with ExitStack() as stack:
        made = stack.enter_context(assembled(database, verbs, launch.settings))
        if launch.settings.deliver:
            from actionlang.server.delivering import delivering

            stack.enter_context(delivering(database))

        def stopping() -> None:
            made.stopping()
            notify(STOPPING)

        told = Told(started=ready, stopping=stopping, alive=made.alive)
        serving = Serving(made.application, launch.settings, told)
        # From here on it ends as a server ends, also before it answers.
        stack.enter_context(serving.capture_signals())
        stack.enter_context(hung_up(serving.stop))
        serving.run(sockets=[listening])


@contextmanager
def _counting_together() -> Iterator[None]:
    """While this lasts the workers that are begun keep their counts in one folder, so that each of them can tell of all."""
    with TemporaryDirectory(prefix="actionlang-counts-") as folder:
        before = os.environ.get(COUNTS)
        os.environ[COUNTS] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[COUNTS]
            else:
                os.environ[COUNTS] = before
