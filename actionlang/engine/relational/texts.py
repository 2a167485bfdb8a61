"""Texts put together, as the interpreter writes values into them."""

from __future__ import annotations

from actionlang.engine.interpreter.display import shown_key
from actionlang.engine.relational import rows
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.value import Sql, all_fixed, any_fails
from actionlang.metadata import types as t
from actionlang.plan import expressions as e

TEXT = t.Text()
PLAIN_KEYS = (t.Text, t.Id, t.Integer, t.Choice, t.Date)
"""Types of primary keys that people read as they are displayed."""


def template(node: e.Template, scope: Scope) -> Sql:
    """A text with values in it."""
    parts: list[Sql] = []
    texts: list[str] = []
    for part in node.parts:
        if isinstance(part, str):
            if part:
                texts.append(scope.spelling.constant_text(part, TEXT))
            continue
        value = scope.translate(part)
        parts.append(value)
        texts.append(shown(value, scope))
    return Sql((scope.spelling.joined(texts),), TEXT, fails=any_fails(*parts), fixed=all_fixed(*parts))


def shown(value: Sql, scope: Scope, within: tuple[str, ...] = ()) -> str:
    """The text of a value that is not empty."""
    if isinstance(value.type, t.Row):
        return _row(value, scope, within)
    if isinstance(value.type, t.ListOf | t.Outputs | t.File):
        raise NotRelational("a list is written into a text here")
    return scope.spelling.display(value)


def _row(row: Sql, scope: Scope, within: tuple[str, ...]) -> str:
    """A row by the key that people know it by. Empty where the row is of another table."""
    texts = [
        _of_table(table, Sql(cells, t.Row((table,)), True), scope, within) for table, cells, _ in rows.parts(row, scope)
    ]
    return texts[0] if len(texts) == 1 else f"coalesce({', '.join(texts)})"


def _of_table(name: str, row: Sql, scope: Scope, within: tuple[str, ...]) -> str:
    table = scope.schema.tables[name]
    columns = () if name in within else shown_key(table)
    primary = _primary(name, row, scope)
    if not columns:
        return primary
    shown_parts = []
    for column in columns:
        value = rows.of_row(row, column, scope)
        shown_parts.append(shown(value, scope, (*within, name)))
    separator = scope.spelling.constant_text(", ", TEXT)
    joined: list[str] = []
    for part in shown_parts:
        joined += [separator, part] if joined else [part]
    return f"coalesce({scope.spelling.joined(joined)}, {primary})"


def _primary(name: str, row: Sql, scope: Scope) -> str:
    """A primary key as people read it, which is NULL where the row is empty."""
    texts: list[str] = []
    for cell, text in zip(rows.key_cells(name, scope), row.cells, strict=True):
        if not isinstance(cell.type, PLAIN_KEYS):
            raise NotRelational("a row is written into a text here by a key of a kind that only the interpreter writes")
        if texts:
            texts.append(scope.spelling.constant_text(", ", TEXT))
        texts.append(scope.spelling.display(Sql((text,), cell.type)))
    return scope.spelling.joined(texts)
