"""Credentials that held a moment ago."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actionlang.server.identity import kept as module
from actionlang.server.identity.identity import Identity
from actionlang.server.identity.kept import Kept

ANN, BOB = Identity("ann"), Identity("bob")


class Clock:
    """A clock that is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_renews_them_while_others_go_on() -> None:
    clock = Clock()
    kept = Kept(clock)
    assert kept.find(b"a") is None
    kept.keep(b"a", ANN, clock.now, 1.0)
    assert [kept.find(b"a") for _ in range(3)] == [ANN, ANN, ANN]
    clock.now += 0.5
    assert [kept.find(b"a") for _ in range(3)] == [None, ANN, ANN]
    kept.keep(b"a", BOB, clock.now, 1.0)
    clock.now += 0.4
    assert kept.find(b"a") is BOB
    clock.now += 0.6
    assert [kept.find(b"a") for _ in range(2)] == [None, None]
    assert kept.knows(b"a") and not kept.knows(b"b")
    kept.forget(b"a")
    assert not kept.knows(b"a")


@given(st.floats(0, 1), st.lists(st.floats(0, 0.6), max_size=30))
def test_never_for_longer_than_said(late: float, waits: list[float]) -> None:
    """The time that it took to look them up counts."""
    clock = Clock()
    kept = Kept(clock)
    since = clock.now
    clock.now += late
    kept.keep(b"a", ANN, since, 1.0)
    for wait in waits:
        clock.now += wait
        assert kept.find(b"a") is None or clock.now < since + 1.0


def test_as_many_as_there_is_room_for() -> None:
    kept = Kept(Clock())
    for number in range(module.MOST_KEPT + 5):
        kept.keep(str(number).encode(), ANN, 1000.0, 1.0)
    assert not kept.knows(b"4") and kept.knows(b"5")
