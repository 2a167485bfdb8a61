"""`+ - * /` and the minus before a value."""

from __future__ import annotations

import datetime as dt

from actionlang.check.body import Body, type_in_words
from actionlang.check.conversion import DECIMAL, EXACT, fit
from actionlang.check.dispatch import check_expression, unknown
from actionlang.check.emptiness import filled
from actionlang.check.excerpt import capitalised, excerpt, operand
from actionlang.check.literals import check_number
from actionlang.check.mending import replaced
from actionlang.diagnostics.catalogue import types as codes
from actionlang.diagnostics.fix import Fix
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.verify_operators import ARITHMETIC
from actionlang.plan.verify_place import unsized
from actionlang.syntax import ast

Operation = tuple[bool, bool, t.Type]
"""Whether the left and the right operand become exact numbers first, and the result's type."""

DAY = dt.timedelta(days=1)
MESSAGES = {
    "+": "{0} and {1} can not be added.",
    "-": "{1} can not be subtracted from {0}.",
    "*": "{0} and {1} can not be multiplied.",
    "/": "{0} can not be divided by {1}.",
}
SIGNED = (t.Integer, t.Decimal, t.Money, t.Float, t.Duration)


def _operations() -> dict[tuple[type, str, type], Operation]:
    """What each operator makes of which classes of types, money and integers becoming exact numbers where they have to."""
    plain: tuple[t.Type, ...] = tuple({left for left, _, _ in ARITHMETIC})
    found: dict[tuple[type, str, type], Operation] = {}
    for left in (*plain, t.Money()):
        for right in (*plain, t.Money()):
            for operator in "+-*/":
                for exact_left, exact_right in ((False, False), (False, True), (True, False), (True, True)):
                    if (exact_left and not isinstance(left, EXACT)) or (exact_right and not isinstance(right, EXACT)):
                        continue
                    key = (DECIMAL if exact_left else left, operator, DECIMAL if exact_right else right)
                    if key in ARITHMETIC:
                        found.setdefault(
                            (type(left), operator, type(right)), (exact_left, exact_right, ARITHMETIC[key])
                        )
    return found


OPERATIONS = _operations()


def check_arithmetic(node: ast.Binary, body: Body, wanted: t.Type | None) -> e.Expression:
    """`left operator right` with exact numbers, times and lengths of time."""
    left = check_expression(node.left, body)
    right = check_expression(node.right, body)
    kind, other = left.type.__class__, right.type.__class__
    if kind is t.Unknown or other is t.Unknown:
        return unknown()
    operation = OPERATIONS.get((kind, node.operator, other))
    if operation is None:
        if kind is t.Empty or other is t.Empty:
            empty = node.left if kind is t.Empty else node.right
            return filled(left if kind is t.Empty else right, empty, body, f"and {node.operator} needs a value")
        _complain(node, left, right, body)
        return unknown()
    exact_left, exact_right, result = operation
    if left.optional or right.optional:
        left = filled(left, node.left, body, f"and {node.operator} needs a value")
        right = filled(right, node.right, body, f"and {node.operator} needs a value")
        if left.type.__class__ is t.Unknown or right.type.__class__ is t.Unknown:
            return unknown()
    if kind is t.Date and isinstance(right, e.Literal) and _is_part_of_a_day(right.value):
        _complain_of_hours(node, right.value, body)
        return unknown()
    if exact_left:
        left = _exact(left)
    if exact_right:
        right = _exact(right)
    return e.Arithmetic(result, False, node.operator, left, right)


def _exact(value: e.Expression) -> e.Expression:
    """An integer or an amount of money as an exact number."""
    if isinstance(value.type, t.Money):
        return e.Convert(DECIMAL, False, value)
    return fit(value, DECIMAL) or unknown()


def _is_part_of_a_day(value: object) -> bool:
    return isinstance(value, dt.timedelta) and bool(value % DAY)


