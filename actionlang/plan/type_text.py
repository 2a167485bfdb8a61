"""Types as plans write them: `str(type)`, a `?` behind it where the value may be empty, and signs that mean something
there, which names in backticks may have, as `%3F` and the like."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from actionlang.metadata.types import Choice, Choices, ListOf, Outputs, Row, Type, parse_type

LONGEST = 10_000
"""Characters of the longest type that is read."""

DEEPEST_LIST = 10
"""Lists of lists stop short of this."""

ESCAPES = {"%": "%25", "?": "%3F", "|": "%7C"}


@lru_cache(maxsize=4096)
def write_type(type_: Type, optional: bool) -> str:
    """A type as text."""
    return str(_renamed(type_, _escaped)) + ("?" if optional else "")


@lru_cache(maxsize=4096)
def read_type(text: str) -> tuple[Type, bool]:
    """A type and whether the value may be empty, from the text that `write_type` makes of them.

    Raises ValueError for any other text.
    """
    if len(text) > LONGEST or text.startswith("list of " * DEEPEST_LIST):
        raise ValueError("the type is too long")
    optional = text.endswith("?")
    type_ = _renamed(parse_type(text.removesuffix("?")), _unescaped)
    if write_type(type_, optional) != text:
        raise ValueError(f"{text!r} is not how a type is written")
    return type_, optional


def _renamed(type_: Type, rename: Callable[[str], str]) -> Type:
    if isinstance(type_, ListOf):
        return ListOf(_renamed(type_.item, rename))
    if isinstance(type_, Row):
        return Row(tuple(map(rename, type_.tables)))
    if isinstance(type_, Choice | Choices):
        return type(type_)(rename(type_.name))
    return Outputs(rename(type_.verb)) if isinstance(type_, Outputs) else type_


def _escaped(name: str) -> str:
    for sign, escape in ESCAPES.items():
        name = name.replace(sign, escape)
    return name


def _unescaped(name: str) -> str:
    for sign, escape in reversed(ESCAPES.items()):
        name = name.replace(escape, sign)
    return name
