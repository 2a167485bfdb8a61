"""Queries, and the calls that make one value of many rows: count, exists, sum, min, max, average."""

from __future__ import annotations

from actionlang.check.body import Body, type_in_words
from actionlang.check.dispatch import check_expression, is_unknown, unknown
from actionlang.check.flow import skip
from actionlang.check.operators import complain_of_no_order, has_order
from actionlang.check.paths import qualified
from actionlang.check.slots import check_condition, check_slot
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import types as codes
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.facts import when
from actionlang.plan.verify_calls import AVERAGES
from actionlang.plan.verify_place import unsized
from actionlang.syntax import ast

ROWS_ONLY = ("count", "exists")
AGGREGATES = (*ROWS_ONLY, "sum", "min", "max", "average")


def check_query(
    place: ast.Node,
    table: ast.Qualified,
    alias: ast.Name | None,
    where: ast.Expression | None,
    order: tuple[ast.Ordering, ...],
    limit: ast.Expression | None,
    body: Body,
) -> e.Query | None:
    """Rows of a table. Binds the row's local in the scope that is open, and learns that `where` holds of it. None after a
    complaint about the table or the row's name; then nothing is bound, and the rest was not looked at."""
    found = body.table(table)
    if found is None:
        return None
    if alias is None and table.text in body.locals:
        taken = body.locals[table.text]
        taken.used = True
        message = f"{table.text} names something here already, so this query's row needs another name."
        hint = f"Give it one: {table} as other."
        places = ((taken.span, f"the {taken.what} {table.text}"),) if taken.span.end else ()
        body.report(name_codes.NEEDS_ALIAS, table, message, hint, places)
        return None
    most = None if limit is None else check_slot(limit, body, t.Integer(), False, "the limit")
    name = alias or ast.Name(table.start, table.end, table.text)
    local = body.bind(name, t.Row((found.name,)), False, "row")
    local.used = local.used or alias is None
    condition = None if where is None else check_condition(where, body)
    if where is not None and condition is not None:
        body.note_asked(where, condition)
        body.facts = when(condition, True, body.facts)
    orderings = tuple(_ordering(ordering, body) for ordering in order)
    return e.Query(found.name, name.text, condition, orderings, most)


def _ordering(ordering: ast.Ordering, body: Body) -> e.Ordering:
    value = check_expression(ordering.value, body)
    if not is_unknown(value) and not has_order(value.type, body):
        complain_of_no_order(ordering, ordering.value, value.type, "sorted", body)
        value = unknown()
    return e.Ordering(value, ordering.descending)


def check_aggregate(node: ast.Call, kind: str, body: Body) -> e.Expression:
    """`count(case where ...)`, `sum(case.amount from case where ...)`."""
    table = _table_of(node, kind, body)
    if table is None:
        return unknown()
    tail = node.tail
    alias, where = (tail.alias, tail.where) if tail else (None, None)
    facts = body.facts
    value = None
    with body.block():
        query = check_query(node, table, alias, where, (), None, body)
        if query is None:
            skip(where, body)
        elif kind not in ROWS_ONLY:
            value = check_expression(node.arguments[0].value, body)
    body.facts = facts
    if query is None:
        return unknown()
    if value is None:
        return e.Aggregate(t.Integer() if kind == "count" else t.Boolean(), False, kind, query, None)
    return _of_values(node, kind, query, value, body)


def _of_values(node: ast.Call, kind: str, query: e.Query, value: e.Expression, body: Body) -> e.Expression:
    if is_unknown(value):
        return value
    operand = node.arguments[0].value
    if kind in ("min", "max"):
        if has_order(value.type, body):
            return e.Aggregate(value.type, True, kind, query, value)
        complain_of_no_order(node, operand, value.type, "compared by size", body)
        return unknown()
    type_ = unsized(value.type)
    if type_ not in AVERAGES:
        message = f"{kind} takes numbers or lengths of time, not {type_in_words(type_)}."
        body.report(codes.WRONG_TYPE, operand, message, "To count rows, write count(... where ...).")
        return unknown()
    if kind == "sum":
        return e.Aggregate(type_, False, kind, query, value)
    return e.Aggregate(AVERAGES[type_], True, kind, query, value)


def _table_of(node: ast.Call, kind: str, body: Body) -> ast.Qualified | None:
    """The table whose rows a call is about; None after a complaint."""
    written = node.tail.table if node.tail else None
    arguments = node.arguments
    alone = arguments[0].value if len(arguments) == 1 and arguments[0].name is None else None
    if kind in ROWS_ONLY:
        table = None if alone is None or written is not None else qualified(alone)
        if table is not None and not _is_value(table, body):
            return table
        message = f"{kind} takes a table, and a condition if not all its rows count."
        hint = f"Write {kind}({written or 'TABLE'} where ...)."
    elif alone is not None and written is not None:
        return written
    else:
        named = (alone and qualified(alone)) or written
        table_name = str(named) if named and named.text in body.names.tables else "TABLE"
        message = f"{kind} takes a value of each row, and the table that the rows are of."
        hint = f"Write {kind}({table_name}.COLUMN from {table_name} where ...)."
    body.report(codes.WRONG_QUERY, node, message, hint)
    skip((node.arguments, node.tail), body)
    return None


def _is_value(table: ast.Qualified, body: Body) -> bool:
    """Whether what should be a table is a local, or a path from one."""
    if table.qualifier is None:
        return table.text in body.locals and table.text not in body.names.tables
    return table.qualifier in body.locals
