"""When a request is sent again: where that can not act twice, and is worth it."""

from __future__ import annotations

import httpx2
import pytest

from actionlang.clients.python.runtime._transport import Call, Request, Target, wait_after

TARGET = Target("http://desk/api/data/v9.2/", "NS", "tests", retries=3)


def _request(*, repeatable: bool) -> Request:
    return Request("POST", "http://desk/", {}, None, repeatable)


def _answer(status: int, after: str | None) -> httpx2.Response:
    return httpx2.Response(status, headers={} if after is None else {"Retry-After": after})


@pytest.mark.parametrize(
    ("status", "after", "least", "most"),
    [
        (503, None, 0.1, 0.2),
        (503, "0", 0.1, 0.2),
        (503, "7", 7, 7),
        (503, "31", None, None),
        (503, "Wed, 21 Oct 2026 07:28:00 GMT", 0.1, 0.2),
        (429, "2", 2, 2),
        (429, None, None, None),
        (409, "1", 1, 1),
        (409, None, None, None),
        (500, "1", None, None),
        (504, "1", None, None),
        (422, "1", None, None),
        (200, "1", None, None),
    ],
)
def test_answers(status: int, after: str | None, least: float | None, most: float | None) -> None:
    wait = wait_after(_answer(status, after), _request(repeatable=True), 0)
    if least is None or most is None:
        assert wait is None
    else:
        assert wait is not None
        assert least <= wait <= most
    assert wait_after(_answer(status, after), _request(repeatable=False), 0) is None


@pytest.mark.parametrize(
    ("error", "anyway"),
    [
        (httpx2.ConnectError("refused"), True),
        (httpx2.ConnectTimeout("late"), True),
        (httpx2.ReadError("broken"), False),
        (httpx2.ReadTimeout("late"), False),
        (httpx2.RemoteProtocolError("gone"), False),
    ],
)
def test_lost_connections(error: httpx2.TransportError, anyway: bool) -> None:
    assert wait_after(error, _request(repeatable=True), 0) is not None
    assert (wait_after(error, _request(repeatable=False), 0) is not None) == anyway


def test_waits_grow_and_end_growing() -> None:
    error = httpx2.ReadError("broken")
    waits = [wait_after(error, _request(repeatable=True), tried) or 0 for tried in range(20)]
    assert waits[0] < waits[2] < waits[4]
    assert max(waits) <= 5


def test_what_can_act_has_a_key_where_it_may_have_one() -> None:
    def headers(call: Call, target: Target = TARGET) -> tuple[str | None, bool]:
        request = target.request(call)
        return request.headers.get("Idempotency-Key"), request.repeatable

    first, second = headers(Call("Act", {})), headers(Call("Act", {}))
    assert first[0]
    assert first[0] != second[0]
    assert first[1]
    assert headers(Call("Act", {}, key='a "b"')) == ('"a \\"b\\""', True)
    assert headers(Call("ask", {}, function=True)) == (None, True)
    assert headers(Call("Act", {}, dry_run=True)) == (None, True)
    assert headers(Call("Act", {}, keyed=False)) == (None, False)
    without = Target("http://desk/api/data/v9.2/", "NS", "tests", retries=0)
    assert headers(Call("Act", {}), without) == (None, False)
    assert headers(Call("Act", {}, key="k"), without) == ('"k"', True)
