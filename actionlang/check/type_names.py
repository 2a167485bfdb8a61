"""Types as they are written in a script, to types: the language's own, and choices and tables by name."""

from __future__ import annotations

import re

from actionlang.check.body import Body
from actionlang.check.mending import replaced
from actionlang.check.references import Kind
from actionlang.check.spelling import nearest
from actionlang.diagnostics.catalogue import metadata as codes
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.source import Span
from actionlang.metadata import types as t
from actionlang.syntax import ast

OWN: dict[str, t.Type] = {
    **{name: type_ for name, type_ in t.SIMPLE.items() if name != "empty"},
    "owner": t.OWNER,
}
"""The language's own types by name, without sizes."""

FOREIGN = {
    **dict.fromkeys(("varchar", "nvarchar", "char", "nchar", "string", "str", "clob"), "text"),
    **dict.fromkeys(("int", "bigint", "smallint", "long", "short"), "integer"),
    **dict.fromkeys(("bool", "bit"), "boolean"),
    **dict.fromkeys(("timestamp", "timestamptz", "datetime2", "time"), "datetime"),
    **dict.fromkeys(("number", "numeric", "double", "real"), "decimal(12,2)"),
    **dict.fromkeys(("uuid", "guid", "uniqueidentifier"), "id"),
    **dict.fromkeys(("currency", "amount"), "money"),
    **dict.fromkeys(("interval", "timespan"), "duration"),
    **dict.fromkeys(("blob", "binary", "bytes", "image"), "file"),
}
"""Types of other languages, in small letters, and what they are called here."""

WORD_BEFORE = re.compile(r"([a-z]+)[ \t]+\Z")
LONGEST_BEFORE = 40
"""Characters before an unknown type that are looked at for a type that stands before its name."""

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
    if isinstance(node.item, ast.ListType):  # Nor is it gone into: lists can be nested as deeply as a script is long.
        body.report(codes.WRONG_COLUMN_TYPE, node, "There are no lists of lists.", "Write a list of rows or of values.")
        return t.Unknown()
    item = read_type(node.item, body)
    return item if isinstance(item, t.Unknown) else t.ListOf(item)


def _named(node: ast.TypeName, body: Body) -> t.Type:
    name = node.name
    own = OWN.get(name.text) if name.qualifier is None else None
    if own is not None:
        if body.reporter.seen is not None:
            end = name.start + len(name.text)
            body.reporter.seen.use(Kind.TYPE, name.text, ast.Name(name.start, end, name.text), name.text, own)
        return _sized(node, own, body) if node.sizes else own
    if name.qualifier is None and name.text not in {**body.names.choices, **body.names.tables}:
        _complain_of_unknown(node, body)
        return t.Unknown()
    if node.sizes:
        _wrong_size(node, f"{name} takes no size: only text and decimal do.", "Leave the parentheses out.", body)
    names = body.names.modules.get(name.qualifier, body.names) if name.qualifier else body.names
    if name.text in names.choices:
        full = body.resolve(name, "choices", name_codes.UNKNOWN_TYPE, "choice")
        return t.Choice(full) if full else t.Unknown()
    full = body.resolve(name, "tables", name_codes.UNKNOWN_TYPE, "type")
    return t.Row((full,)) if full else t.Unknown()


def _complain_of_unknown(node: ast.TypeName, body: Body) -> None:
    """Complain of a type that is neither the language's own nor declared."""
    name = node.name
    message = f"There is no type {name} here."
    foreign = FOREIGN.get(name.text.lower())
    line = body.reporter.source.text[max(0, name.start - LONGEST_BEFORE) : name.start]
    before = WORD_BEFORE.search(line)
    if foreign is not None:
        written = foreign
        if node.sizes and foreign != "text":
            written, name = foreign, ast.Qualified(name.start, node.end, None, name.text)
        fixes = replaced(name, written)
        body.report(name_codes.UNKNOWN_TYPE, name, message, f"It is called {foreign} here.", (), fixes)
    elif before is not None and before[1] in OWN and not node.sizes:
        fixes = replaced(
            Span(name.start - len(line) + before.start(1), name.end), f"{name} {before[1]}", title="Put the name first"
        )
        body.report(name_codes.UNKNOWN_TYPE, name, message, "The type stands behind the name.", (), fixes)
        body.reporter.incomplete = True  # Nothing is said of the name, which is declared here in a way.
    else:
        known = (*OWN, *body.names.choices, *body.names.tables)
        meant = nearest(name.text, known)
        hint = f"Did you mean {meant}?" if meant else "A type is one of the language's own, a choice or a table."
        body.report(name_codes.UNKNOWN_TYPE, name, message, hint, (), replaced(name, meant) if meant else ())


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
