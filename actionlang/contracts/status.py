"""Rules about states: into which ones a verb moves rows, and which moves there are."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.contracts.contracts import Contracts
from actionlang.contracts.rule import Comparison, Finding
from actionlang.contracts.wording import listed
from actionlang.diagnostics.catalogue import breaking as codes
from actionlang.metadata.types import Row
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.expression_text import short
from actionlang.plan.walk import nodes

Targets = frozenset[tuple[str, str]]
"""Tables with states that their rows are moved to."""


def target_changed(comparison: Comparison) -> Iterator[Finding]:
    """Verbs after which a row may be in another state than before."""
    for pair in comparison.pairs:
        old, new = targets(pair.old.name, comparison.before), targets(pair.new.name, comparison.after)
        tables = {table for table, _ in old | new}
        for table in sorted(tables):
            was, is_now = (sorted(state for name, state in found if name == table) for found in (old, new))
            if was and was != is_now:
                told = f"{listed(is_now, 'or')} now" if is_now else "no state at all now"
                moved = f"{pair.new.short_name} moved rows of {short(table)} to {listed(was, 'or')}"
                message = f"{moved}, and moves them to {told}."
                hint = "Callers go on from that state. Write a verb of another name that moves them elsewhere."
                yield Finding(codes.STATUS_TARGET_CHANGED, pair.new.name, message, hint)


def targets(verb: str, contracts: Contracts) -> Targets:
    """The states that a verb moves rows to, and the verbs that it performs."""
    found: set[tuple[str, str]] = set()
    seen = {verb}
    pending = [verb]
    while pending:
        known = contracts.verbs.get(pending.pop())
        for node in nodes(known.steps if known else ()):
            if isinstance(node, s.Move) and isinstance(node.row.type, Row):
                found.add((node.row.type.tables[0], node.state))
            elif isinstance(node, s.Perform | e.CallVerb) and node.verb not in seen:
                seen.add(node.verb)
                pending.append(node.verb)
    return frozenset(found)


def move_removed(comparison: Comparison) -> Iterator[Finding]:
    """Moves that scripts may make, and may not any more."""
    for name in sorted(comparison.before.tables.keys() & comparison.after.tables.keys()):
        old, new = _moves(name, comparison.before), _moves(name, comparison.after)
        for state, targets_then in old.items():
            for target in targets_then:
                # A state that is gone is told of where it was declared.
                if state in new and target in new and target not in new[state]:
                    message = f"Rows of {short(name)} could move from {state} to {target}, and can not any more."
                    yield Finding(codes.STATUS_MOVE_REMOVED, name, message, f"Leave {state} -> {target} in.")


def _moves(table: str, contracts: Contracts) -> dict[str, tuple[str, ...]]:
    """To which states rows may move from each; nothing in a table without a status."""
    status = contracts.tables[table].status
    return {} if status is None else {moves.state: moves.targets for moves in status.moves or ()}
