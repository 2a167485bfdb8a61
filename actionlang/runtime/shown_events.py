"""What runs emitted, as people read it: `event Escalated(case: case CAS-0042, reason: It smokes)`, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from actionlang.diagnostics.display import DisplayLine, safe
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.engine.events import Event
from actionlang.engine.store import RowRef
from actionlang.plugins.after_commit import EVENT, naming
from actionlang.runtime.masking import MASK
from actionlang.runtime.shown_changes import RowName, value_text


def event_text(event: Event, row_name: RowName) -> str:
    """An event in one line. Sensitive values are masked. Of one that calls a plug-in only is told which, and on what."""
    values = (
        f"{name}: {MASK if sensitive else value_text(value, type_, row_name)}"
        for name, type_, value, sensitive in (naming(event) if event.name == EVENT else event.members)
    )
    return f"{event.name.rpartition('.')[2]}({', '.join(values)})"


def event_lines(
    events: Iterable[Event], row_name: RowName, width: int | None = None, *, color: bool = False
) -> list[str]:
    """Events as lines of at most `width` cells (None: as long as it takes)."""
    word = Painter(color).paint("event", BOLD)
    room = None if width is None else max(10, width - len("event "))
    lines = []
    for event in events:
        text = safe(event_text(event, row_name).replace("\n", "\\n"))
        lines.append(f"{word} {text if room is None else DisplayLine.of(text).clip(0, room).text}")
    return lines


def rows_of(events: Sequence[Event]) -> Iterator[RowRef]:
    """All rows that events tell of."""
    for event in events:
        if event.row is not None:
            yield event.row
        for member in event.members:
            value = member.value
            yield from (each for each in (value if type(value) is tuple else (value,)) if isinstance(each, RowRef))
