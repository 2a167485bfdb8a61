"""Rows by their key: `team("Tier 2")`, `order_line(order: 1, product: 2)`."""

from __future__ import annotations

from actionlang.check.body import Body, type_in_words
from actionlang.check.conversion import fit
from actionlang.check.dispatch import check_expression, is_unknown, unknown
from actionlang.check.flow import skip
from actionlang.check.names import listed, suggest
from actionlang.check.references import Kind
from actionlang.check.slots import check_slot, fit_slot
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import types as codes
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.syntax import ast

Key = tuple[str, ...]


def check_key(node: ast.Call, name: ast.Qualified, body: Body) -> e.Expression:
    """The row of a table whose key has the values in parentheses."""
    table = body.table(name)
    if table is None:
        skip(node.arguments, body)
        return unknown()
    if len(node.arguments) == 1 and node.arguments[0].name is None:
        return _by_value(node, node.arguments[0].value, table, body)
    if not node.arguments or any(argument.name is None for argument in node.arguments):
        _complain(node, f"Say which {table.short_name}.", table, body)
        skip(node.arguments, body)
        return unknown()
    return _by_names(node, table, body)


def _by_value(node: ast.Call, value: ast.Expression, table: Table, body: Body) -> e.Expression:
    """`team("Tier 2")`: by the only alternate key, or the primary key of a table without one."""
    primary = tuple(column.name for column in table.primary)
    keys = table.keys or (primary,)
    if len(keys) > 1 or len(keys[0]) > 1:
        what = "several keys" if len(keys) > 1 else f"a key of {len(keys[0])} columns"
        _complain(node, f"{table.short_name} has {what}, and it is not said which column this is.", table, body)
        skip(value, body)
        return unknown()
    column = table.by_name[keys[0][0]]
    found = check_expression(value, body, column.type)
    if not table.keys and not is_unknown(found) and fit(found, column.type) is None:
        message = f"{table.short_name} has no key that {type_in_words(found.type)} could be."
        _complain(node, message, table, body)
        return unknown()
    given = fit_slot(found, value, body, column.type, False, f"the key column {column.name}")
    return unknown() if is_unknown(given) else _row(table, keys[0], (given,))


def _by_names(node: ast.Call, table: Table, body: Body) -> e.Expression:
    """`order_line(order: 1, product: 2)`: by the key that has just these columns."""
    names = [argument.name.text for argument in node.arguments if argument.name]
    primary = tuple(column.name for column in table.primary)
    key = next((key for key in (primary, *table.keys) if set(key) == set(names)), None)
    values: dict[str, e.Expression] = {}
    complaints = len(body.reporter.diagnostics)
    for argument in node.arguments:
        assert argument.name is not None
        column = table.by_name.get(argument.name.text)
        if column is not None and body.reporter.seen is not None:
            full = f"{table.name}.{column.name}"
            body.reporter.seen.use(Kind.COLUMN, full, argument.name, column.name, column.type)
        if column is None:
            hint = suggest(argument.name.text, table.by_name) or _ways(table)
            message = f"{table.short_name} has no column {argument.name.text}."
            fixes = body.respelt(argument.name, argument.name.text, table.by_name)
            body.report(name_codes.UNKNOWN_COLUMN, argument.name, message, hint, (), fixes)
            skip(argument.value, body)
        elif column.name in values:
            body.report(codes.ARGUMENT_TWICE, argument, f"{column.name} is given twice.", "Leave one of the two out.")
            skip(argument.value, body)
        elif key is None:
            values[column.name] = check_expression(argument.value, body, column.type)
        else:
            what = f"the key column {column.name}"
            values[column.name] = check_slot(argument.value, body, column.type, False, what)
    if len(body.reporter.diagnostics) > complaints or any(is_unknown(value) for value in values.values()):
        return unknown()
    if key is None:
        _complain(
            node,
            f"{listed(names, 'and')} {'is' if len(names) == 1 else 'are'} no key of {table.short_name}.",
            table,
            body,
        )
        return unknown()
    return _row(table, key, tuple(values[name] for name in key))


def _row(table: Table, key: Key, values: tuple[e.Expression, ...]) -> e.Expression:
    return e.RowByKey(t.Row((table.name,)), False, table.name, key, values)


def _complain(node: ast.Call, message: str, table: Table, body: Body) -> None:
    hint = f"{_ways(table)} Or look for it: find {table.short_name} where (...)."
    body.report(codes.WRONG_KEY, node, message, hint)


def _ways(table: Table) -> str:
    keys = (*table.keys, tuple(column.name for column in table.primary))
    ways = [f"{table.short_name}({', '.join(f'{name}: ...' for name in key)})" for key in keys]
    return f"A row is named by a key: {listed(ways)}."
