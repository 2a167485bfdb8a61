"""JSON that is sent: no digit is lost, and what could be read in two ways is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from actionlang.server.odata.json_body import parse_json
from actionlang.server.refusal import Refusal


def test_numbers_keep_all_digits() -> None:
    assert parse_json(b'{"a": 922337203685477.5807, "b": 0.10, "c": 9007199254740993}', 32) == {
        "a": Decimal("922337203685477.5807"),
        "b": Decimal("0.10"),
        "c": 9007199254740993,
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is no JSON: Expecting value (line 1, column 1)."),
        (b'{"a": 1', "The body is no JSON: Expecting ',' delimiter (line 1, column 8)."),
        (b'{"a": 1, "b": {"a": 1, "a": 2}}', 'An object has the member "a" twice.'),
        (b"[NaN]", "NaN is no number in JSON."),
        (b"[-Infinity]", "-Infinity is no number in JSON."),
        (b"[" + b"1" * 81 + b"]", "A number has more than 80 digits."),
        (b"[0." + b"1" * 80 + b"]", "A number has more than 80 digits."),
        (b'"\xff"', "The body is not in UTF-8."),
        (b"[" * 33 + b"]" * 33, "Lists and objects stand more than 32 deep in each other."),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "Lists and objects stand more than 32 deep in each other."),
        (b"[" * 100_000 + b"]" * 100_000, "Lists and objects stand more than 32 deep in each other."),
    ],
)
def test_bodies_that_are_refused(body: bytes, message: str) -> None:
    with pytest.raises(Refusal) as raised:
        parse_json(body, 32)
    assert (raised.value.status, raised.value.code, raised.value.message) == (400, "E1124", message)


def test_as_deep_as_may_be() -> None:
    assert parse_json(b"[" * 32 + b"]" * 32, 32)
