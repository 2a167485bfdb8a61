"""Background runs as those see them who started them through a door."""

from __future__ import annotations

from actionlang.durable.runs import BackgroundRun
from actionlang.registry.active import Active
from actionlang.registry.store import heads_of_hashes, load_plan
from actionlang.server.catalog import Catalog, catalog_of_verbs
from actionlang.server.identity.identity import Identity
from actionlang.server.odata.prepared import PreparedVerb
from actionlang.server.service import Service, refusing

KIND = "background"
"""The kind of verbs that are started, and not called."""


def find_run(run: str, identity: Identity, service: Service) -> BackgroundRun | None:
    """A run by its id; None where these credentials have started none with it. Raises Refusal."""
    with refusing():
        runs = service.background.runs
        found = runs.find(run) if runs.are_there else None
    return found if found is not None and found.subject == identity.holder else None


def prepared_of(run: BackgroundRun, service: Service, catalog: Catalog) -> PreparedVerb:
    """The version of its verb that a run keeps, which need not be active any more, with what writes its outputs.

    Raises Refusal.
    """
    with refusing(), service.database.connection() as connection:
        head = heads_of_hashes(connection, [str(run.plan_hash)])[str(run.plan_hash)]
        active = Active(head.verb, head.number, load_plan(connection, head), head.activation)
    is_served = active.name in catalog.verbs
    names = catalog.names if is_served else catalog_of_verbs([active], catalog.names.namespace).names
    return PreparedVerb(active, names)
