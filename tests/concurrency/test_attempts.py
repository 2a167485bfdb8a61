"""Which errors of a database are followed by another attempt."""

from __future__ import annotations

import pytest

from actionlang.diagnostics.catalogue.database import CONFLICT, DISK_FULL, INTERRUPTED, LOCKED
from actionlang.runtime.retry import Attempts, Heat, Retry


@pytest.mark.parametrize("code", [CONFLICT.id, LOCKED.id, INTERRUPTED.id])
def test_a_hasty_attempt_is_followed_by_one_that_queues(code: str) -> None:
    attempts = Attempts(Retry(attempts=3, seconds=60), Heat(), "plan")
    assert attempts.hasty
    assert attempts.another_after(code)


def test_one_that_queues_is_followed_after_a_conflict_only() -> None:
    attempts = Attempts(Retry(attempts=3, seconds=60), Heat(), "plan")
    attempts.again()
    assert not attempts.hasty
    followed = [code.id for code in (CONFLICT, LOCKED, INTERRUPTED, DISK_FULL) if attempts.another_after(code.id)]
    assert followed == [CONFLICT.id]


def test_the_last_one_is_followed_by_none() -> None:
    attempts = Attempts(Retry(attempts=1, seconds=60), Heat(), "plan")
    assert not attempts.another_after(CONFLICT.id)


def test_one_conflict_of_many_runs_makes_no_others_queue() -> None:
    heat = Heat()
    for _ in range(20):
        assert heat.begin("plan") == 0
    heat.add("plan", 0)
    assert heat.begin("plan") == 0


def test_many_conflicts_make_others_queue_for_more_and_more() -> None:
    heat = Heat()
    heat.begin("plan")
    heat.add("plan", 0)
    assert heat.begin("plan") == 1
    assert heat.begin("other") == 0
    heat.add("plan", 1)
    heat.add("plan", 0)
    assert heat.begin("plan") == 2
