"""The parts of a script that declare something, with the comments right above."""

from __future__ import annotations

from collections.abc import Mapping

from actionlang.diagnostics.source import Source
from actionlang.syntax import ast
from actionlang.syntax.parser import parse


def excerpts(source: Source, module: str, by_line: Mapping[int, str]) -> dict[str, str]:
    """The text of each declaration of a script by full name. Verbs, hooks and tests are known by the line that they begin
    on."""
    found: dict[str, str] = {}
    for node in parse(source).module.declarations:
        if isinstance(node, ast.Table | ast.Choice):
            found[f"{module}.{node.name.text}"] = _text(source, node)
        elif isinstance(node, ast.Action | ast.Test | ast.Hook):
            name = by_line.get(source.position(node.start).line)
            if name is not None:
                found[name] = _text(source, node)
    return found


def _text(source: Source, node: ast.Declaration) -> str:
    """A declaration as whole lines, with the comments above it."""
    first, last = source.position(node.start).line, source.position(max(node.start, node.end - 1)).line
    while first > 1 and source.line(first - 1).lstrip().startswith("#"):
        first -= 1
    return "\n".join(source.line(number) for number in range(first, last + 1))
