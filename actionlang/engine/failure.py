"""A coded failure of a run: what a verb's own `attempt` can catch, and what a caller is told."""

from __future__ import annotations

import attrs

from actionlang.diagnostics.diagnostic import Code, Diagnostic, Label
from actionlang.diagnostics.source import Source, Span
from actionlang.engine.store import RowRef
from actionlang.plan.steps import Place


@attrs.frozen
class Site:
    """Where in a plan something happens: the verb's full name, its source's name, the step's place and its
    stage."""

    verb: str
    source: str
    place: Place
    stage: str | None = None


class Failure(Exception):
    """The language's own failure: everything since the last `attempt`, or the whole run, is undone.

    It is raised where the reason is found, and what is known on the way out is added: `site` by the step,
    `row` (with `row_name`, as people call it) and `column` by a write. `plugin` is the name of the plug-in that
    is the reason, if one is.
    """

    def __init__(self, code: Code, message: str, *, hint: str | None = None, row: RowRef | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.site: Site | None = None
        self.row = row
        self.row_name: str | None = None
        self.column: str | None = None
        self.plugin: str | None = None

    def __str__(self) -> str:
        return f"{self.code.id}: {self.message}"

    @property
    def verb(self) -> str | None:
        """Full name of the verb that failed."""
        return self.site.verb if self.site else None

    @property
    def place(self) -> Place | None:
        """The place of the step that failed."""
        return self.site.place if self.site else None

    @property
    def source(self) -> str | None:
        """Name of the script that the step stands in."""
        return self.site.source if self.site else None

    def notes(self) -> tuple[str, ...]:
        """Verb with line, row, column and plug-in, each a short sentence; what is not known is left out."""
        found: list[str] = []
        if self.site:
            verb = self.site.verb.rpartition(".")[2]
            found.append(f"in {verb}, the step at {self.site.source} line {self.site.place.line}")
        if self.row_name:
            found.append(f"row: {self.row_name}")
        if self.column:
            found.append(f"column: {self.column}")
        if self.plugin:
            found.append(f"plug-in: {self.plugin}")
        return tuple(found)

    def diagnostic(self, source: Source | None = None) -> Diagnostic:
        """The failure as a diagnostic, pointing into the script when its source is at hand."""
        label = None
        if source is not None and self.place is not None:
            label = Label(source, span_of(source, self.place))
        return Diagnostic(self.code, self.message, label, hint=self.hint, notes=self.notes())


class HostFailure(Exception):
    """What the host added to a run is broken (it raised, it was late), which no `attempt` catches: the run fails as `failure`
    tells. Its cause is what was raised, if anything was."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


def span_of(source: Source, place: Place) -> Span:
    """The place as offsets; lines that the source no longer has count as its end."""

    def offset(line: int, column: int) -> int:
        if line > len(source.line_starts):
            return len(source.text)
        return min(source.line_starts[line - 1] + column - 1, len(source.text))

    return Span(offset(place.line, place.column), offset(place.end_line, place.end_column))
