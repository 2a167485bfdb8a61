"""The builder's rules of lists and expressions; build.py has the others and says how they are called."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

from actionlang.diagnostics.catalogue import syntax as codes
from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Source, Span
from actionlang.syntax import ast, precedence
from actionlang.syntax.collecting import Children, Collecting
from actionlang.syntax.days import day_meant
from actionlang.syntax.tokens import Token


def name(token: Token) -> ast.Name:
    """The name a token spells."""
    return ast.Name(token.start, token.end, str(token.value))


class Lists(Collecting):
    """Rules that pick or collect children."""

    end: int

    def first(self, c: Children) -> Any:
        return c[0]

    token = first
    operand = first

    def second(self, c: Children) -> Any:
        return c[1]

    def third(self, c: Children) -> Any:
        return c[2]

    def nothing(self, c: Children) -> None:
        return None

    def no_parameters(self, c: Children) -> Children:
        return []


class Expressions(Lists):
    """Rules of expressions."""

    source: Source
    diagnostics: list[Diagnostic]
    calls: list[str]

    def called(self, callee: ast.Expression) -> ast.Expression:
        """Remember the name that is called."""
        if isinstance(callee, ast.NameExpression):
            self.calls.append(callee.text)
        elif isinstance(callee, ast.Path) and isinstance(callee.target, ast.NameExpression):
            self.calls.append(f"{callee.target.text}.{callee.name.text}")
        return callee

    def expression(self, c: Children) -> ast.Expression:
        items = c[0]
        return items[0] if len(items) == 1 else precedence.group(items)

    def is_empty(self, c: Children) -> precedence.IsTest:
        return precedence.IsTest(self.end, None, False)

    def is_not_empty(self, c: Children) -> precedence.IsTest:
        return precedence.IsTest(self.end, None, True)

    def is_table(self, c: Children) -> precedence.IsTest:
        return precedence.IsTest(self.end, c[1], False)

    def is_not_table(self, c: Children) -> precedence.IsTest:
        return precedence.IsTest(self.end, c[2], True)

    def name_expression(self, c: Children) -> ast.Expression:
        return ast.NameExpression(c[0].start, c[0].end, c[0].value)

    def number(self, c: Children) -> ast.Expression:
        return ast.NumberLiteral(c[0].start, c[0].end, c[0].value)

    def duration(self, c: Children) -> ast.Expression:
        return ast.DurationLiteral(c[0].start, c[0].end, c[0].value)

    def text(self, c: Children) -> ast.Expression:
        return ast.TextLiteral(c[0].start, c[0].end, c[0].value)

    def boolean(self, c: Children) -> ast.Expression:
        return ast.BooleanLiteral(c[0].start, c[0].end, c[0].type == "TRUE")

    def empty(self, c: Children) -> ast.Expression:
        return ast.EmptyLiteral(c[0].start, c[0].end)

    def template(self, c: Children) -> Any:
        pieces = [c[0].value, *(piece.value if isinstance(piece, Token) else piece for piece in c[1]), c[2].value]
        parts = tuple(piece for piece in pieces if piece != "")
        return ast.Template(c[0].start, self.end, parts)

    def typed_literal(self, c: Children) -> ast.Expression:
        kind, text = c[0].value, c[1].value
        value: dt.date | dt.datetime | str
        try:
            value = TYPED[kind](text)
        except ValueError:
            what = EXPECTED[kind]
            message = f'"{text}" is no {kind}.'
            span = Span(c[1].start, c[1].end)
            meant = day_meant(text) if kind == "date" else None
            fixes = (Fix(f"Write {meant}", (Edit(span, f'"{meant}"'),), True),) if meant else ()
            label = Label(self.source, span)
            self.diagnostics.append(Diagnostic(codes.BAD_LITERAL, message, label, (), what, (), fixes))
            value = TYPED[kind](EXAMPLES[kind])
        return ast.TypedLiteral(c[0].start, self.end, kind, value)

    def parenthesised(self, c: Children) -> ast.Expression:
        return c[1]  # type: ignore[no-any-return]

    def list_of_one(self, c: Children) -> ast.Expression:
        return ast.ListLiteral(c[0].start, self.end, (c[1],))

    def list_literal(self, c: Children) -> ast.Expression:
        return ast.ListLiteral(c[0].start, self.end, (c[1], *c[3]))

    def path(self, c: Children) -> ast.Expression:
        return ast.Path(c[0].start, self.end, c[0], name(c[2]))

    def call_empty(self, c: Children) -> ast.Expression:
        return ast.Call(c[0].start, self.end, self.called(c[0]), (), None)

    def call(self, c: Children) -> ast.Expression:
        return ast.Call(c[0].start, self.end, self.called(c[0]), tuple(c[2]), None)

    def call_query(self, c: Children) -> ast.Expression:
        return ast.Call(c[0].start, self.end, self.called(c[0]), tuple(c[2]), c[3])

    def tail_alias(self, c: Children) -> ast.QueryTail:
        return ast.QueryTail(c[0].start, self.end, None, name(c[1]), None)

    def tail_alias_where(self, c: Children) -> ast.QueryTail:
        return ast.QueryTail(c[0].start, self.end, None, name(c[1]), c[3])

    def tail_where(self, c: Children) -> ast.QueryTail:
        return ast.QueryTail(c[0].start, self.end, None, None, c[1])

    def tail_from(self, c: Children) -> ast.QueryTail:
        return ast.QueryTail(c[0].start, self.end, c[1], c[2] and name(c[2]), None)

    def tail_from_where(self, c: Children) -> ast.QueryTail:
        return ast.QueryTail(c[0].start, self.end, c[1], c[2] and name(c[2]), c[4])

    def positional(self, c: Children) -> ast.Argument:
        return ast.Argument(c[0].start, self.end, None, c[0])

    def named(self, c: Children) -> ast.Argument:
        return ast.Argument(c[0].start, self.end, name(c[0]), c[2])

    def unqualified(self, c: Children) -> ast.Qualified:
        return ast.Qualified(c[0].start, c[0].end, None, c[0].value)

    def qualified(self, c: Children) -> ast.Qualified:
        return ast.Qualified(c[0].start, self.end, c[0].value, c[2].value)


DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(DAY.pattern + r"T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})")


def moment(text: str) -> dt.datetime:
    """A datetime literal's value. Raises ValueError when it is none, or does not say its offset from UTC."""
    if not MOMENT.fullmatch(text):
        raise ValueError(text)
    value = dt.datetime.fromisoformat(text)
    try:
        return value.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(text) from error


def day(text: str) -> dt.date:
    """A date literal's value, written as 2026-11-24. Raises ValueError."""
    if not DAY.fullmatch(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def identifier(text: str) -> str:
    """An id literal's value, in small letters. Raises ValueError."""
    value = str(uuid.UUID(text))
    if value != text.lower():
        raise ValueError(text)
    return value


TYPED: dict[str, Any] = {"date": day, "datetime": moment, "id": identifier}
EXAMPLES = {"date": "2026-11-24", "datetime": "2026-11-24T09:30:00Z", "id": "01940000-0000-7000-8000-000000000000"}
EXPECTED = {
    "date": 'A date is a day of the calendar, written date "2026-11-24".',
    "datetime": 'A datetime says its zone: datetime "2026-11-24T09:30:00Z", or +01:00 in place of Z.',
    "id": 'An id is a UUID: id "01940000-0000-7000-8000-000000000000".',
}
