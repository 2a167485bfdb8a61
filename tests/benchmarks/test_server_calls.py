"""The ways of escalating a case on PostgreSQL do the same: measuring them looks at what they wrote."""

from __future__ import annotations

import psycopg
import pytest

from actionlang.engine.ids import ClockIds
from benchmarks.calls import escalate_plan
from benchmarks.escalate_by_hand import Refused
from benchmarks.escalate_on_postgres_by_hand import OneStatement
from benchmarks.server_calls import BARS, connected, fill, measure
from tests.postgres import fresh_database


def test_all_write_the_same() -> None:
    found = measure(escalate_plan(), rounds=2, calls=3)
    assert found.keys() == {"ActionLang", *BARS}


def test_one_statement_refuses_as_the_others_do() -> None:
    plan = escalate_plan()
    with fresh_database() as url:
        fill(url, plan, 2)
        with connected(url) as driver:
            by_hand = OneStatement(driver, ClockIds(), plan.hash, [1, 2, 3])
            assert by_hand.escalate("CAS-000001", "No reply")
            for number, reason, level, told in (
                ("CAS-000001", "No reply", 2, "has the case already"),
                ("CAS-000002", " ", 2, "Say why"),
                ("CAS-000002", "No reply", 1, "second line"),
                ("CAS-999999", "No reply", 2, "There is no case"),
            ):
                with pytest.raises(Refused, match=told):
                    by_hand.escalate(number, reason, level)
            assert _runs(driver) == 1


def _runs(driver: psycopg.Connection) -> int:
    (count,) = driver.execute("SELECT count(*) FROM actionlang_run").fetchone() or (0,)
    return int(count)
