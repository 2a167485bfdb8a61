"""What the classes of a plan look like as JSON, read off the classes themselves: encoder, decoder and schema share it."""

from __future__ import annotations

import re
import types
import typing
from functools import cache

import attrs

from actionlang.metadata import tables
from actionlang.metadata.types import Type
from actionlang.plan import expressions, plan, steps


@attrs.frozen
class Scalar:
    """Text, a whole number, or true and false."""

    python: type


@attrs.frozen
class TypeText:
    """A type as text. `with_optional`: a `?` behind it says that the node's `optional` is true."""

    with_optional: bool


@attrs.frozen
class Value:
    """A constant of the type that stands beside it; None is left out."""


@attrs.frozen
class Constant:
    """A `Default`: its constant is of the type that stands beside it."""


@attrs.frozen
class FourNumbers:
    """A `Place`."""


@attrs.frozen
class Node:
    """An object of one class."""

    cls: type


@attrs.frozen
class Family:
    """An object of one of a family of classes; the member named `tag` says which."""

    tag: str


@attrs.frozen
class Part:
    """A part of a template: text, or an expression."""


@attrs.frozen
class Many:
    """A list of any length."""

    item: Kind


@attrs.frozen
class Row:
    """A list of a fixed length, each item of its own kind."""

    items: tuple[Kind, ...]


Kind = Scalar | TypeText | Value | Constant | FourNumbers | Node | Family | Part | Many | Row


@attrs.frozen
class Member:
    """A member of an object: its name, which is the attribute's too, its kind, and, unless `required`, the value that
    stands for it when it is left out."""

    name: str
    kind: Kind
    required: bool
    absent: object = None


EXPRESSION = Family("expr")
STEP = Family("step")


def tag_of(cls: type) -> str:
    """The name of a class in plans: `for_each_row`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@cache
def classes_of(family: Family) -> dict[str, type]:
    """The classes of a family by their names in plans."""
    base, module = (expressions.Expression, expressions) if family == EXPRESSION else (steps.Step, steps)
    found = [
        cls for cls in vars(module).values() if isinstance(cls, type) and issubclass(cls, base) and cls is not base
    ]
    return {tag_of(cls): cls for cls in found}


@cache
def family_of(cls: type) -> Family | None:
    """The family a class belongs to."""
    if issubclass(cls, expressions.Expression):
        return EXPRESSION
    return STEP if issubclass(cls, steps.Step) else None


@cache
def members_of(cls: type) -> tuple[Member, ...]:
    """The members of a class's objects, in the order they are written, without the family's tag.

    Where a class has both `type` and `optional`, the second is written as a `?` behind the first.
    """
    hints = typing.get_type_hints(cls)
    names = [field.name for field in attrs.fields(cls)]
    merged = "type" in names and "optional" in names
    defaults = {field.name: field.default for field in attrs.fields(cls)}
    return tuple(
        _member(
            name,
            TypeText(True) if merged and name == "type" else _kind(hints[name]),
            _allows_none(hints[name]),
            defaults,
        )
        for name in _readable_order(cls, names)
        if not (merged and name == "optional")
    )


def _readable_order(cls: type, names: list[str]) -> list[str]:
    """Attributes in the order they are written: a step's place behind what it does, a verb's source above its steps."""
    last = {steps.Step: ("place",), plan.Verb: ("at", "effects", "steps")}
    moved = next((tail for base, tail in last.items() if issubclass(cls, base)), ())
    return [name for name in names if name not in moved] + list(moved)


def _member(name: str, kind: Kind, optional: bool, defaults: dict[str, object]) -> Member:
    default = defaults[name]
    if default is not attrs.NOTHING:
        return Member(name, kind, False, default)
    if optional or isinstance(kind, Value):
        return Member(name, kind, False, None)
    if kind == Scalar(bool):
        return Member(name, kind, False, False)
    return Member(name, kind, False, ()) if isinstance(kind, Many) else Member(name, kind, True)


def _allows_none(hint: object) -> bool:
    return type(None) in typing.get_args(hint)


SPECIAL: dict[object, Kind] = {
    object: Value(),
    Type: TypeText(False),
    tables.Default: Constant(),
    steps.Place: FourNumbers(),
    expressions.Expression: EXPRESSION,
    steps.Step: STEP,
}


def _kind(hint: typing.Any) -> Kind:
    if hint in (str, int, bool):
        return Scalar(hint)
    if hint in SPECIAL:
        return SPECIAL[hint]
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        kinds = [_kind(argument) for argument in arguments if argument is not type(None)]
        return kinds[0] if len(kinds) == 1 else Part()
    if typing.get_origin(hint) is tuple:
        if arguments[-1] is Ellipsis:
            return Many(_kind(arguments[0]))
        return Row(tuple(_kind(argument) for argument in arguments))
    assert attrs.has(hint), hint
    return Node(hint)
