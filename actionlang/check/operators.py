"""Operators that say whether something holds, and `otherwise`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count

from actionlang.check.arithmetic import check_arithmetic, check_minus
from actionlang.check.body import Body, type_in_words
from actionlang.check.conversion import fit, shared
from actionlang.check.dispatch import check_expression, is_unknown, unknown
from actionlang.check.emptiness import filled
from actionlang.check.excerpt import capitalised, named, operand
from actionlang.check.foreign_words import EMPTY, column_meant
from actionlang.check.mending import of_type, replaced
from actionlang.check.mismatch import way_out
from actionlang.check.names import short
from actionlang.check.slots import check_condition, complain_of_several
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import types as codes
from actionlang.diagnostics.fix import Fix
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.facts import when
from actionlang.plan.membership import MEMBERSHIP, TEAM, member_of
from actionlang.plan.verify_operators import ORDERED
from actionlang.plan.verify_place import kin
from actionlang.syntax import ast

BOOLEAN = t.Boolean()

# -------------------------------------------------------------------------------------------------------------- logic


def check_unary(node: ast.Unary, body: Body, wanted: t.Type | None) -> e.Expression:
    """`not condition` or `-number`."""
    if node.operator == "-":
        return check_minus(node, body, wanted)
    return e.Not(BOOLEAN, False, check_condition(node.operand, body))


def _and(node: ast.Binary, body: Body, wanted: t.Type | None) -> e.Expression:
    return e.And(BOOLEAN, False, _conditions(node, body, True))


def _or(node: ast.Binary, body: Body, wanted: t.Type | None) -> e.Expression:
    return e.Or(BOOLEAN, False, _conditions(node, body, False))


def _conditions(node: ast.Binary, body: Body, holds: bool) -> tuple[e.Expression, ...]:
    """Conditions joined by one operator. Each knows what those before it have shown: that they hold, or that they do not."""
    written = [node.right]
    left = node.left
    while isinstance(left, ast.Binary) and left.operator == node.operator:
        written.append(left.right)
        left = left.left
    written.append(left)
    before = body.facts
    checked = []
    for part in reversed(written):
        condition = check_condition(part, body)
        checked.append(condition)
        body.facts = when(condition, holds, body.facts)
    body.facts = before
    return tuple(checked)


# --------------------------------------------------------------------------------------------------------- comparison


def _both(node: ast.Binary, body: Body) -> tuple[e.Expression, e.Expression]:
    """Both sides; a bare word takes its meaning from the other side."""
    left, right = node.left, node.right
    if left.__class__ is ast.NameExpression:
        local = body.locals.get(left.text)
        if local is None and right.__class__ is ast.NameExpression and _complain_of_bare(left, right, body):
            return unknown(), unknown()
        if local is None or (local.type.__class__ is t.Choice and right.__class__ is not ast.NameExpression):
            second = check_expression(right, body)
            return check_expression(left, body, second.type), second
    first = check_expression(left, body)
    return first, check_expression(right, body, first.type)


def _complain_of_bare(left: ast.NameExpression, right: ast.NameExpression, body: Body) -> bool:
    """Complain of a column without its row, where both sides are bare words and neither is known: `priority = high`."""
    if right.text in body.locals or right.text == "caller" or left.text == "caller":
        return False
    meant = column_meant(left, body)
    if meant is None or body.broken:
        return False
    body.report(name_codes.UNKNOWN_NAME, left, f"There is no {left.text} here.", meant.hint, (), meant.fixes)
    return True


def _equal(node: ast.Binary, body: Body, wanted: t.Type | None) -> e.Expression:
    sides = _comparable(node, body)
    return unknown() if sides is None else e.Compare(BOOLEAN, False, node.operator, *sides)


def _ordered(node: ast.Binary, body: Body, wanted: t.Type | None) -> e.Expression:
    sides = _comparable(node, body)
    if sides is None:
        return unknown()
    if not has_order(sides[0].type, body):
        complain_of_no_order(node, node.left, sides[0].type, "compared by size", body)
        return unknown()
    left = filled(sides[0], node.left, body, f"and {node.operator} needs a value")
    right = filled(sides[1], node.right, body, f"and {node.operator} needs a value")
    if is_unknown(left) or is_unknown(right):
        return unknown()
    return e.Compare(BOOLEAN, False, node.operator, left, right)


def _comparable(node: ast.Binary, body: Body) -> tuple[e.Expression, e.Expression] | None:
    """Both sides as values of one type; None after a complaint."""
    left, right = _both(node, body)
    if is_unknown(left) or is_unknown(right):
        return None
    type_ = shared(left.type, right.type)
    if type_ is None or isinstance(type_, t.Outputs):
        _complain_of_kinds(node, left, right, body)
        return None
    return _as(left, type_), _as(right, type_)


def _as(value: e.Expression, type_: t.Type) -> e.Expression:
    """An expression as one of a type that it shares with another."""
    fitted = fit(value, type_)
    assert fitted is not None
    return fitted


def _complain_of_kinds(node: ast.Binary, left: e.Expression, right: e.Expression, body: Body) -> None:
    if isinstance(left.type, t.Outputs) or isinstance(right.type, t.Outputs):
        message, hint = "What a verb returned can not be compared as a whole.", "Name one of its outputs, after a dot."
        fixes: tuple[Fix, ...] = ()
    else:
        message = f"{capitalised(type_in_words(left.type))} can not be compared with {type_in_words(right.type)}."
        hint = way_out(right.type, left.type, node.right, body) or way_out(left.type, right.type, node.left, body) or ""
        if isinstance(node.right, ast.ListLiteral):
            hint = f"To ask whether it is one of several, write {operand(node.left, body)} in (...)."
        fixes = of_type(right.type, left.type, node.right, body) or of_type(left.type, right.type, node.left, body)
    body.report(codes.NOT_COMPARABLE, node, message, hint or None, (), fixes)


def has_order(type_: t.Type, body: Body) -> bool:
    """Whether values of a type can be sorted and compared by size."""
    if isinstance(type_, t.Choice):
        return body.universe.choices[type_.name].numbered
    return isinstance(type_, ORDERED) and not isinstance(type_, t.Boolean)


def complain_of_no_order(place: ast.Node, node: ast.Expression, type_: t.Type, what: str, body: Body) -> None:
    """Complain of values that have no order and are `what` (sorted, say)."""
    written = operand(node, body)
    hint: str | None = None
    message = f"{named(node, body)} is {type_in_words(type_)}, and those are never {what}."
    if isinstance(type_, t.Choice):
        message = f"The members of {short(type_.name)} have no order, so they are never {what}."
        hint = f"Ask for the members you mean: {written} in (...). Members that have numbers have an order."
    elif isinstance(type_, t.Row):
        hint = f"Name a column of it: {written}.name, say."
    elif isinstance(type_, t.Boolean):
        hint = f"Ask for it by itself: {written}, or not {written}."
    body.report(codes.NO_ORDER, place, message, hint)


# ------------------------------------------------------------------------------------------------------------ is tests


def check_is_empty(node: ast.IsEmpty, body: Body, wanted: t.Type | None) -> e.Expression:
    """`operand is empty`, `operand is not empty`."""
    value = check_expression(node.operand, body)
    if is_unknown(value):
        return value
    if isinstance(value.type, t.Outputs):
        hint = "Name one of its outputs, after a dot."
        body.report(codes.WRONG_OPERANDS, node, "What a verb returned is never empty as a whole.", hint)
        return unknown()
    return _negated(e.IsEmpty(BOOLEAN, False, value), node.negated)


def check_is_table(node: ast.IsTable, body: Body, wanted: t.Type | None) -> e.Expression:
    """`operand is TABLE`, `operand is not TABLE`."""
    value = check_expression(node.operand, body)
    if is_unknown(value):
        return value
    if node.table.qualifier is None and node.table.text.lower() in EMPTY and node.table.text not in body.names.tables:
        fixes = replaced(node.table, "empty", safe=True)
        hint = "No value at all is written empty."
        body.report(name_codes.UNKNOWN_NAME, node.table, f"There is no {node.table} here.", hint, (), fixes)
        return unknown()
    if not isinstance(value.type, t.Row):
        message = f"{named(node.operand, body)} is {type_in_words(value.type)}, and only a row is of a table."
        body.report(
            codes.NOT_A_ROW, node.operand, message, f"Compare values with =: {operand(node.operand, body)} = ..."
        )
        return unknown()
    table = body.table(node.table)
    if table is None:
        return unknown()
    if isinstance(value, e.Narrow) and table.name not in value.type.tables:
        value = value.operand
    if not isinstance(value.type, t.Row) or table.name not in value.type.tables:
        message = f"{named(node.operand, body)} is {type_in_words(value.type)}, never of {table.short_name}."
        body.report(codes.NOT_COMPARABLE, node, message, "Ask for one of the tables that it may be of.")
        return unknown()
    return _negated(e.IsTable(BOOLEAN, False, value, table.name), node.negated)


def _negated(condition: e.Expression, negated: bool) -> e.Expression:
    return e.Not(BOOLEAN, False, condition) if negated else condition


# -------------------------------------------------------------------------------------------------------- in and under


def _in(node: ast.Binary, body: Body, wanted: t.Type | None) -> e.Expression:
    left, right = node.left, node.right
    if isinstance(left, ast.NameExpression) and left.text not in body.locals and left.text != "caller":
        collection = check_expression(right, body)
        item = check_expression(left, body, item_type(collection.type))
    else:
        item = check_expression(left, body)
        hint = t.ListOf(item.type) if isinstance(right, ast.ListLiteral) else item.type
        collection = check_expression(right, body, hint)
    if is_unknown(item) or is_unknown(collection):
        return unknown()
    if collection.type == TEAM and item.type == t.USER:
        return _in_team(node, item, filled(collection, right, body, "and nobody is in what is not there"), body)
    wanted_item = item_type(collection.type)
    if wanted_item is None:
        message = f"{named(right, body)} is {type_in_words(collection.type)}, and in needs a list."
        advice = (
            f"Compare with one value by =: {operand(left, body)} = {operand(right, body)}. A list is written (a, b)."
        )
        body.report(codes.NOT_A_LIST, right, message, advice)
        return unknown()
    collection = filled(collection, right, body, "and in needs a list")
    return unknown() if is_unknown(collection) else _member_of(node, item, collection, wanted_item, body)


def _in_team(node: ast.Binary, user: e.Expression, team: e.Expression, body: Body) -> e.Expression:
    """Whether a user belongs to a team."""
    if is_unknown(team):
        return unknown()
    if MEMBERSHIP not in body.universe.tables:
        message = "Who belongs to which team is not known here."
        hint = "Ask in the verb itself; what it is run with knows only the tables that the verb uses."
        body.report(name_codes.UNKNOWN_TABLE, node, message, hint)
        return unknown()
    names = chain(("member",), (f"member_{number}" for number in count(2)))
    free = next(name for name in names if name not in body.locals)
    return member_of(user, team, free)


def _member_of(
    node: ast.Binary, item: e.Expression, collection: e.Expression, wanted: t.Type, body: Body
) -> e.Expression:
    type_ = shared(item.type, wanted)
    items = fit(collection, t.ListOf(type_)) if type_ and isinstance(collection.type, t.ListOf) else collection
    value = None if type_ is None else fit(item, type_)
    if value is None or items is None:
        message = f"{capitalised(type_in_words(item.type))} is never in {type_in_words(collection.type)}."
        body.report(codes.NOT_COMPARABLE, node, message, way_out(item.type, wanted, node.left, body))
        return unknown()
    return e.In(BOOLEAN, False, value, items)


def item_type(type_: t.Type) -> t.Type | None:
    """The type of what is in a list or in a value of `choices`; None when nothing is in such a value."""
    if isinstance(type_, t.ListOf):
        return type_.item
    if isinstance(type_, t.Choices):
        return t.Choice(type_.name)
    return type_ if isinstance(type_, t.Unknown) else None


def _under(node: ast.Binary, body: Body, wanted: t.Type | None) -> e.Expression:
    row = _tree_row(node.left, check_expression(node.left, body), body)
    ancestor = _tree_row(node.right, check_expression(node.right, body), body)
    if row is None or ancestor is None:
        return unknown()
    assert isinstance(row.type, t.Row)
    table = body.universe.tables[row.type.tables[0]]
    column = next((column for column in table.columns if column.hierarchy), None)
    if column is None:
        message = f"{table.short_name} makes no tree: none of its columns is a hierarchy."
        hint = f"Mark the lookup to its own kind where the table is declared: parent {table.short_name} hierarchy;"
        body.report(codes.NO_HIERARCHY, node, message, hint)
        return unknown()
    if ancestor.type != row.type:
        message = f"{capitalised(type_in_words(row.type))} is never under {type_in_words(ancestor.type)}."
        body.report(codes.NOT_COMPARABLE, node, message, "A tree has rows of one table.")
        return unknown()
    return e.Under(BOOLEAN, False, row, ancestor, column.name)


def _tree_row(node: ast.Expression, value: e.Expression, body: Body) -> e.Expression | None:
    """A row of one table, which may be empty; None after a complaint."""
    if is_unknown(value):
        return None
    if not isinstance(value.type, t.Row):
        message = f"{named(node, body)} is {type_in_words(value.type)}, and under compares rows of a tree."
        body.report(codes.NOT_A_ROW, node, message, "Name a row on both sides of under.")
        return None
    if len(value.type.tables) > 1:
        complain_of_several(value.type, node, body, "and a tree has rows of one table", value.type.tables[0])
        return None
    return value


# ----------------------------------------------------------------------------------------------------------- otherwise


def _otherwise(node: ast.Binary, body: Body, wanted: t.Type | None) -> e.Expression:
    value = check_expression(node.left, body, wanted)
    around = wanted if isinstance(value.type, t.Empty) else value.type
    fallback = check_expression(node.right, body, around)
    if is_unknown(value) or is_unknown(fallback):
        return unknown()
    if isinstance(value.type, t.Outputs):
        hint = "Name one of its outputs, after a dot."
        body.report(codes.WRONG_OPERANDS, node, "What a verb returned is never empty as a whole.", hint)
        return unknown()
    type_ = shared(value.type, fallback.type)
    if type_ is None:
        found, instead = type_in_words(value.type), type_in_words(fallback.type)
        message = f"{named(node.left, body)} is {found}, and behind otherwise stands {instead}."
        body.report(codes.WRONG_TYPE, node.right, message, way_out(fallback.type, value.type, node.right, body))
        return unknown()
    first, second = _as(value, type_), _as(fallback, type_)
    if first.type != second.type:
        type_ = kin(first.type)
    return e.Otherwise(type_, first.optional and second.optional, first, second)


OPERATORS: dict[str, Callable[[ast.Binary, Body, t.Type | None], e.Expression]] = {
    "or": _or,
    "and": _and,
    "=": _equal,
    "!=": _equal,
    "<": _ordered,
    "<=": _ordered,
    ">": _ordered,
    ">=": _ordered,
    "in": _in,
    "under": _under,
    "otherwise": _otherwise,
    "+": check_arithmetic,
    "-": check_arithmetic,
    "*": check_arithmetic,
    "/": check_arithmetic,
}


def check_binary(node: ast.Binary, body: Body, wanted: t.Type | None) -> e.Expression:
    """`left operator right`."""
    return OPERATORS[node.operator](node, body, wanted)
