"""Verifying the chain: whether the records are those that were sealed, all of them, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import attrs
import sqlalchemy as sa

from actionlang.audit.digests import RecordReader
from actionlang.audit.links import NOTHING_BEFORE, RUNS_PRUNED, Link, list_digest
from actionlang.audit.sealing import LATE, link_of, reading, unsealed
from actionlang.audit.tables import SEALED, SEALS
from actionlang.engine.sql.codecs import NotConforming, read_moment
from actionlang.runtime.audit import CHANGES, RUNS, STEPS
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS

AT_ONCE = 5000
"""Runs whose records are read together."""


@attrs.frozen
class Problem:
    """Something that is not as it was sealed: in which link (its number) and which run, as far as that can be told."""

    message: str
    link: int | None = None
    run: str | None = None


@attrs.frozen
class Pruning:
    """What a link of the chain says of records that retention deleted: those of runs begun before a moment."""

    link: int
    before: datetime
    below: str
    runs: int
    who: str
    why: str
    when: datetime


@attrs.frozen
class Late:
    """A run that was sealed only in this link, though it had ended long before the link in front of it was made."""

    run: str
    link: int
    finished: datetime


@attrs.frozen
class Verified:
    """What verifying found. `head` is the chain's last hash (None while there is no link), `runs` the number of records in it
    that are there, `pruned` that of those that retention deleted. `unsealed` are the runs that are in no link yet. `late` ones
    are told because a record that was written afterwards looks like that. `head_at` is the link whose hash is the one that was
    asked for. The chain is whole when there are no problems."""

    head: str | None
    links: int
    runs: int
    pruned: int
    unsealed: tuple[str, ...]
    prunings: tuple[Pruning, ...]
    late: tuple[Late, ...]
    problems: tuple[Problem, ...]
    head_at: int | None = None


def verify(database: Database, head: str | None = None) -> Verified:
    """Work out all hashes anew and compare them with the chain. `head` is a hash that someone noted outside of the database:
    it has to be in the chain, or the chain was cut off or made anew since.

    Raises ActionLangError when the database lacks the chain's tables, or fails.
    """
    with reading(database) as connection:
        return _Verifying(connection).verify(head)


class _Verifying:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._records = RecordReader(connection)
        self._problems: list[Problem] = []
        self._late: list[Late] = []
        self._runs = self._pruned = 0

    def verify(self, head: str | None) -> Verified:
        links = [link_of(row) for row in self._connection.execute(sa.select(SEALS).order_by(SEALS.c.number))]
        prunings = tuple(self._prunings(links))
        self._see_links(links)
        before: Link | None = None
        for some in _together(links):
            listed = self._listed(some)
            digests = self._records.digests([run for each in some for run in listed.get(each.number, {})])
            finished = self._finished(list(digests))
            for link in some:
                self._see_runs(link, listed.get(link.number, {}), digests, prunings)
                self._see_late(link, before, finished, listed.get(link.number, {}))
                before = link
        self._see_pruned(prunings)
        self._see_lists(links)
        left = unsealed(self._connection)
        self._see_unsealed(left, links)
        self._see_details()
        head_at = next((link.number for link in links if link.hash == head), None)
        if head is not None and head_at is None:
            told = f"No link of the chain has the hash {head}: it was cut off at its end, or made anew."
            self._problems.append(Problem(told))
        return Verified(
            links[-1].hash if links else None,
            len(links),
            self._runs,
            self._pruned,
            tuple(left),
            prunings,
            tuple(self._late),
            tuple(self._problems),
            head_at,
        )

    # -------------------------------------------------------------------------------------------------------- the links

    def _see_links(self, links: Sequence[Link]) -> None:
        """Whether each link is the one after the one before, and says what it said when it was made."""
        number, previous = 1, NOTHING_BEFORE
        for link in links:
            if link.number != number:
                missing = (
                    f"link {number} is" if link.number == number + 1 else f"links {number} to {link.number - 1} are"
                )
                self._tell(f"The chain has a gap: {missing} not there.", link.number)
            if link.hash != link.right_hash():
                self._tell(f"Link {link.number} was changed: its hash is not that of what it says.", link.number)
            if link.previous != previous and link.number == number:
                before = f"link {link.number - 1}" if link.number > 1 else "the beginning"
                self._tell(
                    f"Link {link.number} does not follow from {before}: one of the two was changed.", link.number
                )
            number, previous = link.number + 1, link.hash

    def _prunings(self, links: Sequence[Link]) -> Iterator[Pruning]:
        for link in links:
            if link.kind == RUNS_PRUNED:
                said = _pruning(link)
                if said is None or Link.of_pruning(None, "", 0, str(link.content)).digest != link.digest:
                    self._tell(f"Link {link.number} was changed: it does not say what retention deleted.", link.number)
                else:
                    yield said

    # --------------------------------------------------------------------------------------------------------- the runs

    def _listed(self, links: Sequence[Link]) -> dict[int, dict[str, str]]:
        """The digests by run, for each of these links by number."""
        first, last = links[0].number, links[-1].number
        query = sa.select(SEALED).where(SEALED.c.seal.between(first, last)).order_by(SEALED.c.seal, SEALED.c.run)
        found: dict[int, dict[str, str]] = {}
        for seal, run, digest in self._connection.execute(query):
            found.setdefault(seal, {})[run] = digest
        return found

    def _see_runs(
        self, link: Link, listed: dict[str, str], digests: dict[str, str], prunings: Sequence[Pruning]
    ) -> None:
        """Whether the runs that a link seals are those it sealed, and their records what they were."""
        if link.kind == RUNS_PRUNED:
            return
        may_be_gone = [each.below for each in prunings if each.link > link.number]
        if not listed and any(str(link.last_run) < below for below in may_be_gone):
            self._pruned += _count(link)
            return
        if list_digest(listed.items()) != link.digest:
            told = f"The list of runs of link {link.number} was changed: it sealed {_runs(link)}."
            self._tell(told, link.number)
        for run, digest in listed.items():
            if run in digests:
                self._runs += 1
                if digests[run] != digest:
                    self._tell(f"The record of run {run} was changed since it was sealed.", link.number, run)
            elif any(str(run) < below for below in may_be_gone):
                self._pruned += 1
            else:
                self._tell(f"The record of run {run} is gone.", link.number, run)

    def _see_pruned(self, prunings: Sequence[Pruning]) -> None:
        """Whether no more is gone than retention said it would delete: runs whose events were on their way stayed."""
        said = sum(pruning.runs for pruning in prunings)
        if self._pruned > said:
            told = f"Records of {self._pruned:,} runs are gone, and retention was to delete {said:,}."
            self._tell(told, prunings[-1].link if prunings else None)

    def _see_lists(self, links: Sequence[Link]) -> None:
        """Whether all lists of runs are those of links."""
        numbers = {link.number for link in links}
        strangers = {
            seal for seal in self._connection.scalars(sa.select(SEALED.c.seal).distinct()) if seal not in numbers
        }
        for seal in sorted(strangers, key=str):
            runs = list(
                self._connection.scalars(sa.select(SEALED.c.run).where(SEALED.c.seal == seal).order_by(SEALED.c.run))
            )
            for run in runs:
                self._tell(f"Run {run} was sealed in link {seal}, which is not there.", seal, run)

    # ---------------------------------------------------------------------------------------- what came afterwards

    def _finished(self, runs: Sequence[str]) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for start in range(0, len(runs), 500):
            query = sa.select(RUNS.c.id, RUNS.c.finished).where(RUNS.c.id.in_(runs[start : start + 500]))
            for run, finished in self._connection.execute(query):
                moment = _moment(finished)
                if moment is not None:
                    found[run] = moment
        return found

    def _see_late(self, link: Link, before: Link | None, finished: dict[str, datetime], listed: dict[str, str]) -> None:
        made = None if before is None else _moment(before.sealed)
        if made is None:
            return
        latest = made - LATE
        self._late += (
            Late(run, link.number, finished[run]) for run in listed if run in finished and finished[run] < latest
        )

    def _see_unsealed(self, runs: Sequence[str], links: Sequence[Link]) -> None:
        """Whether runs that are in no link can be there because they have just ended."""
        latest = _moment(links[-1].sealed) if links else None
        if latest is None:
            return
        for run, finished in self._finished(runs).items():
            if finished < latest - LATE:
                ended = f"ended {_ago(latest - finished)} before the last one was made"
                why = "its record was written afterwards, or its seal was removed"
                self._tell(f"Run {run} is in no link, though it {ended}: {why}.", None, run)

    def _see_details(self) -> None:
        """Whether all changes, steps and events are those of a run."""
        there = set(sa.inspect(self._connection).get_table_names())
        for table, words in ((CHANGES, "changes"), (STEPS, "steps"), (EVENTS, "events")):
            if table.name in there:
                has_run = sa.exists().where(RUNS.c.id == table.c.run)
                for run in self._connection.scalars(
                    sa.select(table.c.run).where(~has_run).distinct().order_by(table.c.run)
                ):
                    self._tell(f"There are {words} of a run {run}, which has no record.", None, run)

    def _tell(self, message: str, link: int | None = None, run: str | None = None) -> None:
        self._problems.append(Problem(message, link, run))


def _together(links: Sequence[Link]) -> Iterator[list[Link]]:
    """Links in groups that are read together."""
    group: list[Link] = []
    runs = 0
    for link in links:
        group.append(link)
        runs += _count(link)
        if runs >= AT_ONCE:
            yield group
            group, runs = [], 0
    if group:
        yield group


def _pruning(link: Link) -> Pruning | None:
    """What a link says of retention; None when that can not be read."""
    try:
        said = json.loads(str(link.content))
        return Pruning(
            link.number,
            read_moment(said["before"]),
            str(said["below"]),
            int(said["runs"]),
            str(said["who"]),
            str(said["why"]),
            read_moment(link.sealed),
        )
    except (ValueError, KeyError, TypeError, NotConforming):
        return None


def _moment(text: object) -> datetime | None:
    """A moment as records hold it; None where something else was put there."""
    try:
        return read_moment(text)
    except NotConforming:
        return None


def _count(link: Link) -> int:
    """How many runs a link says it seals; nothing where something else than a number was put there."""
    said: object = link.runs
    return said if isinstance(said, int) else 0


def _runs(link: Link) -> str:
    if link.runs == 1:
        return f"run {link.first_run}"
    return f"{_count(link):,} runs, {link.first_run} to {link.last_run}"


def _ago(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size or (unit == "minute" and seconds >= size):
            return f"{seconds // size:,} {unit}s"
    return f"{seconds} seconds"
