"""New ids: UUIDs of version 7, ever rising within one source, from the clock or, for tests, counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from os import urandom
from time import time_ns

from actionlang.engine.times import MICROSECOND

NewId = Callable[[], str]

RANDOM_BYTES = 9
"""Of the 74 bits that follow the milliseconds, version and variant left out, the lowest 72 are random at
first."""

STEP_BYTES = 4
"""How far apart the ids of one millisecond are at most, so that none tells what the next one is."""


def uuid7(milliseconds: int, tail: int) -> str:
    """The canonical text of the version 7 UUID with this time since 1970 and these 74 bits behind it."""
    bits = (
        (milliseconds & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | tail >> 62 << 64
        | 0b10 << 62
        | tail & 0x3FFF_FFFF_FFFF_FFFF
    )
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class ClockIds:
    """Ids from the system's clock and random bits; each is above the one before. One source serves one
    thread."""

    def __init__(self, milliseconds: Callable[[], int] = lambda: time_ns() // 1_000_000) -> None:
        self._clock = milliseconds
        self._milliseconds = 0
        self._tail = 0

    def __call__(self) -> str:
        """The next id."""
        milliseconds = self._clock()
        if milliseconds > self._milliseconds:
            self._milliseconds = milliseconds
            # The topmost bits stay free, so that a millisecond has room for all the ids made in it.
            self._tail = int.from_bytes(urandom(RANDOM_BYTES))
        else:
            self._tail += 1 + int.from_bytes(urandom(STEP_BYTES))
        return uuid7(self._milliseconds, self._tail)


class CountedIds:
    """Ids that a test can foretell: the moment given, then 1, 2, 3 and so on."""

    def __init__(self, moment: datetime) -> None:
        epoch = datetime(1970, 1, 1, tzinfo=moment.tzinfo)
        self._milliseconds = (moment - epoch) // MICROSECOND // 1000
        self._count = 0

    def __call__(self) -> str:
        """The next id."""
        self._count += 1
        return uuid7(self._milliseconds, self._count)
