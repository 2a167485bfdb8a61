"""Values as JSON text, for audit records: what `engine.json_form.to_json` gives, written by closures made once for a type."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from actionlang.engine.decimals import plain
from actionlang.engine.json_form import EXACT_IN_JSON, to_json
from actionlang.engine.store import RowRef
from actionlang.engine.times import iso_datetime
from actionlang.engine.unrolled import unrolled
from actionlang.metadata import types as t

JsonText = Callable[[Any], str]

MASKED = '"***"'
"""What stands for a value that must never be logged."""

NULL = "null"

PLAIN = t.Text()
"""The type of what says by its Python class what it is."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _integer(value: int) -> str:
    return str(value) if -EXACT_IN_JSON <= value <= EXACT_IN_JSON else f'"{value}"'


FAST: dict[type[t.Type], JsonText] = {
    t.Text: encode_basestring,
    t.Choice: encode_basestring,
    t.Integer: _integer,
    t.Decimal: lambda value: f'"{plain(value)}"',
    t.Money: lambda value: f'"{plain(value)}"',
    t.Boolean: lambda value: "true" if value else "false",
    t.Date: lambda value: f'"{value}"',
    t.DateTime: lambda value: f'"{iso_datetime(value)}"',
    t.Id: encode_basestring,
    t.Json: str,
}
"""Types that are written without going through JSON data."""


def json_text(type_: t.Type) -> JsonText:
    """What writes a value of a type, which is not empty."""
    known = FAST.get(type(type_))
    if known is not None:
        return known
    if isinstance(type_, t.Row):
        return _row_text(type_)
    return lambda value: _encode(to_json(value, type_))


def _row_text(type_: t.Row) -> JsonText:
    """What writes a row."""
    if len(type_.tables) == 1:
        return lambda row: _key_text(row.key)
    starts = {name: f'{{"table":{encode_basestring(name)},"key":' for name in type_.tables}
    return lambda row: f"{starts[row.table]}{_key_text(row.key)}}}"


def _key_text(key: object) -> str:
    """A row's key, or a part of it: most are texts or numbers."""
    kind = type(key)
    if kind is str:
        return encode_basestring(key)  # type: ignore[arg-type]
    if kind is int:
        return _integer(key)  # type: ignore[arg-type]
    if kind is tuple:
        return f"[{','.join([_key_text(part) for part in key])}]"  # type: ignore[attr-defined]
    if kind is RowRef:
        return _key_text(key.key)  # type: ignore[attr-defined]
    return _encode(to_json(key, PLAIN))


class Member(NamedTuple):
    """A member of a JSON object: its name and colon, what writes a value that is not empty, what stands for an empty one."""

    start: str
    text: JsonText
    empty: str


def json_member(name: str, type_: t.Type, sensitive: bool) -> Member:
    """A member with values of a type. A sensitive one is masked, empty or not."""
    start = f"{_encode(name)}:"
    return Member(start, _masked, MASKED) if sensitive else Member(start, json_text(type_), NULL)


def _masked(value: object) -> str:
    return MASKED


def json_object(members: Iterable[Member], values: Iterable[object]) -> str:
    """Values as the members of an object."""
    return (
        "{"
        + ",".join(
            [
                start + (empty if value is None else text(value))
                for (start, text, empty), value in zip(members, values, strict=True)
            ]
        )
        + "}"
    )


def object_text(members: Sequence[Member]) -> JsonText:
    """What `json_object` does with these members, as a function of the values, for those who write many."""
    names: dict[str, object] = {}
    parts = []
    for at, (start, text, empty) in enumerate(members):
        names |= {f"start{at}": ("," if at else "{") + start, f"empty{at}": empty, f"text{at}": text}
        parts.append(f"start{at} + (empty{at} if v{at} is None else text{at}(v{at}))")
    return unrolled(" + ".join([*parts, "'}'" if parts else "'{}'"]), names, width=len(members))


def json_key(parts: Sequence[tuple[t.Type, bool]]) -> JsonText:
    """What writes a primary key, given the type of each part and whether it is sensitive: a scalar, or an array when it has
    several parts. Sensitive ones are masked."""
    writers = [_masked if sensitive else json_text(type_) for type_, sensitive in parts]
    if len(writers) == 1:
        return writers[0]
    return lambda key: "[" + ",".join([write(part) for write, part in zip(writers, key, strict=True)]) + "]"
