"""Order of values and keys."""

from __future__ import annotations

import pytest

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.ordering import empty_first, key_order, order_of
from actionlang.metadata import types as t
from tests.engine.building import BY_NAME, CHOICES, PRIORITY, STATUS, column, table

BY_CHOICE = {choice.name: choice for choice in CHOICES}


def test_numbered_choices_are_ordered_by_number_and_others_as_python_does() -> None:
    order = order_of(PRIORITY, BY_CHOICE)
    assert order is not None
    assert sorted(["normal", "high", "low"], key=order) == ["low", "normal", "high"]
    assert order_of(STATUS, BY_CHOICE) is None
    assert order_of(t.Text(), BY_CHOICE) is None


def test_a_member_that_the_choice_does_not_have_is_a_data_failure() -> None:
    order = order_of(PRIORITY, BY_CHOICE)
    assert order is not None
    with pytest.raises(Failure) as caught:
        order("urgent")
    assert caught.value.code is codes.STORED_VALUE


def test_empty_sorts_first() -> None:
    assert sorted([2, None, 1], key=empty_first(None)) == [None, 1, 2]
    assert sorted(["high", None, "low"], key=empty_first(order_of(PRIORITY, BY_CHOICE))) == [None, "low", "high"]


def test_keys_of_several_columns_are_ordered_part_by_part() -> None:
    assert key_order(BY_NAME["desk.line"], BY_CHOICE) is None
    mixed = table("desk.mixed", column("level", PRIORITY, primary=True), column("at", t.Integer(), primary=True))
    order = key_order(mixed, BY_CHOICE)
    assert sorted([("high", 1), ("low", 2), ("low", 1)], key=order) == [("low", 1), ("low", 2), ("high", 1)]
    assert sorted(["high", "low"], key=key_order(BY_NAME["desk.weight"], BY_CHOICE)) == ["low", "high"]
