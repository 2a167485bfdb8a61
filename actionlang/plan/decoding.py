"""JSON data to plans: one closure a class, made once from the class's shape. Nothing is guessed: what is unknown, missing or
of another kind is a `Mismatch` that says where in the data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from actionlang.metadata.tables import Default
from actionlang.metadata.types import Type
from actionlang.plan import shape
from actionlang.plan.steps import Place
from actionlang.plan.type_text import read_type
from actionlang.plan.values import decode_value

T = TypeVar("T")
Decoder = Callable[[Any, dict[str, Any]], Any]
"""Turns JSON data into an attribute's value; takes the attributes decoded before it too."""


class Mismatch(Exception):
    """Data that is no plan. `path` is filled while the exception travels outwards."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: list[str | int] = []

    @property
    def place(self) -> str:
        """Where: `$.verbs[0].steps[2].row`."""
        parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in reversed(self.path)]
        return "$" + "".join(parts)

    def below(self, part: str | int) -> Mismatch:
        """The same one step further out."""
        self.path.append(part)
        return self


def decode_node(cls: type[T], data: object) -> T:
    """The object of a class that JSON data stands for.

    Raises Mismatch.
    """
    kind: type = cls
    node: T = _decoder_of(kind)(data)
    return node


@cache
def _decoder_of(cls: type) -> Callable[[Any], Any]:
    family = shape.family_of(cls)
    members = {member.name: (_decoder(member.kind), member) for member in shape.members_of(cls)}
    absent = {name: member.absent for name, (_, member) in members.items() if not member.required}
    required = [name for name, (_, member) in members.items() if member.required]
    known = members.keys() | ({family.tag} if family else set())
    merged = any(member.kind == shape.TypeText(True) for _, member in members.values())
    if merged:
        absent["optional"] = False

    def decode(data: Any) -> Any:
        if type(data) is not dict:
            raise Mismatch(f"an object is wanted here, not {_shown(data)}")
        if not data.keys() <= known:
            raise Mismatch(f"the member {_shown(min(data.keys() - known))} is unknown")
        for name in required:
            if name not in data:
                raise Mismatch(f"the member {name} is missing")
        attributes = absent.copy()
        for name, (decoder, _) in members.items():
            if name in data:
                try:
                    attributes[name] = decoder(data[name], attributes)
                except Mismatch as mismatch:
                    raise mismatch.below(name) from None
        return cls(**attributes)

    return decode


def _decoder(kind: shape.Kind) -> Decoder:
    if isinstance(kind, shape.Scalar):
        return SCALARS[kind.python]
    if isinstance(kind, shape.Many):
        return _many(_decoder(kind.item))
    if isinstance(kind, shape.Row):
        return _row(tuple(_decoder(item) for item in kind.items))
    if isinstance(kind, shape.TypeText):
        return _type_with_optional if kind.with_optional else _type
    if isinstance(kind, shape.Node):
        cls = kind.cls
        return lambda data, _: _decoder_of(cls)(data)
    if isinstance(kind, shape.Family):
        return _member_of(kind)
    return OTHERS[type(kind)]


def _shown(data: object) -> str:
    """Data in a message: short."""
    if isinstance(data, dict):
        return "an object"
    if isinstance(data, list):
        return "a list"
    text = "null" if data is None else str(data).lower() if isinstance(data, bool) else repr(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _many(item: Decoder) -> Decoder:
    def decode(data: Any, attributes: dict[str, Any]) -> tuple[Any, ...]:
        if type(data) is not list:
            raise Mismatch(f"a list is wanted here, not {_shown(data)}")
        found: list[Any] = []
        try:
            for each in data:
                found.append(item(each, attributes))
        except Mismatch as mismatch:
            raise mismatch.below(len(found)) from None
        return tuple(found)

    return decode


def _row(items: tuple[Decoder, ...]) -> Decoder:
    def decode(data: Any, attributes: dict[str, Any]) -> tuple[Any, ...]:
        if type(data) is not list or len(data) != len(items):
            raise Mismatch(f"a list of {len(items)} is wanted here, not {_shown(data)}")
        found: list[Any] = []
        try:
            for item, each in zip(items, data, strict=True):
                found.append(item(each, attributes))
        except Mismatch as mismatch:
            raise mismatch.below(len(found)) from None
        return tuple(found)

    return decode


def _member_of(family: shape.Family) -> Decoder:
    tag = family.tag

    def decode(data: Any, _: dict[str, Any]) -> Any:
        if type(data) is not dict:
            raise Mismatch(f"an object is wanted here, not {_shown(data)}")
        name = data.get(tag)
        decoder = _family_decoders(family).get(name) if type(name) is str else None
        if decoder is None:
            raise Mismatch(f"{_shown(name)} is no {tag} of a plan").below(tag)
        return decoder(data)

    return decode


@cache
def _family_decoders(family: shape.Family) -> dict[str, Callable[[Any], Any]]:
    return {tag: _decoder_of(cls) for tag, cls in shape.classes_of(family).items()}


def _text(data: Any, _: dict[str, Any]) -> str:
    if type(data) is not str:
        raise Mismatch(f"text is wanted here, not {_shown(data)}")
    return data


def _whole(data: Any, _: dict[str, Any]) -> int:
    if type(data) is not int:
        raise Mismatch(f"a whole number is wanted here, not {_shown(data)}")
    return data


def _boolean(data: Any, _: dict[str, Any]) -> bool:
    if type(data) is not bool:
        raise Mismatch(f"true or false is wanted here, not {_shown(data)}")
    return data


SCALARS: dict[type, Decoder] = {str: _text, int: _whole, bool: _boolean}


def _type(data: Any, attributes: dict[str, Any]) -> Type:
    type_, optional = _read_type(data, attributes)
    if optional:
        raise Mismatch(f"a type without ? is wanted here, not {_shown(data)}")
    return type_


def _type_with_optional(data: Any, attributes: dict[str, Any]) -> Type:
    type_, attributes["optional"] = _read_type(data, attributes)
    return type_


def _read_type(data: Any, attributes: dict[str, Any]) -> tuple[Type, bool]:
    try:
        return read_type(_text(data, attributes))
    except ValueError:
        raise Mismatch(f"{_shown(data)} is no type") from None


def _part(data: Any, attributes: dict[str, Any]) -> Any:
    return data if type(data) is str else EXPRESSION(data, attributes)


def _place(data: Any, attributes: dict[str, Any]) -> Place:
    numbers = FOUR_NUMBERS(data, attributes)
    return Place(*numbers)


def _value(data: Any, attributes: dict[str, Any]) -> object:
    if data is None:
        raise Mismatch("an empty constant has no value")
    return _of_type(attributes, data)


def _constant(data: Any, attributes: dict[str, Any]) -> Default:
    if type(data) is dict and data.keys() == {"function"}:
        return Default(function=_text(data["function"], attributes))
    if type(data) is not dict or data.keys() != {"value"}:
        raise Mismatch("a default has either a value or a function")
    return Default(_of_type(attributes, data["value"]))


def _of_type(attributes: dict[str, Any], data: object) -> object:
    try:
        return decode_value(attributes["type"], data)
    except ValueError as error:
        raise Mismatch(str(error)) from None


EXPRESSION = _member_of(shape.EXPRESSION)
FOUR_NUMBERS = _row((_whole,) * 4)

OTHERS: dict[type, Decoder] = {
    shape.Value: _value,
    shape.Constant: _constant,
    shape.FourNumbers: _place,
    shape.Part: _part,
}
