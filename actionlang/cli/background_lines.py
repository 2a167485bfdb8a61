"""What `actionlang background work` tells: a line for each run that it has gone on with."""

from __future__ import annotations

import json
import sys
from collections import Counter

from actionlang.cli.background_list import why
from actionlang.cli.background_show import run_object
from actionlang.cli.background_told import ToldRun, told_runs
from actionlang.cli.output import diagnostics_text, wants_color, write
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.display import safe
from actionlang.diagnostics.paint import Painter
from actionlang.durable.background import Background
from actionlang.durable.runs import BackgroundRun
from actionlang.runtime.shown_changes import CHANGED, CREATED, DELETED, STYLES

STYLE_OF = {"done": STYLES[CREATED], "failed": STYLES[DELETED]}
COUNTED = {
    "done": "done",
    "waiting": "to go on later",
    "failed": "failed (see actionlang background list --state failed)",
    "cancelled": "cancelled",
    "running": "taken over by others",
}


class WorkLines:
    """Writes lines, each at once: whoever follows them does not wait. With `quiet` nothing but what keeps runs from going on."""

    def __init__(self, background: Background, *, as_json: bool, quiet: bool) -> None:
        self._background = background
        self._json = as_json
        self._quiet = quiet
        self._painter = Painter(wants_color(sys.stdout))
        self._states: dict[str, str] = {}
        self._trouble: str | None = None
        self.troubles = 0

    @property
    def failed(self) -> bool:
        """Whether a run has failed."""
        return "failed" in self._states.values()

    def run(self, run: BackgroundRun) -> None:
        """Tell a run that was gone on with, as it stands now."""
        self._states[run.id] = run.state
        self._trouble = None
        if not self._quiet:
            (told,) = told_runs(self._background, [run])
            self._write(json.dumps(run_object(told), ensure_ascii=False) if self._json else self._line(told))

    def trouble(self, trouble: Diagnostic) -> None:
        """Tell what keeps runs from going on; the same once, until it is over."""
        self.troubles += 1
        if trouble.message == self._trouble:
            return
        self._trouble = trouble.message
        if self._json:
            told = {"code": trouble.code.id, "message": trouble.message, "hint": trouble.hint}
            self._write(json.dumps({"trouble": told}, ensure_ascii=False))
            return
        sys.stdout.flush()
        print(diagnostics_text((trouble,), "human", color=wants_color(sys.stderr)), file=sys.stderr, flush=True)

    def end(self) -> None:
        """Tell how many runs were gone on with, each as it was last."""
        if self._json or self._quiet:
            return
        counted = Counter(self._states.values())
        parts = [f"{counted[state]} {told}" for state, told in COUNTED.items() if counted[state]]
        self._write(f"{', '.join(parts)}." if parts else "Nothing was due.")

    def _line(self, told: ToldRun) -> str:
        run = told.run
        word = self._painter.paint(f"{run.state:<9}", STYLE_OF.get(run.state, STYLES[CHANGED]))
        line = f"{word}  {told.verb.rpartition('.')[2]}{f' on {told.on}' if told.on else ''}, run {run.id}"
        if run.state == "waiting":
            line += f", {told.done} of {len(told.units)} units done" if told.units else ""
            line += "" if run.due is None else f", again at {run.due:%Y-%m-%d %H:%M:%S} UTC"
        reason = why(told)
        return f"{line}: {safe(reason)}" if reason else line

    @staticmethod
    def _write(text: str) -> None:
        write(text)
        sys.stdout.flush()
