"""Engines on a real database, called as a host program calls them: through `Plan.run`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.sql.store import SqlStore
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import CHANGES, RUNS
from actionlang.runtime.background import BACKGROUND
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS
from actionlang.runtime.plans import Plan
from actionlang.runtime.session import Session
from tests.engines.call import Call, Data, Outcome, in_no_order, outputs_of, rows_in
from tests.engines.place import Place

RUN_COLUMNS = {
    name: name
    for name in "verb caller arguments requires clock zone outcome error_code message failed_verb place".split()
}
RUN_COLUMNS |= {"row_table": "table", "row_key": "key"}
CHANGE_COLUMNS = {name: name for name in "operation verb line stage before after".split()}
CHANGE_COLUMNS |= {"row_table": "table", "row_key": "key"}
EVENT_COLUMNS = {"name": "event", "verb": "verb", "row_table": "table", "row_key": "key", "payload": "values"}
START_COLUMNS = {"verb": "verb", "row_key": "key", "arguments": "arguments", "due": "due"}
"""What is seen of audit records, events and starts, by column, and what it is called here."""

JSON_TEXTS = frozenset({"caller", "row_key", "arguments", "requires", "before", "after", "payload"})


class DatabaseEngine:
    """Runs calls one after another. `who` runs them is what `Plan.run` calls `engine`."""

    def __init__(self, who: str, place: Place) -> None:
        self._who = who
        self._place = place

    def run(self, call: Call) -> Outcome:
        """See `Engine`."""
        database = self._place.ready(call)
        outputs: Data | tuple[Data, ...] | None = None
        code = message = None
        try:
            outputs = self._run(loaded(call.plan), database, call)
        except ActionLangError as error:
            first = error.diagnostics[0]
            code, message = first.code.id, first.message
        record, changes, events, started, rows = self._found(database, call)
        return Outcome(rows, outputs, changes, code, message, record, events, started)

    def _run(self, plan: Plan, database: Database, call: Call) -> Data | tuple[Data, ...]:
        alike: dict[str, Any] = {
            "caller": call.caller,
            "at": call.clock,
            "zone": call.zone,
            "arguments": call.arguments,
        }
        if call.on_each is None:
            return outputs_of(call.plan, plan.run(database, on=call.on, engine=self._who, **alike).outputs)
        engine = "interpreter" if self._who == "interpreter" else "auto"
        many = plan.run_many(database, rows=call.on_each or None, engine=engine, outputs=True, **alike)
        return tuple(outputs_of(call.plan, outputs) for _, outputs in many.outputs or ())

    @staticmethod
    def _found(
        database: Database, call: Call
    ) -> tuple[Data | None, tuple[Data, ...], tuple[Data, ...], tuple[Data, ...], Mapping[str, tuple[Data, ...]]]:
        """The audit record, its changes, its events, what it has started, and the rows of all tables."""
        connection, session = database.take_turn()
        try:
            session.cursor.execute(session.dialect.begin)
            runs = _records(session, RUNS, RUN_COLUMNS, "id")
            assert len(runs) <= 1
            changes = _records(session, CHANGES, CHANGE_COLUMNS, "sequence")
            events = _records(session, EVENTS, EVENT_COLUMNS, "position")
            started = in_no_order(_records(session, BACKGROUND, START_COLUMNS, "id"))
            rows = rows_in(SqlStore(session.cursor, session.dialect, call.schema), call.schema)
            session.cursor.execute("ROLLBACK")
        finally:
            database.end_turn(connection)
        return runs[0] if runs else None, changes, events, started, rows


_LOADED: dict[int, tuple[StepPlan, Plan]] = {}


def loaded(steps: StepPlan) -> Plan:
    """The plan, verified once for all engines."""
    known = _LOADED.get(id(steps))
    if known is None:
        known = _LOADED[id(steps)] = steps, Plan.of(steps)
    return known[1]


def _records(session: Session, table: sa.Table, columns: Mapping[str, str], order: str) -> tuple[Data, ...]:
    """What is in an audit table, JSON texts read."""
    session.cursor.execute(f"SELECT {', '.join(columns)} FROM {session.dialect.quoted(table.name)} ORDER BY {order}")
    return tuple(
        {
            name: json.loads(cell) if column in JSON_TEXTS and cell is not None else cell
            for (column, name), cell in zip(columns.items(), cells, strict=True)
        }
        for cells in session.cursor.fetchall()
    )
