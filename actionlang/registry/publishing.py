"""Publishing: drafts become active versions, all of them at once or none; a verb is taken out of use, or an earlier version back
into it.

All is decided and written in one transaction. Whoever publishes at the same time waits for its end, and then decides by what
is active by then. Runs that are under way are neither waited for nor disturbed: they have their plan already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import attrs
import sqlalchemy as sa

from actionlang.contracts.rule import Finding, Rule
from actionlang.contracts.rules import RULES
from actionlang.engine.schema import Schema
from actionlang.registry.alone import alone
from actionlang.registry.examples import NO_EXAMPLES, Examples, keep_examples
from actionlang.registry.history import known_verb, why_not_active
from actionlang.registry.left_behind import not_begun, starters
from actionlang.registry.names import full_name
from actionlang.registry.refusals import not_active, unknown_version
from actionlang.registry.settlement import ASKED, Draft, Settlement, settle
from actionlang.registry.store import (
    Entry,
    Move,
    VersionHead,
    active_heads,
    generation,
    heads_of,
    heads_of_hashes,
    load_plan,
    raise_generation,
    scripts_of,
    see_registry,
    write_entry,
    write_move,
    write_version,
)
from actionlang.runtime.database import Database
from actionlang.runtime.drift import check_tables
from actionlang.runtime.uses import uses_of


@attrs.frozen
class Order:
    """Who wants it, and why; `allowed` names the rules of compatibility whose breaking is let pass, of the `rules` that count."""

    who: str
    why: str | None = None
    allowed: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = attrs.field(default=RULES, repr=False)


@attrs.frozen
class Published:
    """What was done, or would be after a dry run.

    `entry` is what is in the history now, None where there was nothing to do. `new` are the verbs whose version is a new one;
    the others' was there before. `unchanged` were asked for and are active as they are. `noticed` is what callers will notice,
    and was allowed. `apart` pairs active verbs with a verb that they perform in another version than the active one. `starters`
    pairs them with a verb that they start and that is out of use now, of which `not_begun` runs were started and have not begun.
    """

    entry: Entry | None
    moves: tuple[Move, ...] = ()
    new: frozenset[str] = frozenset()
    unchanged: tuple[VersionHead, ...] = ()
    noticed: tuple[Finding, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    dry_run: bool = False
    starters: tuple[tuple[str, str], ...] = ()
    not_begun: int = 0


def publish(
    database: Database,
    drafts: Sequence[Draft],
    order: Order,
    *,
    examples: Examples = NO_EXAMPLES,
    dry_run: bool = False,
) -> Published:
    """Make drafts the active versions of their verbs, with what has to change with them (see `settlement`). `examples` are kept
    with them, and with those that are active already.

    Raises ActionLangError, having changed nothing, when the database has no registry or not the tables that a draft needs, when
    callers or active verbs would break, or when the database fails.
    """

    def decide(connection: sa.Connection) -> Settlement:
        return settle(connection, active_heads(connection), drafts, rules=order.rules, allowed=order.allowed)

    return _publish(database, decide, order, "activate", dry_run, examples)


def roll_back(database: Database, verb: str, number: int, order: Order, *, dry_run: bool = False) -> Published:
    """Make an earlier version of a verb the active one again, as it is to the byte.

    Raises what `publish` raises, and when there is no such verb or version.
    """

    def decide(connection: sa.Connection) -> Settlement:
        name = known_verb(connection, verb)
        heads = heads_of(connection, name)
        head = next((each for each in heads if each.number == number), None)
        if head is None:
            raise unknown_version(name, number, heads)
        draft = Draft(load_plan(connection, head), scripts_of(connection, head))
        active = active_heads(connection)
        return settle(connection, active, [draft], rules=order.rules, allowed=order.allowed, back=True)

    return _publish(database, decide, order, "rollback", dry_run)


def deactivate(database: Database, verb: str, order: Order, *, dry_run: bool = False) -> Published:
    """Take a verb out of use: it can not be called by name any more. Verbs that perform it have its steps in their plans, and go
    on.

    Raises ActionLangError when it is not active, or the database fails.
    """
    with _publishing(database, dry_run) as connection:
        active = active_heads(connection)
        name = full_name(verb, active)
        if name is None:
            told = why_not_active(connection, verb)
            raise not_active(verb, active if told is None else (), told)
        move = Move(name, active[name].number, None, ASKED)
        entry = _entry(connection, "deactivate", order, ())
        write_entry(connection, entry)
        write_move(connection, move, entry.number)
        performers = tuple((head.verb, name) for head in active.values() if name in head.performs)
        return Published(
            entry,
            (move,),
            apart=performers,
            dry_run=dry_run,
            starters=tuple((starter, name) for starter in starters(connection, active, name)),
            not_begun=not_begun(connection, name),
        )


Decide = Callable[[sa.Connection], Settlement]


def _publish(
    database: Database, decide: Decide, order: Order, kind: str, dry_run: bool, examples: Examples = NO_EXAMPLES
) -> Published:
    """Decide, then write. It is decided before anybody has to wait, and again only if somebody else was quicker."""
    with database.connection() as connection, connection.begin():
        see_registry(connection)
        seen, settled = generation(connection), _possible(database, connection, decide)
    with _publishing(database, dry_run) as connection:
        if generation(connection) != seen:
            settled = _possible(database, connection, decide)
        published = _write(connection, settled, order, kind, dry_run)
        keep_examples(connection, examples)
        return published


def _possible(database: Database, connection: sa.Connection, decide: Decide) -> Settlement:
    """What is decided. Raises ActionLangError when a plan could not run on the database."""
    settled = decide(connection)
    for change in settled.changes:
        plan = change.draft.plan
        check_tables(Schema.of_plan(plan.steps), connection, database.dialect, uses_of(plan.steps))
    return settled


@contextmanager
def _publishing(database: Database, dry_run: bool) -> Iterator[sa.Connection]:
    """A transaction in which nobody else publishes, and that is kept at its end unless all is only tried."""
    with database.connection() as connection, connection.begin() as transaction:
        alone(connection, database.dialect.name)
        see_registry(connection)
        yield connection
        if dry_run:
            transaction.rollback()


def _entry(connection: sa.Connection, kind: str, order: Order, noticed: Iterable[Finding]) -> Entry:
    """The next entry of the history; of the rules that were to be let pass, those are kept that were broken."""
    broken = {finding.code.id for finding in noticed}
    allowed = tuple(rule for rule in order.allowed if rule in broken)
    return Entry(raise_generation(connection), kind, order.who, datetime.now(UTC), order.why, allowed)


def _write(connection: sa.Connection, settled: Settlement, order: Order, kind: str, dry_run: bool) -> Published:
    """Write what was decided. Raises ActionLangError when a version that was there before can not be read."""
    if not settled.changes:
        return Published(None, unchanged=settled.unchanged, dry_run=dry_run)
    entry = _entry(connection, kind, order, settled.noticed)
    write_entry(connection, entry)
    known = heads_of_hashes(connection, (change.draft.plan.hash for change in settled.changes))
    moves: list[Move] = []
    new: set[str] = set()
    for change in settled.changes:
        head = known.get(change.draft.plan.hash)
        if head is None:
            head = write_version(connection, change.draft.plan, change.draft.scripts, entry.number)
            new.add(head.verb)
        else:
            load_plan(connection, head)
        move = Move(head.verb, None if change.before is None else change.before.number, head.number, change.because)
        write_move(connection, move, entry.number)
        moves.append(move)
    apart = _apart(connection, moves[0].verb) if kind == "rollback" else ()
    return Published(entry, tuple(moves), frozenset(new), settled.unchanged, settled.noticed, apart, dry_run)


def _apart(connection: sa.Connection, verb: str) -> tuple[tuple[str, str], ...]:
    """Verbs that an active one has in its plan in another form than the active one."""
    active = active_heads(connection)
    inner = {each.name: each for each in load_plan(connection, active[verb]).steps.verbs}
    others = [head for name, head in active.items() if name in inner and name != verb]
    return tuple((verb, head.verb) for head in others if load_plan(connection, head).verb != inner[head.verb])
