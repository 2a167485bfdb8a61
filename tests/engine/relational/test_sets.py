"""Generated verbs on a few cases: as a set and one after another they come to the same, to the last record."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.relational.generated import calls
from tests.engine.relational.many import Engines, ManyEngine
from tests.engines.call import Call

SLOW = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.function_scoped_fixture,
]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_any_verb_comes_to_the_same(engines: Engines, database: str) -> None:
    engine = engines.on(database)

    @given(calls(), st.booleans())
    @settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
    def holds(call: Call, per_row: bool) -> None:
        wanted = engine.on_all(call, "interpreter", per_row=per_row)
        left_out = failures(engine)
        assert engine.on_all(call, "auto", per_row=per_row) == wanted
        assert failures(engine) == left_out

    holds()


def failures(engine: ManyEngine) -> list[object]:
    """The rows that were left out, and why."""
    found = () if engine.result is None else engine.result.failures
    return [(each.row, each.diagnostic) for each in found]
