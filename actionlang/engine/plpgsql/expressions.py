"""Expressions where a procedure says more than a statement can: those that need statements of their own, in order and only as
far as needed. All others are the relational engine's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.catalogue.access import ROW_OUT_OF_REACH
from actionlang.engine.interpreter.constants import bare
from actionlang.engine.plpgsql.aggregates import aggregate
from actionlang.engine.plpgsql.performing import call_verb
from actionlang.engine.plpgsql.reading import conforming, load, read_cells
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.relational import conditions, rows
from actionlang.engine.relational.expressions import RULES as RELATIONAL
from actionlang.engine.relational.expressions import otherwise as otherwise_at_once
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Rule
from actionlang.engine.relational.value import Sql, all_fixed
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.guards import Guarded


def and_(node: e.And, scope: ServerScope) -> Sql:
    return _joined(node, decisive=False, scope=scope)


def or_(node: e.Or, scope: ServerScope) -> Sql:
    return _joined(node, decisive=True, scope=scope)


def _joined(node: e.And | e.Or, decisive: bool, scope: ServerScope) -> Sql:
    """Conditions, of which the first that is `decisive` decides, and none behind it is worked out."""
    join = conditions.some if decisive else conditions.every
    found = scope.translate(node.operands[0])
    for operand in node.operands[1:]:
        if scope.scans:
            found = join([found, scope.translate(operand)], scope)
            continue
        block, value = scope.aside(operand)
        if not block:
            found = join([found, value], scope)
            continue
        found = scope.held(found, "condition")
        scope.block.say(f"IF {'NOT ' if decisive else ''}{found.text} THEN")
        block.say(f"{found.text} := {value.text};")
        scope.block.put(block)
        scope.block.say("END IF;")
        found = attrs.evolve(found, known=None, fixed=False)
    return found


def otherwise(node: e.Otherwise, scope: ServerScope) -> Sql:
    """A value, or what stands in for it where it is empty, which is worked out then only."""
    if scope.scans:
        return otherwise_at_once(node, scope)
    operand = scope.translate(node.operand)
    block, fallback = scope.aside(node.fallback)
    if isinstance(node.type, t.Row):
        operand, fallback = rows.as_row(operand, node.type, scope), rows.as_row(fallback, node.type, scope)
    if not operand.optional:
        return operand
    if not block:
        return _instead(operand, fallback, node.type, scope)
    found = scope.held(attrs.evolve(operand, type=node.type))
    scope.block.say(f"IF {conditions.emptiness(found, scope).text} THEN")
    block.say(*(f"{name} := {text};" for name, text in zip(found.cells, fallback.cells, strict=True)))
    scope.block.put(block)
    scope.block.say("END IF;")
    return attrs.evolve(
        found,
        known=None,
        fixed=False,
        optional=fallback.optional,
        whole=max(operand.whole, fallback.whole),
        scale=max(operand.scale, fallback.scale),
    )


def _instead(operand: Sql, fallback: Sql, type_: t.Type, scope: ServerScope) -> Sql:
    if isinstance(type_, t.Row):
        return rows.otherwise(operand, fallback, type_, scope)
    if operand.known is not None:
        return fallback if operand.known.value is None else operand
    return Sql(
        (f"coalesce({operand.text}, {fallback.text})",),
        type_,
        fallback.optional,
        whole=max(operand.whole, fallback.whole),
        scale=max(operand.scale, fallback.scale),
        fixed=all_fixed(operand, fallback),
    )


def column(node: e.Column, scope: ServerScope) -> Sql:
    """A column of a row. Of a row that this function may have deleted, a part of its key tells nothing: it is seen to be there
    still."""
    assert isinstance(node.row.type, t.Row)
    tables = node.row.type.tables
    gone = scope.function.deleted.intersection(tables)
    primary = any(scope.schema.tables[name].by_name[node.column].primary for name in tables)
    if not (gone and primary) or scope.scanned(node.row) is not None:
        return rows.column(node, scope)
    if len(tables) > 1:
        raise NotRelational("a key is read here from a row of several tables that may have been deleted")
    row = scope.translate(node.row)
    if not scope.is_variable(row):
        if scope.scans:
            raise NotRelational("a key is read here from a row that may have been deleted")
        row = scope.held(row, "row")
    known = scope.function.row(scope.schema.tables[tables[0]], row)
    if not scope.scans:
        load(known, scope, maybe_empty=row.optional)
        return rows.of_row(row, node.column, scope)
    found = rows.of_row(row, node.column, scope)
    return found if known in scope.function.fresh else attrs.evolve(found, fails=True)


def row_by_key(node: e.RowByKey, scope: ServerScope) -> Sql:
    """A row named by its key, read at once. That there is none is a failure."""
    if scope.scans:
        return rows.row_by_key(node, scope)
    table = scope.schema.tables[node.table]
    stored = scope.storage.table(node.table)
    alias = scope.new_alias()
    wanted: list[Sql] = []
    found: list[str] = []
    for name, value in zip(node.columns, node.values, strict=True):
        column = stored.columns[name]
        if len(column.references) > 1:
            raise NotRelational("a row is named here by a lookup to several tables")
        sql = scope.translate(value)
        if isinstance(column.column.type, t.Row):
            sql = rows.as_row(sql, column.column.type, scope)
        wanted.append(sql)
        left, right = scope.spelling.aligned(scope.read(alias, table, name), sql)
        types = scope.function.cell_types(column.column.type)
        found += [
            scope.spelling.same(one, other, type_, False)
            for one, other, type_ in zip(left.cells, right.cells, types, strict=True)
        ]
    key = scope.function.value_variables(table.short_name, t.Row((node.table,)))
    row = scope.function.row(table, Sql(key, t.Row((node.table,)), simple=True))
    key_cells = scope.key_of(alias, table).cells

    def select() -> list[str]:
        cells, names = (*key_cells, *read_cells(row, alias, scope)), (*key, *row.names)
        tail = f"FROM {scope.named(table, alias)} WHERE {' AND '.join(found)}"
        return [f"SELECT {', '.join(cells)} INTO {', '.join(names)} {tail};"]

    scope.block.say_later(select)
    missing = scope.block.inside("IF NOT FOUND THEN", "END IF;")
    hint = f"ask for it with find optional {table.short_name} if it may be missing"
    scope.fail(codes.NOT_FOUND, _missing(node, wanted, scope), hint=hint, block=missing)
    scope.block.say_later(lambda: conforming(row, scope))
    scope.function.drop({row})
    scope.function.fresh.add(row)
    return row.key


def _missing(node: e.RowByKey, wanted: list[Sql], scope: ServerScope) -> str:
    """What to say of a key that no row has, as SQL. A sensitive value is not repeated."""
    table = scope.schema.tables[node.table]
    parts = [scope.text(f"There is no {table.short_name} with ")]
    for at, (name, value) in enumerate(zip(node.columns, wanted, strict=True)):
        shown = scope.text("***") if table.by_name[name].sensitive else scope.told(value)
        parts += [scope.text(f"{' and ' if at else ''}{name} "), f"coalesce({shown}, 'empty')"]
    return scope.spelling.joined([*parts, scope.text(".")])


def in_(node: e.In, scope: ServerScope) -> Sql:
    """Whether a value is in a list or among chosen members."""
    collection = bare(node.collection)
    if isinstance(collection, e.ListLiteral) and not scope.scans:
        return _in_literal(node, collection, scope)
    if isinstance(collection, e.ListLiteral):
        return conditions.in_(node, scope)
    item, values = scope.translate(node.item), scope.translate(node.collection)
    if isinstance(node.collection.type, t.Choices):
        name = scope.spelling.display(item)
        found = f"({values.text}::jsonb ? {name})"
    else:
        if len(item.cells) != 1:
            raise NotRelational(
                "whether a row of several tables, or with a key of several columns, is in a list is asked here"
            )
        found = f"({item.text} = ANY ({values.text}))"
    text = f"coalesce({found}, false)" if item.optional or values.optional else found
    return conditions.boolean(text, item, values)


def _in_literal(node: e.In, collection: e.ListLiteral, scope: ServerScope) -> Sql:
    """Whether a value is one of several: all are worked out before they are compared."""
    item = scope.translate(node.item)
    items = [scope.translate(each) for each in collection.items]
    found = conditions.some([conditions.equality(item, each, True, scope) for each in items], scope)
    if not item.optional:
        return found
    return conditions.every([conditions.negated(conditions.emptiness(item, scope), scope), found], scope)


def list_literal(node: e.ListLiteral, scope: ServerScope) -> Sql:
    """A list put together."""
    assert isinstance(node.type, t.ListOf)
    items = [scope.translate(item) for item in node.items]
    if isinstance(node.type.item, t.Row):
        items = [rows.as_row(item, node.type.item, scope) for item in items]
    type_ = scope.function.variable_type(node.type)
    text = f"ARRAY[{', '.join(item.text for item in items)}]::{type_}"
    return Sql((text,), node.type, fails=any(item.fails for item in items), fixed=all_fixed(*items))


def guarded(node: Guarded, scope: ServerScope) -> Sql:
    """A row, once it is seen that the caller may read it."""
    row = scope.translate(node.row)
    if scope.scans:
        return attrs.evolve(row, fails=True)
    allowed = scope.translate(node.check)
    refused = scope.block.inside(f"IF NOT {allowed.text} THEN", "END IF;")
    scope.fail(ROW_OUT_OF_REACH, scope.text(node.message), block=refused)
    return row


OWN: Mapping[type, Callable[[Any, Any], Sql]] = {
    e.And: and_,
    e.Or: or_,
    e.Otherwise: otherwise,
    e.Column: column,
    e.RowByKey: row_by_key,
    e.In: in_,
    e.ListLiteral: list_literal,
    e.CallVerb: call_verb,
    e.Aggregate: aggregate,
    Guarded: guarded,
}
RULES: Mapping[type, Rule] = {**RELATIONAL, **OWN}
