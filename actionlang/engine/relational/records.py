"""The audit's JSON, written by the database: byte for byte what `runtime.json_text` writes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from actionlang.engine.json_form import to_json
from actionlang.engine.relational import rows
from actionlang.engine.relational.conditions import equality
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.state import Event
from actionlang.engine.relational.value import Sql
from actionlang.engine.schema import Schema
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table

MASKED = '"***"'
TEXT = t.Text()

Piece = tuple[bool, str]
"""A part of a text: whether it is a constant, and the constant or the SQL."""


def encoded(value: object) -> str:
    """JSON data as the audit writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def put_together(pieces: Sequence[Piece], scope: Scope) -> str:
    """A text of constants and SQL, neighbouring constants being one."""
    merged: list[Piece] = []
    for constant, text in pieces:
        if constant and merged and merged[-1][0]:
            merged[-1] = (True, merged[-1][1] + text)
        elif text or not constant:
            merged.append((constant, text))
    texts = [scope.spelling.constant_text(text, TEXT) if constant else text for constant, text in merged]
    return texts[0] if len(texts) == 1 else scope.spelling.joined(texts)


def is_sensitive(column: Column, schema: Schema) -> bool:
    """Whether a column's values, or the rows they name, must never be logged."""
    names = column.type.tables if isinstance(column.type, t.Row) else ()
    return column.sensitive or any(part.sensitive for name in names for part in schema.tables[name].primary)


def member(column: Column, value: Sql, scope: Scope) -> list[Piece]:
    """A column and its value, as a member of an object."""
    return named(column.name, column.type, value, is_sensitive(column, scope.schema), scope)


def named(name: str, type_: t.Type, value: Sql, hidden: bool, scope: Scope) -> list[Piece]:
    """A name and a value of a type, as a member of an object."""
    start = f"{encoded(name)}:"
    if hidden:
        return [(True, start + MASKED)]
    if value.known is not None:
        known = value.known.value
        text = str(known) if isinstance(type_, t.Json) and known is not None else encoded(to_json(known, type_))
        return [(True, start + text)]
    pieces = _row(value, scope) if isinstance(value.type, t.Row) else [(False, scope.spelling.json(value))]
    if value.optional:
        null = scope.spelling.constant_text("null", TEXT)
        return [(True, start), (False, f"coalesce({put_together(pieces, scope)}, {null})")]
    return [(True, start), *pieces]


def _row(row: Sql, scope: Scope) -> list[Piece]:
    """A row: its key; where it may be of several tables, with its table."""
    assert isinstance(row.type, t.Row)
    if len(row.type.tables) == 1:
        return key(scope.schema.tables[row.type.tables[0]], row.cells, scope, masked=False)
    cases: list[str] = []
    spelt: list[Piece] = []
    for name, texts, cells in rows.parts(row, scope):
        if all(text == scope.spelling.null(cell.type) for text, cell in zip(texts, cells, strict=True)):
            continue
        start = f'{{"table":{encoded(name)},"key":'
        pieces = [(True, start), *key(scope.schema.tables[name], texts, scope, masked=False), (True, "}")]
        spelt = pieces
        cases.append(f"WHEN {texts[0]} IS NOT NULL THEN {put_together(pieces, scope)}")
    if len(cases) == 1 and not row.optional:
        return spelt
    return [(False, f"(CASE {' '.join(cases)} END)")]


def key(table: Table, texts: Sequence[str], scope: Scope, *, masked: bool = True) -> list[Piece]:
    """A primary key: a scalar, or an array where it has several columns."""
    parts: list[list[Piece]] = []
    start = 0
    for part in scope.storage.table(table.name).primary:
        cells = tuple(texts[start : start + len(part.cells)])
        start += len(part.cells)
        if masked and is_sensitive(part.column, scope.schema):
            parts.append([(True, MASKED)])
        elif isinstance(part.column.type, t.Row):
            parts.append(_row(Sql(cells, part.column.type), scope))
        else:
            sized = scope.spelling.sized(Sql(cells, part.column.type, simple=True), part.column.type)
            parts.append([(False, scope.spelling.json(sized))])
    if len(parts) == 1:
        return parts[0]
    joined: list[Piece] = [(True, "[")]
    for number, pieces in enumerate(parts):
        joined += [(True, ",")] if number else []
        joined += pieces
    return [*joined, (True, "]")]


def whole(event: Event, values: Sequence[Sql], scope: Scope) -> str:
    """All of an event's columns as an object."""
    pieces: list[Piece] = [(True, "{")]
    for number, (name, value) in enumerate(zip(event.columns, values, strict=True)):
        pieces += [(True, ",")] if number else []
        pieces += member(event.row.table.by_name[name], value, scope)
    return put_together([*pieces, (True, "}")], scope)


def changed(event: Event, values: Sequence[Sql], scope: Scope) -> str:
    """Those of an event's columns that became another value."""
    assert event.before is not None
    assert event.after is not None
    if len(event.columns) == 1:
        return whole(event, values, scope)
    parts: list[str] = []
    nothing = scope.spelling.constant_text("", TEXT)
    for name, before, after, value in zip(event.columns, event.before, event.after, values, strict=True):
        pieces = [(True, ","), *member(event.row.table.by_name[name], value, scope)]
        differs = equality(before, after, False, scope)
        text = put_together(pieces, scope)
        if differs.known is None:
            parts.append(f"(CASE WHEN {differs.text} THEN {text} ELSE {nothing} END)")
        elif differs.known.value:
            parts.append(text)
    members = f"substr({scope.spelling.joined(parts)}, 2)"
    return put_together([(True, "{"), (False, members), (True, "}")], scope)
