"""A script in its canonical form."""

from __future__ import annotations

from typing import Any

from actionlang.diagnostics.catalogue.database import HOST_FAILED
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.diagnostics.source import Source
from actionlang.formatting.layout_declarations import Layout
from actionlang.formatting.meaning import same_meaning
from actionlang.formatting.survey import Block, Survey
from actionlang.syntax import ast
from actionlang.syntax.lexer import Lexer, Tokens
from actionlang.syntax.parser import Parser, parse


def format_source(source: Source) -> str:
    """The text of a script in the one canonical form, which docs/reference/formatting.md describes.

    Every comment is kept, the result means the same, and the canonical form of it is itself. Raises ActionLangError with the
    parser's diagnostics when the script can not be read, and with E0809 should the result not mean the same: then there is a
    mistake in this package, and the script is better left as it is.
    """
    tokens = Lexer(source).read()
    parser = Parser(source, tokens)
    declarations = parser.run("module")
    found = parser.diagnostics()
    if found:
        raise ActionLangError(*found)
    text = _laid_out(source, tokens)
    again = parse(Source(source.name, text))
    if again.diagnostics or not same_meaning(ast.Module(declarations, tuple(tokens.comments)), again.module):
        message = f"ActionLang itself failed: {source.name} would not say the same if it were formatted."
        hint = "it is left as it is; please report this with the script"
        raise ActionLangError(Diagnostic(HOST_FAILED, message, hint=hint))
    return text


def _laid_out(source: Source, tokens: Tokens) -> str:
    """The canonical text of a script whose tokens have been parsed, and so know whether they are keywords."""
    layout = Layout(Survey(source.text, tokens))
    reader: Any = Parser(source, tokens)
    reader.builder = layout
    items = reader.run("module")
    text = layout.stacked(items, Block(0), tokens.tokens[-1])
    return f"{text}\n" if text else ""
