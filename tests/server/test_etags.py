"""Conditions on the version of a row, as headers have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from actionlang.server.etags import etag_of, expected_of, is_unchanged
from actionlang.server.refusal import Refusal

VERSION = "a5b93f0c2d17e846"
OTHER = "0123456789abcdef"


def match(*values: str) -> Headers:
    return Headers(raw=[(b"if-match", value.encode("latin-1")) for value in values])


def none_match(*values: str) -> Headers:
    return Headers(raw=[(b"if-none-match", value.encode("latin-1")) for value in values])


@pytest.mark.parametrize("written", [f'W/"{VERSION}"', f'"{VERSION}"', f' W/"{VERSION}" '])
def test_the_version_that_is_expected(written: str) -> None:
    assert expected_of(match(written)) == VERSION


@given(st.from_regex("[0-9a-f]{16}", fullmatch=True))
def test_etags_go_there_and_back(version: str) -> None:
    assert expected_of(match(etag_of(version))) == version
    assert is_unchanged(none_match(etag_of(version)), version)


@pytest.mark.parametrize("headers", [Headers(), match("*"), match("")])
def test_any_version_will_do(headers: Headers) -> None:
    assert expected_of(headers) is None


@pytest.mark.parametrize("written", ['W/"1"', 'W/""', 'W/"A5B93F0C2D17E846"', '"12345678"'])
def test_no_row_ever_had_such_a_version(written: str) -> None:
    """Dataverse's own ETags are numbers: such a row was changed since, if it is of another system."""
    with pytest.raises(Refusal) as raised:
        expected_of(match(written))
    assert (raised.value.status, raised.value.code) == (412, "E0725")


@pytest.mark.parametrize(
    "headers",
    [
        match(VERSION),
        match(f"W/{VERSION}"),
        match(f'w/"{VERSION}"'),
        match(f'"{VERSION}'),
        match(f'"{VERSION}", "{OTHER}"'),
        match(f'"{VERSION}"', f'"{VERSION}"'),
        match(f'*, "{VERSION}"'),
        match('"\xe4"'),
    ],
)
def test_what_is_no_condition(headers: Headers) -> None:
    with pytest.raises(Refusal) as raised:
        expected_of(headers)
    assert (raised.value.status, raised.value.code, raised.value.target) == (400, "E1146", "If-Match")


@pytest.mark.parametrize(
    ("headers", "unchanged"),
    [
        (Headers(), False),
        (none_match(f'W/"{VERSION}"'), True),
        (none_match(f'"{OTHER}"'), False),
        (none_match(f'"{OTHER}", W/"{VERSION}"'), True),
        (none_match(f'"{OTHER}"', f'"{VERSION}"'), True),
        (none_match("*"), True),
        (none_match('""'), False),
        # What Dataverse tells clients to send with every request.
        (none_match("null"), False),
    ],
)
def test_what_whoever_reads_has_already(headers: Headers, unchanged: bool) -> None:
    assert is_unchanged(headers, VERSION) is unchanged


def test_what_is_no_condition_of_a_reader() -> None:
    with pytest.raises(Refusal) as raised:
        is_unchanged(none_match(VERSION), VERSION)
    assert (raised.value.code, raised.value.target) == ("E1146", "If-None-Match")
