"""Queries inside expressions: count, exists, sum, min, max, average, as subqueries."""

from __future__ import annotations

import attrs

from actionlang.diagnostics.catalogue.run import STORED_VALUE
from actionlang.engine.interpreter.constants import bare
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.plan import expressions as e


def where_of(query: e.Query, alias: str, scope: Scope) -> Sql | None:
    """A query's condition, its row standing in `alias`; None without one."""
    if query.where is None:
        return None
    with scope.scanning(query.row, alias):
        return scope.translate(query.where)


def aggregate(node: e.Aggregate, scope: Scope) -> Sql:
    """What is worked out from the rows of a query."""
    query = node.query
    table = scope.schema.tables[query.table]
    scope.asks(query)
    alias = scope.new_alias()
    where = where_of(query, alias, scope)
    value = None
    if node.value is not None:
        with scope.scanning(query.row, alias):
            value = _conforming(scope.translate(node.value), node.value, alias, query.table, scope)
    tail = f"FROM {scope.named(table, alias)}"
    if where is not None:
        tail += f" WHERE {where.text}"
    fails = (where is not None and where.fails) or (value is not None and value.fails)
    if node.kind == "exists":
        # A row at which the condition fails must not be passed over because another one was found first.
        text = f"((SELECT count(*) {tail}) > 0)" if fails else f"EXISTS (SELECT 1 {tail})"
        return Sql((text,), node.type, fails=fails)
    if node.kind == "count":
        return scope.spelling.sized(Sql((f"(SELECT count(*) {tail})",), node.type, fails=fails), node.type)
    assert value is not None
    found = _of_values(node, value, scope)
    return attrs.evolve(found, cells=(f"(SELECT {found.text} {tail})",), fails=fails or found.fails, simple=False)


def _of_values(node: e.Aggregate, value: Sql, scope: Scope) -> Sql:
    if node.kind in ("min", "max"):
        if isinstance(value.type, t.Row | t.Boolean | t.Json | t.Choices | t.File):
            raise NotRelational(f"the {node.kind} of such values is asked here")
        text = scope.spelling.extreme(node.kind, value)
        return Sql((text,), node.type, True, value.fails, value.whole, value.scale)
    if node.kind == "sum":
        return scope.spelling.total(value, node.type)
    return scope.spelling.mean(value, node.type)


def _conforming(value: Sql, node: e.Expression, alias: str, table: str, scope: Scope) -> Sql:
    """A column whose stored values are seen to conform, so that none is silently counted as something else."""
    read = bare(node)
    if not isinstance(read, e.Column) or scope.scanned(read.row) != alias:
        return value
    stored = scope.storage.table(table).columns[read.column]
    if len(stored.cells) != 1:
        return value
    cell = stored.cells[0]
    condition = scope.spelling.conforming(cell, f"{alias}.{scope.spelling.quoted(cell.name)}", stored.column.type)
    if condition is None:
        return value
    empty = f"{value.text} IS NULL OR " if value.optional else ""
    refused = scope.spelling.fail(STORED_VALUE.id, value.type)
    return attrs.evolve(value, cells=(f"(CASE WHEN {empty}{condition} THEN {value.text} ELSE {refused} END)",))
