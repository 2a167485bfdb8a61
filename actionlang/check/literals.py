"""Constants, lists and texts with values in them."""

from __future__ import annotations

import decimal

from actionlang.check.body import Body, type_in_words
from actionlang.check.conversion import fit, shared
from actionlang.check.dispatch import check_expression, is_unknown, unknown
from actionlang.check.emptiness import filled
from actionlang.check.excerpt import capitalised
from actionlang.check.names import listed, short
from actionlang.diagnostics.catalogue import types as codes
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.values import LARGEST_INTEGER, misfit
from actionlang.plan.verify_place import kin
from actionlang.syntax import ast

TEXT, INTEGER, DECIMAL, BOOLEAN, DURATION = t.Text(), t.Integer(), t.Decimal(), t.Boolean(), t.Duration()
EMPTY = e.Literal(t.Empty(), True, None)
TYPED: dict[str, t.Type] = {"date": t.Date(), "datetime": t.DateTime(), "id": t.Id()}
NO_TEXT = (t.Outputs, t.Empty, t.File)


def check_number(node: ast.NumberLiteral, body: Body, wanted: t.Type | None, sign: int = 1) -> e.Expression:
    """`42` is an integer, unless it is too large for one where an exact number is wanted; `2.50` is an exact number. `sign` is
    -1 behind a minus."""
    type_ = INTEGER if isinstance(node.value, int) else DECIMAL
    value = node.value
    if sign < 0:
        value = -value if isinstance(value, int) else value.copy_negate()  # A minus would round it.
    if misfit(type_, value) is None:
        return e.Literal(type_, False, value)
    if isinstance(wanted, t.Decimal | t.Money) and misfit(DECIMAL, decimal.Decimal(value)) is None:
        return e.Literal(DECIMAL, False, decimal.Decimal(value))
    if type_ == INTEGER:
        hint = f"An integer reaches from {-LARGEST_INTEGER - 1} to {LARGEST_INTEGER}."
        body.report(codes.OUT_OF_RANGE, node, f"{value} does not fit 64 bits.", hint)
    else:
        body.report(codes.OUT_OF_RANGE, node, f"{value:f} has more than 38 digits.", "Write a number that fits.")
    return unknown()


def check_text_literal(node: ast.TextLiteral, body: Body, wanted: t.Type | None) -> e.Expression:
    """`"..."`."""
    return e.Literal(TEXT, False, node.value)


def check_duration(node: ast.DurationLiteral, body: Body, wanted: t.Type | None) -> e.Expression:
    """`2 days`."""
    return e.Literal(DURATION, False, node.value)


def check_boolean(node: ast.BooleanLiteral, body: Body, wanted: t.Type | None) -> e.Expression:
    """`true` or `false`."""
    return e.Literal(BOOLEAN, False, node.value)


def check_empty(node: ast.EmptyLiteral, body: Body, wanted: t.Type | None) -> e.Expression:
    """`empty`, of no type of its own."""
    return EMPTY


def check_typed(node: ast.TypedLiteral, body: Body, wanted: t.Type | None) -> e.Expression:
    """`date "2026-11-24"` and the like."""
    return e.Literal(TYPED[node.kind], False, node.value)


def check_template(node: ast.Template, body: Body, wanted: t.Type | None) -> e.Expression:
    """A text with values in it, none of them empty."""
    parts: list[str | e.Expression] = []
    broken = False
    for part in node.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        value = check_expression(part, body)
        if isinstance(value.type, NO_TEXT) and not isinstance(part, ast.EmptyLiteral):
            message = f"{capitalised(type_in_words(value.type))} can not stand in a text."
            hint = "Name one of the outputs, after a dot." if isinstance(value.type, t.Outputs) else None
            body.report(codes.WRONG_TYPE, part, message, hint)
            value = unknown()
        elif value.optional:
            value = filled(value, part, body, "and a text needs something to show")
        broken = broken or is_unknown(value)
        parts.append(value)
    return unknown() if broken else e.Template(TEXT, False, tuple(parts))


# -------------------------------------------------------------------------------------------------------------- lists


def check_list(node: ast.ListLiteral, body: Body, wanted: t.Type | None) -> e.Expression:
    """`(a, b)`: a list, or where a column of `choices` stands around it, a value of that."""
    if isinstance(wanted, t.Choices):
        return _choices(node, body, wanted)
    hint = wanted.item if isinstance(wanted, t.ListOf) else wanted
    items = [check_expression(item, body, hint) for item in node.items]
    items = [
        filled(item, part, body, "and a list has no empty values") for item, part in zip(items, node.items, strict=True)
    ]
    if any(is_unknown(item) for item in items):
        return unknown()
    type_ = _item_type(items, node, body, hint)
    if type_ is None:
        return unknown()
    fitted = [fit(item, type_) for item in items]
    return e.ListLiteral(t.ListOf(type_), False, tuple(item for item in fitted if item is not None))


def _item_type(items: list[e.Expression], node: ast.ListLiteral, body: Body, wanted: t.Type | None) -> t.Type | None:
    """The type that all items fit: the wanted one, or else one they share; None after a complaint."""
    for item, part in zip(items, node.items, strict=True):
        if isinstance(item.type, t.ListOf | t.Outputs):
            body.report(codes.WRONG_TYPE, part, f"{capitalised(type_in_words(item.type))} can not stand in a list.")
            return None
    if wanted is not None and all(fit(item, wanted) is not None for item in items):
        return kin(wanted)
    type_ = kin(items[0].type)
    for item, part in zip(items, node.items, strict=True):
        more = shared(type_, item.type)
        if more is None:
            message = (
                f"A list has values of one kind, and this has {type_in_words(type_)} and {type_in_words(item.type)}."
            )
            body.report(codes.WRONG_TYPE, part, message, "Make lists of their own.")
            return None
        type_ = kin(more)
    return type_


def _choices(node: ast.ListLiteral, body: Body, wanted: t.Choices) -> e.Expression:
    """Several members, in the order in which the choice declares them, each once."""
    chosen: set[object] = set()
    members = body.universe.choices[wanted.name].by_name
    for item in node.items:
        value = check_expression(item, body, t.Choice(wanted.name))
        if is_unknown(value):
            return unknown()
        if not isinstance(value, e.Literal) or value.type != t.Choice(wanted.name):
            message = f"Of {short(wanted.name)}, only members that are written out can stand in a list like this."
            body.report(codes.WRONG_TYPE, item, message, f"Its members are {listed(members, 'and')}.")
            return unknown()
        chosen.add(value.value)
    return e.Literal(wanted, False, tuple(name for name in members if name in chosen))
