"""What somebody is offered: the verbs that they may call, the tables that they may read."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.access.needs import missing
from actionlang.access.rights import READ, Depth, Rights
from actionlang.metadata.tables import Table
from actionlang.registry.active import Active
from actionlang.runtime.reading import reading
from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.surface import Surface
from actionlang.server.service import Service, refusing


def callable_verbs(identity: Identity, service: Service, surface: Surface) -> list[Active]:
    """The verbs that somebody's credentials go as far as and whose privileges they have, by full name; never private ones.

    Raises Refusal.
    """
    offered = [each for each in surface.catalog.verbs.values() if identity.allows(f"verb:{each.name}")]
    policy = service.database.hosting.policy
    rights = _rights(identity, service, surface)
    if policy is None or rights is None:
        return offered
    return [each for each in offered if not missing(policy.needs(each.plan.steps, each.plan.hash), rights)]


def readable_tables(identity: Identity, service: Service, surface: Surface) -> list[Table]:
    """The tables of which somebody may read rows, by full name. Raises Refusal."""
    if not identity.allows(READ):
        return []
    rights = _rights(identity, service, surface)
    return list(_readable(surface.catalog.tables.values(), rights))


def _readable(tables: Iterable[Table], rights: Rights | None) -> Iterable[Table]:
    for table in tables:
        if any(column.sensitive for column in table.primary):
            continue
        if rights is None or rights.depth(READ, table.name) is not Depth.NONE:
            yield table


def _rights(identity: Identity, service: Service, surface: Surface) -> Rights | None:
    """What somebody may do; None where nobody is held to rights."""
    with refusing(), reading(service.database, surface.wire.schema, identity.caller) as opened:
        return opened.readable.rights
