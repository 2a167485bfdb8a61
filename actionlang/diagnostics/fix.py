"""Changes to a script that mend what a diagnostic complains of."""

from __future__ import annotations

import attrs

from actionlang.diagnostics.source import Span


@attrs.frozen
class Edit:
    """Text to put in the place of what stands at `span`; an empty span puts it in between."""

    span: Span
    text: str


@attrs.frozen
class Fix:
    """One way to mend a complaint, told by `title` ("Write high"), as edits of the source that the complaint is about.

    A fix is `safe` if the script means the same after it, or if what it meant before was refused and there is one thing
    that it can have meant; others are offered, and never made without being asked for one by one.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False
