"""Tokens to syntax tree, going on after errors.

The LALR(1) driver is here rather than Lark's own because two things happen between its steps: a word is given its keyword
only if the grammar can take that keyword now, and after an error the parser drops to the innermost list of statements,
columns or declarations, skips to where the next one begins, and reads on.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import attrs

from actionlang.diagnostics.catalogue import syntax as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.source import Source
from actionlang.syntax import ast
from actionlang.syntax.build import Builder
from actionlang.syntax.complaints import Complainer
from actionlang.syntax.grammar import Reduction, parse_table
from actionlang.syntax.lexer import Lexer, Tokens
from actionlang.syntax.recovery import begins_declaration, in_first_column, level_of, resume_at
from actionlang.syntax.tokens import AMBIGUOUS, KEYWORD_TYPES, Token

MAXIMUM_ERRORS = 100


@attrs.frozen
class ParsedModule:
    """A script's tree, and what was wrong with the script; broken parts are in the tree as Broken nodes. It is `unfinished` when
    nothing is wrong with it but that it ends too early."""

    source: Source
    module: ast.Module
    diagnostics: tuple[Diagnostic, ...]
    unfinished: bool = False


@attrs.frozen
class ParsedSteps:
    """Statements on their own, as typed at the REPL."""

    source: Source
    statements: tuple[ast.Statement, ...]
    diagnostics: tuple[Diagnostic, ...]
    unfinished: bool = False


@attrs.frozen
class ParsedQuery:
    """An expression or query on its own; None when it could not be read."""

    source: Source
    query: ast.QueryInput | None
    diagnostics: tuple[Diagnostic, ...]
    unfinished: bool = False


def parse(source: Source) -> ParsedModule:
    """Read a whole script. Never raises: what is wrong is in the result's diagnostics, in the order of the script."""
    parser = Parser(source, Lexer(source).read())
    declarations = parser.run("module")
    module = ast.Module(declarations or (), tuple(parser.tokens.comments))
    return ParsedModule(source, module, parser.diagnostics(), parser.unfinished())


def parse_steps(source: Source) -> ParsedSteps:
    """Read statements without a verb around them."""
    parser = Parser(source, Lexer(source).read())
    statements = parser.run("steps")
    return ParsedSteps(source, statements or (), parser.diagnostics(), parser.unfinished())


def parse_query(source: Source) -> ParsedQuery:
    """Read one expression or query, as if it stood in parentheses."""
    parser = Parser(source, Lexer(source, in_parentheses=True).read())
    query = parser.run("query")
    return ParsedQuery(source, query, parser.diagnostics(), parser.unfinished())


@cache
def _rows() -> tuple[list[dict[str, Any]], dict[str, int], dict[str, int]]:
    """The parse table with rows that lead to rows, so that the parser follows references and never looks up a state's number."""
    table = parse_table()
    rows: list[dict[str, Any]] = [{} for _ in table.rows]
    for row, source in zip(rows, table.rows, strict=True):
        for sign, action in source.items():
            row[sign] = rows[action] if isinstance(action, int) else action
    return rows, table.starts, table.ends


