"""What a run gave and changed, for people and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from actionlang.cli.output import wants_color, width_of, write
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.engine.changes import Change
from actionlang.engine.events import Event
from actionlang.engine.json_form import to_json
from actionlang.engine.starts import Started
from actionlang.engine.store import RowRef
from actionlang.engine.times import iso_datetime
from actionlang.metadata.tables import Table
from actionlang.runtime.database import Database
from actionlang.runtime.masking import MASK
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import Result
from actionlang.runtime.row_names import RowNames
from actionlang.runtime.shown_changes import (
    CHANGED,
    CREATED,
    DELETED,
    ShownRow,
    change_lines,
    net_changes,
    pair_lines,
    value_text,
)
from actionlang.runtime.shown_events import event_lines, rows_of
from actionlang.runtime.shown_starts import start_lines


def show_result(plan: Plan, result: Result, database: Database, *, on: str | None, as_json: bool) -> None:
    """Write a run that succeeded to standard output."""
    names = RowNames(plan.schema)
    names.learn(result.changes)
    names.read(database, _rows(result))
    if as_json:
        write(json.dumps(_to_object(plan, result, names), indent=2, ensure_ascii=False))
        return
    color, width = wants_color(sys.stdout), width_of(sys.stdout)
    rows = net_changes(result.changes, names.name)
    painter = Painter(color)
    lines = [painter.paint(f"{plan.verb.short_name}{'' if on is None else f' on {on}'}", BOLD), ""]
    if rows:
        lines += [*change_lines(rows, width, color=color), ""]
    if result.events:
        lines += [*event_lines(result.events, names.name, width, color=color), ""]
    if result.started:
        lines += [*start_lines(result.started, names.name, width, color=color), ""]
    outputs = [
        (output.name, value_text(result.outputs[output.name], output.type, names.name)) for output in plan.verb.outputs
    ]
    if outputs:
        lines += ["returned", *pair_lines(outputs, width, color=color), ""]
    if result.version is not None:
        lines += [f"The row {'would be' if result.dry_run else 'is'} at version {result.version} now.", ""]
    lines.append(_last_line(rows, result))
    write("\n".join(lines))
    sys.stdout.flush()
    for warning in result.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def show_row_version(version: str, *, as_json: bool) -> None:
    """Write the version of a row to standard output."""
    write(json.dumps({"version": version}) if as_json else version)


def counts(rows: list[ShownRow]) -> str:
    """How many rows were created, changed, deleted: `1 row created, 2 rows changed`; `nothing changed`."""
    found = [(sum(row.what == what for row in rows), what) for what in (CREATED, CHANGED, DELETED)]
    told = [f"{count} row{'' if count == 1 else 's'} {what}" for count, what in found if count]
    return ", ".join(told) or "nothing changed"


def _last_line(rows: list[ShownRow], result: Result) -> str:
    done = counts(rows)
    if result.events:
        emitted = f"{len(result.events)} event{'' if len(result.events) == 1 else 's'} emitted"
        done = f"{done}, {emitted}" if rows else emitted
    if result.started:
        started = f"{len(result.started)} run{'' if len(result.started) == 1 else 's'} started"
        done = f"{done}, {started}" if rows or result.events else started
    if result.replayed:
        return f"Run {result.run} has done this before: nothing was done now."
    if result.dry_run:
        return f"Dry run, nothing was kept: {done}."
    return f"Done: {done}. Run {result.run}"


def _rows(result: Result) -> Iterator[RowRef]:
    """All rows that are told of."""
    for change in result.changes:
        yield change.row
        for values in (change.before, change.after):
            yield from _rows_in(values or ())
    yield from _rows_in(tuple(result.outputs.values()))
    yield from rows_of(result.events)
    yield from (each.on for each in result.started if each.on is not None)


def _rows_in(values: tuple[object, ...]) -> Iterator[RowRef]:
    for value in values:
        if isinstance(value, RowRef):
            yield value
        elif isinstance(value, tuple):
            yield from _rows_in(value)


# ----------------------------------------------------------------------------------------------------------------- JSON


def _to_object(plan: Plan, result: Result, names: RowNames) -> dict[str, Any]:
    return {
        "verb": plan.verb.name,
        "run": result.run,
        "dry_run": result.dry_run,
        "replayed": result.replayed,
        "version": result.version,
        "outputs": {output.name: to_json(result.outputs[output.name], output.type) for output in plan.verb.outputs},
        "changes": [_change(change, names) for change in result.changes],
        "events": [_event(event, names) for event in result.events],
        "started": [_start(start, names) for start in result.started],
        "warnings": list(result.warnings),
    }


def _event(event: Event, names: RowNames) -> dict[str, Any]:
    return {
        "event": event.name,
        "verb": event.verb,
        "line": event.line,
        "row": None if event.row is None else names.name(event.row),
        "values": {
            name: MASK if sensitive else to_json(value, type_) for name, type_, value, sensitive in event.members
        },
    }


def _start(start: Started, names: RowNames) -> dict[str, Any]:
    return {
        "verb": start.verb,
        "row": None if start.on is None else names.name(start.on),
        "due": iso_datetime(start.due),
    }


def _change(change: Change, names: RowNames) -> dict[str, Any]:
    return {
        "row": names.name(change.row),
        "table": change.table.name,
        "key": _key(change),
        "operation": change.operation,
        "verb": change.verb,
        "line": change.line,
        "stage": change.stage,
        "before": _values(change.table, change.columns, change.before),
        "after": _values(change.table, change.columns, change.after),
    }


def _key(change: Change) -> Any:
    primary = change.table.primary
    parts = change.key if isinstance(change.key, tuple) and len(primary) > 1 else (change.key,)
    found = [
        MASK if column.sensitive else to_json(part, column.type) for column, part in zip(primary, parts, strict=True)
    ]
    return found[0] if len(found) == 1 else found


def _values(table: Table, columns: tuple[str, ...], values: tuple[object, ...] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    found = [(table.by_name[name], value) for name, value in zip(columns, values, strict=True)]
    return {column.name: MASK if column.sensitive else to_json(value, column.type) for column, value in found}
