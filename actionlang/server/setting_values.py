"""Values of settings: read out of TOML, out of texts of the environment, and held to what a field takes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

SECRET = "***"  # noqa: S105 - what is shown in place of one


class WrongValue(Exception):
    """A value that a setting can not have: its text goes on after the setting's name."""


@attrs.frozen
class Kind:
    """What a setting takes: values of a `type`, several of them (`many`), perhaps none at all (`optional`)."""

    type: type
    many: bool = False
    optional: bool = False

    @property
    def is_section(self) -> bool:
        """Whether it is a table of settings of its own."""
        return attrs.has(self.type) and not self.many

    @property
    def told(self) -> str:
        """In words."""
        if self.many:
            return "tables" if attrs.has(self.type) else "list of texts"
        return {
            bool: "true or false",
            int: "whole number",
            float: "number",
            str: "text",
            timedelta: "number of seconds",
        }[self.type]


def kinds_of(owner: type) -> dict[str, Kind]:
    """What the fields of an attrs class take, by name."""
    hints = get_type_hints(owner)
    return {field.name: _kind(hints[field.name]) for field in attrs.fields(owner) if field.init}


def _kind(hint: Any) -> Kind:
    if get_origin(hint) in (Union, UnionType):
        (inner,) = [each for each in get_args(hint) if each is not NoneType]
        return attrs.evolve(_kind(inner), optional=True)
    if get_origin(hint) is tuple:
        return Kind(get_args(hint)[0], many=True)
    return Kind(hint)


def of_text(kind: Kind, text: str) -> object:
    """What a text of the environment stands for. Lists are written as in TOML, or with commas. Raises WrongValue."""
    if kind.many:
        if text.lstrip().startswith("["):
            return _toml(text)
        if not attrs.has(kind.type):
            return [each.strip() for each in text.split(",") if each.strip()]
        raise WrongValue('must be tables as in TOML, for example [{issuer = "https://login.example.com"}]')
    if kind.optional and not text:
        return None
    if kind.type is str:
        return text
    return _toml(text.strip().lower())


def _toml(text: str) -> object:
    try:
        found = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        found = {}
    # Whatever else it is, it is not what was wanted: that is told with the setting.
    return found["value"] if len(found) == 1 else text


def converted(kind: Kind, value: object) -> object:
    """A value as the field holds it. Raises WrongValue for one of another kind."""
    if value is None and kind.optional:
        return None
    if kind.many:
        if not isinstance(value, list | tuple):
            raise WrongValue(f"must be a list, not {shown(value)}")
        return tuple(converted(Kind(kind.type), each) for each in value)
    if attrs.has(kind.type):
        return _table(kind.type, value)
    if kind.type in (float, timedelta) and isinstance(value, int | float) and not isinstance(value, bool):
        if not isfinite(value):
            raise WrongValue(f"must be a {kind.told} that is finite, not {shown(value)}")
        try:
            return float(value) if kind.type is float else timedelta(seconds=value)
        except OverflowError:
            raise WrongValue(f"must be a {kind.told} that can be reached, not {shown(value)}") from None
    if not isinstance(value, kind.type) or (kind.type is int and isinstance(value, bool)):
        raise WrongValue(f"must be a {kind.told}, not {shown(value)}".replace("a true", "true"))
    return value


def _table(owner: type, value: object) -> object:
    """One of several tables."""
    if not isinstance(value, Mapping):
        raise WrongValue(f"must be tables, not {shown(value)}")
    kinds = kinds_of(owner)
    found: dict[str, object] = {}
    for name in value:
        if name not in kinds:
            raise WrongValue(f"has the unknown key {name}; the keys are {', '.join(kinds)}")
    for field in attrs.fields(owner):
        try:
            given = converted(kinds[field.name], value[field.name]) if field.name in value else default_of(field)
            validated(field, given)
        except WrongValue as wrong:
            raise WrongValue(f"has a wrong {field.name}: it {wrong}") from None
        found[field.name] = given
    return owner(**found)


def default_of(field: attrs.Attribute[Any]) -> object:
    """What a field holds where nothing is said."""
    default: Any = field.default
    return default.factory() if hasattr(default, "factory") else default


def validated(field: attrs.Attribute[Any], value: object) -> None:
    """Raises WrongValue for a value that the field's validators refuse."""
    if field.validator is None:
        return
    try:
        field.validator(None, field, value)
    except (ValueError, TypeError) as error:
        raise WrongValue(_told(error, field.name, value)) from None


def _told(error: Exception, name: str, value: object) -> str:
    """What a validator says; those of attrs have the field's name before it, and what is allowed beside it."""
    told = str(error.args[0])
    if told.startswith(f"'{name}' must be in ") and len(error.args) > 2:
        options = error.args[2]
        if isinstance(options, range):
            return f"must be from {options[0]} to {options[-1]}, not {shown(value)}"
        allowed = [str(each) for each in options if each is not None]
        return f"must be one of {', '.join(allowed)}, not {shown(value)}"
    told = told.removeprefix(f"'{name}' ")
    for sign, words in ((">=", "at least"), ("<=", "at most"), (">", "more than"), ("<", "less than")):
        start = f"must be {sign} "
        if told.startswith(start):
            return f"must be {words} {told[len(start) :].partition(':')[0]}, not {shown(value)}"
    return told


def shown(value: object) -> str:
    """A value as it is written in TOML."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"' if escaped.isprintable() else repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    if attrs.has(type(value)):
        return f"{{{', '.join(f'{name} = {text}' for name, text in _members(value))}}}"
    return str(value)


def _members(value: Any) -> Iterator[tuple[str, str]]:
    """Those of a table that are not as they would be anyway."""
    for field in attrs.fields(type(value)):
        held = getattr(value, field.name)
        if held is not None and held != default_of(field):
            yield field.name, shown(SECRET) if field.metadata.get("secret") else shown(held)