class Parser:
    """One parse of one source."""

    def __init__(self, source: Source, tokens: Tokens) -> None:
        self.source = source
        self.tokens = tokens
        self.found: list[Diagnostic] = []
        self.builder = Builder(source, tokens.docs, self.found)
        self.complainer = Complainer(source, tokens, self.found, takes)
        self.states: list[dict[str, Any]] = []
        self.values: list[Any] = []
        self.position = 0
        self.last_error: Token | None = None

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found by lexer and parser, by place."""
        everything = [*self.tokens.diagnostics, *self.found]
        everything.sort(key=lambda diagnostic: diagnostic.primary.span.start if diagnostic.primary else 0)
        return tuple(everything)

    def unfinished(self) -> bool:
        """Whether all that is wrong is that the script ends too early."""
        at_end = len(self.complainer.at_end) + self.tokens.ends_in_text
        return 0 < at_end == len(self.found) + len(self.tokens.diagnostics)

    def run(self, start: str) -> Any:
        """Parse from a start rule; None when nothing of it could be saved."""
        if any(found.code is codes.NESTED_TOO_DEEP for found in self.tokens.diagnostics):
            return None  # The lexer stopped there: what follows would only be misread.
        rows, starts, ends = _rows()
        self.states = [rows[starts[start]]]
        end = rows[ends[start]]
        methods = _Methods(self.builder)
        while not self.feed(end, methods):
            if self.complainer.complain(self.states, self.values, self.position):
                continue
            if start == "query" or len(self.found) >= MAXIMUM_ERRORS or not self.recover():
                return None
        return self.values[-1]

    def feed(self, end: dict[str, Any], methods: _Methods) -> bool:
        """Shift and reduce up to the end (True) or an error at `self.position` (False)."""
        states, values, tokens, builder = self.states, self.values, self.tokens.tokens, self.builder
        position = self.position
        keywords = KEYWORD_TYPES
        row = states[-1]
        while True:
            token = tokens[position]
            kind = token.type
            if kind == "NAME":
                keyword = keywords.get(token.value)  # type: ignore[call-overload]
                if keyword is not None and keyword in row:
                    if "NAME" not in row or row[keyword].__class__ is dict or takes(states, keyword):
                        kind = keyword
                        if (
                            keyword in AMBIGUOUS
                            and "NAME" in row
                            and not followed(states, keyword, tokens[position + 1])
                        ):
                            kind = "NAME"
            elif kind == "QUOTED" or (kind == "TYPED" and "TYPED" not in row):
                kind = "NAME"
            while True:
                action = row.get(kind)
                if action.__class__ is dict:
                    token.type = kind
                    values.append(token)
                    states.append(action)
                    row = action
                    builder.end = token.end
                    position += 1
                    break
                if action is None:
                    self.position = position
                    return False
                size = action.size
                if size == 0:
                    values.append(methods[action.method]([]))
                else:
                    del states[-size:]
                    if action.method is not None:
                        children = values[-size:]
                        del values[-size:]
                        values.append(methods[action.method](children))
                    elif size > 1:
                        del values[1 - size :]
                row = states[-1][action.origin]
                states.append(row)
                if row is end and kind == "$END":
                    return True

    def recover(self) -> bool:
        """Drop what can not be finished and go on at the next statement, column or declaration; False when there is none."""
        states, values, tokens = self.states, self.values, self.tokens.tokens
        if values and isinstance(values[-1], Token) and values[-1].type == "GREATER":
            states.pop()  # It was read as the end of a block and turned out to compare.
            values.pop()
        here, text = self.position, self.source.text
        new = begins_declaration(tokens, here) and in_first_column(text, tokens[here])
        only_declarations = new or tokens[here].type == "$END"
        opened, start = 0, tokens[here].start
        while not takes(states, "BROKEN") or (only_declarations and not takes(states, "IMPORT")):
            if not values:
                return False
            states.pop()
            value = values.pop()
            opened += isinstance(value, Token) and value.type == "OPEN"
            start = _start_of(value, start)
        level = level_of(states, takes)
        self.position = resume_at(text, tokens, here, opened, level)
        if self.position == here and tokens[here] is self.last_error and tokens[here].type != "$END":
            self.position += 1  # Reading on here has not helped before.
        self.last_error = tokens[here]
        if tokens[self.position].type == "CLOSE" and not takes(states, "CLOSE"):
            self.position += 1  # There is no block that it could close.
        if level != "declaration" and tokens[self.position].type == "$END":
            return self.recover()
        end = tokens[self.position - 1].end if self.position else start
        tokens.insert(self.position, Token("BROKEN", level, start, max(start, end)))
        return True


def _start_of(value: Any, otherwise: int) -> int:
    """Where a value of the parse begins, if it has a place."""
    first = value[0] if isinstance(value, list) and value else value
    return first.start if isinstance(first, Token | ast.Node) else otherwise


class _Methods(dict[str, Any]):
    """The builder's methods by name, looked up once each."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder

    def __missing__(self, name: str) -> Any:
        method = self[name] = getattr(self.builder, name)
        return method


def takes(states: list[dict[str, Any]], kind: str) -> bool:
    """Whether a terminal would be shifted in the end, were the rules before it reduced. An LALR table lets some rules be
    reduced before a terminal that can not follow here."""
    return shifted(states, kind) is not None


def shifted(states: list[dict[str, Any]], kind: str) -> Any:
    """The row that a terminal leads to, once the rules before it are reduced; None when it does not fit."""
    # What is reduced is laid over the states instead of being done on a copy: they are many where much is nested deeply.
    left = len(states)
    above: list[dict[str, Any]] = []
    while True:
        top = above[-1] if above else states[left - 1]
        action = top.get(kind)
        if not isinstance(action, Reduction):
            return action
        popped = min(action.size, len(above))
        del above[len(above) - popped :]
        left -= action.size - popped
        above.append((above[-1] if above else states[left - 1])[action.origin])


def followed(states: list[dict[str, Any]], keyword: str, after: Token) -> bool:
    """Whether a keyword fits, and the token behind it fits behind the keyword."""
    row = shifted(states, keyword) or {}
    return after.type in row or (after.type == "QUOTED" and "NAME" in row) or KEYWORD_TYPES.get(str(after.value)) in row
