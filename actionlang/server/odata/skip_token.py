"""The text that a link to a next page carries: the place of the last row that was given, not a number of rows, so that rows that
are made or deleted meanwhile neither hide others nor show them twice. Clients hand it back as it is.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import attrs

from actionlang.diagnostics.catalogue.server import STALE_PAGE
from actionlang.engine.json_form import from_json, key_from_json, to_json
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row
from actionlang.runtime.positions import Position, Sort
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import BAD_REQUEST

LONGEST = 4_000


@attrs.frozen
class SkipToken:
    """Where to go on, how many rows are a page, and how many are still wanted in all (None: all there are)."""

    position: Position
    size: int
    left: int | None


def write_token(token: SkipToken, question: str, table: Table, order: tuple[Sort, ...]) -> str:
    """The token as text. It is good for the same `question` only."""
    values = [
        to_json(value, table.by_name[sort.column].type)
        for sort, value in zip(order, token.position.values, strict=True)
    ]
    key = to_json(RowRef(table.name, token.position.key), Row((table.name,)))
    told = [_digest(question), values, key, token.size, token.left]
    return urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode().rstrip("=")


def read_token(text: str, question: str, table: Table, order: tuple[Sort, ...], schema: Schema) -> SkipToken:
    """The token that a text is. Raises Refusal for what is none, or belongs to another question."""
    try:
        if len(text) > LONGEST:
            raise ValueError(text)
        digest, values, key, size, left = json.loads(
            urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}".encode("ascii"))
        )
        if digest != _digest(question) or len(values) != len(order) or not _is_count(size) or not _is_count(left, None):
            raise ValueError(text)
        read = [
            None if value is None else from_json(value, table.by_name[sort.column].type, schema)
            for sort, value in zip(order, values, strict=True)
        ]
        return SkipToken(Position(tuple(read), key_from_json(key, table.name, schema)), size, left)
    except (ValueError, TypeError, KeyError, AssertionError, RecursionError):
        message = "The link to the next page is damaged, or belongs to another question."
        hint = "follow @odata.nextLink as it is, or ask again from the beginning"
        raise Refusal(BAD_REQUEST, STALE_PAGE.id, message, hint=hint, target="$skiptoken") from None


def _is_count(value: object, *others: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31) or value in others


def _digest(question: str) -> str:
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()[:16]
