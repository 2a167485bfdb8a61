"""Places of a function that emit events."""

from __future__ import annotations

import attrs

from actionlang.plan import steps as s


@attrs.frozen
class EmitSite:
    """A place that emits an event: the number of its site, the step, the table of the event's row, and by value whether it is
    masked."""

    site: int
    step: s.Emit
    table: str | None
    hidden: tuple[bool, ...]
