"""Binding a query's condition: the rows for which it holds. A store that takes queries is asked for them as they are wanted; what
it does not take is tested here, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import attrs

from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.certainty import never_fails
from actionlang.engine.interpreter.frame import Evaluate, Frame
from actionlang.engine.interpreter.handed import HandedQuery, Test, all_of, tester
from actionlang.engine.interpreter.parameters import NotKnown, bind_parameter
from actionlang.engine.interpreter.pushdown import Split, split
from actionlang.engine.interpreter.scope import ScanRow, Scope
from actionlang.engine.store import Scan, StoredRow
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e

Rows = Callable[[Frame], Iterator[StoredRow]]


class Wanted(NamedTuple):
    """What of a query's rows somebody looks at: the first rows only if `few`, in any order if `any_order`."""

    few: bool = False
    any_order: bool = False


ALL = Wanted()


@attrs.frozen
class Matches:
    """The rows for which a query's condition holds, each being in its slot while it is the current one."""

    by_key: Rows
    """In primary key order."""
    _handed: HandedQuery | None

    def find(self, frame: Frame, most: int | None = None) -> tuple[Iterator[StoredRow], bool]:
        """The rows, and whether they are in the query's order and no more than `most`; else they are all, in primary key
        order."""
        found = None if self._handed is None else self._handed.find(frame, most)
        return (self.by_key(frame), False) if found is None else found


@contextmanager
def matching(query: e.Query, columns: tuple[str, ...], scope: Scope, wanted: Wanted = ALL) -> Iterator[Matches]:
    """The query's rows with these columns; inside the block the query's local is the row being looked at."""
    store, table = scope.plan.store, scope.plan.schema.tables[query.table]
    row = ScanRow(query.table, scope.new_slot(), {name: position for position, name in enumerate(columns)})
    parts = split(query, table)
    handed = None
    if store.takes_queries and (parts.rest or query.order or (wanted.few and not _is_one(parts, table))):
        handed = HandedQuery(query, columns, row, parts.rest, wanted.any_order, scope.as_it_is())
    values = tuple(bind_parameter(value, scope) for value in parts.values)
    with scope.scanning(query.row, row):
        test = tester(table, columns, all_of(parts.rest, scope), row.slot)
        aided = _Scanning(store.prepare_scan(table, columns, parts.columns), test)
        if all(never_fails(value, query.row) for value in parts.values):
            yield Matches(lambda frame: aided.rows(frame, [value(frame) for value in values]), handed)
        else:
            whole = all_of(() if query.where is None else (query.where,), scope)
            unaided = _Scanning(store.prepare_scan(table, columns, ()), tester(table, columns, whole, row.slot))
            yield Matches(_uncertain(values, aided, unaided), handed)


def _is_one(parts: Split, table: Table) -> bool:
    """Whether one row at most has what its columns must equal."""
    primary = tuple(column.name for column in table.primary)
    return any(set(key) <= set(parts.columns) for key in (primary, *table.keys))


@attrs.frozen
class _Scanning:
    """Rows that a scan gives, tested one by one."""

    _scan: Scan
    _test: Test

    def rows(self, frame: Frame, values: Sequence[object]) -> Iterator[StoredRow]:
        """Those whose columns have these values, and for which the condition holds."""
        return self._test(self._scan(values), frame)


def _uncertain(values: tuple[Evaluate, ...], aided: _Scanning, unaided: _Scanning) -> Rows:
    def rows(frame: Frame) -> Iterator[StoredRow]:
        try:
            wanted = [value(frame) for value in values]
        except (Failure, NotKnown):
            # Without any row to compare with, the value would never have been asked for.
            return unaided.rows(frame, ())
        return aided.rows(frame, wanted)

    return rows
