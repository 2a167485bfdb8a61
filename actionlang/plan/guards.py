"""What access rules add to a plan: rows are seen to be within a caller's reach before they are read or changed.

No script is compiled to these, and no file of a plan holds them (see `shape.classes_of`): a plan gets them when it is held to
somebody's rights (`access.restricting`), and is verified and run with them by every engine.
"""

from __future__ import annotations

import attrs

from actionlang.plan import expressions as e
from actionlang.plan import steps as s


@attrs.frozen
class Guarded(e.Expression):
    """A row, seen to be one that the caller may read before any column of it is. `check` calls a function of the plan with the
    row, which says whether that is so; where it is not, the run fails with `message`. An empty row passes."""

    check: e.CallVerb
    message: str

    @property
    def row(self) -> e.Expression:
        """The row."""
        return self.check.arguments[0][1]


@attrs.frozen
class Permit(s.Step):
    """Fail with `message` unless the condition holds. With `about`, the row of that name was given by whoever called, and the
    failure is that it is not there."""

    condition: e.Expression
    message: str
    about: str | None
