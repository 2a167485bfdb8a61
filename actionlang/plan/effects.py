"""What a verb may do, worked out from its steps."""

from __future__ import annotations

from collections.abc import Mapping

from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row, Type
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Effects, Verb
from actionlang.plan.walk import nodes, type_tables


class _Collected:
    """Effects being gathered."""

    def __init__(self) -> None:
        self.reads: dict[str, set[str]] = {}
        self.updates: dict[str, set[str]] = {}
        self.assigns: set[tuple[str, str]] = set()
        self.moves: set[tuple[str, str]] = set()
        self.creates: set[str] = set()
        self.deletes: set[str] = set()
        self.performs: set[str] = set()
        self.emits: set[str] = set()
        self.starts: set[str] = set()
        self.deterministic = True

    def include(self, other: Effects) -> None:
        """Add a performed verb's effects."""
        for mine, theirs in ((self.reads, other.reads), (self.updates, other.updates)):
            for table, columns in theirs:
                mine.setdefault(table, set()).update(columns)
        self.assigns.update(other.assigns)
        self.moves.update(other.moves)
        self.creates.update(other.creates)
        self.deletes.update(other.deletes)
        self.performs.update(other.performs)
        self.emits.update(other.emits)
        self.starts.update(other.starts)
        self.deterministic &= other.deterministic

    def effects(self) -> Effects:
        """As effects, sorted."""
        return Effects(
            _by_table(self.reads),
            _by_table(self.updates),
            tuple(sorted(self.assigns)),
            tuple(sorted(self.moves)),
            tuple(sorted(self.creates)),
            tuple(sorted(self.deletes)),
            tuple(sorted(self.performs)),
            tuple(sorted(self.emits)),
            self.deterministic,
            tuple(sorted(self.starts)),
        )


def _by_table(found: Mapping[str, set[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((table, tuple(sorted(columns))) for table, columns in sorted(found.items()))


def effects_of(verb: Verb, verbs: Mapping[str, Verb], tables: Mapping[str, Table]) -> Effects:
    """A verb's effects with those of the verbs it performs, which must be in `verbs` with theirs worked out already.

    What the host implements in Python (`extern`) is not known to give the same result twice.
    """
    found = _Collected()
    found.deterministic = not verb.kind.startswith("extern")
    if verb.binding:
        found.reads.setdefault(verb.binding.table, set())
    for node in nodes(verb.steps):
        if isinstance(node, e.Expression | e.Query):
            _expression(node, found, tables)
        elif isinstance(node, s.Step):
            _step(node, found, tables)
        if isinstance(node, s.Perform | e.CallVerb):
            found.performs.add(node.verb)
            found.include(verbs[node.verb].effects)
    return found.effects()


def _expression(node: e.Expression | e.Query, found: _Collected, tables: Mapping[str, Table]) -> None:
    if isinstance(node, e.Query):
        found.reads.setdefault(node.table, set())
    elif isinstance(node, e.Column) and isinstance(node.row.type, Row):
        for table in node.row.type.tables:
            found.reads.setdefault(table, set()).add(node.column)
    elif isinstance(node, e.RowByKey):
        found.reads.setdefault(node.table, set()).update(node.columns)
    elif isinstance(node, e.Under) and isinstance(node.row.type, Row):
        for table in node.row.type.tables:
            found.reads.setdefault(table, set()).add(node.column)
    elif isinstance(node, e.Template):
        for part in node.parts:
            if isinstance(part, e.Expression):
                _shown(part.type, found, tables)


def _shown(type_: Type, found: _Collected, tables: Mapping[str, Table]) -> None:
    """A row in a text is written as its first alternate key; a row in that key likewise."""
    pending = list(type_tables(type_))
    seen: set[str] = set()
    while pending:
        table = pending.pop()
        seen.add(table)
        key = tables[table].keys[0] if tables[table].keys else ()
        found.reads.setdefault(table, set()).update(key)
        inner = {name for column in key for name in type_tables(tables[table].by_name[column].type)}
        pending += inner - seen


def _step(node: s.Step, found: _Collected, tables: Mapping[str, Table]) -> None:
    if isinstance(node, s.Create):
        found.creates.add(node.table)
    elif isinstance(node, s.Update | s.Delete | s.Assign | s.Move) and isinstance(node.row.type, Row):
        table = node.row.type.tables[0]
        if isinstance(node, s.Update):
            found.updates.setdefault(table, set()).update(column for column, _ in node.values)
        elif isinstance(node, s.Delete):
            found.deletes.add(table)
        elif isinstance(node, s.Assign):
            owner = tables[table].owner
            found.assigns.add((table, owner.name if owner else ""))
        else:
            status = tables[table].status
            found.moves.add((table, status.name if status else ""))
    elif isinstance(node, s.Emit):
        found.emits.add(node.event)
    elif isinstance(node, s.Start):
        found.starts.add(node.verb)


def writes_of(effects: Effects) -> set[tuple[str, str]]:
    """Each table and column that may be written in a row that is there already."""
    written = {(table, column) for table, columns in effects.updates for column in columns}
    return written | set(effects.assigns) | set(effects.moves)
