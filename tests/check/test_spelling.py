from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.check.names import suggest
from actionlang.check.spelling import distance, nearest

WORDS = st.text("abc", max_size=7)


@pytest.mark.parametrize(
    ("left", "right", "slips"),
    [
        ("", "", 0),
        ("case", "case", 0),
        ("", "abc", 3),
        ("case", "cse", 1),
        ("case", "casse", 1),
        ("case", "cast", 1),
        ("case", "caes", 1),
        ("ca", "abc", 3),
        ("kitten", "sitting", 3),
    ],
)
def test_distance(left: str, right: str, slips: int) -> None:
    assert distance(left, right) == distance(right, left) == slips


@given(WORDS, WORDS, WORDS)
def test_distance_is_one_between_neighbours(before: str, letter: str, after: str) -> None:
    letter = letter[:1] or "x"
    assert distance(before + letter + after, before + after) == 1
    swapped = before + "yx" + after
    assert distance(before + "xy" + after, swapped) == 1


@given(WORDS, WORDS)
def test_distance_tells_words_apart(left: str, right: str) -> None:
    assert (distance(left, right) == 0) is (left == right)
    assert abs(len(left) - len(right)) <= distance(left, right) <= max(len(left), len(right))


@pytest.mark.parametrize(
    ("wrong", "known", "meant"),
    [
        ("reasn", ["reason", "raisin"], "reason"),
        ("STATUS", ["state", "status"], "status"),
        ("Case", ["cast", "case"], "case"),
        ("uppercase", ["upper", "lower"], "upper"),
        ("esc", ["escalated_on", "owner"], "escalated_on"),
        ("duo", ["due", "dua"], "dua"),
        ("urgent", ["low", "normal", "high"], None),
        ("x", ["y"], None),
        ("same", ["same"], None),
        ("anything", [], None),
    ],
)
def test_nearest(wrong: str, known: list[str], meant: str | None) -> None:
    assert nearest(wrong, known) == meant
    assert suggest(wrong, known) == (meant and f"Did you mean {meant}?")
