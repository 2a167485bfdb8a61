"""Bare words that other languages have, and words that lack what makes them a value: a row, parentheses, quotes."""

from __future__ import annotations

import re

import attrs

from actionlang.check.body import Body
from actionlang.check.mending import inserted, replaced, source_of
from actionlang.diagnostics.fix import Fix
from actionlang.metadata import types as t
from actionlang.syntax import ast

EMPTY = frozenset({"null", "none", "nil", "undefined"})
TRUTHS = {"true": "true", "false": "false", "yes": "true", "no": "false"}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
METHODS = {
    **dict.fromkeys(("len", "size", "length"), "length"),
    **dict.fromkeys(("toupper", "touppercase", "uppercase", "upper", "to_upper"), "upper"),
    **dict.fromkeys(("tolower", "tolowercase", "lowercase", "lower", "to_lower"), "lower"),
    **dict.fromkeys(("strip", "trim"), "trim"),
    **dict.fromkeys(("startswith", "starts_with"), "starts_with"),
    **dict.fromkeys(("endswith", "ends_with"), "ends_with"),
    **dict.fromkeys(("contains", "includes"), "contains"),
    **dict.fromkeys(("indexof", "find", "position"), "position"),
    "replace": "replace",
    **dict.fromkeys(("tostring", "to_string", "tostr", "str"), "text_of"),
    **dict.fromkeys(("year", "getyear", "getfullyear"), "year"),
    **dict.fromkeys(("month", "getmonth"), "month"),
    "day": "day",
}
"""What other languages write behind a value and a dot, in small letters, and the function that does it here."""


@attrs.frozen
class Meant:
    """What an unknown word was probably meant for, in words and as fixes."""

    hint: str
    fixes: tuple[Fix, ...] = ()


def foreign_word(node: ast.NameExpression, wanted: t.Type | None, body: Body) -> Meant | None:
    """What a word that is no name here stands for in another language, or lacks; None when that is not known."""
    text = node.text
    if text.lower() in EMPTY:
        return Meant("No value at all is written empty.", replaced(node, "empty", safe=True))
    if text.lower() in TRUTHS and (text.lower() in ("true", "false") or isinstance(wanted, t.Boolean)):
        value = TRUTHS[text.lower()]
        return Meant(f"Write {value}.", replaced(node, value, safe=True))
    if not NAME.match(text):
        written = text.replace("\\", "\\\\").replace('"', '\\"')
        hint = "Backticks enclose the name of a table or a column; a text stands in double quotes."
        return Meant(hint, replaced(node, f'"{written}"'))
    overloads = body.universe.functions.get(text, ()) if text in body.names.functions else ()
    if any(not overload.parameters for overload in overloads):
        hint = f"{text} is a function, called with parentheses."
        return Meant(hint, inserted(node.end, "()", f"Write {text}()", safe=True))
    return column_meant(node, body)


def column_meant(node: ast.NameExpression, body: Body) -> Meant | None:
    """A row's column that is named without its row."""
    rows = [
        name
        for name, local in body.locals.items()
        if isinstance(local.type, t.Row)
        and name not in body.deleted
        and all(node.text in body.universe.tables[table].by_name for table in local.type.tables)
    ]
    if not rows:
        return None
    ways = " or ".join(f"{row}.{node.text}" for row in rows)
    hint = f"A column is named with its row before it: {ways}."
    return Meant(hint, replaced(node, f"{rows[-1]}.{node.text}"))


def text_meant(node: ast.NameExpression) -> tuple[Fix, ...]:
    """The fix for a word that lacks its quotes."""
    return replaced(node, f'"{node.text}"', title="Make it a text")


def method_meant(
    node: ast.Path, arguments: tuple[ast.Argument, ...] | None, whole: ast.Node, body: Body
) -> Meant | None:
    """The function to call for what other languages write behind a value: `case.title.length`."""
    name = METHODS.get(node.name.text.lower())
    if name is None and node.name.text in body.names.functions:
        name = node.name.text
    if name is None or name not in body.names.functions:
        return None
    values = [source_of(node.target, body), *(source_of(argument, body) for argument in arguments or ())]
    written = f"{name}({', '.join(values)})"
    hint = f"{name} is a function, and the value stands in its parentheses."
    return Meant(hint, replaced(whole, written, safe=True, title=f"Call {name}"))
