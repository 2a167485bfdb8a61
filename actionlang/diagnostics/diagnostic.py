"""What every layer says when something is wrong."""

from __future__ import annotations

from enum import Enum

import attrs

from actionlang.diagnostics.fix import Fix
from actionlang.diagnostics.source import Source, Span


class Severity(Enum):
    """How much a diagnostic weighs: an error stops the work, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@attrs.frozen
class Code:
    """A kind of diagnostic: its stable id (`E0301`, of a lint its name: `unused-name`), a short title, how much it weighs, and
    whether it tells of a change that callers of a verb notice (its id is the name of a rule, then: `verb-removed`)."""

    id: str
    title: str
    severity: Severity = Severity.ERROR
    is_breaking: bool = False

    @property
    def is_lint(self) -> bool:
        """Whether scripts and projects may say that they do not want to be told of this."""
        return self.id[0].islower() and not self.is_breaking

    def __str__(self) -> str:
        return self.id


@attrs.frozen
class Label:
    """A place in a source and, if it adds something, a few words about it."""

    source: Source
    span: Span
    message: str = ""


@attrs.frozen
class Diagnostic:
    """One complaint: what is wrong in a plain sentence, where, why, and what to write instead.

    `primary` is None only when the complaint has no place in a script (a missing file, a locked database).
    `secondary` places explain ("declared here"). `hint` says how to mend it; `notes` add facts. `fixes` are edits of the
    primary place's source that mend it, the best first.
    """

    code: Code
    message: str
    primary: Label | None = None
    secondary: tuple[Label, ...] = ()
    hint: str | None = None
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()

    @property
    def severity(self) -> Severity:
        """The code's severity."""
        return self.code.severity


class ActionLangError(Exception):
    """Raised when work cannot go on; carries every diagnostic found, the first being the reason."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(f"{d.code.id}: {d.message}" for d in diagnostics))
        self.diagnostics = diagnostics
