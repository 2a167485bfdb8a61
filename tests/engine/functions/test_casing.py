"""Case mapping and white space by the pinned table."""

from __future__ import annotations

import hashlib

import pytest

from actionlang.engine.functions import casing
from actionlang.engine.functions.case_table import TO_CAPITALS, TO_SMALL

ALL = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_table_is_that_of_unicode_14_on_every_python() -> None:
    assert digest(casing.upper(ALL)) == "61a79e5ccd3ab390ab0a1ce8e213e949b2f65e5062a636e4c2e32eca4ab4e48f"
    assert digest(casing.lower(ALL)) == "958a7ea6410864d6bdee95e35373a838cd50f39ae4208f30d5fe14da0a0faff2"


def test_the_table_agrees_with_python_where_unicode_no_longer_changes() -> None:
    for character in ALL[:0x180]:
        assert casing.upper(character + "ß") == (character + "ß").upper()
        assert casing.lower(character + "É") == (character + "É").lower()


@pytest.mark.parametrize(
    ("text", "capitals", "small"),
    [
        ("straße", "STRASSE", "straße"),
        ("ΟΔΟΣ", "ΟΔΟΣ", "οδοσ"),
        ("İi", "İI", "i̇i"),
        ("ﬁn", "FIN", "ﬁn"),
        ("abc XYZ 1", "ABC XYZ 1", "abc xyz 1"),
        ("", "", ""),
    ],
)
def test_each_character_is_mapped_by_itself(text: str, capitals: str, small: str) -> None:
    assert casing.upper(text) == capitals
    assert casing.lower(text) == small


def test_white_space_is_trimmed_at_both_ends_only() -> None:
    assert casing.trim("\u2003\n a b\u00a0\t") == "a b"
    assert casing.trim("\u200b x \x1c") == "\u200b x \x1c"


def test_the_tables_are_read_once() -> None:
    assert casing.mapping(TO_CAPITALS) is casing.mapping(TO_CAPITALS)
    assert casing.mapping(TO_SMALL)[ord("A")] == ord("a")
