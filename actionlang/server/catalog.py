"""What is served: the tables, choices and verbs that are active at one moment, and what they are called on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock
from weakref import WeakKeyDictionary

import attrs

from actionlang.metadata.tables import Choice, Table
from actionlang.metadata.wire_names import NAMESPACE, WireNames
from actionlang.registry.active import Active, Snapshot


@attrs.frozen(eq=False)
class Catalog:
    """All that is served at a generation of the registry. Tables, choices and verbs (never private ones) are by full name; tables
    and choices are as the version last brought in that has them says."""

    tables: Mapping[str, Table]
    choices: Mapping[str, Choice]
    verbs: Mapping[str, Active]
    names: WireNames
    generation: int


_catalogs: WeakKeyDictionary[Snapshot, dict[str, Catalog]] = WeakKeyDictionary()
"""Catalogs by namespace, as long as their snapshots are in use."""

_making = Lock()


def catalog_of(snapshot: Snapshot, namespace: str = NAMESPACE) -> Catalog:
    """The catalog of what is active. It is made once a snapshot.

    Raises ActionLangError when a plan can not be read.
    """
    with _making:
        made = _catalogs.setdefault(snapshot, {})
        if namespace not in made:
            made[namespace] = _catalog(snapshot, namespace)
        return made[namespace]


def _catalog(snapshot: Snapshot, namespace: str) -> Catalog:
    return catalog_of_verbs(snapshot.all(), namespace, snapshot.generation)


def catalog_of_verbs(active: Iterable[Active], namespace: str = NAMESPACE, generation: int = 0) -> Catalog:
    """The catalog of these verbs, whether or not a registry has them."""
    verbs = {each.name: each for each in active}
    tables: dict[str, Table] = {}
    choices: dict[str, Choice] = {}
    for each in sorted(verbs.values(), key=lambda verb: (verb.activation, verb.name)):
        tables |= {table.name: table for table in each.plan.steps.tables}
        choices |= {choice.name: choice for choice in each.plan.steps.choices}
    names = WireNames.of(tables, choices, verbs, namespace)
    return Catalog(dict(sorted(tables.items())), dict(sorted(choices.items())), verbs, names, generation)
