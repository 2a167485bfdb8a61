"""A step or call as it would be with what it lacks, `...` standing for what only its writer knows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actionlang.check.body import Body
from actionlang.check.excerpt import excerpt
from actionlang.syntax import ast

EMPTY = re.compile(r"\s*\(\s*\)")


def with_columns(node: ast.Create, missing: Sequence[str], body: Body) -> str | None:
    """`create task set regarding = case, subject = ...`; None where that is too long for a hint."""
    written = excerpt(node, body)
    if written is None:
        return None
    more = ", ".join(f"{name} = ..." for name in missing)
    return f"{written}, {more}" if node.assignments else f"{written} set {more}"


def with_arguments(node: ast.Node, arguments: Sequence[ast.Argument], missing: Sequence[str], body: Body) -> str | None:
    """`perform Notify(to: case.owner, text: ...)`; None where that is too long for a hint."""
    written = excerpt(node, body)
    if written is None:
        return None
    more = ", ".join(f"{name}: ..." for name in missing)
    if arguments:
        end = arguments[-1].end - node.start
        return f"{written[:end]}, {more}{written[end:]}"
    before, opened, after = written.partition("(")
    return f"{before}({more}{after}" if opened else None


def end_of_call(node: ast.Perform | ast.Start, body: Body) -> int:
    """Where the parentheses of a perform or start end, or the verb's name where there are none."""
    text = body.reporter.source.text
    if node.arguments:
        return text.find(")", node.arguments[-1].end) + 1
    empty = EMPTY.match(text, node.verb.end)
    return empty.end() if empty else node.verb.end
