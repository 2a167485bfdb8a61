"""A verb run in its set form inside a transaction, and what it did told as the interpreter would."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, NamedTuple

from actionlang.diagnostics.catalogue import database as codes
from actionlang.engine.changes import Change
from actionlang.engine.events import Event, EventMember
from actionlang.engine.failure import Failure
from actionlang.engine.json_form import from_json
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.running import SetOutcome, SetRun
from actionlang.engine.relational.setplan import Selection
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef, StoreError
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import DONE, Call
from actionlang.runtime.masking import MASK
from actionlang.runtime.session import ReadyPlan, Session

ENDING = {
    each.id
    for each in (
        codes.CONFLICT, codes.CONNECTION_LOST, codes.LOCKED, codes.DISK_FULL, codes.READ_ONLY, codes.DAMAGED,
        codes.INTERRUPTED,
    )
}  # fmt: skip
"""Errors of the database with which the whole run ends, whoever would go on with it."""

MARK = "actionlang_set"

GUARD = re.compile(r"user-defined function raised|\bE07[0-9]{2}\b|out of range|division by zero")
"""What databases say where a row fails."""


class AsSet(NamedTuple):
    """A set run that came to its end: what it did, and the run itself for its outputs."""

    outcome: SetOutcome
    set_run: SetRun


class NotAsSet(NamedTuple):
    """Why a verb did not run as a set; nothing of it is left."""

    reason: NotRelational


def run_one_as_set(session: Session, ready: ReadyPlan, unit: Unit, run: str, call: Call) -> Mapping[str, object] | None:
    """Run a verb in its set form on the one row that it is called on, and write the records; gives its outputs, or None, with
    nothing left, where that can not be done."""
    done = run_as_set(session, ready, unit, run, call.arguments, Selection(row=call.row))
    if not isinstance(done, AsSet) or done.outcome.targets != 1:
        return None
    outputs = next(iter(done.set_run.outputs()))
    unit.events.extend(events_of(session, ready, run, done.set_run))
    clean(session, done.set_run)
    ready.audit.write(call, unit, DONE)
    unit.changes.extend(changes_of(session, ready, run))
    return dict(zip((each.name for each in ready.bound.verb.outputs), outputs, strict=True))


def run_as_set(
    session: Session,
    ready: ReadyPlan,
    unit: Unit,
    run: str,
    arguments: Mapping[str, object],
    selection: Selection,
    progress: Callable[[int, int], None] | None = None,
    *,
    leaves_out: bool = False,
) -> AsSet | NotAsSet:
    """Run a verb over a set in the transaction that is open, with the records of its changes; nothing of it stays when it does
    not come to its end.

    Raises StoreError for what ends the whole run.
    """
    plan: StepPlan = ready.bound.plan
    set_run = SetRun(plan, session.cursor, session.dialect, ready.storage, ready.store)
    _command(session, f"SAVEPOINT {MARK}")
    try:
        outcome = set_run.perform(run, unit, arguments, selection, progress, leaves_out=leaves_out)
    except (NotRelational, Failure, StoreError, session.dialect.error) as error:
        reason = _reason(error, session)
        _command(session, f"ROLLBACK TO SAVEPOINT {MARK}")
        _command(session, f"RELEASE SAVEPOINT {MARK}")
        return NotAsSet(reason)
    _command(session, f"RELEASE SAVEPOINT {MARK}")
    return AsSet(outcome, set_run)


def clean(session: Session, set_run: SetRun) -> None:
    """Drop what a set run has put aside."""
    with suppress(session.dialect.error):
        set_run.clean()


def _reason(error: Exception, session: Session) -> NotRelational:
    """Why there is no set form here. Raises StoreError for what ends the run."""
    if isinstance(error, NotRelational):
        return error
    if isinstance(error, Failure):
        return NotRelational(f"it fails: {error.message}")
    trouble = error if isinstance(error, StoreError) else None
    if trouble is None and session.dialect.refusal(error) is None:
        trouble = session.dialect.trouble(error)
    if trouble is not None and trouble.code in ENDING:
        raise trouble from error
    told = str(error).strip().partition("\n")[0]
    if GUARD.search(told):
        return NotRelational("it fails on a row, and which one is first is found by doing them in order")
    return NotRelational(f"the database refused it ({told})")


def _command(session: Session, statement: str) -> None:
    try:
        session.cursor.execute(statement)
    except session.dialect.error as error:
        raise session.dialect.trouble(error) from error


# ------------------------------------------------------------------------------------------------------ what it changed

CHANGES = (
    'SELECT row_table, row_key, operation, verb, line, stage, "before", "after" '
    "FROM actionlang_change WHERE run = {run} ORDER BY sequence"
)


def changes_of(session: Session, ready: ReadyPlan, run: str) -> Iterator[Change]:
    """The changes of a run as its records have them: what is sensitive is masked."""
    session.cursor.execute(CHANGES.format(run=session.dialect.parameter), (run,))
    schema = ready.storage.schema
    for table_name, key, operation, verb, line, stage, before, after in session.cursor.fetchall():
        table = schema.tables[table_name]
        old, new = (None if text is None else json.loads(text, parse_float=Decimal) for text in (before, after))
        columns = tuple(old or new or {})
        yield Change(
            table,
            _key(table, json.loads(key), schema),
            operation,
            verb,
            line,
            stage,
            columns,
            None if old is None else _values(table, columns, old, schema),
            None if new is None else _values(table, columns, new, schema),
        )


EVENTS = "SELECT row_table, row_key, payload FROM actionlang_event WHERE run = {run} ORDER BY sequence"


def events_of(session: Session, ready: ReadyPlan, run: str, set_run: SetRun) -> Iterator[Event]:
    """The events of a run as the outbox has them. To be asked before `clean`."""
    emitted = set_run.emitted()
    if not emitted:
        return
    session.cursor.execute(EVENTS.format(run=session.dialect.parameter), (run,))
    schema = ready.storage.schema
    for each, (table, key, payload) in zip(emitted, session.cursor.fetchall(), strict=True):
        row = None if table is None else RowRef(table, _key(schema.tables[table], json.loads(key), schema))
        data = json.loads(payload, parse_float=Decimal)
        members = [
            EventMember(
                member.name,
                member.type,
                MASK if member.hidden else from_json(data[member.name], member.type, schema),
                member.hidden,
            )
            for member in each.members
        ]
        yield Event(each.name, each.site.verb, each.site.place.line, row, tuple(members))


def _values(table: Table, columns: tuple[str, ...], found: Mapping[str, Any], schema: Schema) -> tuple[object, ...]:
    return tuple(
        MASK if found[name] == MASK else from_json(found[name], table.by_name[name].type, schema) for name in columns
    )


def _key(table: Table, data: Any, schema: Schema) -> object:
    parts = data if len(table.primary) > 1 else [data]
    key = tuple(
        part if part == MASK else _part(column.type, part, schema)
        for column, part in zip(table.primary, parts, strict=True)
    )
    return key[0] if len(key) == 1 else key


def _part(type_: Any, data: Any, schema: Schema) -> object:
    if isinstance(type_, Row) and len(type_.tables) == 1 and not isinstance(data, dict):
        return RowRef(type_.tables[0], _key(schema.tables[type_.tables[0]], data, schema))
    return from_json(data, type_, schema)
