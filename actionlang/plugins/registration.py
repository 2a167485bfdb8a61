"""What was registered: a function of the host, on what, and when it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from actionlang.plugins.stages import Stage

if TYPE_CHECKING:
    from actionlang.plugins.after_commit import AfterCommit
    from actionlang.plugins.context import Context

OPERATIONS = ("create", "update", "delete", "assign", "move")
"""What happens to rows of a table."""

Callback = Callable[["Context"], Any] | Callable[["AfterCommit"], Any]
"""A plug-in: takes its context. Only what an implementation returns is looked at."""


@attrs.frozen(eq=False)
class Registration:
    """A plug-in at one place, or the implementation of an extern verb (which has no `stage`).

    `subject` is the full name of a verb, or of a table when there is an `operation`. Of an update only those that set one of
    `columns` count, unless it is empty. `images` are the columns of the row that the plug-in is shown, None for all. `performs`
    names the verbs that it may perform. `timeout` is in seconds, None for as long as it takes.
    """

    name: str
    call: Callable[[Any], Any] = attrs.field(repr=False)
    subject: str
    operation: str | None
    stage: Stage | None
    order: int
    timeout: float | None
    columns: tuple[str, ...]
    images: tuple[str, ...] | None
    performs: tuple[str, ...]

    @property
    def on(self) -> str:
        """What it is on: a verb's full name, `update of helpdesk.case`, `update of title in helpdesk.case`."""
        if self.operation is None:
            return self.subject
        named = f"{', '.join(self.columns)} in " if self.columns else ""
        return f"{self.operation} of {named}{self.subject}"

    @property
    def place(self) -> str:
        """Where it is called: `before update of helpdesk.case`, `instead of core.Geocode`."""
        return f"{'instead of' if self.stage is None else self.stage.value} {self.on}"

    @property
    def rank(self) -> tuple[int, str]:
        """Plug-ins at one place are called in this order."""
        return self.order, self.name

    def counts(self, names: tuple[str, ...]) -> bool:
        """Whether it is called for a step that sets these columns."""
        return not self.columns or any(name in self.columns for name in names)

    def seen(self, image: Mapping[str, object] | None) -> Mapping[str, object] | None:
        """What it is shown of a row."""
        if image is None or self.images is None:
            return image
        return {name: image[name] for name in self.images if name in image}
