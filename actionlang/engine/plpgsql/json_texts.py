"""Values as JSON text, written by the database as the audit records hold them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from actionlang.engine.json_form import to_json
from actionlang.engine.plpgsql.spelling import CONSTANT
from actionlang.engine.relational import rows
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.scope import ServerScope

NULL = "'null'"
QUOTE = "'\"'"
MASKED = "'\"***\"'"

QUOTED = (t.Id, t.Date, t.DateTime, t.Decimal, t.Money, t.Duration)
"""Types of which JSON has no numbers or words."""

MOST_VALUES = 90
"""A call takes 100 arguments."""


def compact(data: object) -> str:
    """JSON data as records hold it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def json_of(value: Sql, scope: ServerScope) -> str:
    """The SQL of a value's JSON text, which is never NULL."""
    return written(json_pieces(value, scope))


def json_pieces(value: Sql, scope: ServerScope) -> list[str]:
    """A value's JSON text in pieces for `written`, none of which is NULL."""
    if value.known is not None and not isinstance(value.type, t.Json):
        return [scope.text(compact(None if value.known.value is None else to_json(value.known.value, value.type)))]
    if isinstance(value.type, t.Row):
        return _row(value, scope)
    if isinstance(value.type, t.ListOf):
        return [_list(value, value.type, scope)]
    return _one(value, scope)


def _one(value: Sql, scope: ServerScope) -> list[str]:
    type_, text = value.type, value.text
    if isinstance(type_, t.Text) or (isinstance(type_, t.Choice | t.File) and not scope.spelling.numbered(type_)):
        return [f"coalesce(to_json({text}), {NULL}::json)" if value.optional else f"to_json({text})"]
    if not value.optional and isinstance(type_, QUOTED):
        # What `format` does with an id by itself, and what is known of the clock.
        shown = text if isinstance(type_, t.Id) else "replace(clock_, '.000000', '')" if text == "now_" else None
        return [QUOTE, shown or scope.spelling.display(value), QUOTE]
    if not isinstance(type_, t.Choices | t.Json):
        text = scope.spelling.json(attrs.evolve(value, optional=False))
    return [f"coalesce({text}, {NULL})" if value.optional else text]


def key_json(value: Sql, scope: ServerScope, sensitive: tuple[bool, ...] = ()) -> str:
    """A row's primary key: a scalar, or an array when it has several columns."""
    known = scope.function.key_texts.get(value.cells)
    return written(key_pieces(value, scope, sensitive)) if known is None else known


def key_pieces(value: Sql, scope: ServerScope, sensitive: tuple[bool, ...] = ()) -> list[str]:
    """The same in pieces for `written`."""
    assert isinstance(value.type, t.Row)
    known = scope.function.key_texts.get(value.cells)
    if known is not None:
        return [known]
    stored = scope.storage.table(value.type.tables[0])
    parts: list[list[str]] = []
    start = 0
    for part in stored.primary:
        end = start + len(part.cells)
        inner = Sql(value.cells[start:end], part.column.type)
        hidden = part.column.sensitive
        parts.append([MASKED] if hidden and sensitive else json_pieces(inner, scope))
        start = end
    if len(parts) == 1:
        return parts[0]
    return ["'['", *parts[0], *(piece for part in parts[1:] for piece in ("','", *part)), "']'"]


def _row(value: Sql, scope: ServerScope) -> list[str]:
    assert isinstance(value.type, t.Row)
    if len(value.type.tables) == 1:
        pieces = key_pieces(value, scope)
        if not value.optional:
            return pieces
        return [f"(CASE WHEN {value.cells[0]} IS NULL THEN {NULL} ELSE {written(pieces)} END)"]
    ways, wholes = [], []
    for table, cells, _ in rows.parts(value, scope):
        start = scope.text(f'{{"table":{compact(table)},"key":')
        whole = [start, *key_pieces(Sql(cells, t.Row((table,))), scope), "'}'"]
        if not cells[0].startswith("NULL::"):
            ways.append(f"WHEN {cells[0]} IS NOT NULL THEN {written(whole)}")
            wholes.append(whole)
    if len(wholes) == 1 and not value.optional:
        return wholes[0]
    return [f"(CASE {' '.join(ways)} ELSE {NULL} END)" if ways else NULL]


def _list(value: Sql, type_: t.ListOf, scope: ServerScope) -> str:
    alias = scope.new_alias()
    item = json_of(Sql((f"{alias}.v",), type_.item), scope)
    text = (
        f"('[' || array_to_string(ARRAY(SELECT {item} FROM unnest({value.text}) WITH ORDINALITY AS {alias}(v, n) "
        f"ORDER BY {alias}.n), ',') || ']')"
    )
    return f"coalesce({text}, {NULL})" if value.optional else text


def json_object(members: list[tuple[str, list[str], str | None]], scope: ServerScope) -> str:
    """An object: for each member its name, its JSON text in pieces, and when it is there (None: always)."""
    return written(object_pieces(members, scope))


def object_pieces(members: list[tuple[str, list[str], str | None]], scope: ServerScope) -> list[str]:
    """The same in pieces for `written`."""
    if not members:
        return ["'{}'"]
    if all(condition is None for _, _, condition in members):
        pieces: list[str] = []
        for at, (name, value, _) in enumerate(members):
            pieces += [scope.text(f"{',' if at else '{'}{compact(name)}:"), *value]
        return [*pieces, "'}'"]
    maybe = [
        f"(CASE WHEN {condition or 'TRUE'} THEN {written([scope.text(f',{compact(name)}:'), *value])} END)"
        for name, value, condition in members
    ]
    return ["'{'", f"substr({written(maybe)}, 2)", "'}'"]


def written(pieces: Sequence[str]) -> str:
    """The SQL of a text in pieces: constants, and values as the database writes them; NULL is written as nothing.

    One call of `format`: a function is set up anew in each transaction, which for a chain of `||` costs more than the text.
    """
    texts: list[str] = []
    template = ""
    values: list[str] = []
    for piece in pieces:
        constant = CONSTANT.fullmatch(piece)
        if constant is not None:
            template += constant[1].replace("%", "%%")
            continue
        if len(values) == MOST_VALUES:
            texts.append(_formatted(template, values))
            template, values = "", []
        template += "%s"
        values.append(piece)
    texts.append(_formatted(template, values))
    return texts[0] if len(texts) == 1 else f"({' || '.join(texts)})"


def _formatted(template: str, values: list[str]) -> str:
    if not values:
        return f"'{template.replace('%%', '%')}'::text"
    if template == "%s":
        return f"({values[0]}::text)"
    return f"format('{template}', {', '.join(values)})"
