"""The rows of a run where SQL can not say which: a condition that only the interpreter can ask, keys that are stored in a form of
their own. They are all kept in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.ordering import key_order
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Effects, Parameter, Verb
from actionlang.runtime.session import ReadyPlan

NOWHERE = s.Place(1, 1, 1, 1)
HOLDS = "holds"


def rows_asked_for(
    ready: ReadyPlan, unit: Unit, where: e.Expression | None, given: Iterable[RowRef] | None
) -> list[RowRef]:
    """The rows of the verb's table that are given, or for which a condition holds, or all, in key order.

    Raises Failure where the condition fails.
    """
    table = _table(ready)
    if given is not None:
        order: Any = key_order(table, ready.storage.schema.choices) or (lambda key: key)
        return sorted(set(given), key=lambda row: order(row.key))
    rows = (RowRef(table.name, row.key) for row in ready.store.prepare_scan(table, (), ())(()))
    return list(rows if where is None else _those(rows, ready, unit, where))


def _table(ready: ReadyPlan) -> Table:
    binding = ready.bound.verb.binding
    assert binding is not None
    return ready.storage.schema.tables[binding.table]


def _those(rows: Iterator[RowRef], ready: ReadyPlan, unit: Unit, where: e.Expression) -> Iterator[RowRef]:
    """The rows for which the condition holds. Raises Failure, which is no step's, where it fails."""
    plan = ready.bound.plan
    output = Parameter(HOLDS, t.Boolean())
    steps = (s.Return(NOWHERE, ((HOLDS, where),)),)
    ask = Verb(
        " condition", "function", plan.verb.binding, (), (output,), (), False, False, None, "", Effects(), steps, "", 1
    )
    bound = bind(attrs.evolve(plan, entry=ask.name, verbs=(*plan.verbs, ask)), ready.store)
    asked = Unit(unit.now, unit.zone, unit.caller, unit.new_id)
    try:
        for row in list(rows):
            if bound.run(asked, {}, row)[HOLDS]:
                yield row
    except Failure as failure:
        failure.site = None
        failure.message = f"The condition fails: {failure.message[0].lower()}{failure.message[1:]}"
        raise
