"""How often somebody may call, and how often wrong credentials are looked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from actionlang.runtime.database import Database
from actionlang.server.identity import rates
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.rates import Rates
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.refusal import Refusal
from tests.server.identity.asking import asking
from tests.server.identity.issuer import TestIssuer


class Clock:
    """A clock that is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def passes(take: Callable[[], object]) -> bool:
    try:
        take()
    except Refusal as refusal:
        assert (refusal.status, refusal.code) == (429, "E1114")
        return False
    return True


def test_a_bucket(clock: Clock) -> None:
    bucket = Rates("caller", 2.0, 3, clock)
    assert [passes(lambda: bucket.take("ann")) for _ in range(4)] == [True, True, True, False]
    assert passes(lambda: bucket.take("bob"))
    clock.now += 0.5
    assert [passes(lambda: bucket.take("ann")) for _ in range(2)] == [True, False]
    clock.now += 1000
    assert [passes(lambda: bucket.take("ann")) for _ in range(4)] == [True, True, True, False]


def test_what_is_told(clock: Clock) -> None:
    bucket = Rates("caller", 0.1, 1, clock)
    bucket.take("ann")
    with pytest.raises(Refusal) as caught:
        bucket.take("ann")
    assert caught.value.headers == {
        "Retry-After": "10",
        "RateLimit-Policy": '"caller";q=1;w=10',
        "RateLimit": '"caller";r=0;t=10',
    }
    clock.now += 10
    bucket.take("ann")


@given(st.floats(0.1, 50), st.integers(1, 20), st.lists(st.floats(0, 3), max_size=60))
def test_never_more_than_the_rate(per_second: float, burst: int, waits: list[float]) -> None:
    clock = Clock()
    bucket = Rates("caller", per_second, burst, clock)
    began, passed = clock.now, 0
    for wait in waits:
        clock.now += wait
        passed += passes(lambda: bucket.take("ann"))
        assert passed <= burst + (clock.now - began) * per_second + 1e-6


def test_what_was_taken_ahead_is_waited_for(clock: Clock) -> None:
    """A batch is as many requests as it has parts."""
    bucket = Rates("caller", 2.0, 10, clock)
    bucket.charge("ann", 29)
    with pytest.raises(Refusal) as caught:
        bucket.take("ann")
    assert caught.value.headers["Retry-After"] == "10"
    clock.now += 9.5
    assert not passes(lambda: bucket.take("ann"))
    clock.now += 0.5
    assert passes(lambda: bucket.take("ann"))


@given(
    st.floats(0.01, 1000),
    st.integers(1, 2000),
    st.lists(st.tuples(st.floats(0, 5), st.integers(0, 3000)), max_size=20),
)
def test_after_the_time_that_is_told_there_is_room(
    per_second: float, burst: int, batches: list[tuple[float, int]]
) -> None:
    clock = Clock()
    bucket = Rates("caller", per_second, burst, clock)
    for wait, many in batches:
        clock.now += wait
        bucket.charge("ann", many)
        try:
            bucket.see("ann")
        except Refusal as refusal:
            clock.now += int(refusal.headers["Retry-After"])
            assert passes(lambda: bucket.take("ann"))


def test_many_callers_take_bounded_room(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_KNOWN", 10)
    bucket = Rates("caller", 1.0, 1, clock)
    for number in range(100):
        bucket.take(str(number))
    assert len(bucket._buckets) == 10


def test_over_a_socket(kept_desk: Database, kept_issuer: TestIssuer, clock: Clock) -> None:
    settings = IdentitySettings(issuers=(kept_issuer.settings(),), calls_per_second=1, burst=2)
    with asking(kept_desk, settings, now=clock) as ask:
        token = kept_issuer.token()
        assert [ask(token=token).status for _ in range(3)] == [200, 200, 429]
        told = ask(token=kept_issuer.token())
        assert (told.status, told.code, told.headers["retry-after"]) == (429, "E1114", "1")
        assert told.headers["ratelimit"] == '"caller";r=0;t=1'
        assert ask(token=kept_issuer.token(sub="other")).status == 200
        clock.now += 1
        assert ask(token=token).status == 200


def test_wrong_credentials_are_looked_at_so_often_an_address(
    kept_desk: Database, kept_issuer: TestIssuer, clock: Clock
) -> None:
    """Others, and those whose credentials held before, are not kept out by whoever tries."""
    settings = IdentitySettings(issuers=(kept_issuer.settings(),), failures_per_minute=3)
    who = Authenticator(kept_desk, settings, now=clock)
    good = Headers({"Authorization": f"Bearer {kept_issuer.token()}"})
    who(good, "192.0.2.1")
    statuses = []
    for number in range(5):
        with pytest.raises(Refusal) as caught:
            who(Headers({"Authorization": f"Bearer {number}"}), "192.0.2.1")
        statuses.append(caught.value.status)
    assert statuses == [401, 401, 401, 429, 429]
    assert not passes(lambda: who(Headers({"Authorization": f"Bearer {kept_issuer.token(sub='2')}"}), "192.0.2.1"))
    clock.now += 5
    assert passes(lambda: who(good, "192.0.2.1"))
    assert passes(lambda: who(Headers({"Authorization": f"Bearer {kept_issuer.token(sub='2')}"}), "192.0.2.2"))
    clock.now += 60
    assert passes(lambda: who(Headers({"Authorization": f"Bearer {kept_issuer.token(sub='2')}"}), "192.0.2.1"))


def test_no_limits_where_they_are_off(kept_desk: Database, kept_issuer: TestIssuer, clock: Clock) -> None:
    settings = IdentitySettings(issuers=(kept_issuer.settings(),), calls_per_second=0, failures_per_minute=0, burst=1)
    who = Authenticator(kept_desk, settings, now=clock)
    good = Headers({"Authorization": f"Bearer {kept_issuer.token()}"})
    assert all(passes(lambda: who(good, "")) for _ in range(50))
    for _ in range(50):
        with pytest.raises(Refusal) as caught:
            who(Headers({"Authorization": "Bearer x"}), "")
        assert caught.value.status == 401
