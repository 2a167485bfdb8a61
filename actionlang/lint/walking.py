"""Going through a script's tree, and through the steps made of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import attrs

from actionlang.plan import steps as s
from actionlang.syntax import ast

SCALARS = frozenset({"int", "str", "str | None", "bool", "int | None", "tuple[int, ...]", "frozenset[str]"})
"""Kinds of attributes, as the classes declare them, that hold no node."""


@attrs.frozen
class Block:
    """A block and the statement or declaration that it belongs to."""

    owner: ast.Node
    block: ast.Block


def blocks_of(declaration: ast.Declaration) -> Iterator[Block]:
    """The blocks of a declaration, each before those inside it."""
    if not isinstance(declaration, ast.Action | ast.Hook | ast.Test) or declaration.body is None:
        return
    pending = [Block(declaration, declaration.body)]
    while pending:
        found = pending.pop()
        yield found
        inner: list[Block] = []
        for statement in found.block.statements:
            inner += [Block(statement, block) for block in _blocks_in(statement)]
        pending += inner[::-1]


def _blocks_in(statement: ast.Statement) -> tuple[ast.Block, ...]:
    if isinstance(statement, ast.If):
        ways = tuple(branch.body for branch in statement.branches)
        return ways if statement.otherwise is None else (*ways, statement.otherwise)
    if isinstance(statement, ast.Attempt):
        return statement.body, statement.otherwise
    if isinstance(statement, ast.ForEach | ast.Stage | ast.Expect):
        return (statement.body,)
    return ()


@cache
def _inner(kind: type) -> tuple[str, ...]:
    """Names of a node class's attributes that may hold nodes, last first."""
    return tuple(field.name for field in reversed(attrs.fields(kind)) if field.type not in SCALARS)


def nodes(root: ast.Node) -> Iterator[ast.Node]:
    """A node and all nodes below it, in the order they are written."""
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack += node[::-1]
        elif isinstance(node, ast.Node):
            yield node
            kind: Any = node.__class__
            stack += [getattr(node, name) for name in _inner(kind)]


def bodies_of(step: s.Step) -> tuple[tuple[s.Step, ...], ...]:
    """The steps inside a step, a way each."""
    if isinstance(step, s.If):
        return (*(branch.body for branch in step.branches), step.otherwise)
    if isinstance(step, s.Attempt):
        return step.body, step.otherwise
    return (step.body,) if isinstance(step, s.ForEachRow | s.ForEachItem | s.Stage | s.Expect) else ()


def steps_in(steps: tuple[s.Step, ...]) -> Iterator[s.Step]:
    """Steps, each before those inside it."""
    for step in steps:
        yield step
        for body in bodies_of(step):
            yield from steps_in(body)
