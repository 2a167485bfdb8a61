"""New ids: UUIDs of version 7. A run takes its ids from a block of its own, which is arithmetic, so that whoever makes rows by
the thousand, a database too, can work them out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from os import urandom
from time import time_ns
from typing import NamedTuple

from actionlang.engine.times import MICROSECOND

NewId = Callable[[], str]

PREFIX_LENGTH = 23
"""Characters of an id before its last hyphen; the twelve behind it are a number in hexadecimal digits."""

RANDOM_BYTES = 9
"""Of the 74 bits that follow the milliseconds, version and variant left out, the lowest 72 are random at
first."""

STEP_BYTES = 4
"""How far apart the ids of one millisecond are at most, so that none tells what the next one is."""

BASE_BITS = 47
"""Bits of the first number of a block: half of all there are stay free for what follows."""

STRIDE_BITS = 16


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


class IdBlock(NamedTuple):
    """Ids that rise by a stride: the n-th, from 0 on, is `prefix`, a hyphen, and `base + n * stride` in twelve hexadecimal
    digits. `prefix` is the first 23 characters of a version 7 UUID."""

    prefix: str
    base: int
    stride: int

    def id(self, number: int) -> str:
        """The id with this number."""
        return f"{self.prefix}-{self.base + number * self.stride:012x}"


def clock_milliseconds() -> int:
    """The time since 1970 by the system's clock."""
    return time_ns() // 1_000_000


def random_block(milliseconds: Callable[[], int] = clock_milliseconds) -> IdBlock:
    """A block of the moment. Its random bits make it differ from every other, and its ids hard to guess."""
    random = int.from_bytes(urandom(18))
    prefix = uuid7(milliseconds(), random & (1 << 74) - 1)[:PREFIX_LENGTH]
    base = random >> 74 & (1 << BASE_BITS) - 1
    return IdBlock(prefix, base, 1 + (random >> 74 + BASE_BITS & (1 << STRIDE_BITS) - 1))


def counted_block(moment: datetime) -> IdBlock:
    """The block of a test: the moment given, then 1, 2, 3 and so on."""
    epoch = datetime(1970, 1, 1, tzinfo=moment.tzinfo)
    return IdBlock(uuid7((moment - epoch) // MICROSECOND // 1000, 0)[:PREFIX_LENGTH], 1, 1)


class BlockIds:
    """Takes ids from a block, one by one or many at once. One source serves one run."""

    def __init__(self, block: IdBlock) -> None:
        self.block = block
        self.taken = 0

    def __call__(self) -> str:
        """The next id."""
        number = self.taken
        self.taken = number + 1
        return self.block.id(number)

    def take(self, count: int) -> int:
        """The number of the next id; that many ids from there on are taken."""
        first = self.taken
        self.taken = first + count
        return first


class CountedIds(BlockIds):
    """Ids that a test can foretell: the moment given, then 1, 2, 3 and so on."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(counted_block(moment))


def run_ids() -> BlockIds:
    """The ids of a new run."""
    return BlockIds(random_block())


class ClockIds:
    """Ids from the system's clock and random bits; each is above the one before. One source serves one
    thread."""

    def __init__(self, milliseconds: Callable[[], int] = clock_milliseconds) -> None:
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
