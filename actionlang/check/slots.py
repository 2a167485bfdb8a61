"""Places that want a value of a certain kind: a column or argument, a condition, a row, a text."""

from __future__ import annotations

from actionlang.check.body import Body, type_in_words
from actionlang.check.conversion import fit
from actionlang.check.dispatch import check_expression, is_unknown, unknown
from actionlang.check.emptiness import filled
from actionlang.check.excerpt import capitalised, named, operand
from actionlang.check.mending import of_type
from actionlang.check.mismatch import way_out
from actionlang.check.names import listed, short
from actionlang.diagnostics.catalogue import types as codes
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.values import misfit
from actionlang.syntax import ast

BOOLEAN = t.Boolean()
TEXT = t.Text()
SIZED = (t.Text, t.Decimal, t.Money)


def check_slot(node: ast.Expression, body: Body, wanted: t.Type, optional: bool, what: str) -> e.Expression:
    """An expression made to fit a slot of a type; `what` names the slot in messages: "the column amount". Unknown after a
    complaint. Lengths and scales are left to a run, but for literals, which are too long for certain."""
    value = check_expression(node, body, wanted)
    return fit_slot(value, node, body, wanted, optional, what)


def fit_slot(
    value: e.Expression, node: ast.Expression, body: Body, wanted: t.Type, optional: bool, what: str
) -> e.Expression:
    """A checked expression made to fit a slot."""
    fitted = fit(value, wanted)
    if fitted is None:
        _complain_of_type(value, node, body, wanted, what)
        return unknown()
    if fitted.optional and not optional:
        return filled(fitted, node, body, f"and {what} needs a value")
    if isinstance(fitted, e.Literal | e.ListLiteral) and not is_unknown(fitted):
        _complain_of_size(fitted, node, body, wanted, what)
    return fitted


def _complain_of_type(value: e.Expression, node: ast.Expression, body: Body, wanted: t.Type, what: str) -> None:
    found = value.type
    if isinstance(found, t.Row) and isinstance(wanted, t.Row) and set(found.tables) & set(wanted.tables):
        complain_of_several(found, node, body, f"and {what} takes {type_in_words(wanted)}", wanted.tables[0])
        return
    message = f"{capitalised(what)} takes {type_in_words(wanted)}, not {type_in_words(found)}."
    fixes = of_type(found, wanted, node, body)
    body.report(codes.WRONG_TYPE, node, message, way_out(found, wanted, node, body), (), fixes)


def complain_of_several(row: t.Row, node: ast.Expression, body: Body, why: str, table: str) -> None:
    """Complain of a row that may be of several tables where it has to be of one."""
    message = f"{named(node, body)} may be {type_in_words(row)}, {why}."
    hint = f"Ask first which it is: if ({operand(node, body, 'row')} is {short(table)}) < ... >."
    body.report(codes.SEVERAL_TABLES, node, message, hint)


def _complain_of_size(value: e.Expression, node: ast.Expression, body: Body, wanted: t.Type, what: str) -> None:
    """Complain of a literal that a slot of this length, precision or scale never takes."""
    if isinstance(value, e.ListLiteral) and isinstance(node, ast.ListLiteral) and isinstance(wanted, t.ListOf):
        for item, item_node in zip(value.items, node.items, strict=True):
            _complain_of_size(item, item_node, body, wanted.item, what)
    elif isinstance(value, e.Literal) and value.value is not None and isinstance(wanted, SIZED):
        problem = misfit(wanted, value.value)
        if problem is None:
            return
        if isinstance(wanted, t.Text):
            long = len(str(value.value))
            message = f"The text has {long} characters, and {what} takes {wanted.length} at most."
            body.report(codes.TEXT_TOO_LONG, node, message, "Shorten it, or allow more where the length is declared.")
        else:
            message = f"{capitalised(what)} takes {_range(wanted)}, and {value.value} does not fit."
            body.report(codes.OUT_OF_RANGE, node, message, "Write a number that fits.")


def _range(wanted: t.Decimal | t.Money) -> str:
    if isinstance(wanted, t.Money):
        return "up to 922,337,203,685,477.5807 with four decimals (money)"
    before = (wanted.precision or 0) - (wanted.scale or 0)
    return f"{before} digits before the point and {wanted.scale} behind it ({wanted})"


def check_condition(node: ast.Expression, body: Body) -> e.Expression:
    """A condition: true or false, never empty. Unknown after a complaint."""
    value = check_expression(node, body, BOOLEAN)
    if value.type.__class__ is t.Boolean:
        return filled(value, node, body, "and a condition is true or false") if value.optional else value
    if not is_unknown(value):
        message = f"A condition is true or false, and {named(node, body)} is {type_in_words(value.type)}."
        body.report(codes.NOT_A_CONDITION, node, message, way_out(value.type, BOOLEAN, node, body))
    return unknown()


def check_row(node: ast.Expression, body: Body, what: str) -> e.Expression | None:
    """A row of exactly one table, never empty; None after a complaint. `what` names its part: "the row to update"."""
    value = check_expression(node, body)
    if is_unknown(value):
        return None
    if not isinstance(value.type, t.Row):
        hint = f"Name a row: {listed(rows) if (rows := _rows(body)) else 'one that was found or created'}."
        message = f"{named(node, body)} is {type_in_words(value.type)}, and here {what} is needed."
        body.report(codes.NOT_A_ROW, node, message, hint)
        return None
    if len(value.type.tables) > 1:
        complain_of_several(value.type, node, body, f"and {what} has to be of one table", value.type.tables[0])
        return None
    value = filled(value, node, body, f"and {what} has to be there")
    return None if is_unknown(value) else value


def _rows(body: Body) -> list[str]:
    return [name for name, local in body.locals.items() if isinstance(local.type, t.Row)]


def check_text(node: ast.Expression, body: Body) -> e.Expression:
    """A text, never empty. Unknown after a complaint."""
    return check_slot(node, body, TEXT, False, "the text here")
