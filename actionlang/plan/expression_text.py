"""Expressions of a plan written back the way a script writes them, for people to read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.guards import Guarded
from actionlang.plan.membership import asked_of
from actionlang.plan.values import encode_value

OR, AND, NOT, COMPARISON, OTHERWISE, SUM, PRODUCT, NEGATION, OPERAND = range(1, 10)
"""How tightly each operator binds, loosest first."""

LEVELS: dict[type, int] = {
    e.Or: OR,
    e.And: AND,
    e.Not: NOT,
    e.Compare: COMPARISON,
    e.IsEmpty: COMPARISON,
    e.IsTable: COMPARISON,
    e.In: COMPARISON,
    e.Under: COMPARISON,
    e.Otherwise: OTHERWISE,
    e.Negate: NEGATION,
}
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "{": "{{", "}": "}}"})
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Characters that would move a terminal's cursor or hide others."""
UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
    ("second", timedelta(seconds=1)),
)
MICROSECOND = timedelta(microseconds=1)


def expression_text(expression: e.Expression) -> str:
    """An expression as a script would have it. Conversions and narrowing, which scripts do not write, do not show."""
    return _at(expression, OR)


def condition_text(condition: e.Expression) -> str:
    """A condition in its parentheses."""
    return f"({expression_text(condition)})"


def query_text(query: e.Query) -> str:
    """A query: table, row name, condition, order, limit."""
    where = "" if query.where is None else f" where {condition_text(query.where)}"
    order = ", ".join(expression_text(each.value) + (" descending" if each.descending else "") for each in query.order)
    limit = "" if query.limit is None else f" limit {expression_text(query.limit)}"
    return source_text(query) + where + (f" order by {order}" if order else "") + limit


def source_text(query: e.Query) -> str:
    """A query's table, with its row's name where that is another."""
    table = short(query.table)
    return table if query.row == table else f"{table} as {query.row}"


def short(name: str) -> str:
    """The last part of a full name."""
    return name.rpartition(".")[2]


def arguments_text(arguments: tuple[tuple[str, e.Expression], ...], sign: str = ": ") -> str:
    """Named values, parted by commas."""
    return ", ".join(f"{name}{sign}{expression_text(value)}" for name, value in arguments)


def _at(expression: e.Expression, level: int) -> str:
    """An expression, in parentheses when it binds more loosely than its surroundings."""
    while isinstance(expression, e.Narrow | e.Convert):
        expression = expression.operand
    text = TEXTS[type(expression)](expression)
    return f"({text})" if _level(expression) < level else text


def _level(expression: e.Expression) -> int:
    if isinstance(expression, e.Arithmetic):
        return SUM if expression.operator in "+-" else PRODUCT
    if isinstance(expression, e.Not) and isinstance(expression.operand, e.IsEmpty | e.IsTable):
        return COMPARISON
    return LEVELS.get(type(expression), OPERAND)


def _literal(node: e.Literal) -> str:
    if node.value is None:
        return "empty"
    return constant_text(node.type, node.value)


def escaped(text: str) -> str:
    """A text as it stands between quotes in a script."""
    return UNSEEN.sub(lambda found: f"\\u{{{ord(found[0]):X}}}", text.translate(ESCAPES))


def constant_text(type_: t.Type, value: object) -> str:
    """A constant as a script writes it."""
    if isinstance(type_, t.Text):
        return f'"{escaped(str(value))}"'
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, tuple):
        item = type_.item if isinstance(type_, t.ListOf) else t.Choice("")
        return f"({', '.join(constant_text(item, each) for each in value)})"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(encode_value(type_, value))
    return f'{type_} "{text}"' if isinstance(type_, t.Date | t.DateTime | t.Id) else text


