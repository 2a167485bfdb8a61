"""Who hosts runs may watch them: told of attempts that met other runs, and of what was traced."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from actionlang.runtime.trace import Trace


class RunWatcher(Protocol):
    """Told of the runs that begin while it is set. It must neither wait nor raise."""

    def tried_again(self) -> None:
        """An attempt of the run met other runs, and there is to be another."""

    def traced(self, run: str, trace: Trace) -> None:
        """A run has begun, whose steps this collects. It is whole once the run has ended."""


watcher: ContextVar[RunWatcher | None] = ContextVar("actionlang_run_watcher", default=None)
"""Who watches the runs that begin here."""
