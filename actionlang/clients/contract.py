"""What a client is made from: the contracts of verbs, with the tables and choices that they are about, and all their names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.metadata import version

import attrs

from actionlang.durable.kept_values import told_outputs
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.metadata.types import Row
from actionlang.metadata.wire_names import NAMESPACE, WireNames
from actionlang.plan.plan import Parameter, StepPlan, Verb

MADE_BY = "Made by "
"""How the first line of each file begins that is made."""

FUNCTIONS = ("function", "extern function")
"""Kinds of verbs that are asked by GET: they change nothing, so that they can be asked again."""


@attrs.frozen(eq=False)
class Contract:
    """All that callers know of verbs: `verbs` by full name, the tables and choices that they mention or their steps touch, what
    they are called on the wire."""

    verbs: tuple[Verb, ...]
    tables: Mapping[str, Table]
    choices: Mapping[str, Choice]
    names: WireNames

    @property
    def digest(self) -> str:
        """A hash of what calls depend on: not of documentation, and not of the order in which verbs are declared."""
        data = {
            "namespace": self.names.namespace,
            "verbs": [self._verb(verb) for verb in self.verbs],
            "tables": [self._table(table) for table in self.tables.values()],
            "choices": [
                [choice.name, self.names.enum(choice.name), [[each.name, each.number] for each in choice.members]]
                for choice in self.choices.values()
            ],
        }
        return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    @property
    def origin(self) -> str:
        """Which program made a client, and from what: `actionlang 0.1.0 from contract 4f1d27c0ab9e`."""
        return f"actionlang {version('actionlang')} from contract {self.digest[:12]}"

    def _verb(self, verb: Verb) -> list[object]:
        binding = None if verb.binding is None else [verb.binding.table, verb.binding.each]
        inputs, outputs = map(_parameter, verb.inputs), map(_parameter, verb.outputs)
        return [verb.name, self.names.verb(verb.name), verb.kind, binding, list(inputs), list(outputs), verb.deprecated]

    def _table(self, table: Table) -> list[object]:
        columns = [[each.name, str(each.type), each.optional, each.primary] for each in table.columns]
        return [table.name, self.names.entity_set(table.name), columns, [list(key) for key in table.keys]]


def contract_of(plans: Iterable[StepPlan], namespace: str = NAMESPACE) -> Contract:
    """What callers of some plans' verbs know of them. Of tables and choices that differ, the last one counts."""
    verbs: dict[str, Verb] = {}
    tables: dict[str, Table] = {}
    choices: dict[str, Choice] = {}
    for plan in plans:
        verbs[plan.verb.name] = plan.verb
        tables |= {table.name: table for table in plan.tables}
        choices |= {choice.name: choice for choice in plan.choices}
    names = WireNames.of(tables, choices, verbs, namespace)
    return named_contract(verbs, tables, choices, names)


def named_contract(
    verbs: Mapping[str, Verb], tables: Mapping[str, Table], choices: Mapping[str, Choice], names: WireNames
) -> Contract:
    """A contract of verbs that have their names already."""
    return Contract(
        tuple(attrs.evolve(verb, outputs=told_outputs(verb, tables)) for _, verb in sorted(verbs.items())),
        dict(sorted(tables.items())),
        dict(sorted(choices.items())),
        names,
    )


def _parameter(parameter: Parameter) -> list[object]:
    must = not parameter.optional and parameter.default is None
    return [parameter.name, str(parameter.type), parameter.optional, must, parameter.deprecated]


def is_function(verb: Verb) -> bool:
    """Whether a verb is asked by GET."""
    return verb.kind in FUNCTIONS


def is_started(verb: Verb) -> bool:
    """Whether a verb is started, and goes on by itself: its outputs are asked for later."""
    return verb.kind == "background"


def is_on_each(verb: Verb) -> bool:
    """Whether a verb is called on a set of rows, as one unit."""
    return verb.binding is not None and verb.binding.each


def is_keyed(verb: Verb) -> bool:
    """Whether a verb may be called with a key, so that it acts once however often it is called: not where it gives something for
    each row of a set, which is not kept."""
    return not is_function(verb) and not (is_on_each(verb) and verb.outputs)


def keys_of(table: Table) -> tuple[tuple[str, ...], ...]:
    """The keys by which rows can be named, besides the primary one."""
    primary = tuple(column.name for column in table.primary)
    return tuple(dict.fromkeys(key for key in table.keys if key != primary))


def is_plain(column: Column, tables: Mapping[str, Table]) -> bool:
    """Whether a column can be said in one value: a lookup to rows with keys of several columns can not."""
    if not isinstance(column.type, Row):
        return True
    keys = [tables[name].primary for name in column.type.tables]
    return all(len(key) == 1 and is_plain(key[0], tables) for key in keys)


def wire_name(column: Column) -> str:
    """What a column of a row is called on the wire: of a lookup the key of its row."""
    return WireNames.key_property(column.name) if isinstance(column.type, Row) else WireNames.property(column.name)
