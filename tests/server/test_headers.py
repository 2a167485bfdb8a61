"""Headers that are read once are those of Starlette, found more quickly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from actionlang.server.headers import ReadHeaders, headers_of

NAMES = st.sampled_from([b"accept", b"prefer", b"x-request-id", b"if-match"])
RAW = st.lists(st.tuples(NAMES, st.binary(max_size=5)), max_size=6)


@given(RAW, st.sampled_from(["Accept", "PREFER", "x-request-id", "host", ""]))
def test_they_are_found_as_starlette_finds_them(raw: list[tuple[bytes, bytes]], name: str) -> None:
    ours, theirs = ReadHeaders(raw), Headers(raw=raw)
    assert ours.getlist(name) == theirs.getlist(name)
    assert ours.get(name) == theirs.get(name)
    assert ours.get(name, "none") == theirs.get(name, "none")
    assert (name in ours) is (name in theirs)
    assert ours.items() == theirs.items()
    try:
        expected = theirs[name]
    except KeyError:
        assert name not in ours
    else:
        assert ours[name] == expected


def test_they_are_read_once_a_request() -> None:
    scope = {"type": "http", "headers": [(b"accept", b"text/html")]}
    assert headers_of(scope) is headers_of(scope)
    assert 1 not in headers_of(scope)
