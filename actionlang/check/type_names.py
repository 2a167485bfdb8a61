"""Types as they are written in a script, to types: the language's own, and choices and tables by name."""

from __future__ import annotations

from actionlang.check.body import Body
from actionlang.check.names import suggest
from actionlang.diagnostics.catalogue import metadata as codes
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.metadata import types as t
from actionlang.syntax import ast

OWN: dict[str, t.Type] = {
    **{name: type_ for name, type_ in t.SIMPLE.items() if name != "empty"},
    "owner": t.OWNER,
}
"""The language's own types by name, without sizes."""

DIGITS = 38
LONGEST_TEXT = 1_000_000_000


def read_type(node: ast.TypeExpression, body: Body) -> t.Type:
    """The type that is written; Unknown after a complaint."""
    if isinstance(node, ast.TypeName):
        return _named(node, body)
    if isinstance(node, ast.ChoicesType):
        full = body.resolve(node.choice, "choices", name_codes.UNKNOWN_TYPE, "choice")
        return t.Choices(full) if full else t.Unknown()
    if isinstance(node, ast.AlternativesType):
        return _alternatives(node, body)
    item = read_type(node.item, body)
    if isinstance(item, t.ListOf):
        body.report(codes.WRONG_COLUMN_TYPE, node, "There are no lists of lists.", "Write a list of rows or of values.")
        return t.Unknown()
    return item if isinstance(item, t.Unknown) else t.ListOf(item)


def _named(node: ast.TypeName, body: Body) -> t.Type:
    name = node.name
    own = OWN.get(name.text) if name.qualifier is None else None
    if own is not None:
        return _sized(node, own, body) if node.sizes else own
    if node.sizes:
        _wrong_size(node, f"{name} takes no size: only text and decimal do.", "Leave the parentheses out.", body)
    names = body.names.modules.get(name.qualifier, body.names) if name.qualifier else body.names
    if name.text in names.choices:
        full = body.resolve(name, "choices", name_codes.UNKNOWN_TYPE, "choice")
        return t.Choice(full) if full else t.Unknown()
    if name.text in names.tables or name.qualifier is not None:
        full = body.resolve(name, "tables", name_codes.UNKNOWN_TYPE, "type")
        return t.Row((full,)) if full else t.Unknown()
    hint = suggest(name.text, (*OWN, *names.choices, *names.tables))
    hint = hint or "A type is one of the language's own, a choice or a table."
    body.report(name_codes.UNKNOWN_TYPE, name, f"There is no type {name} here.", hint)
    return t.Unknown()


def _sized(node: ast.TypeName, own: t.Type, body: Body) -> t.Type:
    """A type of the language with the sizes it is written with."""
    sizes = node.sizes
    if own == t.Text():
        if len(sizes) == 1 and 1 <= sizes[0] <= LONGEST_TEXT:
            return t.Text(sizes[0])
        hint = f"Write text(200), with at least 1 and at most {LONGEST_TEXT:,} characters, or text for any length."
        _wrong_size(node, "A text's size is the number of its characters.", hint, body)
    elif own == t.Decimal():
        if len(sizes) == 2 and 1 <= sizes[0] <= DIGITS and 0 <= sizes[1] <= sizes[0]:
            return t.Decimal(*sizes)
        hint = f"Write decimal(12,2) for 12 digits, 2 of them after the point; at most {DIGITS} in all."
        _wrong_size(node, "A decimal's size is its digits in all and those after the point.", hint, body)
    else:
        _wrong_size(node, f"{node.name} takes no size: only text and decimal do.", "Leave the parentheses out.", body)
    return own


def _wrong_size(node: ast.TypeName, message: str, hint: str, body: Body) -> None:
    body.report(codes.WRONG_SIZE, node, message, hint)


def _alternatives(node: ast.AlternativesType, body: Body) -> t.Type:
    found: list[str] = []
    for name in node.tables:
        full = body.resolve(name, "tables", name_codes.UNKNOWN_TABLE, "table")
        if full in found:
            body.report(codes.WRONG_COLUMN_TYPE, name, f"{name} is named twice.", "Name each table once.")
        elif full is not None:
            found.append(full)
    return t.Row(tuple(found)) if found else t.Unknown()
