"""One run's tree as people read it: steps under stages under verbs, with what each changed and how long it took.

require (request.status = open)                         line 28    0.01 ms
stage Raise                                             line 29    0.09 ms
└─ update request                                       line 29    0.07 ms
     request R-1 changed
       priority  normal -> high
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import attrs

from actionlang.audit.tree import Node, Tree
from actionlang.diagnostics.display import DisplayLine, safe
from actionlang.diagnostics.paint import Painter
from actionlang.engine.recorder import FAILED, PERFORM, RETRY, STAGE, UNDONE
from actionlang.runtime.log import ChangeRecord, EventRecord
from actionlang.runtime.shown_changes import DIM, ShownRow, change_lines

NARROW = 80
"""The width in which lines are set where there is no terminal."""

LEAST_LABEL = 16
MOST_CHANGES = 10
"""Changes and events of one step that people are shown."""

STYLES = {STAGE: "\x1b[1m", PERFORM: "\x1b[1;36m", RETRY: "\x1b[33m"}
OUTCOME_STYLES = {FAILED: "\x1b[1;31m", UNDONE: DIM}
EVENT = "\x1b[1;35m"


@attrs.frozen
class TreeLines:
    """Writes trees. `row` says what a change did to its row, `event` what an event is called and carries, `failure` what a run
    failed with."""

    row: Callable[[ChangeRecord], ShownRow]
    event: Callable[[EventRecord], str]
    width: int | None
    color: bool
    failure: str | None = None

    def lines(self, tree: Tree) -> list[str]:
        """The tree, a line a step and more for what it did."""
        failing = tree.failing
        lines = [line for node in tree.nodes for line in self._node(node, "  ", "  ", failing)]
        if tree.traced and (tree.changes or tree.events):
            lines.append(self._painter.paint("  by steps that were not told apart", DIM))
            lines += self._details(tree.changes, tree.events, "    ")
        elif tree.events:
            lines += self._details((), tree.events, "  ")
        return lines

    @property
    def _painter(self) -> Painter:
        return Painter(self.color)

    def _node(self, node: Node, head: str, below: str, failing: Node | None) -> Iterator[str]:
        """A step; `head` stands before its first line, `below` before all others."""
        yield self._head(node, head)
        inside = "│ " if node.inside else "  "
        if node is failing and self.failure is not None:
            yield f"{below}{inside}{self._painter.paint(safe(self.failure), OUTCOME_STYLES[FAILED])}"
        yield from self._details(node.changes, node.events, below + inside)
        for number, each in enumerate(node.inside, 1):
            is_last = number == len(node.inside)
            yield from self._node(
                each, below + ("└─ " if is_last else "├─ "), below + ("   " if is_last else "│  "), failing
            )

    def _head(self, node: Node, head: str) -> str:
        """A step's own line: what it is, how often, how it ended, where it stands, how long it took."""
        painter = self._painter
        words = [f"stage {node.label}" if node.kind == STAGE else node.label]
        if node.times > 1:
            words.append(f"x {node.times:,}")
        if node.outcome in OUTCOME_STYLES:
            words.append(f"({node.outcome})")
        label = safe(" ".join(words).replace("\n", " "))
        line = "" if node.line is None else f"line {node.line}"
        took = "" if node.duration_us is None else duration_text(node.duration_us)
        right = f"{line:>9}{took:>11}" if took else f"{line:>9}"
        room = (self.width or NARROW) - len(head) - len(right)
        shown = DisplayLine.of(label).clip(0, max(LEAST_LABEL, room - 1)).text
        blanks = " " * max(1, room - DisplayLine.of(shown).starts[-1])
        style = OUTCOME_STYLES.get(node.outcome) or STYLES.get(node.kind, "")
        return (
            f"{head}{painter.paint(shown, style)}{blanks if right.strip() else ''}{painter.paint(right, DIM)}".rstrip()
        )

    def _details(self, changes: Sequence[ChangeRecord], events: Sequence[EventRecord], below: str) -> Iterator[str]:
        """What a step changed and emitted."""
        room = None if self.width is None else max(NARROW // 2, self.width - len(below))
        for change in changes[:MOST_CHANGES]:
            row = attrs.evolve(self.row(change), remark="")
            yield from (f"{below}{line}" for line in change_lines([row], room, color=self.color))
        for event in events[:MOST_CHANGES]:
            yield f"{below}{self._painter.paint('emitted', EVENT)} {self.event(event)}"
        for left, what in ((len(changes) - MOST_CHANGES, "change"), (len(events) - MOST_CHANGES, "event")):
            if left > 0:
                more = f"and {left:,} more {what}{'' if left == 1 else 's'}; --json tells of all"
                yield f"{below}{self._painter.paint(more, DIM)}"


def duration_text(microseconds: int) -> str:
    """A duration in three digits or so: 0.04 ms, 12.3 ms, 1.25 s."""
    if microseconds < 10_000:
        return f"{microseconds / 1000:.2f} ms"
    if microseconds < 1_000_000:
        return f"{microseconds / 1000:.1f} ms"
    return f"{microseconds / 1_000_000:.2f} s"
