"""Where the boxes of a picture lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from actionlang.graph.picture import Node

Link = Callable[[Node], str | None]
"""Where a box leads, if anywhere."""


def no_link(_: Node) -> str | None:
    """Boxes lead nowhere."""
    return None


def linked_verbs(names: Iterable[str], pattern: str) -> Link:
    """Boxes that stand for one of these verbs lead to `pattern`, with the verb's full name for `{verb}`."""
    known = frozenset(names)
    return lambda node: pattern.replace("{verb}", node.verb) if node.verb is not None and node.verb in known else None
