"""Whether two scripts say the same."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import attrs

from actionlang.syntax import ast


def same_meaning(one: ast.Module, other: ast.Module) -> bool:
    """Whether two scripts have the same declarations, with the same texts, digits and `##` texts, and the same comments in the
    same order. Only places may differ."""
    return _comments(one) == _comments(other) and _same(one.declarations, other.declarations)


def _comments(module: ast.Module) -> list[tuple[str, bool]]:
    return [(comment.text, comment.is_doc) for comment in module.comments]


def _same(one: object, other: object) -> bool:
    """Compare two trees, without recursion: types can be nested as deeply as a script is long."""
    pending: list[tuple[Any, Any]] = [(one, other)]
    while pending:
        first, second = pending.pop()
        kind = first.__class__
        if kind is not second.__class__:
            return False
        if kind is tuple:
            if len(first) != len(second):
                return False
            pending.extend(zip(first, second, strict=True))
        elif isinstance(first, ast.Node):
            pending.extend((getattr(first, name), getattr(second, name)) for name in _parts(kind))
        elif kind is Decimal:
            if first.as_tuple() != second.as_tuple():
                return False
        elif first != second:
            return False
    return True


@cache
def _parts(kind: type[ast.Node]) -> tuple[str, ...]:
    """What a node consists of, but for its place."""
    return tuple(field.name for field in attrs.fields(kind) if field.name not in ("start", "end"))
