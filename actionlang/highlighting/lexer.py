"""Colours for scripts: a lexer for Pygments, which the prompt uses, the documentation, and whatever else shows scripts."""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, include, words
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, Punctuation, String, Text

from actionlang.highlighting.words import (
    CONSTANTS,
    DECLARATIONS,
    MODIFIERS,
    OPERATORS,
    OTHERS,
    STATEMENTS,
    TYPES,
)

LANGUAGE = DECLARATIONS | STATEMENTS | MODIFIERS | OTHERS
RESERVED = "|".join(sorted(LANGUAGE | OPERATORS | CONSTANTS | TYPES))
NAMED_AFTER = ("table", "choice", "action", "function", "perform", "start")
NAME = r"[A-Za-z_][A-Za-z0-9_]*"
NUMBER = r"[0-9][0-9_]*(?:\.[0-9][0-9_]*)?"
COLUMN = (
    rf"^[ \t]*(?={NAME}[ \t]+(?:{'|'.join(sorted(TYPES))})\b[ \t]*"
    rf"(?:[(;>#]|(?:of|{'|'.join(sorted(MODIFIERS))})\b))"
)
"""What stands before a column with its type; the column may be called like any word of the language."""


class ActionLangLexer(RegexLexer):
    """ActionLang scripts. Every character comes back; none is an error, whatever the text."""

    name = "ActionLang"
    aliases: ClassVar[list[str]] = ["actionlang", "act"]
    filenames: ClassVar[list[str]] = ["*.act"]
    mimetypes: ClassVar[list[str]] = ["text/x-actionlang"]

    tokens: ClassVar[dict[str, Any]] = {
        "root": [
            (r"->|<=|>=", Operator),
            (r"[<>]", Punctuation),
            include("anywhere"),
        ],
        "parentheses": [
            # A forgotten one ends where the language's own lexer lets it end.
            (r"(?=;)|(?=^[ \t]*>[ \t]*(?:;|else\b|\#|$))", Text, "#pop"),
            (r"\)", Punctuation, "#pop"),
            include("expression"),
        ],
        "expression": [(r"->|<=|>=|[<>]", Operator), include("anywhere")],
        "anywhere": [
            include("comments and texts"),
            include("names"),
            (r"\(", Punctuation, "parentheses"),
            (r"!=|[=+*/|-]", Operator),
            (r"[;,:.)]", Punctuation),
            (r".", Text),
        ],
        "comments and texts": [
            (COLUMN, Text.Whitespace, "column"),
            (r"[ \t\r]*\n|[ \t\r]+", Text.Whitespace),
            (r"##(?!#)[^\n]*", String.Doc),
            (r"#[^\n]*", Comment.Single),
            (r'"""', String.Double, "long text"),
            (r'"', String.Double, "text"),
        ],
        "column": [(NAME, Name.Attribute, "#pop")],
        "names": [
            (r"`[^`\n]+`", Name),
            (rf"(?<=\.){NAME}", Name.Attribute),
            *((rf"(?<=\b{word} ){NAME}", Name.Function) for word in NAMED_AFTER),
            (rf"{NAME}(?=[ \t]*(?::|=(?!=)))", Name),
            (rf"{NUMBER}[ \t]+(?:weeks?|days?|hours?|minutes?|seconds?)\b", Literal.Date),
            (NUMBER, Number),
            (r'(datetime|date|id)(?=[ \t]*")', Keyword.Type),
            (words(sorted(OPERATORS), prefix=r"\b", suffix=r"\b"), Operator.Word),
            (words(sorted(CONSTANTS), prefix=r"\b", suffix=r"\b"), Keyword.Constant),
            (rf"(?!(?:{RESERVED})\b){NAME}(?=\()", Name.Function),
            (words(sorted(TYPES), prefix=r"\b", suffix=r"\b"), Keyword.Type),
            (words(sorted(LANGUAGE - TYPES), prefix=r"\b", suffix=r"\b"), Keyword),
            (NAME, Name),
        ],
        "piece": [
            (r"\{\{|\}\}", String.Escape),
            (r"\\(?:u\{[0-9A-Fa-f]*\}|.)", String.Escape),
            (r"\{", String.Interpol, "interpolation"),
            (r"[\\}]", String.Double),
        ],
        "text": [include("piece"), (r'"|\n', String.Double, "#pop"), (r'[^"\\{}\n]+', String.Double)],
        "long text": [include("piece"), (r'"""', String.Double, "#pop"), (r'[^"\\{}]+|"', String.Double)],
        "interpolation": [(r"\}", String.Interpol, "#pop"), (r"(?=;)", Text, "#pop"), include("expression")],
    }
