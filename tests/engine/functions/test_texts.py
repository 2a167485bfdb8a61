"""Functions over texts."""

from __future__ import annotations

from typing import Any

import pytest

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from tests.engine.functions.calling import call


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "result"),
    [
        ("length", "text", ("🖨 ab",), 4),
        ("left", "text,integer", ("abc", 2), "ab"),
        ("left", "text,integer", ("abc", 9), "abc"),
        ("right", "text,integer", ("abc", 2), "bc"),
        ("right", "text,integer", ("abc", 0), ""),
        ("right", "text,integer", ("abc", 9), "abc"),
        ("middle", "text,integer,integer", ("abcd", 2, 2), "bc"),
        ("middle", "text,integer,integer", ("abcd", 9, 2), ""),
        ("contains", "text,text", ("abc", ""), True),
        ("contains", "text,text", ("abc", "B"), False),
        ("starts_with", "text,text", ("abc", "ab"), True),
        ("ends_with", "text,text", ("abc", "ab"), False),
        ("replace", "text,text,text", ("aaa", "aa", "b"), "ba"),
        ("position", "text,text", ("abc", "c"), 3),
        ("position", "text,text", ("abc", "x"), 0),
        ("position", "text,text", ("abc", ""), 1),
        ("position", "text,text,integer", ("abcabc", "a", 2), 4),
        ("position", "text,text,integer", ("abc", "", 4), 4),
        ("position", "text,text,integer", ("abc", "", 5), 0),
        ("repeat", "text,integer", ("ab", 2), "abab"),
        ("repeat", "text,integer", ("ab", 0), ""),
        ("join", "list of text,text", (("a", "b"), ", "), "a, b"),
        ("join", "list of text,text", ((), ", "), ""),
        ("pad_left", "text,integer", ("7", 3), "  7"),
        ("pad_left", "text,integer,text", ("7", 3, "0"), "007"),
        ("pad_right", "text,integer", ("7", 3), "7  "),
        ("pad_right", "text,integer,text", ("777", 2, "."), "777"),
    ],
)
def test_texts(name: str, overload: str, arguments: tuple[Any, ...], result: object) -> None:
    assert call(name, overload, *arguments) == result


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "message"),
    [
        ("left", "text,integer", ("abc", -1), "`count` is -1"),
        ("right", "text,integer", ("abc", -1), "`count` is -1"),
        ("middle", "text,integer,integer", ("abc", 0, 1), "`first` is 0"),
        ("middle", "text,integer,integer", ("abc", 1, -1), "`count` is -1"),
        ("position", "text,text,integer", ("abc", "a", 0), "`first` is 0"),
        ("replace", "text,text,text", ("abc", "", "x"), "empty text"),
        ("replace", "text,text,text", ("a" * 2000, "a", "b" * 501), "1,000,000 characters"),
        ("repeat", "text,integer", ("ab", -1), "`count` is -1"),
        ("repeat", "text,integer", ("ab", 2**62), "1,000,000 characters"),
        ("join", "list of text,text", (("a", "b"), "-" * 1_000_000), "1,000,000 characters"),
        ("pad_left", "text,integer", ("a", -1), "`width` is -1"),
        ("pad_right", "text,integer", ("a", 1_000_001), "`width` is 1000001"),
        ("pad_right", "text,integer,text", ("a", 2, "ab"), "exactly one character"),
    ],
)
def test_texts_without_an_answer(name: str, overload: str, arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(Failure, match=message) as caught:
        call(name, overload, *arguments)
    assert caught.value.code is codes.NO_ANSWER


def test_the_longest_text_is_still_made() -> None:
    assert len(call("repeat", "text,integer", "ab", 500_000)) == 1_000_000
