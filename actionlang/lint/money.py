"""Amounts that are compared with numbers of more decimals than they have."""

from __future__ import annotations

import decimal
from collections.abc import Iterator

from actionlang.check.asked import Asked
from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.lint.script import Script
from actionlang.lint.truth import bare
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.syntax import ast

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
MONEY_SCALE = 4
NUMBERS = (t.Decimal, t.Money)
KEEPS_DECIMALS = ("absolute", "minimum", "maximum")
"""Functions whose result has as many decimals as what they are given; others round, or answer with something else."""


def unlike_scales(script: Script) -> Iterator[Diagnostic]:
    """Comparisons of a stored amount with a literal of more decimals, or for equality with a quotient that nobody rounded."""
    for asked in script.checked.asked:
        compares = [each for each in _compares(asked.condition) if isinstance(each.left.type, NUMBERS)]
        for compare in compares:
            for amount, other in ((compare.left, compare.right), (compare.right, compare.left)):
                scale = _scale(amount)
                if scale is not None:
                    yield from _complaints(scale, other, compare, asked, script)


def _compares(condition: e.Expression) -> Iterator[e.Compare]:
    """The comparisons that a condition is made of, in the order they are written."""
    if isinstance(condition, e.Compare):
        yield condition
    elif isinstance(condition, e.Not):
        yield from _compares(condition.operand)
    elif isinstance(condition, e.And | e.Or):
        for operand in condition.operands:
            yield from _compares(operand)


def _scale(amount: e.Expression) -> int | None:
    """How many decimals a stored amount has; None for what is no stored amount."""
    amount = bare(amount)
    if isinstance(amount, e.Otherwise):
        return _scale(amount.operand)
    if not isinstance(amount, e.Column | e.Local | e.OutputOf):
        return None
    if isinstance(amount.type, t.Money):
        return MONEY_SCALE
    return amount.type.scale if isinstance(amount.type, t.Decimal) else None


def _complaints(
    scale: int, other: e.Expression, compare: e.Compare, asked: Asked, script: Script
) -> Iterator[Diagnostic]:
    decimals = _decimals_of_literal(other)
    stored = f"{scale} decimal{'' if scale == 1 else 's'}"
    if decimals > scale:
        message = f"The amount has {stored}, and it is compared with a number of {decimals}."
        hint = "No stored amount is ever equal to that number: write it with as many decimals as the amount has."
        yield script.diagnostic(codes.MONEY_SCALE, _place(compare, asked), message, hint)
    elif compare.operator in ("=", "!=") and _is_unrounded(other):
        message = f"The amount has {stored}, and it is compared with a quotient that has up to 12."
        hint = f"Round it as the amount was rounded when it was stored: round(..., {scale})."
        yield script.diagnostic(codes.MONEY_SCALE, _place(compare, asked), message, hint)


def _decimals_of_literal(value: e.Expression) -> int:
    """The decimals of a number as written, without zeros at its end; 0 for all else."""
    value = bare(value)
    value = bare(value.operand) if isinstance(value, e.Negate) else value
    if not isinstance(value, e.Literal) or not isinstance(value.value, decimal.Decimal):
        return 0
    exponent = value.value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _is_unrounded(value: e.Expression) -> bool:
    """Whether a value is worked out by a division, or an average, that nothing rounds."""
    value = bare(value)
    if not isinstance(value.type, t.Decimal):
        return False
    if isinstance(value, e.Arithmetic):
        return value.operator == "/" or _is_unrounded(value.left) or _is_unrounded(value.right)
    if isinstance(value, e.Negate):
        return _is_unrounded(value.operand)
    if isinstance(value, e.Otherwise):
        return _is_unrounded(value.operand) or _is_unrounded(value.fallback)
    if isinstance(value, e.Aggregate):
        return value.kind == "average" or (value.value is not None and _is_unrounded(value.value))
    if isinstance(value, e.CallFunction):
        return value.function in KEEPS_DECIMALS and any(map(_is_unrounded, value.arguments))
    return False


def _place(compare: e.Compare, asked: Asked) -> ast.Expression:
    """Where a comparison stands."""
    number = next(number for number, each in enumerate(_compares(asked.condition)) if each is compare)
    written = list(_compared(asked.node))
    return written[number] if number < len(written) else asked.node


def _compared(node: ast.Expression) -> Iterator[ast.Binary]:
    """The comparisons that a condition is made of, as the tree has them."""
    if isinstance(node, ast.Unary):
        yield from _compared(node.operand)
    elif isinstance(node, ast.Binary) and node.operator in COMPARISONS:
        yield node
    elif isinstance(node, ast.Binary) and node.operator in ("and", "or"):
        yield from (*_compared(node.left), *_compared(node.right))
