"""What `actionlang deliver` tells while it works: a line for each attempt."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from datetime import datetime

from actionlang.cli.output import diagnostics_text, wants_color, write
from actionlang.delivery.deliverer import Attempt, Tally
from actionlang.delivery.events import AboutRow
from actionlang.delivery.subscriptions import EMAIL_NAME
from actionlang.delivery.tables import DEAD, DELIVERED, PENDING
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.display import safe
from actionlang.diagnostics.paint import Painter
from actionlang.engine.times import iso_datetime
from actionlang.runtime.shown_changes import CHANGED, CREATED, DELETED, STYLES

WORDS = {DELIVERED: "delivered", PENDING: "failed", DEAD: "dead"}
STYLE_OF = {DELIVERED: STYLES[CREATED], PENDING: STYLES[CHANGED], DEAD: STYLES[DELETED]}


class AttemptLines:
    """Writes lines, from any thread, each at once: whoever follows them does not wait."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._painter = Painter(wants_color(sys.stdout))
        self._lock = threading.Lock()
        self.troubles = 0

    def attempt(self, attempt: Attempt) -> None:
        """Tell an attempt."""
        text = json.dumps(attempt_object(attempt), ensure_ascii=False) if self._json else self._line(attempt)
        self._write(text)

    def trouble(self, trouble: Diagnostic) -> None:
        """Tell what keeps events from being delivered."""
        self.troubles += 1
        if self._json:
            told = {"code": trouble.code.id, "message": trouble.message, "hint": trouble.hint}
            self._write(json.dumps({"trouble": told}, ensure_ascii=False))
            return
        with self._lock:
            sys.stdout.flush()
            print(diagnostics_text((trouble,), "human", color=wants_color(sys.stderr)), file=sys.stderr)

    def end(self, tally: Tally, waiting: Mapping[str, int] | None = None) -> None:
        """Tell how much was done, and what waits for a subscription that there is not."""
        if self._json:
            return
        counted = (
            (tally.delivered, "delivered"),
            (tally.retried, "failed, to be tried again"),
            (tally.dead, "dead (see actionlang deliveries --dead)"),
        )
        parts = [f"{count} {told}" for count, told in counted if count]
        nothing = "Nothing was sent." if self.troubles else "Nothing was due."
        self._write(f"{', '.join(parts)}." if parts else nothing)
        for name, count in (waiting or {}).items():
            made = ": actionlang subscriptions email --smtp HOST --from ADDRESS" if name == EMAIL_NAME else ""
            self._write(
                f"{count} {'waits' if count == 1 else 'wait'} for a subscription {name}, which there is not{made or '.'}"
            )

    def _line(self, attempt: Attempt) -> str:
        word = self._painter.paint(f"{WORDS[attempt.state]:<9}", STYLE_OF[attempt.state])
        about = shown_row(attempt.event.row)
        told = f"{word}  {attempt.event.name} to {attempt.subscription}{f' ({about})' if about else ''}"
        if attempt.due is not None:
            told += f", again at {attempt.due:%Y-%m-%d %H:%M:%S} UTC"
        if attempt.error is not None:
            told += f": {safe(attempt.error)}"
        return told if attempt.kept else f"{told} (another deliverer had taken it over)"

    def _write(self, text: str) -> None:
        with self._lock:
            write(text)
            sys.stdout.flush()


def attempt_object(attempt: Attempt) -> dict[str, object]:
    """An attempt as JSON data."""
    event = attempt.event
    return {
        "delivery": attempt.delivery,
        "event": event.id,
        "name": event.name,
        "subscription": attempt.subscription,
        "row": row_object(event.row),
        "attempt": event.attempt,
        "state": attempt.state,
        "error": attempt.error,
        "due": moment_text(attempt.due),
        "took_ms": round(attempt.took.total_seconds() * 1000, 1),
        "kept": attempt.kept,
    }


def row_object(row: AboutRow | None) -> dict[str, object] | None:
    """A row as JSON data."""
    return None if row is None else {"table": row.table, "key": row.key}


def moment_text(moment: datetime | None) -> str | None:
    """A moment as JSON data."""
    return None if moment is None else iso_datetime(moment)


def shown_row(row: AboutRow | None) -> str:
    """A row as people read it: its table's short name and its key."""
    if row is None:
        return ""
    key = row.key if isinstance(row.key, str) else json.dumps(row.key, ensure_ascii=False)
    return f"{row.table.rpartition('.')[2]} {safe(key)}"
