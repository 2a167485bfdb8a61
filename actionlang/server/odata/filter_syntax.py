"""Reading what stands behind `$filter`: tokens are made here, and the library odata-query parses them.

The forms are those of OData URL Conventions 4.01, section 5.1.1. The library's own tokens are not used: its words match
beginnings of names (`allowed` begins with `all`), it does not know literals of enumerations, and cuts what it makes of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs
from odata_query import ast
from odata_query.exceptions import (
    ArgumentCountException,
    ODataException,
    ParsingException,
    UnknownFunctionException,
)
from odata_query.grammar import ODataParser
from sly.lex import Token  # type: ignore[import-untyped]

from actionlang.server.odata.asking import too_large, unsupported, wrong
from actionlang.server.odata.literals import parse_literal
from actionlang.server.refusal import Refusal

LONGEST = 8_000
"""Characters of a filter."""

MOST_NODES = 1_000
NO_ALIASES: Mapping[str, str] = {}
DEEPEST = 40

OPERATORS = {
    "and": ("AND", ast.And),
    "or": ("OR", ast.Or),
    "eq": ("EQ", ast.Eq),
    "ne": ("NE", ast.NotEq),
    "gt": ("GT", ast.Gt),
    "ge": ("GE", ast.GtE),
    "lt": ("LT", ast.Lt),
    "le": ("LE", ast.LtE),
    "in": ("IN", ast.In),
    "add": ("ADD", ast.Add),
    "sub": ("SUB", ast.Sub),
    "mul": ("MUL", ast.Mult),
    "div": ("DIV", ast.Div),
    "mod": ("MOD", ast.Mod),
}

TOKEN = re.compile(
    rf"""
    \s+(?P<operator>{"|".join(OPERATORS)})(?=[\s(])\s*
    | (?P<negation>not)(?=[\s(])\s*
    | (?P<literal>(?:[A-Za-z_][\w.]*)?'(?:[^']|'')*')
    | (?P<other>[+-]?\d[\w.:+-]*|[0-9A-Fa-f]{{8}}(?:-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}}|(?:true|false|null)\b(?![(/]))
    | (?P<collection>(?<=/)(?:any|all))(?=\s*\()
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<alias>@[A-Za-z_]\w*)
    | (?P<minus>-)
    | (?P<sign>[(),/:=])
    | (?P<space>\s+)
    """,
    re.VERBOSE | re.ASCII,
)


@attrs.frozen
class Literal:
    """A literal, with what it stands for (see `parse_literal`), and where it begins, counted from 1."""

    value: object
    at: int


def parse_filter(text: str, target: str, aliases: Mapping[str, str] = NO_ALIASES) -> ast._Node:
    """The tree of a filter; literals in it are `Literal`. `target` is the option that is told of; `aliases` are
    the literals that names such as `@p` stand for.

    Raises Refusal when it is no filter, or is too long or too deep.
    """
    if len(text) > LONGEST:
        raise too_large(target, f"it has more than {LONGEST:,} characters.")
    tokens = list(_tokens(text.strip(), target, aliases))
    _see_paths(tokens, target)
    try:
        tree: ast._Node | None = ODataParser().parse(iter(_lists_of_one(tokens)))
    except ParsingException as error:
        raise _not_understood(error, text, target) from None
    except UnknownFunctionException as error:
        name = error.function_name
        raise unsupported(target, f"there is no function {name} here.", place(text, name)) from None
    except ArgumentCountException as error:
        name = error.function_name
        raise wrong(target, f"{name} does not take {error.n_args_given} values.", place(text, name)) from None
    except (ODataException, NotImplementedError, AttributeError, TypeError):
        # What the library's rules do not foresee, such as a path below a function.
        raise wrong(target, "it is not understood.") from None
    if tree is None:
        raise wrong(target, "it is empty.")
    _see_size(tree, target)
    return tree


def place(text: str, name: str) -> int | None:
    """Where a name stands first, counted from 1."""
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text)
    return None if found is None else found.start() + 1


def _tokens(text: str, target: str, aliases: Mapping[str, str]) -> Iterator[Token]:
    at = 0
    values: dict[str, object] = {}
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise wrong(target, f"{text[at]!r} does not belong here.", at + 1)
        token = Token()
        token.lineno, token.index = 1, at
        token.type, token.value = _told(found, target, aliases, values)
        yield token
        at = found.end()


def _told(
    found: re.Match[str], target: str, aliases: Mapping[str, str], values: dict[str, object]
) -> tuple[str, object]:
    """What a token is to the library. `values` are those of aliases that were read: one may be long, and stand often."""
    kind, text = str(found.lastgroup), found[str(found.lastgroup)]
    at = found.start(kind) + 1
    if kind == "operator":
        name, make = OPERATORS[text]
        return name, make()
    if kind in ("literal", "other"):
        return "STRING", Literal(_literal(text, at, target), at)
    if kind == "alias":
        if text not in aliases:
            raise wrong(target, f"{text} has no value: give it as an option of its own.", at)
        if text not in values:
            values[text] = _literal(aliases[text], at, target)
        return "STRING", Literal(values[text], at)
    if kind == "name":
        *namespace, name = text.split(".")
        return "ODATA_IDENTIFIER", ast.Identifier(name, tuple(namespace))
    if kind == "collection":
        return text.upper(), ast.Any() if text == "any" else ast.All()
    simple = {"negation": ("NOT", ast.Not()), "minus": ("UMINUS", ast.USub()), "space": ("WS", text)}
    return simple.get(kind, (text, text))


def _literal(text: str, at: int, target: str) -> object:
    try:
        value = parse_literal(text)
    except (ValueError, Refusal):
        raise wrong(target, f"{text[:40]} is no value.", at, "texts stand in quotes: 'text'") from None
    if isinstance(value, str) and ("\x00" in value or any("\ud800" <= char <= "\udfff" for char in value)):
        raise wrong(target, "a text has a character that no text can have.", at)
    return value


def _lists_of_one(tokens: list[Token]) -> Iterator[Token]:
    """The tokens, with the comma that the library wants behind the only item of a list."""
    inside: list[tuple[bool, bool]] = []
    after_in = False
    for token in tokens:
        if token.type == "(":
            inside.append((after_in, False))
        elif token.type == "," and inside:
            inside[-1] = (inside[-1][0], True)
        elif token.type == ")" and inside:
            is_list, has_comma = inside.pop()
            if is_list and not has_comma:
                comma = Token()
                comma.type, comma.value, comma.lineno, comma.index = ",", ",", 1, token.index
                yield comma
        if token.type != "WS":
            after_in = token.type == "IN"
        yield token


def _not_understood(error: ParsingException, text: str, target: str) -> Refusal:
    token = error.token
    if token is None:
        return wrong(target, "it ends too early.", len(text) + 1)
    told = text.strip()[token.index : token.index + 20].strip()
    return wrong(target, f"{told!r} does not belong here.", token.index + 1)


def _see_paths(tokens: list[Token], target: str) -> None:
    """See that no path is too long: the library goes through all of it once more for each of its parts."""
    length = 0
    for token in tokens:
        if token.type == "/":
            length += 1
        elif token.type != "ODATA_IDENTIFIER":
            length = 0
        if length >= DEEPEST:
            raise too_large(target, f"a path has more than {DEEPEST} parts.")


def _see_size(tree: ast._Node, target: str) -> None:
    """See that a tree is not too large or too deep; several `and` or `or` in a row count as one."""
    pending: list[tuple[object, int]] = [(tree, 1)]
    count = 0
    while pending:
        node, depth = pending.pop()
        count += 1
        if depth > DEEPEST:
            raise too_large(target, f"conditions and functions stand more than {DEEPEST} deep in one another.")
        if count > MOST_NODES:
            raise too_large(target, f"it has more than {MOST_NODES:,} parts.")
        for child in children(node):
            same = isinstance(node, ast.BoolOp) and isinstance(child, ast.BoolOp) and child.op == node.op
            pending.append((child, depth if same else depth + 1))


def children(node: object) -> Iterator[object]:
    """What stands directly in a node."""
    if isinstance(node, ast.BoolOp | ast.BinOp | ast.Compare):
        yield from (node.left, node.right)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Call):
        yield from node.args
    elif isinstance(node, ast.List):
        yield from node.val
    elif isinstance(node, ast.Attribute):
        yield node.owner
    elif isinstance(node, ast.CollectionLambda):
        yield node.owner
        if node.lambda_ is not None:
            yield node.lambda_.expression
    elif isinstance(node, ast.NamedParam):
        yield node.param
