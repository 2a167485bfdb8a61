"""What steps write, and what is known behind them: the rules that the checker and the plan verifier share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.effects import writes_of
from actionlang.plan.facts import Facts, Known, Path, Write
from actionlang.plan.plan import Verb
from actionlang.plan.walk import nodes

PERFORMABLE = ("action", "background", "extern action")
"""Kinds of verbs that a `perform` may run."""

NO_VALUE_OF_EVENT = (t.File, t.Outputs, t.Empty, t.Unknown)
"""Types of what an event does not carry, nor a list of it."""

NOT_KEPT = (t.File, t.Outputs, t.Unknown)
"""Types of what is not kept for a verb that is started, nor a list of it."""

Value = tuple[str, e.Expression]
"""A column and what it is set to."""


def written_in(steps: Iterable[s.Step], verbs: Mapping[str, Verb], tables: Mapping[str, Table]) -> set[Write]:
    """The columns that steps, or verbs performed in them, may write in rows that are there already."""
    written: set[Write] = set()
    for step in nodes(tuple(steps)):
        if isinstance(step, s.Perform | e.CallVerb):
            written |= writes_of(verbs[step.verb].effects)
        elif isinstance(step, s.Update | s.Assign | s.Move) and isinstance(step.row.type, t.Row):
            written |= {(name, column) for name in step.row.type.tables for column in _columns_of(step, tables[name])}
    return written


def _columns_of(step: s.Update | s.Assign | s.Move, table: Table) -> tuple[str, ...]:
    if isinstance(step, s.Update):
        return tuple(name for name, _ in step.values)
    column = table.owner if isinstance(step, s.Assign) else table.status
    return () if column is None else (column.name,)


def through(path: Path, writes: AbstractSet[Write]) -> bool:
    """Whether a path goes through a column that was written."""
    columns = (part for part in path if isinstance(part, tuple))
    return any((table, column) in writes for column, tables in columns for table in tables)


def states_of(status: Column) -> tuple[str, ...]:
    """A status column's states, the first being that of a new row."""
    return tuple(moves.state for moves in status.moves or ())


def must_be_given(column: Column) -> bool:
    """Whether a new row needs a value for a column that neither the metadata nor the database provides."""
    provided = column.readonly or column.default is not None or column.moves is not None
    return not (column.optional or provided or (column.primary and column.type == t.Id()))


def values_known(row: tuple[object, ...], table: Table, values: Iterable[Value]) -> list[Known]:
    """What is known of a row, read by the path `row`, behind a step that set its columns."""
    known: list[Known] = []
    for name, value in values:
        path = (*row, (name, (table.name,)))
        if not value.optional:
            known.append(Known(path, filled=True))
            if name == (table.status and table.status.name) and isinstance(value, e.Literal):
                known.append(Known(path, states=frozenset({str(value.value)})))
    return known


def created_known(row: str, table: Table, values: Sequence[Value]) -> list[Known]:
    """What is known of a new row, `row` being its local."""
    known = values_known((row,), table, values)
    if table.status is not None and table.status.name not in {name for name, _ in values}:
        path = (row, (table.status.name, (table.name,)))
        known.append(Known(path, states=frozenset({states_of(table.status)[0]})))
    return known


def states_before(status: Column, row: e.Expression, facts: Facts) -> AbstractSet[str]:
    """The states that a row may be in here."""
    known = facts.of(e.Column(status.type, False, row, status.name))
    return frozenset(states_of(status)) if known is None or known.states is None else known.states


def without_locals(facts: Facts, names: AbstractSet[str]) -> Facts:
    """Facts but for those about locals that are gone, whose names others may bear later."""
    if not names or not facts.known:
        return facts
    kept = {path: known for path, known in facts.known.items() if path[0] not in names}
    return Facts(kept, facts.unreachable)


End = tuple[Facts, frozenset[str]]
"""What is known at the end of one of several ways, and which rows are gone there."""


def meet(ends: Sequence[End]) -> End:
    """Behind several ways: only what holds on each that gets there."""
    facts = ends[0][0]
    for other, _ in ends[1:]:
        facts = facts.join(other)
    arriving = [deleted for end, deleted in ends if not end.unreachable]
    return facts, frozenset.intersection(*arriving) if arriving else frozenset()