def _complain_of_hours(node: ast.Binary, length: object, body: Body) -> None:
    assert isinstance(length, dt.timedelta)
    days = -(-length // DAY)
    written = operand(node.left, body)
    message = f"A date is a whole day, and {excerpt(node.right, body) or 'this'} is no number of days."
    instead = f"Write {written} {node.operator} {days} days"
    moment = "now()" if written == "today()" else f"start_of_day({written})"
    hint = f"{instead}; or take the day of a moment: date_of({moment} {node.operator} {excerpt(node.right, body)})."
    body.report(codes.WHOLE_DAYS, node, message, hint)


def _complain(node: ast.Binary, left: e.Expression, right: e.Expression, body: Body) -> None:
    one, other = type_in_words(left.type), type_in_words(right.type)
    message = capitalised(MESSAGES[node.operator].format(one, other))
    fixes = _fixes(node, left.type, right.type, body)
    body.report(codes.WRONG_OPERANDS, node, message, _hint(node, left.type, right.type, body), (), fixes)


def _fixes(node: ast.Binary, left: t.Type, right: t.Type, body: Body) -> tuple[Fix, ...]:
    """What to write instead of a sum that there is not."""
    one, other = excerpt(node.left, body), excerpt(node.right, body)
    if one is None or other is None:
        return ()
    if node.operator == "+" and (isinstance(left, t.Text) or isinstance(right, t.Text)):
        return replaced(node, f'"{_inside(node.left, one)}{_inside(node.right, other)}"', safe=True)
    if isinstance(left, t.Date | t.DateTime) and isinstance(node.right, ast.NumberLiteral):
        return replaced(node.right, f"{other} days", safe=isinstance(left, t.Date))
    return ()


def _hint(node: ast.Binary, left: t.Type, right: t.Type, body: Body) -> str | None:
    """What to write instead of an operation that there is not."""
    one, other = operand(node.left, body, "first"), operand(node.right, body, "second")
    moments = (t.Date, t.DateTime)
    if isinstance(left, t.Text) or isinstance(right, t.Text):
        if node.operator != "+":
            return "Read the number in a text with number_of(...)."
        return f'Put texts together with braces: "{_inside(node.left, one)}{_inside(node.right, other)}".'
    if isinstance(left, t.Float) or isinstance(right, t.Float):
        inexact = one if isinstance(left, t.Float) else other
        return f"Binary floating point and exact numbers do not mix. Say how many decimals count: exact({inexact}, 2)."
    if isinstance(left, moments) and isinstance(right, t.Integer):
        days = (
            f"{other} days"
            if isinstance(node.right, ast.NumberLiteral)
            else f"days({excerpt(node.right, body) or 'count'})"
        )
        return f"Say the unit: {one} {node.operator} {days}."
    if isinstance(left, t.Date) and isinstance(right, t.DateTime):
        return f"Take the day of the moment: date_of({other})."
    if isinstance(left, t.DateTime) and isinstance(right, t.Date):
        return f"Take the day of the moment: date_of({one})."
    if isinstance(right, t.Duration) and isinstance(left, EXACT) and node.operator == "*":
        return f"The length of time comes first: {other} * {one}."
    if isinstance(left, t.Duration) and isinstance(right, moments) and node.operator == "+":
        return f"The length of time comes last: {other} + {one}."
    if isinstance(left, t.Row) or isinstance(right, t.Row):
        return "Name a column of the row."
    return None


def _inside(node: ast.Expression, written: str) -> str:
    """An operand as it stands between the quotes of a text."""
    quoted = isinstance(node, ast.TextLiteral | ast.Template) and written.startswith('"')
    return written.strip('"') if quoted else f"{{{written}}}"


def check_minus(node: ast.Unary, body: Body, wanted: t.Type | None) -> e.Expression:
    """`-operand`; before a number it is part of the number."""
    if isinstance(node.operand, ast.NumberLiteral):
        return check_number(node.operand, body, wanted, -1)
    value = check_expression(node.operand, body)
    if isinstance(value.type, t.Unknown):
        return value
    if not isinstance(value.type, SIGNED):
        message = f"There is no minus before {type_in_words(value.type)}."
        body.report(codes.WRONG_OPERANDS, node, message, "A minus stands before a number or a length of time.")
        return unknown()
    value = filled(value, node.operand, body, "and - needs a value")
    return e.Negate(unsized(value.type), False, value)
