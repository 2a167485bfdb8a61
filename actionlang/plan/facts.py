"""What the flow of a verb has shown: which optional values are not empty, which table a row is of, which state it is in.

The checker asks this to type-check, the plan verifier to see that each `Narrow` in a plan is justified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs

from actionlang.metadata.types import Row
from actionlang.plan import expressions as e
from actionlang.plan.guards import Guarded

Path = tuple[object, ...]
"""A local's name, then for each column on the way a pair of the column and the tables it may be read from."""

Write = tuple[str, str]
"""A table and a column of it that some row is written in."""


def path_of(expression: e.Expression) -> Path | None:
    """The path that an expression reads, or None when it is more than a local and columns."""
    if isinstance(expression, e.Column):
        row = path_of(expression.row)
        if row is None or not isinstance(expression.row.type, Row):
            return None
        return (*row, (expression.column, expression.row.type.tables))
    if isinstance(expression, e.Narrow | e.Convert):
        return path_of(expression.operand)
    if isinstance(expression, Guarded):
        return path_of(expression.row)
    if isinstance(expression, e.OutputOf):
        result = path_of(expression.result)
        return result and (*result, (expression.output, ()))
    return (expression.name,) if isinstance(expression, e.Local) else None


def same_path(left: Path, right: Path) -> bool:
    """Whether two paths read the same, whatever tables either was narrowed to."""
    return plain(left) == plain(right)


def plain(path: Path) -> tuple[str, ...]:
    """A path as names alone."""
    return tuple(part[0] if isinstance(part, tuple) else str(part) for part in path)


@attrs.frozen
class Known:
    """What is known of one path: that it is not empty, the tables its row may be of, the states it may be in."""

    path: Path
    filled: bool = False
    tables: frozenset[str] | None = None
    states: frozenset[str] | None = None

    def and_(self, other: Known) -> Known:
        """Both hold."""
        return Known(
            self.path,
            self.filled or other.filled,
            _meet(self.tables, other.tables),
            _meet(self.states, other.states),
        )

    def or_(self, other: Known) -> Known:
        """One of them holds."""
        return Known(
            self.path,
            self.filled and other.filled,
            None if self.tables is None or other.tables is None else self.tables | other.tables,
            None if self.states is None or other.states is None else self.states | other.states,
        )


def _meet(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right


@attrs.frozen
class Facts:
    """All that is known at a point of a verb; `unreachable` when the flow can not get there."""

    known: Mapping[tuple[str, ...], Known] = attrs.field(factory=dict)
    unreachable: bool = False

    def of(self, expression: e.Expression) -> Known | None:
        """What is known of the value an expression reads."""
        if not self.known:
            return None
        path = path_of(expression)
        return None if path is None else self.known.get(plain(path))

    def learn(self, *news: Known) -> Facts:
        """With more known."""
        if not news or self.unreachable:
            return self
        known = dict(self.known)
        for new in news:
            key = plain(new.path)
            known[key] = known[key].and_(new) if key in known else new
        return Facts(known)

    def join(self, other: Facts) -> Facts:
        """What holds when the flow came one way or the other."""
        if self.unreachable or other.unreachable:
            return other if self.unreachable else self
        if self.known is other.known:
            return self
        return Facts({key: known.or_(other.known[key]) for key, known in self.known.items() if key in other.known})

    def after_writes(self, writes: Iterable[Write]) -> Facts:
        """What still holds after rows were written in these columns, whatever name wrote them."""
        written = set(writes)
        if not written or not self.known:
            return self
        kept = {key: known for key, known in self.known.items() if not _touches(known.path, written)}
        return self if len(kept) == len(self.known) else Facts(kept, self.unreachable)

    def after_commit(self) -> Facts:
        """What still holds once others may have written any row: what is known of locals and of what verbs returned."""
        kept = {key: known for key, known in self.known.items() if not _reads_row(known.path)}
        return self if len(kept) == len(self.known) else Facts(kept, self.unreachable)

    def dead(self) -> Facts:
        """Behind a step that ends the verb."""
        return Facts({}, unreachable=True)


def _touches(path: Path, written: set[Write]) -> bool:
    return any((table, part[0]) in written for part in path if isinstance(part, tuple) for table in part[1])


def _reads_row(path: Path) -> bool:
    return any(part[1] for part in path if isinstance(part, tuple))


def when(condition: e.Expression, holds: bool, facts: Facts) -> Facts:
    """What is known once a condition has turned out to hold, or not to."""
    rule = RULES.get(type(condition))
    return rule(condition, holds, facts) if rule else facts


def _filled(expression: e.Expression) -> list[Known]:
    """That a path is filled, and with it each path it was read through."""
    path = path_of(expression)
    return [] if path is None else [Known(path[:length], filled=True) for length in range(1, len(path) + 1)]


def _not(condition: e.Not, holds: bool, facts: Facts) -> Facts:
    return when(condition.operand, not holds, facts)


def _and(condition: e.And | e.Or, holds: bool, facts: Facts) -> Facts:
    decisive = isinstance(condition, e.Or)
    if holds is not decisive:
        for operand in condition.operands:
            facts = when(operand, holds, facts)
        return facts
    ways: list[Facts] = []
    before = facts
    for operand in condition.operands:
        ways.append(when(operand, holds, before))
        before = when(operand, not holds, before)
    joined = ways[0]
    for way in ways[1:]:
        joined = joined.join(way)
    return joined


def _is_empty(condition: e.IsEmpty, holds: bool, facts: Facts) -> Facts:
    return facts if holds else facts.learn(*_filled(condition.operand))


def _compare(condition: e.Compare, holds: bool, facts: Facts) -> Facts:
    if condition.operator not in ("=", "!="):
        return facts
    equal = holds is (condition.operator == "=")
    news: list[Known] = []
    for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
        if _is_empty_literal(other):
            news += [] if equal else _filled(one)
        elif equal and not other.optional:
            news += _filled(one)
            news += _states(one, other)
    return facts.learn(*news)


def _is_empty_literal(expression: e.Expression) -> bool:
    operand = expression.operand if isinstance(expression, e.Convert) else expression
    return isinstance(operand, e.Literal) and operand.value is None


def _states(one: e.Expression, other: e.Expression) -> list[Known]:
    path = path_of(one)
    items = other.items if isinstance(other, e.ListLiteral) else (other,)
    if path is None or not all(isinstance(item, e.Literal) and isinstance(item.value, str) for item in items):
        return []
    return [Known(path, states=frozenset(str(item.value) for item in items if isinstance(item, e.Literal)))]


def _in(condition: e.In, holds: bool, facts: Facts) -> Facts:
    if not holds:
        return facts
    return facts.learn(*_filled(condition.item), *_states(condition.item, condition.collection))


def _under(condition: e.Under, holds: bool, facts: Facts) -> Facts:
    return facts.learn(*_filled(condition.row)) if holds else facts


def _is_table(condition: e.IsTable, holds: bool, facts: Facts) -> Facts:
    path = path_of(condition.operand)
    if path is None or not isinstance(condition.operand.type, Row):
        return facts
    if holds:
        return facts.learn(*_filled(condition.operand), Known(path, tables=frozenset({condition.table})))
    return facts.learn(Known(path, tables=frozenset(condition.operand.type.tables) - {condition.table}))


RULES: dict[type, Callable[..., Facts]] = {
    e.Not: _not,
    e.And: _and,
    e.Or: _and,
    e.IsEmpty: _is_empty,
    e.Compare: _compare,
    e.In: _in,
    e.Under: _under,
    e.IsTable: _is_table,
}
