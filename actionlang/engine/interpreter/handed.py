"""Queries that a store answers by itself, as far as it can. What the store is asked is found out when a query is first run, for
many a run asks but few of the queries in its plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.frame import Evaluate, Frame
from actionlang.engine.interpreter.parameters import NotKnown, bind_parameter
from actionlang.engine.interpreter.rows import check_required, required_positions, stored_value
from actionlang.engine.interpreter.scope import ScanRow, Scope
from actionlang.engine.store import StoredRow, StoredValueError, TakenAggregate, TakenQuery
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e


class Parameters:
    """What is worked out before a query is asked, bound after the verb was: what it needs of the frame comes behind all else."""

    def __init__(self, nodes: Sequence[e.Expression], scope: Scope, frame: Frame) -> None:
        scope.size = len(frame)
        self._scope = scope
        self._values = tuple(bind_parameter(node, scope) for node in nodes)

    def values(self, frame: Frame) -> list[Any] | None:
        """The values; None where one of them can not be had, which matters only if a row asks for it."""
        missing = self._scope.size - len(frame)
        if missing > 0:
            frame.extend([None] * missing)
        try:
            return [value(frame) for value in self._values]
        except (Failure, NotKnown):
            return None


class HandedQuery:
    """A query that is handed over to the store. `rest` are the conditions that would be tested here otherwise."""

    def __init__(
        self,
        query: e.Query,
        columns: tuple[str, ...],
        row: ScanRow,
        rest: tuple[e.Expression, ...],
        any_order: bool,
        scope: Scope,
    ) -> None:
        self._query = query
        self._columns = columns
        self._row = row
        self._rest = rest
        self._any_order = any_order
        self._scope = scope
        self._asked = False
        self._taken: TakenQuery | None = None
        self._parameters: Parameters | None = None
        self._test: Test | None = None

    def find(self, frame: Frame, most: int | None) -> tuple[Iterator[StoredRow], bool] | None:
        """The rows for which the condition holds, and whether they are in the query's order and no more than `most`; else they
        are all, in primary key order. None where they have to be found row by row."""
        if not self._asked:
            self._ask(frame)
        taken = self._taken
        if taken is None or self._parameters is None or self._test is None:
            return None
        values = self._parameters.values(frame)
        try:
            found = None if values is None else taken.rows(values, most)
        except StoredValueError as error:
            raise stored_value(error) from None
        return None if found is None else (self._test(found, frame), taken.ordered)

    def _ask(self, frame: Frame) -> None:
        self._asked = True
        scope = self._scope
        taken = scope.plan.store.prepare_query(self._query, self._columns, any_order=self._any_order)
        if taken is None or any(condition not in self._rest for condition in taken.left):
            return
        self._taken = taken
        self._parameters = Parameters(taken.parameters, scope, frame)
        with scope.scanning(self._query.row, self._row):
            left = all_of(taken.left, scope)
        self._test = tester(scope.plan.schema.tables[self._query.table], self._columns, left, self._row.slot)


class HandedAggregate:
    """An aggregate that is handed over to the store."""

    def __init__(self, node: e.Aggregate, scope: Scope) -> None:
        self._node = node
        self._scope = scope
        self._asked = False
        self._taken: TakenAggregate | None = None
        self._parameters: Parameters | None = None

    def result(self, frame: Frame) -> Sequence[Any] | None:
        """See `TakenAggregate.result`; None where it has to be found out row by row."""
        if not self._asked:
            self._asked = True
            self._taken = self._scope.plan.store.prepare_aggregate(self._node)
            if self._taken is not None:
                self._parameters = Parameters(self._taken.parameters, self._scope, frame)
        if self._taken is None or self._parameters is None:
            return None
        values = self._parameters.values(frame)
        try:
            return None if values is None else self._taken.result(values)
        except StoredValueError as error:
            raise stored_value(error) from None


def all_of(conditions: tuple[e.Expression, ...], scope: Scope) -> Evaluate | None:
    """Conditions that all have to hold, in this order; None when there are none."""
    bound = tuple(scope.evaluate(condition) for condition in conditions)
    if len(bound) < 2:
        return bound[0] if bound else None
    return lambda frame: all(condition(frame) for condition in bound)


Test = Callable[[Iterator[StoredRow], Frame], Iterator[StoredRow]]
"""What tests rows as they come, each being in its slot while it is the current one."""


def tester(table: Table, columns: tuple[str, ...], condition: Evaluate | None, slot: int) -> Test:
    """What sees to it that rows with these columns have what their table requires, and that a condition holds.

    What it gives raises Failure for a row that does not conform.
    """
    required = required_positions(table, columns)

    def test(found: Iterator[StoredRow], frame: Frame) -> Iterator[StoredRow]:
        try:
            for stored in found:
                if required and None in stored.values:
                    check_required(table, required, stored.key, stored.values)
                frame[slot] = stored
                if condition is None or condition(frame):
                    yield stored
        except StoredValueError as error:
            raise stored_value(error) from None

    return test
