"""count, exists, sum, min, max, average: a subquery where no row can make it fail, else row by row."""

from __future__ import annotations

import attrs

from actionlang.engine.plpgsql.queries import Scanned, each_row
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.relational import queries
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.plan import expressions as e

COUNT_DIGITS = 17
"""No database has room for more rows than a number of so many digits, so that what is counted may be added to and taken from."""


def aggregate(node: e.Aggregate, scope: ServerScope) -> Sql:
    """What is worked out from the rows of a query."""
    if scope.scans or not _may_fail(node, scope):
        found = queries.aggregate(node, scope)
        return attrs.evolve(found, whole=COUNT_DIGITS) if node.kind == "count" else found
    if node.kind == "exists":
        return _exists(node, scope)
    if node.kind == "count":
        return _count(node, scope)
    return _of_values(node, scope)


def _may_fail(node: e.Aggregate, scope: ServerScope) -> bool:
    """Whether the condition or the value may fail at some row."""
    alias = scope.new_alias()
    with scope.trying():
        where = queries.where_of(node.query, alias, scope)
        if where is not None and where.fails:
            return True
        if node.value is None:
            return False
        with scope.scanning(node.query.row, alias):
            return scope.translate(node.value).fails


def _exists(node: e.Aggregate, scope: ServerScope) -> Sql:
    found = scope.function.variable("exists", "boolean")
    scope.block.say(f"{found} := false;")
    label = scope.function.label("search")

    def body(_: Scanned) -> None:
        scope.block.say(f"{found} := true;", f"EXIT {label};")

    each_row(node.query, scope, body, label=label)
    return Sql((found,), node.type, simple=True)


def _count(node: e.Aggregate, scope: ServerScope) -> Sql:
    count = scope.function.variable("count", "bigint")
    scope.block.say(f"{count} := 0;")
    each_row(node.query, scope, lambda _: scope.block.say(f"{count} := {count} + 1;"))
    return Sql((count,), node.type, simple=True, whole=COUNT_DIGITS)


def _of_values(node: e.Aggregate, scope: ServerScope) -> Sql:
    """The values are gathered first, in a list."""
    value_node = node.value
    assert value_node is not None
    type_ = scope.function.variable_type(value_node.type)
    values = scope.function.variable("values", f"{type_}[]")
    scope.block.say(f"{values} := '{{}}';")
    sized: list[Sql] = []

    def body(_: Scanned) -> None:
        value = scope.held(scope.translate(value_node))
        sized.append(value)
        block = scope.block
        if value.optional:
            block = block.inside(f"IF {value.text} IS NOT NULL THEN", "END IF;")
        block.say(f"{values} := array_append({values}, {value.text});")

    each_row(node.query, scope, body)
    alias = scope.new_alias()
    item = attrs.evolve(sized[0], cells=(f"{alias}.v",), known=None, optional=True, fixed=False)
    found = _worked_out(node, item, scope)
    return attrs.evolve(found, cells=(f"(SELECT {found.text} FROM unnest({values}) AS {alias}(v))",), simple=False)


def _worked_out(node: e.Aggregate, value: Sql, scope: ServerScope) -> Sql:
    """What is worked out of a list's values, as SQL with an aggregate in it."""
    if node.kind == "sum":
        return scope.spelling.total(value, node.type)
    if node.kind == "average":
        return scope.spelling.mean(value, node.type)
    if isinstance(value.type, t.Row | t.Boolean | t.Json | t.Choices | t.File):
        raise NotRelational(f"the {node.kind} of such values is asked here")
    text = scope.spelling.extreme(node.kind, value)
    return Sql((text,), node.type, True, value.fails, value.whole, value.scale)
