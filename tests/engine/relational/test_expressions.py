"""What SQL says of an expression is what the interpreter says: wherever it has an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from actionlang.engine.relational.refused import NotRelational
from actionlang.plan import expressions as e
from tests.engine.relational.evaluating import REFUSED, OnDatabase, interpreted, on
from tests.plan.samples import CASE
from tests.strategies.plans import SCALARS, Writer

SLOW = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.function_scoped_fixture,
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: Any) -> Iterator[OnDatabase]:
    with on(request.param) as found:
        yield found


@st.composite
def values(draw: Any) -> e.Expression:
    """A value of any type, about `case` and the other rows that are there."""
    writer = Writer(draw, "function")
    writer.locals["case"] = (CASE, False)
    return writer.value(draw(st.sampled_from(SCALARS)), draw(st.integers(1, 3)))


@given(values())
@settings(max_examples=250, deadline=None, suppress_health_check=SLOW)
def test_agree(database: OnDatabase, node: e.Expression) -> None:
    try:
        found = database.value(node)
    except NotRelational:
        assume(False)
    wanted = interpreted(node)
    if found != REFUSED:
        assert found == wanted
        assert type(found) is type(wanted)
