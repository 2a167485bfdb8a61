"""Reading and writing versions, in whatever transaction is open on a connection."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.catalogue import registry as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.sql.codecs import write_moment
from actionlang.plan.codec import encode
from actionlang.registry.installing import is_installed, see_that_it_is_known
from actionlang.registry.tables import ACTIVATIONS, ACTIVE, MOVES, REGISTRY, SCRIPTS, VERSIONS
from actionlang.runtime.plans import Plan

MOST_AT_ONCE = 500
"""Values that one condition lists."""

Scripts = Mapping[str, str]
"""Texts of scripts by the names that plans have for them."""


@attrs.frozen
class VersionHead:
    """A version without its plan: the verb's full name, its number, the plan's hash, the other verbs in the plan, the number of
    the activation that brought it in."""

    verb: str
    number: int
    plan_hash: str
    performs: tuple[str, ...]
    activation: int = 0


@attrs.frozen
class Move:
    """An activation makes version `after` of a verb active where `before` was; None where none is. `because` is `asked`, or the
    full name of the verb on whose account."""

    verb: str
    before: int | None
    after: int | None
    because: str


@attrs.frozen
class Entry:
    """An activation, deactivation or rollback: its number, who did it, when and why, and which breaking was let pass."""

    number: int
    kind: str
    who: str
    moment: datetime
    why: str | None
    allowed: tuple[str, ...]


def see_registry(connection: sa.Connection) -> None:
    """See that the database has a registry that this program knows. Raises ActionLangError when it has not."""
    if not is_installed(connection):
        message = "The database has no registry of verbs in use."
        raise ActionLangError(Diagnostic(codes.NO_REGISTRY, message, hint="make it with actionlang registry init"))
    see_that_it_is_known(connection.scalar(sa.select(REGISTRY.c.schema_version)))


def generation(connection: sa.Connection) -> int:
    """The number of the last activation."""
    return int(connection.scalar(sa.select(REGISTRY.c.generation)) or 0)


def raise_generation(connection: sa.Connection) -> int:
    """Raise the generation by one, and give it. From here to the end of the transaction nobody else publishes."""
    connection.execute(sa.update(REGISTRY).values(generation=REGISTRY.c.generation + 1))
    return generation(connection)


def active_heads(connection: sa.Connection) -> dict[str, VersionHead]:
    """What is active, by full name in order."""
    joined = sa.join(ACTIVE, VERSIONS, (ACTIVE.c.verb == VERSIONS.c.verb) & (ACTIVE.c.number == VERSIONS.c.number))
    return {
        head.verb: head for head in _heads(connection, sa.select(*HEAD).select_from(joined).order_by(ACTIVE.c.verb))
    }


def every_verb(connection: sa.Connection) -> list[str]:
    """The full names of all verbs that are or were active, in order."""
    return list(connection.scalars(sa.select(VERSIONS.c.verb).distinct().order_by(VERSIONS.c.verb)))


def heads_of(connection: sa.Connection, verb: str) -> list[VersionHead]:
    """All versions of a verb, the first one first."""
    return list(_heads(connection, sa.select(*HEAD).where(VERSIONS.c.verb == verb).order_by(VERSIONS.c.number)))


def heads_of_hashes(connection: sa.Connection, hashes: Iterable[str]) -> dict[str, VersionHead]:
    """The versions that have these plans, by hash; a plan that was never activated has none."""
    wanted = sorted(set(hashes))
    found: dict[str, VersionHead] = {}
    for start in range(0, len(wanted), MOST_AT_ONCE):
        some = sa.select(*HEAD).where(VERSIONS.c.plan_hash.in_(wanted[start : start + MOST_AT_ONCE]))
        found |= {head.plan_hash: head for head in _heads(connection, some)}
    return found


HEAD = (VERSIONS.c.verb, VERSIONS.c.number, VERSIONS.c.plan_hash, VERSIONS.c.performs, VERSIONS.c.activation)


def _heads(connection: sa.Connection, statement: sa.Select[Any]) -> Iterator[VersionHead]:
    for verb, number, plan_hash, performs, activation in connection.execute(statement):
        yield VersionHead(verb, number, plan_hash, tuple(json.loads(performs)), activation)


def plans_of(connection: sa.Connection, hashes: Collection[str]) -> dict[str, str]:
    """The texts of plans by their hashes."""
    wanted = sorted(hashes)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), MOST_AT_ONCE):
        condition = VERSIONS.c.plan_hash.in_(wanted[start : start + MOST_AT_ONCE])
        found |= _pairs(connection, sa.select(VERSIONS.c.plan_hash, VERSIONS.c.plan).where(condition))
    return found


def _pairs(connection: sa.Connection, statement: sa.Select[Any]) -> dict[str, str]:
    """Two columns as a mapping."""
    return {row[0]: row[1] for row in connection.execute(statement)}


def read_plan(head: VersionHead, text: str) -> Plan:
    """The plan of a version, verified. Raises ActionLangError when it is not what was published, or may not be run here."""
    try:
        plan = Plan.loads(text.encode())
    except ActionLangError as error:
        raise damaged(head, error.diagnostics[0].message) from error
    if plan.hash != head.plan_hash or plan.verb.name != head.verb:
        raise damaged(head, "it is another plan than the one that was published")
    return plan


def load_plan(connection: sa.Connection, head: VersionHead) -> Plan:
    """The plan of a version. Raises what `read_plan` raises."""
    return read_plan(head, plans_of(connection, [head.plan_hash])[head.plan_hash])


def damaged(head: VersionHead, why: str) -> ActionLangError:
    """What is said of a version that can not be run."""
    message = f"Version {head.number} of {head.verb} in the registry can not be read: {why.rstrip('.')}."
    hint = "restore it from a backup; or take the verb out of use, and activate its script with some change"
    return ActionLangError(Diagnostic(codes.DAMAGED_VERSION, message, hint=hint))


def scripts_of(connection: sa.Connection, head: VersionHead) -> dict[str, str]:
    """The texts of the scripts that a version was made from."""
    where = (VERSIONS.c.verb == head.verb) & (VERSIONS.c.number == head.number)
    digests: dict[str, str] = json.loads(connection.scalar(sa.select(VERSIONS.c.scripts).where(where)) or "{}")
    condition = SCRIPTS.c.digest.in_(sorted(set(digests.values())))
    texts = _pairs(connection, sa.select(SCRIPTS.c.digest, SCRIPTS.c.text).where(condition))
    return {name: texts[digest] for name, digest in digests.items() if digest in texts}


# --------------------------------------------------------------------------------------------------------------- writing


def write_entry(connection: sa.Connection, entry: Entry) -> None:
    """Write an activation."""
    values = attrs.asdict(entry) | {"moment": write_moment(entry.moment), "allowed": json.dumps(entry.allowed)}
    connection.execute(sa.insert(ACTIVATIONS).values(values))


def write_version(connection: sa.Connection, plan: Plan, scripts: Scripts, activation: int) -> VersionHead:
    """Write a plan as the next version of its verb."""
    name = plan.verb.name
    last = connection.scalar(sa.select(sa.func.max(VERSIONS.c.number)).where(VERSIONS.c.verb == name))
    performs = tuple(verb.name for verb in plan.steps.verbs if verb.name != name)
    head = VersionHead(name, (last or 0) + 1, plan.hash, performs)
    values = {
        "verb": name,
        "number": head.number,
        "plan_hash": plan.hash,
        "plan": encode(plan.steps).decode(),
        "performs": json.dumps(performs),
        "scripts": json.dumps(_write_scripts(connection, scripts), sort_keys=True),
        "activation": activation,
    }
    connection.execute(sa.insert(VERSIONS).values(values))
    return head


def _write_scripts(connection: sa.Connection, scripts: Scripts) -> dict[str, str]:
    digests = {name: sha256(text.encode()).hexdigest() for name, text in scripts.items()}
    known = set(connection.scalars(sa.select(SCRIPTS.c.digest).where(SCRIPTS.c.digest.in_(sorted(digests.values())))))
    new = {digest: scripts[name] for name, digest in digests.items() if digest not in known}
    if new:
        connection.execute(sa.insert(SCRIPTS), [{"digest": digest, "text": text} for digest, text in new.items()])
    return digests


def write_move(connection: sa.Connection, move: Move, activation: int) -> None:
    """Make a version the active one, or none, and write down that it was done."""
    if move.after is None:
        connection.execute(sa.delete(ACTIVE).where(ACTIVE.c.verb == move.verb))
    elif move.before is None:
        connection.execute(sa.insert(ACTIVE).values(verb=move.verb, number=move.after))
    else:
        connection.execute(sa.update(ACTIVE).where(ACTIVE.c.verb == move.verb).values(number=move.after))
    connection.execute(sa.insert(MOVES).values(attrs.asdict(move) | {"activation": activation}))
