"""Trying a fault at the statements of a work, and what is to be said of it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import attrs

from tests.faults.matrix import scene
from tests.faults.matrix.places import IN_MEMORY, Place
from tests.faults.matrix.works import ALL, NOTHING, Work, sound
from tests.forking import Children, Ended

UNSURE = "E0816"
"""What a caller is told who can not know whether it was kept."""

KILLED = -9


@attrs.define
class Tried:
    """What came of one fault in one work at one place: at how many of its statements it was tried, how much of the work was there
    afterwards, and what the caller was told, where there was one to be told."""

    work: str
    place: str
    fault: str
    statements: int
    tried: int = 0
    found: Counter[str] = attrs.field(factory=Counter)
    told: Counter[str] = attrs.field(factory=Counter)


def statements_of(work: Work, place: Place, children: Children) -> int:
    """How many statements a work has when nothing goes wrong."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        out = Path(folder) / "out"
        url = place.fresh()
        ended = children.run(place.environment, name=work.name, url=url, out=str(out), fault="", at=0)
        assert (ended.code, ended.told) == (0, "done"), ended
        with scene.opened(url) as database:
            assert work.state(database, out) == ALL
    assert ended.count is not None
    return ended.count


def try_fault(
    work: Work, place: Place, fault: str, children: Children, statements: int, at: Iterable[int] | None = None
) -> Tried:
    """Try a fault at each statement of a work, or at some.

    Raises AssertionError where anything is not as it has to be.
    """
    tried = Tried(work.name, place.name, fault, statements)
    for number in range(1, statements + 1) if at is None else at:
        with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
            _try_at(number, work, place, fault, children, tried, Path(folder) / "out")
        tried.tried += 1
    return tried


def _try_at(number: int, work: Work, place: Place, fault: str, children: Children, tried: Tried, out: Path) -> None:
    where = f"{work.name} on {place.name}, {fault} statement {number}"
    url = place.fresh()
    ended = children.run(place.environment, name=work.name, url=url, out=str(out), fault=fault, at=number)
    place.restart()
    try:
        with scene.opened(url) as database:
            state = work.state(database, out)
            _see_told(work, fault, ended, state)
            work.again(database, out)
            sound(database, out)
    except AssertionError as error:
        raise AssertionError(f"{where} ({ended}): {error}") from error
    tried.found[state] += 1
    if ended.told is not None:
        tried.told[ended.told] += 1


def _see_told(work: Work, fault: str, ended: Ended, state: str) -> None:
    """See that a process that lived told the truth."""
    if fault.startswith("killed"):
        assert ended.code in (KILLED, 0), "it was killed, or came to its end before"
        assert ended.told in (None, "done")
    else:
        assert ended.code == 0, "nothing but a coded error comes out of it"
    if ended.told == "done":
        # A deliverer goes on after a fault. What it had taken and not heard of is due again when the lease ends.
        assert state == ALL or work.name == "delivery", "it was told that it is done"
    elif ended.told not in (None, UNSURE) and work.name == "run":
        assert state == NOTHING, "it was told that nothing was done"
