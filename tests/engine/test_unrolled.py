"""Functions of a row's values."""

import pytest

from actionlang.engine.unrolled import unrolled


def test_values_have_names() -> None:
    assert unrolled("[v2, twice(v0), *v1]", {"twice": lambda value: value * 2}, width=3)((1, (2, 3), 4)) == [4, 2, 2, 3]


@pytest.mark.parametrize("width", [0, 2, 4])
def test_another_number_of_values_is_refused(width: int) -> None:
    with pytest.raises(ValueError, match="unpack"):
        unrolled("[]", {}, width=width)((1, 2, 3))


def test_without_a_width_there_may_be_more() -> None:
    assert unrolled("[row[0]]", {})((1, 2, 3)) == [1]


def test_one_code_serves_other_names() -> None:
    first, second = (unrolled("f(v0)", {"f": function}, width=1) for function in (str, float))
    assert (first([1]), second([1])) == ("1", 1.0)
