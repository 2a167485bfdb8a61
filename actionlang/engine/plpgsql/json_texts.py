"""Values as JSON text, written by the database as the audit records hold them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from actionlang.engine.json_form import to_json
from actionlang.engine.relational import rows
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.scope import ServerScope

NULL = "'null'"
MASKED = "'\"***\"'"


def compact(data: object) -> str:
    """JSON data as records hold it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def json_of(value: Sql, scope: ServerScope) -> str:
    """The SQL of a value's JSON text, which is never NULL."""
    if value.known is not None and not isinstance(value.type, t.Json):
        return scope.text(compact(None if value.known.value is None else to_json(value.known.value, value.type)))
    if isinstance(value.type, t.Row):
        return _row(value, scope)
    if isinstance(value.type, t.ListOf):
        return _list(value, value.type, scope)
    text = _one(value, scope)
    return f"coalesce({text}, {NULL})" if value.optional else text


def _one(value: Sql, scope: ServerScope) -> str:
    if isinstance(value.type, t.Choices | t.Json):
        return value.text
    return scope.spelling.json(attrs.evolve(value, optional=False))


def key_json(value: Sql, scope: ServerScope, sensitive: tuple[bool, ...] = ()) -> str:
    """A row's primary key: a scalar, or an array when it has several columns."""
    assert isinstance(value.type, t.Row)
    stored = scope.storage.table(value.type.tables[0])
    parts: list[str] = []
    start = 0
    for part in stored.primary:
        end = start + len(part.cells)
        inner = Sql(value.cells[start:end], part.column.type)
        hidden = part.column.sensitive
        parts.append(MASKED if hidden and sensitive else json_of(inner, scope))
        start = end
    if len(parts) == 1:
        return parts[0]
    return scope.spelling.joined(["'['", parts[0], *(piece for part in parts[1:] for piece in ("','", part)), "']'"])


def _row(value: Sql, scope: ServerScope) -> str:
    assert isinstance(value.type, t.Row)
    if len(value.type.tables) == 1:
        key = key_json(value, scope)
        return f"coalesce({key}, {NULL})" if value.optional else key
    ways, wholes = [], []
    for table, cells, _ in rows.parts(value, scope):
        start = scope.text(f'{{"table":{compact(table)},"key":')
        whole = scope.spelling.joined([start, key_json(Sql(cells, t.Row((table,))), scope), "'}'"])
        if not cells[0].startswith("NULL::"):
            ways.append(f"WHEN {cells[0]} IS NOT NULL THEN {whole}")
            wholes.append(whole)
    if len(wholes) == 1 and not value.optional:
        return wholes[0]
    return f"(CASE {' '.join(ways)} ELSE {NULL} END)" if ways else NULL


def _list(value: Sql, type_: t.ListOf, scope: ServerScope) -> str:
    alias = scope.new_alias()
    item = json_of(Sql((f"{alias}.v",), type_.item), scope)
    text = (
        f"('[' || array_to_string(ARRAY(SELECT {item} FROM unnest({value.text}) WITH ORDINALITY AS {alias}(v, n) "
        f"ORDER BY {alias}.n), ',') || ']')"
    )
    return f"coalesce({text}, {NULL})" if value.optional else text


def json_object(members: list[tuple[str, str, str | None]], scope: ServerScope) -> str:
    """An object: for each member its name, the SQL of its JSON text, and when it is there (None: always)."""
    if all(condition is None for _, _, condition in members):
        texts: list[str] = []
        for at, (name, value, _) in enumerate(members):
            texts += [scope.text(f"{',' if at else '{'}{compact(name)}:"), value]
        return scope.spelling.joined([*texts, "'}'"]) if members else "'{}'"
    pieces = [
        f"(CASE WHEN {condition or 'TRUE'} THEN {scope.spelling.joined([scope.text(f',{compact(name)}:'), value])} ELSE '' END)"
        for name, value, condition in members
    ]
    return f"('{{' || substr({' || '.join(pieces)}, 2) || '}}')"
