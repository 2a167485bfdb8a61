"""The engine that the others are compared with: the interpreter on a store in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.changes import Change
from actionlang.engine.events import Event
from actionlang.engine.failure import Failure
from actionlang.engine.ids import CountedIds
from actionlang.engine.interpreter.bind import BoundPlan, bind
from actionlang.engine.interpreter.needed import columns_needed
from actionlang.engine.json_form import to_json
from actionlang.engine.memory import MemoryStore
from actionlang.engine.sql.codecs import write_moment
from actionlang.engine.starts import Started
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.types import USER, Row
from actionlang.runtime.calling_user import shown
from actionlang.runtime.json_text import json_key, json_member, json_object
from actionlang.runtime.masking import mask, names_sensitive_rows
from actionlang.runtime.outbox import payload
from tests.engines.call import Call, Data, Outcome, fill, in_no_order, outputs_of, rows_in


class MemoryEngine:
    """Runs each call on a new store. There are no audit records in memory; changes are shown as those would show them."""

    def run(self, call: Call) -> Outcome:
        """See `Engine`."""
        plan = call.plan
        # Of several tables that refer to a row, stores name the first one that the plan knows.
        tables = {**{table.name: table for table in plan.tables}, **call.schema.tables}
        store = MemoryStore(tables.values(), call.schema.choices.values())
        fill(store, call)
        unit = Unit(call.clock, call.zone, new_id=CountedIds(call.clock))
        arguments: Mapping[str, object] = {}
        mark = store.savepoint()
        try:
            reader = ArgumentReader(plan, store)
            unit.caller = _caller(reader, call)
            arguments = reader.arguments(call.arguments)
            outputs = _run(bind(plan, store), unit, arguments, store, reader, call)
        except Failure as failure:
            mask(failure, plan, arguments, unit, columns_needed(plan).__getitem__)
            store.undo(mark)
            return Outcome(rows_in(store, call.schema), None, (), failure.code.id, failure.message)
        except ActionLangError as error:
            store.undo(mark)
            first = error.diagnostics[0]
            return Outcome(rows_in(store, call.schema), None, (), first.code.id, first.message)
        store.keep(mark)
        return Outcome(
            rows_in(store, call.schema),
            outputs if call.on_each is not None else outputs[0],
            changes_of(unit.changes, call.schema.tables),
            events=tuple(_event(event, call.schema.tables) for event in unit.events),
            started=in_no_order(map(_started, unit.started)),
        )


def _run(
    bound: BoundPlan,
    unit: Unit,
    arguments: Mapping[str, object],
    store: MemoryStore,
    reader: ArgumentReader,
    call: Call,
) -> tuple[Data, ...]:
    """Run the verb on its row, or on each of its rows one after another, in key order."""
    if call.on_each is None:
        return (outputs_of(call.plan, bound.run(unit, arguments, reader.target(call.on))),)
    assert call.plan.verb.binding is not None
    table = call.schema.tables[call.plan.verb.binding.table]
    asked = {reader.target(each) for each in call.on_each}
    rows = [RowRef(table.name, row.key) for row in store.prepare_scan(table, (), ())(())]
    return tuple(
        outputs_of(call.plan, bound.run(unit, arguments, row)) for row in rows if not call.on_each or row in asked
    )


def _caller(reader: ArgumentReader, call: Call) -> RowRef | None:
    """The user who calls. Where the plan does not know users, whoever calls is believed."""
    if call.caller is None:
        return None
    if not any(table.name in USER.tables for table in call.plan.tables):
        return RowRef(USER.tables[0], str(call.caller))
    try:
        return reader.row(USER.tables, call.caller)
    except ValueError as error:
        message = f"The caller is {error}, not {shown(call.caller)}."
        raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message)) from None


def changes_of(changes: Sequence[Change], tables: Mapping[str, Table]) -> tuple[Data, ...]:
    """Changes as their audit records show them, what is sensitive masked."""
    return tuple(_change(change, tables) for change in changes)


def _started(started: Started) -> Data:
    on = started.on
    return {
        "verb": started.verb,
        "key": None if on is None else to_json(on, Row((on.table,))),
        "arguments": {each.name: to_json(each.value, each.type) for each in started.arguments},
        "due": write_moment(started.due),
    }


def _event(event: Event, tables: Mapping[str, Table]) -> Data:
    row, key = event.row, None
    if row is not None:
        parts = [(column.type, column.sensitive) for column in tables[row.table].primary]
        key = json.loads(json_key(parts)(row.key))
    return {
        "event": event.name,
        "verb": event.verb,
        "table": None if row is None else row.table,
        "key": key,
        "values": json.loads(payload(event)),
    }


def _change(change: Change, tables: Mapping[str, Table]) -> Data:
    def is_secret(column: Column) -> bool:
        return column.sensitive or names_sensitive_rows(column.type, tables)

    columns = [change.table.by_name[name] for name in change.columns]
    members = [json_member(column.name, column.type, is_secret(column)) for column in columns]
    key = json_key([(column.type, is_secret(column)) for column in change.table.primary])
    return {
        "table": change.table.name,
        "key": json.loads(key(change.key)),
        "operation": change.operation,
        "verb": change.verb,
        "line": change.line,
        "stage": change.stage,
        "before": None if change.before is None else json.loads(json_object(members, change.before)),
        "after": None if change.after is None else json.loads(json_object(members, change.after)),
    }
