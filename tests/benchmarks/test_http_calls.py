"""The servers that are compared do the same, and the load counts what it should."""

from __future__ import annotations

import pytest

from benchmarks import http_calls
from benchmarks.calls import SAME, escalate_plan
from benchmarks.http_calls import SIDES, Side, side
from benchmarks.http_load import load, post
from benchmarks.http_soak import soak
from benchmarks.server_calls import rows
from tests.postgres import fresh_database, server_url


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The databases are the tests' own, which need not be durable."""
    monkeypatch.setattr(http_calls, "postgres_database", fresh_database)


def written(server: Side) -> dict[str, object]:
    """What a side has written."""
    url = server_url().set(database=server.database).render_as_string(hide_password=False)
    return {what: rows(url, statement) for what, statement in SAME.items()}


@pytest.mark.process
def test_all_sides_do_the_same() -> None:
    found = []
    # The server without rules is the same program.
    for name in SIDES[1:]:
        with side(name, escalate_plan(), 10, workers=1) as server:
            unknown = post(
                server.port, server.path.format("CAS-000001"), b'{"reason":"x"}', ["Authorization: Bearer k"]
            )
            answers = load(server.port, [*server.requests([1, 2, 3, 3]), unknown], 1)
            assert answers.statuses == {200: 3, 422: 1, 401: 1}
            assert len(answers.latencies) == 5
            assert not answers.lost
            found.append({what: kept for what, kept in written(server).items() if what != "runs"})
            assert server.cpu()[0] > 0
    assert all(each == found[0] for each in found)


@pytest.mark.process
def test_the_soak_ends_with_its_time() -> None:
    (minute,) = soak(cases=500, minutes=1, seconds=0.5)
    assert minute.memory > 0
    assert sum(minute.load.statuses.values()) == len(minute.load.latencies)
