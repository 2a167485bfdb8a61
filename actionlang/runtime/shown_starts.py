"""What runs started, as people read it: `start Chase on case CAS-0042, at 2026-11-24T09:30:00Z`, a line each.

What is given to a verb that is started is not told: which of it is sensitive is known to that verb.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from actionlang.diagnostics.display import DisplayLine, safe
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.engine.starts import Started
from actionlang.engine.times import iso_datetime
from actionlang.runtime.shown_changes import RowName


def start_lines(
    started: Iterable[Started], row_name: RowName, width: int | None = None, *, color: bool = False
) -> list[str]:
    """Starts as lines of at most `width` cells (None: as long as it takes)."""
    word = Painter(color).paint("start", BOLD)
    room = None if width is None else max(10, width - len("start "))
    lines = []
    for each in started:
        on = "" if each.on is None else f" on {row_name(each.on)}"
        later = f", at {iso_datetime(each.due)}" if each.due > datetime.now(UTC) else ""
        text = safe(f"{each.verb.rpartition('.')[2]}{on}{later}")
        lines.append(f"{word} {text if room is None else DisplayLine.of(text).clip(0, room).text}")
    return lines
