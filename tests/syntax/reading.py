"""Scripts read for a test, and syntax trees as short text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.source import Source
from actionlang.syntax import ast
from actionlang.syntax.lexer import Lexer, Tokens
from actionlang.syntax.parser import parse, parse_query, parse_steps

HERE = Path(__file__).parent
STDLIB = Path(__file__).parents[2] / "stdlib"
HIDDEN = {"start", "end", "doc", "calls"}


def lex(text: str) -> Tokens:
    """A script's tokens."""
    return Lexer(Source("test.act", text)).read()


def kinds(text: str) -> list[str]:
    """Types of a script's tokens but for the last, which is always the end."""
    tokens = [token.type for token in lex(text).tokens]
    assert tokens.pop() == "$END"
    return tokens


def problems(found: tuple[Diagnostic, ...] | list[Diagnostic]) -> list[str]:
    """Code and message of each diagnostic."""
    return [f"{diagnostic.code}: {diagnostic.message}" for diagnostic in found]


def faults(text: str) -> list[str]:
    """Code and message of all that is wrong with a script."""
    return problems(parse(Source("test.act", text)).diagnostics)


def module(text: str) -> tuple[ast.Declaration, ...]:
    """The declarations of a script that has nothing wrong."""
    parsed = parse(Source("test.act", text))
    assert not parsed.diagnostics, problems(parsed.diagnostics)
    return parsed.module.declarations


def steps(text: str) -> tuple[ast.Statement, ...]:
    """Statements that have nothing wrong."""
    parsed = parse_steps(Source("test.act", text))
    assert not parsed.diagnostics, problems(parsed.diagnostics)
    return parsed.statements


def query(text: str) -> ast.QueryInput:
    """A query that has nothing wrong."""
    parsed = parse_query(Source("test.act", text))
    assert not parsed.diagnostics, problems(parsed.diagnostics)
    assert parsed.query is not None
    return parsed.query


def outline(node: Any) -> str:
    """A tree as text: `Update(case, [Assignment(priority, high)])`. Names and literals stand for themselves, `-` for None."""
    if node is None:
        return "-"
    if isinstance(node, tuple):
        return f"[{', '.join(map(outline, node))}]"
    if isinstance(node, ast.Name | ast.NameExpression):
        return node.text
    if isinstance(node, ast.Qualified):
        return str(node)
    if isinstance(node, ast.NumberLiteral | ast.TextLiteral | ast.BooleanLiteral):
        return outline(node.value)
    if isinstance(node, ast.EmptyLiteral):
        return "empty"
    if isinstance(node, str):
        return f'"{node}"'
    if attrs.has(type(node)):
        parts = [outline(getattr(node, field.name)) for field in attrs.fields(type(node)) if field.name not in HIDDEN]
        return f"{type(node).__name__}({', '.join(parts)})"
    return str(node)


def chunks(file: Path) -> list[tuple[int, str]]:
    """The scripts of a file, parted by lines of `---`, each with the line it begins at."""
    found = []
    line = 1
    for chunk in file.read_text("utf-8").split("---\n"):
        found.append((line, chunk))
        line += chunk.count("\n") + 1
    return found
