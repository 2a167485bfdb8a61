"""A project at a glance: its verbs, the tables they touch, who performs whom, and who starts whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from actionlang.graph.picture import Edge, Group, Node, NodeKind, Picture
from actionlang.metadata.tables import Table
from actionlang.plan.effects import effects_of
from actionlang.plan.expression_text import short
from actionlang.plan.plan import Effects, StepPlan, Verb

LEGEND = "dashed arrows read, thick ones perform"
NOTHING = Effects()
"""What a performed verb adds, where only a verb's own steps count."""


def own_effects(verb: Verb, verbs: Mapping[str, Verb], tables: Mapping[str, Table]) -> Effects:
    """What a verb's own steps do, without what the verbs do that it performs."""
    return effects_of(verb, {name: attrs.evolve(each, effects=NOTHING) for name, each in verbs.items()}, tables)


def touching(plans: Iterable[StepPlan], title: str) -> Picture:
    """The picture of all verbs of some plans, with the tables that they touch themselves."""
    verbs: dict[str, Verb] = {}
    tables: dict[str, Table] = {}
    for plan in plans:
        verbs.update({verb.name: verb for verb in plan.verbs})
        tables.update({table.name: table for table in plan.tables})
    silent = {name: attrs.evolve(verb, effects=NOTHING) for name, verb in verbs.items()}
    keys = {name: f"v{number}" for number, name in enumerate(sorted(verbs), 1)}
    own = {name: effects_of(verbs[name], silent, tables) for name in sorted(verbs)}
    touched = sorted({table for effects in own.values() for table in _tables(effects)})
    table_keys = {name: f"t{number}" for number, name in enumerate(touched, 1)}
    modules = sorted({name.rpartition(".")[0] for name in verbs})
    groups = {module: Group(f"g{number}", "module", module) for number, module in enumerate(modules, 1)}
    nodes = [_verb(verb, keys[name], groups) for name, verb in sorted(verbs.items())]
    nodes += [_table(tables[name], table_keys[name]) for name in touched]
    edges = [edge for name, effects in own.items() for edge in _edges(name, effects, keys, table_keys)]
    described = f"{len(verbs)} verbs and the {len(touched)} tables that they read or write."
    return Picture(title, described, tuple(nodes), tuple(edges), tuple(groups.values()), sideways=True, legend=LEGEND)


def _tables(effects: Effects) -> set[str]:
    return {table for table, _ in (*effects.reads, *effects.updates, *effects.assigns, *effects.moves)} | {
        *effects.creates,
        *effects.deletes,
    }


def _verb(verb: Verb, key: str, groups: Mapping[str, Group]) -> Node:
    kind: NodeKind = "function" if "function" in verb.kind else "verb"
    on = () if verb.binding is None else (f"on {'each ' if verb.binding.each else ''}{short(verb.binding.table)}",)
    group = groups[verb.name.rpartition(".")[0]].key
    return Node(key, kind, verb.short_name, on, group, verb=verb.name, hint=" ".join(verb.doc.split()))


def _table(table: Table, key: str) -> Node:
    return Node(key, "table", table.short_name, (), table=table.name, hint=table.label or " ".join(table.doc.split()))


def _edges(name: str, effects: Effects, verbs: Mapping[str, str], tables: Mapping[str, str]) -> Iterable[Edge]:
    for performed in effects.performs:
        yield Edge(verbs[name], verbs[performed], kind="performs")
    for started in effects.starts:
        if started in verbs:  # It is no part of the plan that starts it, and so may not be among those that are drawn.
            yield Edge(verbs[name], verbs[started], "starts", "starts")
    written = [
        ("creates", set(effects.creates)),
        ("updates", {table for table, _ in effects.updates}),
        ("moves", {table for table, _ in effects.moves}),
        ("assigns", {table for table, _ in effects.assigns}),
        ("deletes", set(effects.deletes)),
    ]
    for table in sorted(_tables(effects)):
        words = [word for word, names in written if table in names]
        yield Edge(verbs[name], tables[table], ", ".join(words), "writes" if words else "reads")
