"""Plans to JSON text: one closure a class, made once from the class's shape.

Each step, column, parameter and member of a choice begins a line; everything else follows without white space.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from json import JSONEncoder
from typing import Any

from actionlang.metadata.tables import Default
from actionlang.metadata.types import Type
from actionlang.plan import shape
from actionlang.plan.plan import FORMAT, StepPlan
from actionlang.plan.steps import Place
from actionlang.plan.type_text import write_type
from actionlang.plan.values import encode_value

MAXIMUM_DEPTH = 300
"""Deepest nesting of objects and lists in a plan: far above what people write, well below Python's stack."""

Encoder = Callable[[Any, Any, int], str]
"""Turns an attribute's value into JSON text; takes the node it is of and the depth it stands at, too."""

_json = JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")).encode


class NestedTooDeepError(Exception):
    """A plan deeper than MAXIMUM_DEPTH."""


def encode_plan(plan: StepPlan) -> tuple[str, str]:
    """A plan's text in two parts; between them is the place for one more line of members.

    Raises ValueError when a constant is not of its type, NestedTooDeepError.
    """
    head = f'{{\n"format":{_json(FORMAT)},\n'
    lists = [
        f'"{name}":[{",".join([_remembered(_Same(node)) for node in nodes])}]'
        for name, nodes in (("verbs", plan.verbs), ("tables", plan.tables), ("choices", plan.choices))
    ]
    return head, f'"entry":{_json(plan.entry)},\n' + ",\n".join(lists) + "\n}\n"


class _Same:
    """A node that counts as itself only, whatever equals it: cheaper to look up than a large node's hash."""

    __slots__ = ("node",)

    def __init__(self, node: Any) -> None:
        self.node = node

    def __hash__(self) -> int:
        return id(self.node)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.node is self.node


@lru_cache(maxsize=4096)
def _remembered(same: _Same) -> str:
    """A verb, table or choice, which many plans of one program share."""
    return "\n " + encode_node(same.node, 2).replace("\n", "\n ")


def encode_node(node: Any, depth: int = 0) -> str:
    """A node of a plan, with all below it, as JSON text. What goes without saying is left out.

    Raises ValueError when a constant is not of its type, NestedTooDeepError.
    """
    return _encoder_of(node.__class__)(node, depth)


@cache
def _encoder_of(cls: type) -> Callable[[Any, int], str]:
    family = shape.family_of(cls)
    tag = [] if family is None else [f'"{family.tag}":"{shape.tag_of(cls)}"']
    members = tuple(
        (member.name, f'"{member.name}":', _encoder(member.kind), member.required, member.absent)
        for member in shape.members_of(cls)
    )

    def encode(node: Any, depth: int) -> str:
        if depth >= MAXIMUM_DEPTH:
            raise NestedTooDeepError
        depth += 1
        parts = tag.copy()
        for name, prefix, encoder, required, absent in members:
            value = getattr(node, name)
            if required or (value is not absent and value != absent):
                parts.append(prefix + encoder(value, node, depth))
        return "{" + ",".join(parts) + "}"

    return encode


def _encoder(kind: shape.Kind) -> Encoder:
    if isinstance(kind, shape.Many):
        on_lines = isinstance(kind.item, shape.Node) or kind.item == shape.STEP
        return _on_lines if on_lines else _many(_encoder(kind.item))
    if isinstance(kind, shape.Row):
        return _row(tuple(_encoder(item) for item in kind.items))
    if isinstance(kind, shape.TypeText):
        return _type_with_optional if kind.with_optional else _type
    return OTHERS[type(kind)]


def _many(item: Encoder) -> Encoder:
    return lambda values, node, depth: "[" + ",".join([item(value, node, depth + 1) for value in values]) + "]"


def _row(items: tuple[Encoder, ...]) -> Encoder:
    def encode(values: tuple[Any, ...], node: Any, depth: int) -> str:
        texts = [item(value, node, depth + 1) for item, value in zip(items, values, strict=True)]
        return "[" + ",".join(texts) + "]"

    return encode


def _on_lines(nodes: tuple[Any, ...], _: Any, depth: int) -> str:
    """A list with each item on a line, those inside it further in; no JSON string has a line end in it."""
    texts = [_encoder_of(node.__class__)(node, depth + 1) for node in nodes]
    return "[" + ",".join(["\n " + text.replace("\n", "\n ") for text in texts]) + "]"


def _scalar(value: object, _: Any, __: int) -> str:
    return _json(value)


def _type(type_: Type, _: Any, __: int) -> str:
    return _json(write_type(type_, False))


def _type_with_optional(type_: Type, node: Any, _: int) -> str:
    return _json(write_type(type_, node.optional))


def _node(node: Any, _: Any, depth: int) -> str:
    return _encoder_of(node.__class__)(node, depth)


def _part(part: Any, _: Any, depth: int) -> str:
    return _json(part) if isinstance(part, str) else _encoder_of(part.__class__)(part, depth)


def _place(place: Place, _: Any, __: int) -> str:
    return f"[{place.line},{place.column},{place.end_line},{place.end_column}]"


def _value(value: object, node: Any, _: int) -> str:
    return _json(encode_value(node.type, value))


def _constant(default: Default, node: Any, _: int) -> str:
    if default.function is not None:
        return f'{{"function":{_json(default.function)}}}'
    return f'{{"value":{_json(encode_value(node.type, default.value))}}}'


OTHERS: dict[type, Encoder] = {
    shape.Scalar: _scalar,
    shape.Value: _value,
    shape.Constant: _constant,
    shape.FourNumbers: _place,
    shape.Node: _node,
    shape.Family: _node,
    shape.Part: _part,
}
