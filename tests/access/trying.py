"""One generated program under generated rights: run in memory, and judged by the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import attrs

from actionlang.access.needs import missing, needs_of
from actionlang.access.restricting import restrict
from actionlang.access.rights import PERFORM, TABLE_WORDS, Depth, Given, Grant, Rights
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from tests.access.oracle import Oracle, State
from tests.access.watching import WatchingStore, Written
from tests.differential.comparing import program_of
from tests.differential.contenders import Looker, Seen, one_by_one, put
from tests.strategies.programs import Program
from tests.strategies.rows import Known, Rows, some_rows
from tests.strategies.shop import schema
from tests.strategies.values import stored

OWNED = ("example.account", "example.item")
PERSONAL = ("core.user", "core.team", "core.membership")
REACHES = (Depth.OWN, Depth.TEAM, Depth.TEAM, Depth.ALL, Depth.ALL)
PEOPLE_REACHES = (Depth.OWN, Depth.TEAM, Depth.ALL, Depth.ALL, Depth.ALL, Depth.ALL)
SELDOM = 0.02
MOSTLY = 0.85


def rows_of(seed: int, hundred: int) -> Rows:
    """Rows for a hundred of programs, with users in teams."""
    random = Random(f"access rows {seed} {hundred}")
    rows = some_rows(random)
    table = schema().tables["core.membership"]
    pairs = [(team.row, user.row) for team in rows["core.team"] for user in rows["core.user"]]
    chosen = [pair for pair in pairs if random.random() < 0.5]
    rows[table.name] = [
        Known(table, f"99999999-0000-7000-8000-{number:012x}", {"team": team, "user": user})
        for number, (team, user) in enumerate(chosen)
    ]
    return rows


def rights_of(seed: int, number: int, user: RowRef) -> Rights:
    """Rights of a user: most often enough for the program to begin."""
    random = Random(f"access rights {seed} {number}")
    given = [Grant("role", PERFORM, "*")]
    same = random.random() < 0.5
    for table in schema().tables:
        reaches_of = PEOPLE_REACHES if table in PERSONAL else REACHES
        depth = random.choice(reaches_of)
        for word in TABLE_WORDS:
            if not same:
                depth = random.choice(reaches_of)
            if random.random() < SELDOM:
                continue
            reaches = table in OWNED or (table in PERSONAL and word == "read")
            given.append(Grant("role", word, table, depth if reaches else Depth.ALL))
    return Rights(user, "somebody", tuple(map(Given, given)))


def state_of(rows: Rows) -> State:
    """Rows as the oracle looks at them."""
    return {each.row: each.values for found in rows.values() for each in found}


def everything(user: RowRef) -> Rights:
    """The rights to do anything with any row."""
    words = (PERFORM, *TABLE_WORDS, "requires")
    return Rights(user, "everybody", tuple(Given(Grant("role", word, "*")) for word in words))


@attrs.frozen
class Case:
    """A program, its rows, and whoever calls it."""

    program: Program
    rows: Rows
    rights: Rights


def case_of(seed: int, number: int, rows: Rows) -> Case | None:
    """The case of a number; None where the verifier refuses what was drawn, or nobody can call."""
    program = program_of(seed, number)
    users = rows["core.user"]
    if program is None or not users:
        return None
    random = Random(f"access case {seed} {number}")
    user = random.choice(users).row
    rights = rights_of(seed, number, user)
    binding = program.plan.verb.binding
    targets: tuple[RowRef, ...] = ()
    if binding is not None:
        there = [each.row for each in rows[binding.table]]
        if random.random() < MOSTLY:
            oracle, state = Oracle(schema().tables, rights), state_of(rows)
            there = [row for row in there if oracle.may_read(row, state)]
        random.shuffle(there)
        targets = tuple(there[: random.randint(1, 3)])
        if not targets:
            return None
    lists = {
        each.name: tuple(random.choice(rows["example.item"]).row for _ in range(random.randint(0, 2)))
        if rows["example.item"]
        else ()
        for each in program.plan.verb.inputs
        if isinstance(each.type, t.ListOf) and isinstance(each.type.item, t.Row)
    }
    where = None if binding is None else _one_of(targets, binding)
    program = attrs.evolve(program, caller=user, targets=targets, where=where, arguments={**program.arguments, **lists})
    return Case(program, rows, rights)


def _one_of(targets: tuple[RowRef, ...], binding: Any) -> Any:
    from tests.strategies.programs import _one_of as condition

    return condition(list(targets), binding)


def restricted(case: Case) -> Program | None:
    """The program as its caller may run it; None where privileges are missing."""
    if missing(needs_of(case.program.plan), case.rights):
        return None
    return attrs.evolve(case.program, plan=restrict(case.program.plan, case.rights))


def run(program: Program, rows: Rows) -> tuple[Seen, list[Written], State]:
    """Run a program in memory. Gives what it came to, what it wrote, and the rows before."""
    known = {table.name: table for table in program.plan.tables} | dict(schema().tables)
    store = WatchingStore(list(known.values()), schema().choices.values())
    put(rows, store)
    store.written.clear()
    before = store.state()
    looker = Looker(store)
    seen = one_by_one(program, bind(program.plan, store), store, lambda: looker.look(()))
    return seen, store.written, before


# ------------------------------------------------------------------------------------------------------------- the oracle


def forbidden_writes(case: Case, written: list[Written], start: State) -> Iterator[str]:
    """Writes that the rules forbid. A row that was within reach at some moment stays so for the run."""
    oracle = Oracle(schema().tables, case.rights)
    nearest: dict[RowRef, Depth] = {}

    def note(state: State) -> None:
        for row in state:
            nearest[row] = min(nearest.get(row, Depth.ALL), oracle.distance(row, state))

    note(start)
    for each in written:
        table = schema().tables[each.row.table]
        if each.operation == "create":
            distance, words = oracle.distance(each.row, each.after), {"create"}
        else:
            note(each.before)
            distance, words = nearest[each.row], {"read", *_words(each, table)}
        for word in words:
            if case.rights.depth(word, table.name) < distance:
                yield f"{word} of {each.row} at a distance of {distance}"
        note(each.after)


def _words(written: Written, table: Table) -> set[str]:
    if written.operation == "delete":
        return {"delete"}
    owner, status = table.owner, table.status
    special = {"" if owner is None else owner.name: "assign", "" if status is None else status.name: "move"}
    return {special.get(name, "update") for name in written.columns}


def disguised(case: Case, written: list[Written], start: State) -> Rows:
    """The rows, those that could not be read at any moment with other values, and each of them a second time."""
    oracle = Oracle(schema().tables, case.rights)
    states = [start, *(each.after for each in written)]
    random = Random(f"disguise {len(start)}")
    deletes = bool(case.program.plan.verb.effects.deletes)
    found: Rows = {}
    for name, rows in case.rows.items():
        found[name] = []
        for each in rows:
            seen = any(oracle.may_read(each.row, state) for state in states if each.row in state)
            if seen or name == "core.membership":
                found[name].append(each)
                continue
            found[name].append(attrs.evolve(each, values=_others(each, deletes, random)))
            if name in OWNED:
                found[name].append(_twin(each, random))
    return found


def _others(known: Known, deletes: bool, random: Random) -> dict[str, object]:
    """Other values in all columns by which a row is not found: whose it is stays what it was."""
    table = known.table
    kept = {name for names in (*table.keys, *table.uniques) for name in names}
    kept |= {"" if table.owner is None else table.owner.name}
    return {name: value if name in kept else _other(table.by_name[name], value, deletes, random)
            for name, value in known.values.items()}  # fmt: skip


def _other(column: Column, value: object, deletes: bool, random: Random) -> object:
    if isinstance(column.type, t.Row):
        return value if deletes or not column.optional else None
    return stored(column.type, random)


def _twin(known: Known, random: Random) -> Known:
    table = known.table
    unique = {name for names in (*table.keys, *table.uniques) for name in names}
    values = {
        name: None if name in unique and table.by_name[name].optional else value for name, value in known.values.items()
    }
    for name in unique:
        if values[name] is None and not table.by_name[name].optional:
            values[name] = f"{random.getrandbits(20):x}"
    return Known(table, f"{random.getrandbits(32):08x}-aaaa-7000-8000-{random.getrandbits(40):012x}", values)


def same(one: Seen, other: Seen) -> bool:
    """Whether two runs came to the same."""
    return (one.failed, one.outputs, one.changes) == (other.failed, other.outputs, other.changes)


def leaks(case: Case, program: Program) -> Iterator[str]:
    """What the rules forbid, and the restricted program does."""
    seen, written, start = run(program, case.rows)
    yield from forbidden_writes(case, written, start)
    again, _, _ = run(program, disguised(case, written, start))
    if not same(seen, again):
        yield f"what can not be read made a difference:\n  {seen}\n  {again}"


def store_of(rows: Rows) -> MemoryStore:
    """A plain store with rows."""
    store = MemoryStore(schema().tables.values(), schema().choices.values())
    put(rows, store)
    return store
