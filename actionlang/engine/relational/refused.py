"""Why something has no form in SQL."""

from __future__ import annotations

from actionlang.plan.steps import Place


class NotRelational(Exception):
    """Something that is not proved to mean the same in SQL. `reason` is a sentence for whoever owns the process; `place`
    and `verb` say where it stands, as soon as that is known."""

    def __init__(self, reason: str, place: Place | None = None, verb: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place
        self.verb = verb

    def __str__(self) -> str:
        where = f" (line {self.place.line})" if self.place else ""
        return f"{self.reason}{where}"
