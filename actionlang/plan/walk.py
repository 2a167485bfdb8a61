"""Going through a plan's steps and expressions, whatever they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import attrs

from actionlang.metadata.types import Choice, Choices, ListOf, Row, Type
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb

BASES = (e.Expression, s.Step, e.Query, e.Ordering, s.Branch)
SCALARS = frozenset({"Type", "Place", "bool", "str", "str | None", "object", "tuple[str, ...]"})
"""Kinds of attributes, as the classes declare them, that hold no node."""


@cache
def _inner(kind: type) -> tuple[str, ...] | None:
    """Names of a node class's attributes that may hold nodes, last first; None for a class that is none of a node."""
    if not issubclass(kind, BASES):
        return None
    return tuple(field.name for field in reversed(attrs.fields(kind)) if field.type not in SCALARS)


def nodes(root: object) -> Iterator[Any]:
    """A node and all nodes below it, in the order they are written: expressions, steps, queries, branches, orderings."""
    stack: list[Any] = [root]
    pop, push = stack.pop, stack.append
    while stack:
        node = pop()
        if node.__class__ is tuple:
            stack += node[::-1]
            continue
        names = _inner(node.__class__)
        if names is not None:
            yield node
            for name in names:
                push(getattr(node, name))


def mapped(node: Any, rule: Callable[[Any], Any | None]) -> Any:
    """A node with nodes in it replaced by what `rule` makes of them; where that is None, what is inside is gone through. The
    same object where nothing became another."""
    if node.__class__ is tuple:
        parts = tuple(mapped(each, rule) for each in node)
        return node if all(new is old for new, old in zip(parts, node, strict=True)) else parts
    names = _inner(node.__class__)
    if names is None:
        return node
    made = rule(node)
    if made is not None:
        return made
    changed = {name: new for name in names if (new := mapped(old := getattr(node, name), rule)) is not old}
    return attrs.evolve(node, **changed) if changed else node


@attrs.frozen
class Mentions:
    """Full names that a verb's contract and steps mention."""

    tables: frozenset[str]
    choices: frozenset[str]
    verbs: frozenset[str]


def mentions(verb: Verb) -> Mentions:
    """What a verb mentions itself, not what the verbs it performs do."""
    types: set[Type] = {parameter.type for parameter in (*verb.inputs, *verb.outputs)}
    tables: set[str] = {verb.binding.table} if verb.binding else set()
    verbs: set[str] = set()
    for node in nodes(verb.steps):
        if isinstance(node, e.Expression):
            types.add(node.type)
        if isinstance(node, e.Query | s.Create | e.RowByKey | e.IsTable):
            tables.add(node.table)
        elif isinstance(node, s.Perform | e.CallVerb):
            verbs.add(node.verb)
    for type_ in types:
        tables.update(type_tables(type_))
    return Mentions(
        frozenset(tables), frozenset(name for type_ in types for name in type_choices(type_)), frozenset(verbs)
    )


def type_tables(type_: Type) -> tuple[str, ...]:
    """The tables a type mentions."""
    if isinstance(type_, ListOf):
        return type_tables(type_.item)
    return type_.tables if isinstance(type_, Row) else ()


def type_choices(type_: Type) -> tuple[str, ...]:
    """The choices a type mentions."""
    if isinstance(type_, ListOf):
        return type_choices(type_.item)
    return (type_.name,) if isinstance(type_, Choice | Choices) else ()
