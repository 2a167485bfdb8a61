"""A picture as data: boxes, arrows between them, frames around some. What draws it comes later, and knows nothing of plans."""

from __future__ import annotations

from typing import Literal

import attrs

NodeKind = Literal[
    "start",
    "step",
    "decision",
    "loop",
    "attempt",
    "perform",
    "fail",
    "end",
    "unavailable",
    "verb",
    "function",
    "table",
    "state",
]
EdgeKind = Literal["next", "again", "done", "failure", "reads", "writes", "performs", "starts", "below"]
GroupKind = Literal["stage", "loop", "attempt", "module"]


@attrs.frozen
class Node:
    """A box. `title` is its headline, `lines` what stands below, both shortened by whoever draws; `group` is the key of the
    frame that it stands in. `verb` is the full name of the verb that it stands for, and may be linked to; `table` likewise.
    `hint` is what a reader is told who points at it."""

    key: str
    kind: NodeKind
    title: str
    lines: tuple[str, ...] = ()
    group: str | None = None
    verb: str | None = None
    table: str | None = None
    hint: str = ""


@attrs.frozen
class Edge:
    """An arrow from one box to another. One of kind `below` is not drawn: it only says which box stands further down."""

    source: str
    target: str
    label: str = ""
    kind: EdgeKind = "next"


@attrs.frozen
class Group:
    """A frame, with a heading if there is one. `parent` is the key of the frame that it stands in."""

    key: str
    kind: GroupKind
    title: str
    parent: str | None = None


@attrs.frozen
class Picture:
    """A whole picture. `description` tells those who can not see it what it shows. It runs from top to bottom, or from left to
    right if it is `sideways`. The `legend` says what arrows mean that have no label."""

    title: str
    description: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...] = ()
    sideways: bool = False
    legend: str = ""

    @property
    def heading(self) -> str:
        """The title with the legend."""
        return f"{self.title} ({self.legend})" if self.legend else self.title
