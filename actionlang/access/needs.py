"""What a plan needs of whoever runs it: a privilege for everything that its verbs do, and how deep each must reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from actionlang.access.rights import PERFORM, PERSONAL, READ, REQUIRES, Depth, Rights
from actionlang.metadata.tables import Table
from actionlang.metadata.types import ListOf, Row
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.effects import effects_of
from actionlang.plan.plan import Effects, StepPlan, Verb
from actionlang.plan.walk import mentions, nodes, type_tables
from actionlang.plan.woven import written_name

WRITES = (s.Update, s.Delete, s.Assign, s.Move)


@attrs.frozen(order=True)
class Need:
    """A privilege that a plan needs: the word, what it is about (a table, a verb, a named privilege), and how deep it must reach
    at least. A `whole` one must reach all rows of a table that has rows of somebody's."""

    word: str
    subject: str
    least: Depth = Depth.OWN
    whole: bool = False

    def __str__(self) -> str:
        if self.word == REQUIRES:
            return self.subject
        return f"{self.word} {self.subject}" + (" in all rows" if self.whole else "")

    @property
    def is_of_table(self) -> bool:
        """Whether it is about a table's rows."""
        return self.word not in (PERFORM, REQUIRES)

    def is_met(self, rights: Rights) -> bool:
        """Whether somebody has it."""
        if self.is_of_table:
            return rights.depth(self.word, self.subject) >= self.least
        return rights.has(self.word, self.subject)


def needs_of(plan: StepPlan) -> tuple[Need, ...]:
    """All that is needed to run a plan, sorted: to perform its verb; what that verb and those that it performs do and require.
    Of verbs that run as the system only what they require is needed."""
    verbs = {verb.name: verb for verb in plan.verbs}
    tables = {table.name: table for table in plan.tables}
    found = {Need(PERFORM, written_name(plan.entry), Depth.ALL)}
    for verb in callers_verbs(plan):
        found |= {Need(REQUIRES, name, Depth.ALL) for name in verb.requires}
        if verb.system:
            continue
        found |= _own_needs(verb, verbs, tables)
    if not plan.verb.system:
        for parameter in plan.verb.inputs:
            type_ = parameter.type.item if isinstance(parameter.type, ListOf) else parameter.type
            if isinstance(type_, Row) and len(type_.tables) == 1 and not parameter.optional:
                found.add(_need(READ, tables[type_.tables[0]]))
    deepest = {(need.word, need.subject): need for need in sorted(found)}
    return tuple(sorted(deepest.values(), key=lambda need: (need.is_of_table, need.subject, need.word)))


def callers_verbs(plan: StepPlan) -> list[Verb]:
    """The verbs that run with the caller's rights, and those that run as the system and are performed by one of them."""
    verbs = {verb.name: verb for verb in plan.verbs}
    found: dict[str, Verb] = {}
    pending = [plan.entry]
    while pending:
        verb = verbs[pending.pop()]
        if verb.name not in found:
            found[verb.name] = verb
            pending += [] if verb.system else mentions(verb).verbs
    return [found[name] for name in sorted(found)]


def _own_needs(verb: Verb, verbs: Mapping[str, Verb], tables: Mapping[str, Table]) -> set[Need]:
    """What a verb needs for what it does itself."""
    silent = {name: attrs.evolve(other, effects=Effects()) for name, other in verbs.items()}
    effects = effects_of(verb, silent, tables)
    found = {_need(word, tables[table]) for word, _, table in (text.partition(" ") for text in effects.privileges)}
    for node in nodes(verb.steps):
        if isinstance(node, WRITES) and isinstance(node.row.type, Row):
            table = node.row.type.tables[0]
            # Whoever changes a row sees it: what it held before is given back and recorded.
            found.add(_need(READ, tables[table]))
            owner = tables[table].owner
            if isinstance(node, s.Update) and owner is not None and owner.name in dict(node.values):
                found.add(_need("assign", tables[table]))
        elif isinstance(node, e.Under) and isinstance(node.row.type, Row):
            # Which rows there are above a row is asked of rows that nobody has found before.
            found |= {_whole(tables[name]) for name in node.row.type.tables}
        elif isinstance(node, e.Template):
            found |= {_whole(tables[name]) for name in _shown(node, tables)}
    return found


def _need(word: str, table: Table) -> Need:
    return Need(word, table.name, Depth.OWN if depths_of(word, table) else Depth.ALL)


def _whole(table: Table) -> Need:
    return Need(READ, table.name, Depth.ALL, depths_of(READ, table))


def depths_of(word: str, table: Table) -> bool:
    """Whether a word about a table can reach some of its rows only. Tables that say who somebody is are read so, and changed as a
    whole: whoever could add a membership of their own would be in every team."""
    return (word == READ and table.name in PERSONAL) or (table.owner is not None and table.name not in PERSONAL)


def _shown(node: e.Template, tables: Mapping[str, Table]) -> Iterator[str]:
    """The tables of rows that are shown in a text without being named by themselves: in a list, or in another row's key."""
    for part in node.parts:
        if isinstance(part, str):
            continue
        pending = list(type_tables(part.type))
        if isinstance(part.type, ListOf):
            yield from pending
        seen: set[str] = set()
        while pending:
            table = tables[pending.pop()]
            seen.add(table.name)
            key = table.keys[0] if table.keys else tuple(column.name for column in table.primary)
            inner = {name for column in key for name in type_tables(table.by_name[column].type)}
            yield from inner
            pending += inner - seen


def missing(needs: tuple[Need, ...], rights: Rights) -> tuple[Need, ...]:
    """Those that somebody does not have."""
    return tuple(need for need in needs if not need.is_met(rights))
