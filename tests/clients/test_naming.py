"""Names of programming languages for names that databases and scripts have."""

from __future__ import annotations

import ast
import keyword

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.clients.naming import camel, free_names, named, pascal, shout, snake
from actionlang.clients.python.code import docstring
from actionlang.clients.python.names import ATTRIBUTES, MEMBERS, PARAMETERS


@pytest.mark.parametrize(
    ("name", "snaked", "pascaled", "cameled"),
    [
        ("TakeSample", "take_sample", "TakeSample", "takeSample"),
        ("take_sample", "take_sample", "TakeSample", "takeSample"),
        ("HTTPServer2Go", "http_server2_go", "HTTPServer2Go", "httpServer2Go"),
        ("Order Details", "order_details", "OrderDetails", "orderDetails"),
        ("made_on", "made_on", "MadeOn", "madeOn"),
        ("id", "id", "Id", "id"),
        ("1st", "x1st", "x1st", "x1st"),
        ("--", "x", "X", "x"),
        ("größe", "größe", "Größe", "größe"),
        ("ﬁle", "file", "File", "file"),
        ("日付", "日付", "日付", "日付"),
    ],
)
def test_styles(name: str, snaked: str, pascaled: str, cameled: str) -> None:
    assert (snake(name), pascal(name), camel(name)) == (snaked, pascaled, cameled)


def test_what_is_taken_or_had_already_gives_way() -> None:
    assert named(["TakeSample", "take_sample", "class", "Class"], snake, keyword.kwlist) == {
        "take_sample": "take_sample",
        "TakeSample": "take_sample_2",
        "class": "class_",
        "Class": "class__2",
    }
    assert free_names({1: "Case", 2: "Case", 3: "Row"}, {"Row"}) == {1: "Case", 2: "Case_2", 3: "Row_"}


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), unique=True))
def test_all_are_names_of_their_own(names: list[str]) -> None:
    for style, taken in (
        (snake, PARAMETERS),
        (snake, ATTRIBUTES),
        (shout, MEMBERS),
        (pascal, MEMBERS),
        (camel, MEMBERS),
    ):
        found = named(names, style, taken)
        assert set(found) == set(names)
        assert len(set(found.values())) == len(names)
        for name in found.values():
            assert name.isidentifier()
            assert not name.startswith("_")
            assert not keyword.iskeyword(name)
            assert name not in taken
        assert found == named(reversed(names), style, taken), "in any order"


@pytest.mark.parametrize("text", ['"', '""', '"""', '""""', 'a """ b"', '\\"', '\\"""', '\\"\\"\\"', "\\", "\\\\"])
def test_a_docstring_says_what_it_is_made_of(text: str) -> None:
    assert ast.literal_eval("\n".join(docstring(text, 0))) == text
