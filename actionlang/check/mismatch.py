"""What to write instead of a value of the wrong type."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from actionlang.check.body import Body
from actionlang.check.excerpt import excerpt, operand
from actionlang.check.names import listed, short, suggest
from actionlang.metadata import types as t
from actionlang.syntax import ast
from actionlang.syntax.days import day_meant

EXACT = (t.Integer, t.Decimal, t.Money)
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z", re.ASCII)
DURATION = re.compile(r"[0-9]+(\.[0-9]+)? (weeks?|days?|hours?|minutes?|seconds?)\Z", re.ASCII)


def way_out(found: t.Type, wanted: t.Type, node: ast.Expression, body: Body) -> str | None:
    """A hint for a value of one type where another is wanted, or None when there is no way from one to the other."""
    rule = HINTS.get(type(wanted))
    return rule(found, wanted, node, body) if rule else None


def _to_text(found: t.Type, _: t.Type, node: ast.Expression, body: Body) -> str | None:
    if isinstance(node, ast.NumberLiteral):
        return f'A text stands in quotes: "{node.value}".'
    if isinstance(found, t.Row):
        return f"Name a column of it: {operand(node, body, 'row')}.name, say."
    if isinstance(found, t.ListOf):
        return f'Join its texts: join({operand(node, body, "list")}, ", ").'
    if isinstance(found, t.Outputs | t.File):
        return None
    return f'Put it into a text: "{{{operand(node, body)}}}".'


def _to_exact(found: t.Type, wanted: t.Type, node: ast.Expression, body: Body) -> str | None:
    written = operand(node, body)
    if isinstance(found, t.Float):
        return f"Say how many decimals count: exact({written}, 2)."
    if isinstance(found, t.Text):
        if isinstance(node, ast.TextLiteral) and NUMBER.match(node.value):
            return f"Write it without quotes: {node.value}."
        return f"Read the number in a text with {_reader(wanted)}({written})."
    if isinstance(found, EXACT):
        return f"Round it: round({written})."
    if isinstance(found, t.Duration):
        return f"Say in which unit: to_hours({written}), to_days({written})."
    return None


def _reader(wanted: t.Type) -> str:
    return "integer_of" if isinstance(wanted, t.Integer) else "number_of"


def _to_float(found: t.Type, _: t.Type, node: ast.Expression, body: Body) -> str | None:
    return f"Write to_float({operand(node, body)})." if isinstance(found, EXACT) else None


def _to_date(found: t.Type, _: t.Type, node: ast.Expression, body: Body) -> str | None:
    if isinstance(found, t.Text):
        if isinstance(node, ast.TextLiteral):
            return f'Write a day as date "{_day(node.value)}", or count from today: today() + 1 days.'
        return f"Read the day in a text with date_of({operand(node, body)})."
    if isinstance(found, EXACT) and day_meant(excerpt(node, body) or ""):
        return "A day is written as a text with date before it."
    return f"Take its day: date_of({operand(node, body)})." if isinstance(found, t.DateTime) else None


def _day(text: str) -> str:
    return (day_meant(text) or dt.date(2026, 11, 24)).isoformat()


def _to_datetime(found: t.Type, _: t.Type, node: ast.Expression, body: Body) -> str | None:
    written = operand(node, body)
    if isinstance(found, t.Date):
        return f"Say at what time of the day: datetime_at({written}, 9, 0), or start_of_day({written})."
    if isinstance(found, t.Text):
        if isinstance(node, ast.TextLiteral):
            return 'Write a moment as datetime "2026-11-24T09:30:00Z", or count from now: now() + 1 hours.'
        return f"Read the moment in a text with datetime_of({written})."
    return None


def _to_duration(found: t.Type, _: t.Type, node: ast.Expression, body: Body) -> str | None:
    if isinstance(node, ast.NumberLiteral):
        return f"Say the unit: {node.value} days, {node.value} hours."
    if isinstance(node, ast.TextLiteral):
        if DURATION.match(node.value):
            return f"Write it without quotes: {node.value}."
        return "A length of time is a number and its unit, without quotes: 2 days, 90 minutes."
    return f"Say the unit: days({operand(node, body)})." if isinstance(found, EXACT) else None


def _to_choice(found: t.Type, wanted: t.Type, node: ast.Expression, body: Body) -> str | None:
    assert isinstance(wanted, t.Choice | t.Choices)
    members = body.universe.choices[wanted.name].by_name
    if isinstance(node, ast.TextLiteral):
        if node.value in members:
            return f"A member stands without quotes: {node.value}."
        return suggest(node.value, members) or f"Its members are {listed(members, 'and')}."
    return f"The members of {short(wanted.name)} are {listed(members, 'and')}."


def _to_row(found: t.Type, wanted: t.Type, node: ast.Expression, body: Body) -> str | None:
    assert isinstance(wanted, t.Row)
    for name in wanted.tables:
        table = body.universe.tables[name]
        for key in (*table.keys, tuple(column.name for column in table.primary)):
            if len(key) == 1 and type(table.by_name[key[0]].type) is type(found):
                named = "" if len(table.keys) < 2 and key in table.keys else f"{key[0]}: "
                return f"Name the row by its key: {table.short_name}({named}{operand(node, body)})."
    return None


def _to_list(found: t.Type, wanted: t.Type, node: ast.Expression, body: Body) -> str | None:
    if isinstance(found, t.ListOf):
        return None
    return "A list stands in parentheses: (first, second), or (first,) with one value alone."


def _to_boolean(found: t.Type, _: t.Type, node: ast.Expression, body: Body) -> str | None:
    written = operand(node, body)
    if isinstance(found, (*EXACT, t.Duration)):
        zero = "0 minutes" if isinstance(found, t.Duration) else "0"
        return f"Compare it with something: {written} > {zero}."
    if isinstance(found, t.Choice):
        member = body.universe.choices[found.name].members[0].name
        return f"Compare it with a member: {written} = {member}."
    if isinstance(found, t.Outputs):
        return "Name one of its outputs."
    return f"Ask whether there is one: {written} is not empty."


HINTS: dict[type[t.Type], Callable[[t.Type, t.Type, ast.Expression, Body], str | None]] = {
    t.Text: _to_text,
    t.Integer: _to_exact,
    t.Decimal: _to_exact,
    t.Money: _to_exact,
    t.Float: _to_float,
    t.Date: _to_date,
    t.DateTime: _to_datetime,
    t.Duration: _to_duration,
    t.Choice: _to_choice,
    t.Choices: _to_choice,
    t.Row: _to_row,
    t.ListOf: _to_list,
    t.Boolean: _to_boolean,
}
"""For each class of types that may be wanted: what leads to it from another."""
