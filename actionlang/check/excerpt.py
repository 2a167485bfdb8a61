"""Expressions in a sentence, as the script has them."""

from __future__ import annotations

from actionlang.check.body import Body
from actionlang.syntax import ast

LONGEST = 60


def excerpt(node: ast.Node, body: Body) -> str | None:
    """What the script says at a node, when that is short enough for a sentence."""
    text = body.reporter.source.text[node.start : node.end]
    if len(text) > LONGEST or "\n" in text or text.count("(") != text.count(")"):
        return None
    return text


def named(node: ast.Node, body: Body) -> str:
    """What the script says at a node, or words for it at the beginning of a sentence."""
    return excerpt(node, body) or "This value"


def operand(node: ast.Node, body: Body, instead: str = "value") -> str:
    """What the script says at a node, for use in an example of what to write: in parentheses when it has operators."""
    text = excerpt(node, body)
    if text is None:
        return instead
    return f"({text})" if isinstance(node, ast.Binary | ast.IsEmpty | ast.IsTable) else text


def capitalised(text: str) -> str:
    """Words as they begin a sentence."""
    return text[:1].upper() + text[1:]
