"""JSON as it is sent: read so that no digit is lost, and refused where it could be understood in two ways."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

from actionlang.diagnostics.catalogue.server import BAD_BODY
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import BAD_REQUEST

LONGEST_NUMBER = 80
"""Characters of the longest number that is read: more than any value of the language has."""


def parse_json(text: bytes, deepest: int) -> Any:
    """JSON data: dict, list, str, int, Decimal, bool, None. Lists and objects may stand in each other `deepest` deep.

    Raises Refusal for what is no JSON in UTF-8, has a member twice in one object, is too deep, or has numbers that JSON does not
    have (NaN).
    """
    try:
        data = _decode(text.decode())
    except UnicodeDecodeError:
        raise bad_body("The body is not in UTF-8.") from None
    except RecursionError:
        raise too_deep(deepest) from None
    except json.JSONDecodeError as error:
        raise bad_body(f"The body is no JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from None
    if _depth_over(data, deepest):
        raise too_deep(deepest)
    return data


def bad_body(message: str, hint: str | None = None, target: str | None = None) -> Refusal:
    """The refusal of a body."""
    return Refusal(BAD_REQUEST, BAD_BODY.id, message, hint=hint, target=target)


def too_deep(deepest: int) -> Refusal:
    """The refusal of a body with lists and objects too deep in each other."""
    return bad_body(f"Lists and objects stand more than {deepest} deep in each other.")


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise bad_body(f"A number has more than {LONGEST_NUMBER} digits.")
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise bad_body(f"A number has more than {LONGEST_NUMBER} digits.")
    return Decimal(text)


def _constant(name: str) -> NoReturn:
    raise bad_body(f"{name} is no number in JSON.")


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        seen: set[str] = set()
        name = next(name for name, _ in members if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise bad_body(f"An object has the member {_shown(name)} twice.", target=name[:40])
    return found


def _shown(name: str) -> str:
    return json.dumps(name if len(name) <= 40 else f"{name[:37]}...")


def _depth_over(data: object, deepest: int) -> bool:
    """Whether lists and objects stand in each other deeper than that."""
    level = [data] if isinstance(data, dict | list) else []
    for _ in range(deepest):
        level = [
            each
            for one in level
            for each in (one.values() if isinstance(one, dict) else one)
            if isinstance(each, dict | list)
        ]
        if not level:
            return False
    return bool(level)


_decode = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
).decode
