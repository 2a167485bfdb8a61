"""The types of expressions that say where a value comes from: constants, locals, columns, keys, narrowing and conversion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.diagnostics.catalogue import plans as codes
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.verify_metadata import check_constant, check_type
from actionlang.plan.verify_place import Body, Refusal, Typed, fits, may_be_empty, wrong_type

TEXT: Typed = (t.Text(), False)


def _literal(node: e.Literal, body: Body) -> Typed:
    check_type(node.type, body.contents)
    if node.value is None:
        return node.type, True
    check_constant(node.type, node.value, body.contents)
    return node.type, False


def _local(node: e.Local, body: Body) -> Typed:
    local = body.local(node.name)
    return local.type, local.optional


def _caller(_: e.Caller, body: Body) -> Typed:
    check_type(t.USER, body.contents)
    return t.USER, False


def _failure_message(_: e.FailureMessage, body: Body) -> Typed:
    if not body.in_else_of_attempt:
        raise Refusal(codes.WRONG_NAME_IN_PLAN, "a failure's message is known only in the else of an attempt")
    return TEXT


def _column(node: e.Column, body: Body) -> Typed:
    row = body.check(node.row)
    if not isinstance(row, t.Row):
        wrong_type(f"the column {node.column} is read from {row}, which is no row")
    columns = [body.contents.column(table, node.column) for table in row.tables]
    if any(column.type != columns[0].type for column in columns):
        wrong_type(f"the column {node.column} is of another type in each table")
    return columns[0].type, node.row.optional or any(column.optional for column in columns)


def _output_of(node: e.OutputOf, body: Body) -> Typed:
    result = body.check(node.result)
    if not isinstance(result, t.Outputs):
        wrong_type(f"the output {node.output} is read from {result}")
    for output in body.contents.verb(result.verb).outputs:
        if output.name == node.output:
            return output.type, output.optional
    raise Refusal(codes.UNKNOWN_IN_PLAN, f"{result.verb} has no output {node.output}")


def _row_by_key(node: e.RowByKey, body: Body) -> Typed:
    table = body.contents.table(node.table)
    if node.columns not in (tuple(column.name for column in table.primary), *table.keys):
        wrong_type(f"{', '.join(node.columns) or 'nothing'} is no key of {node.table}")
    if len(node.values) != len(node.columns):
        wrong_type(f"a key of {node.table} has {len(node.columns)} columns, not {len(node.values)}")
    for name, value in zip(node.columns, node.values, strict=True):
        body.check_slot(value, table.by_name[name].type)
    return t.Row((node.table,)), False


def _narrow(node: e.Narrow, body: Body) -> Typed:
    operand = body.check(node.operand)
    known = body.facts.of(node.operand)
    if node.operand.optional and not node.optional and not (known and known.filled):
        may_be_empty(node.operand)
    if node.type == operand:
        return operand, node.optional and node.operand.optional
    if not isinstance(node.type, t.Row) or not isinstance(operand, t.Row) or not _in_order(node.type, operand):
        wrong_type(f"{operand} can not be narrowed to {node.type}")
    if known is None or known.tables is None or not known.tables <= set(node.type.tables):
        wrong_type(f"nothing shows here that a row of {operand} is one of {node.type}")
    return node.type, node.optional and node.operand.optional


def _in_order(fewer: t.Row, more: t.Row) -> bool:
    """Whether a row type has some of another's tables, in the same order."""
    return bool(fewer.tables) and fewer.tables == tuple(table for table in more.tables if table in fewer.tables)


def _convert(node: e.Convert, body: Body) -> Typed:
    operand = body.check(node.operand)
    check_type(node.type, body.contents)
    empty = isinstance(node.operand, e.Literal) and node.operand.value is None
    if not empty and not _converts(operand, node.type):
        wrong_type(f"{operand} can not be converted to {node.type}")
    return node.type, node.operand.optional


def _converts(operand: t.Type, wanted: t.Type) -> bool:
    """Whether every value of one type is one of another."""
    if isinstance(operand, t.ListOf) and isinstance(wanted, t.ListOf):
        return _converts(operand.item, wanted.item)
    if isinstance(operand, t.Row) and isinstance(wanted, t.Row):
        return set(operand.tables) <= set(wanted.tables)
    return wanted in (t.Text(), t.Decimal()) and (
        fits(operand, wanted) or (operand == t.Integer() and wanted == t.Decimal())
    )


def _template(node: e.Template, body: Body) -> Typed:
    for part in node.parts:
        if isinstance(part, str):
            check_constant(t.Text(), part, body.contents)
        elif isinstance(body.check_filled(part), t.Outputs | t.Empty | t.File):
            wrong_type(f"{part.type} can not stand in a text")
    return TEXT


RULES: dict[type, Callable[[Any, Body], Typed]] = {
    e.Literal: _literal,
    e.Local: _local,
    e.Caller: _caller,
    e.FailureMessage: _failure_message,
    e.Column: _column,
    e.OutputOf: _output_of,
    e.RowByKey: _row_by_key,
    e.Narrow: _narrow,
    e.Convert: _convert,
    e.Template: _template,
}
