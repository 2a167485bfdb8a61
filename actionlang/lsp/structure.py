"""The shape of a script: what can be folded, and what grows around a place when a selection is widened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
from lsprotocol import types as lsp

from actionlang.lsp.analysed import Analysed
from actionlang.lsp.workspace import Found
from actionlang.syntax import ast


def folding(found: Found, _: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
    """Blocks and parentheses over several lines, runs of comments, the imports at the top."""
    module = found.module
    return [*_blocks(module), *_comments(module), *_imports(module)]


def _blocks(module: Analysed) -> Iterator[lsp.FoldingRange]:
    """From the line of an opening sign to the one above the line of its closing sign."""
    opened: list[int] = []
    for token in module.tokens:
        if token.type in ("OPEN", "LPAREN"):
            opened.append(token.start)
        elif token.type in ("CLOSE", "RPAREN") and opened:
            first = module.lines.position(opened.pop()).line
            last = module.lines.position(token.start).line - 1
            if last > first:
                yield lsp.FoldingRange(first, last)


def _comments(module: Analysed) -> Iterator[lsp.FoldingRange]:
    lines = [module.lines.position(comment.start).line for comment in module.parsed.module.comments]
    yield from _runs(lines, lsp.FoldingRangeKind.Comment)


def _imports(module: Analysed) -> Iterator[lsp.FoldingRange]:
    nodes = [node for node in module.parsed.module.declarations if isinstance(node, ast.Import)]
    yield from _runs([module.lines.position(node.start).line for node in nodes], lsp.FoldingRangeKind.Imports)


def _runs(lines: list[int], kind: lsp.FoldingRangeKind) -> Iterator[lsp.FoldingRange]:
    """Lines that follow one another."""
    first = last = None
    for line in [*lines, None]:
        if first is not None and last is not None and line == last + 1:
            last = line
            continue
        if first is not None and last is not None and last > first:
            yield lsp.FoldingRange(first, last, kind=kind)
        first = last = line


def selection_ranges(found: Found, params: lsp.SelectionRangeParams) -> list[lsp.SelectionRange]:
    """For each place what stands around it, from the word to the whole script."""
    return [_selection(found.module, found.module.lines.offset(position)) for position in params.positions]


def _selection(module: Analysed, offset: int) -> lsp.SelectionRange:
    spans = [(0, len(module.source.text))]
    node: Any = module.declaration_at(offset)
    while node is not None:
        if (node.start, node.end) != spans[-1]:
            spans.append((node.start, node.end))
        node = next((each for each in _children(node) if each.start <= offset <= each.end), None)
    for token in module.tokens:
        if (
            token.start <= offset <= token.end
            and token.type in ("NAME", "QUOTED")
            and (token.start, token.end) != spans[-1]
        ):
            spans.append((token.start, token.end))
            break
    found: lsp.SelectionRange | None = None
    for start, end in spans:
        found = lsp.SelectionRange(module.lines.range(start, end), found)
    assert found is not None
    return found


def _children(node: ast.Node) -> Iterator[ast.Node]:
    for field in attrs.fields(type(node)):
        value = getattr(node, field.name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, ast.Node) and (each.start, each.end) != (node.start, node.end):
                yield each
            elif isinstance(each, ast.Node):
                yield from _children(each)
