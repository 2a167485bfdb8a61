"""One program run by all contenders, and in what they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import lru_cache
from random import Random

import attrs

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plan import steps as s
from actionlang.plan.plan import Effects, StepPlan
from actionlang.plan.verify import verify
from actionlang.plan.walk import nodes
from actionlang.plan.woven import is_hook, written_name
from tests.differential.contenders import AsASet, Contender, InMemory, Interpreting, OnDatabase, OnServer, Seen
from tests.postgres import fresh_database
from tests.strategies.hung import SHARE, with_something_hung
from tests.strategies.programs import Program, a_program
from tests.strategies.rows import Rows, some_rows
from tests.strategies.shop import schema

SAME_ROWS = 100
"""So many programs run on the same rows."""

ALL_TABLES = 20
"""One program in so many has all tables looked at afterwards, the others those that their effects say they write."""

NAMES = ("sqlite", "sqlite-set", "postgres", "postgres-set", "server")


@attrs.frozen
class Difference:
    """A contender that came to something else than the interpreter in memory."""

    contender: str
    what: str
    expected: str
    found: str


class Contest:
    """All contenders, with their databases open."""

    def __init__(self, names: tuple[str, ...] = NAMES) -> None:
        self._open = ExitStack()
        self._names = names
        self.memory = InMemory()
        self._places: list[OnDatabase] = []
        self._contenders: list[Contender] = []
        self._server: OnServer | None = None
        self.counts: Counter[str] = Counter()
        if any(name.startswith("sqlite") for name in names):
            self._add("sqlite", self._place("sqlite://"))
        if any(name.startswith(("postgres", "server")) for name in names):
            place = self._place(self._open.enter_context(fresh_database()))
            self._add("postgres", place)
            if "server" in names:
                self._server = OnServer(place)

    def _place(self, url: str) -> OnDatabase:
        place = OnDatabase(url)
        self._open.callback(place.close)
        self._places.append(place)
        return place

    def _add(self, name: str, place: OnDatabase) -> None:
        if name in self._names:
            self._contenders.append(Interpreting(name, place))
        if f"{name}-set" in self._names:
            self._contenders.append(AsASet(f"{name}-set", place))

    def undo(self) -> None:
        """Leave whatever transactions an engine that broke down left open."""
        for place in self._places:
            if place.session.in_transaction:
                place.undo()

    def close(self) -> None:
        """Give back what is held."""
        self._open.close()

    def fill(self, seed: int, number: int) -> None:
        """Put the rows in that the program of this number runs on."""
        rows = rows_of(seed, number)
        self.memory.fill(rows)
        for place in self._places:
            place.fill(rows)

    def compare(self, program: Program, *, all_tables: bool) -> list[Difference]:
        """Run a program everywhere. The verb must be one that the verifier accepts."""
        looked_at = tuple(schema().tables) if all_tables else written(program.plan.verb.effects)
        expected = self.memory.together(program, looked_at)
        self._count(expected)
        found: list[Difference] = []
        for contender in self._contenders:
            seen = contender.together(program, looked_at)
            self._count_refusal(contender.name, seen, expected)
            if seen.refused is None and attempts(program):
                self.counts[f"{contender.name}: ran with an attempt"] += 1
            found += differences(contender.name, expected, seen)
        if self._server is not None:
            if len(program.targets) > 1:
                expected = self.memory.apart(program, looked_at)
            seen = self._server.apart(program, looked_at)
            self._count_refusal("server", seen, expected)
            found += differences("server", expected, seen)
        return found

    def _count(self, expected: Seen) -> None:
        self.counts["programs"] += 1
        self.counts["done" if expected.failed is None else f"failed {expected.failed[0]}"] += 1
        if expected.failed is None and expected.changes:
            self.counts["changed rows"] += 1
        if expected.events:
            self.counts["emitted events"] += 1

    def _count_refusal(self, name: str, seen: Seen, expected: Seen) -> None:
        if seen.refused is None:
            self.counts[f"{name}: ran"] += 1
            if seen.changes:
                self.counts[f"{name}: ran and changed rows"] += 1
            if seen.events:
                self.counts[f"{name}: ran and emitted events"] += 1
        elif expected.failed is not None:
            self.counts[f"{name}: left to the interpreter, which fails"] += 1
        else:
            self.counts[f"{name}: left to the interpreter, which does it"] += 1
            self.counts[f"reason {name}: {seen.refused[:80]}"] += 1


@lru_cache(maxsize=2)
def _rows_of_hundred(seed: int, hundred: int) -> Rows:
    return some_rows(Random(f"rows {seed} {hundred}"))


def rows_of(seed: int, number: int) -> Rows:
    """The rows that a program of this number runs on."""
    return _rows_of_hundred(seed, number // SAME_ROWS)


def program_of(seed: int, number: int) -> Program | None:
    """The program of a number; None where the verifier refuses what was drawn."""
    program = a_program(Random(f"program {seed} {number}"), rows_of(seed, number))
    random = Random(f"hung {seed} {number}")
    if not _is_accepted(program.plan):
        return None
    if random.random() >= SHARE:
        return program
    hung = with_something_hung(program.plan, random, rows_of(seed, number))
    return attrs.evolve(program, plan=hung) if _is_accepted(hung) else program


def _is_accepted(plan: StepPlan) -> bool:
    try:
        verify(plan)
    except ActionLangError:
        return False
    return True


def has_something_hung(program: Program) -> bool:
    """Whether hooks or overrides are hung on a program."""
    return any(is_hook(verb.name) or written_name(verb.name) != verb.name for verb in program.plan.verbs)


def attempts(program: Program) -> bool:
    """Whether something is attempted in a program."""
    return any(isinstance(node, s.Attempt) for verb in program.plan.verbs for node in nodes(verb.steps))


def written(effects: Effects) -> tuple[str, ...]:
    """The tables whose rows a verb may change."""
    pairs = (*effects.updates, *effects.assigns, *effects.moves)
    return tuple(sorted({*(table for table, _ in pairs), *effects.creates, *effects.deletes}))


def differences(name: str, expected: Seen, seen: Seen) -> list[Difference]:
    """In what a contender differs. One that leaves a program to the interpreter does not."""
    if seen.refused is not None:
        return []
    return [Difference(name, *each) for each in _different(expected, seen)]


def _different(expected: Seen, seen: Seen) -> Iterator[tuple[str, str, str]]:
    if expected.failed != seen.failed:
        yield "how it ends", str(expected.failed or "done"), str(seen.failed or "done")
        return
    if expected.outputs != seen.outputs:
        yield "outputs", str(expected.outputs), str(seen.outputs)
    if expected.changes != seen.changes:
        pairs = zip((*expected.changes, None), (*seen.changes, None), strict=False)
        first = next((pair for pair in pairs if pair[0] != pair[1]), (None, None))
        yield "changes", str(first[0]), str(first[1])
    if expected.events != seen.events:
        together = zip((*expected.events, None), (*seen.events, None), strict=False)
        one, other = next(pair for pair in together if pair[0] != pair[1])
        yield "events", str(one), str(other)
    for table, rows in expected.rows.items():
        if rows != seen.rows[table]:
            lines = zip(rows.split("\n"), seen.rows[table].split("\n"), strict=False)
            first_line = next((pair for pair in lines if pair[0] != pair[1]), (rows, seen.rows[table]))
            yield f"rows of {table}", *first_line