def _duration(value: timedelta) -> str:
    for name, unit in UNITS:
        if value % unit == timedelta(0) and value:
            count = value // unit
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{Decimal(value // MICROSECOND).scaleb(-6).normalize():f} seconds" if value else "0 days"


def _column(node: e.Column) -> str:
    return f"{_at(node.row, OPERAND)}.{node.column}"


def _row_by_key(node: e.RowByKey) -> str:
    if len(node.columns) == 1:
        return f"{short(node.table)}({expression_text(node.values[0])})"
    return f"{short(node.table)}({arguments_text(tuple(zip(node.columns, node.values, strict=True)))})"


def _not(node: e.Not) -> str:
    if isinstance(node.operand, e.IsEmpty):
        return f"{_at(node.operand.operand, OTHERWISE)} is not empty"
    if isinstance(node.operand, e.IsTable):
        return f"{_at(node.operand.operand, OTHERWISE)} is not {short(node.operand.table)}"
    return f"not {_at(node.operand, NOT)}"


def _joined(word: str, level: int) -> Callable[[Any], str]:
    return lambda node: word.join(_at(operand, level + 1) for operand in node.operands)


def _arithmetic(node: e.Arithmetic) -> str:
    level = _level(node)
    return f"{_at(node.left, level)} {node.operator} {_at(node.right, level + 1)}"


def _compare(node: e.Compare) -> str:
    return f"{_at(node.left, OTHERWISE)} {node.operator} {_at(node.right, OTHERWISE)}"


def _template(node: e.Template) -> str:
    parts = (escaped(part) if isinstance(part, str) else f"{{{expression_text(part)}}}" for part in node.parts)
    return f'"{"".join(parts)}"'


def _call_verb(node: e.CallVerb) -> str:
    on = [] if node.on is None else [expression_text(node.on)]
    return f"{short(node.verb)}({', '.join([*on, *([arguments_text(node.arguments)] if node.arguments else [])])})"


def _aggregate(node: e.Aggregate) -> str:
    asked = asked_of(node)
    if asked is not None:
        return " in ".join(_at(each, OTHERWISE) for each in asked)
    value = "" if node.value is None else f"{expression_text(node.value)} from "
    where = "" if node.query.where is None else f" where {expression_text(node.query.where)}"
    return f"{node.kind}({value}{source_text(node.query)}{where})"


TEXTS: dict[type, Callable[[Any], str]] = {
    e.Literal: _literal,
    e.Local: lambda node: str(node.name),
    e.Caller: lambda _: "caller",
    e.FailureMessage: lambda _: "failure.message",
    e.Column: _column,
    e.OutputOf: lambda node: f"{_at(node.result, OPERAND)}.{node.output}",
    e.RowByKey: _row_by_key,
    e.Not: _not,
    e.And: _joined(" and ", AND),
    e.Or: _joined(" or ", OR),
    e.Compare: _compare,
    e.IsEmpty: lambda node: f"{_at(node.operand, OTHERWISE)} is empty",
    e.IsTable: lambda node: f"{_at(node.operand, OTHERWISE)} is {short(node.table)}",
    e.In: lambda node: f"{_at(node.item, OTHERWISE)} in {_at(node.collection, OTHERWISE)}",
    e.Under: lambda node: f"{_at(node.row, OTHERWISE)} under {_at(node.ancestor, OTHERWISE)}",
    e.Otherwise: lambda node: f"{_at(node.operand, OTHERWISE)} otherwise {_at(node.fallback, SUM)}",
    e.Arithmetic: _arithmetic,
    e.Negate: lambda node: f"-{_at(node.operand, NEGATION)}",
    e.Template: _template,
    e.ListLiteral: lambda node: f"({', '.join(map(expression_text, node.items))}{',' if len(node.items) == 1 else ''})",
    e.CallFunction: lambda node: f"{node.function}({', '.join(map(expression_text, node.arguments))})",
    e.CallVerb: _call_verb,
    e.Aggregate: _aggregate,
    Guarded: lambda node: expression_text(node.row),
}
