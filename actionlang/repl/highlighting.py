"""Colours for scripts: a lexer for Pygments, which the prompt uses, and whatever else shows scripts may use."""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, include, words
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, Punctuation, String, Text

from actionlang.syntax.tokens import KEYWORDS

OPERATOR_WORDS = frozenset({"and", "or", "not", "in", "is", "under", "otherwise"})
CONSTANTS = frozenset({"true", "false", "empty"})
TYPES = frozenset(
    """
    text integer decimal money boolean date datetime duration id choices owner json file float list
    """.split()
)
NAMED_AFTER = ("table", "choice", "action", "function", "perform", "start")
NAME = r"[A-Za-z_][A-Za-z0-9_]*"


class ActionLangLexer(RegexLexer):
    """ActionLang scripts."""

    name = "ActionLang"
    aliases: ClassVar[list[str]] = ["actionlang", "act"]
    filenames: ClassVar[list[str]] = ["*.act"]
    mimetypes: ClassVar[list[str]] = ["text/x-actionlang"]

    tokens: ClassVar[dict[str, Any]] = {
        "root": [
            (r"[ \t\r\n]+", Text.Whitespace),
            (r"##[^\n]*", String.Doc),
            (r"#[^\n]*", Comment.Single),
            (r'"""', String.Double, "long text"),
            (r'"', String.Double, "text"),
            (r"`[^`\n]+`", Name),
            (rf"(?<=\.){NAME}", Name.Attribute),
            *((rf"(?<=\b{word} ){NAME}", Name.Function) for word in NAMED_AFTER),
            (r"[0-9][0-9_]*(?:\.[0-9][0-9_]*)?[ \t]+(?:weeks?|days?|hours?|minutes?|seconds?)\b", Literal.Date),
            (r"[0-9][0-9_]*(?:\.[0-9][0-9_]*)?", Number),
            (r'(datetime|date|id)(?=[ \t]*")', Keyword.Type),
            (words(sorted(OPERATOR_WORDS), prefix=r"\b", suffix=r"\b"), Operator.Word),
            (words(sorted(CONSTANTS), prefix=r"\b", suffix=r"\b"), Keyword.Constant),
            (words(sorted(TYPES), prefix=r"\b", suffix=r"\b"), Keyword.Type),
            (rf"(?!(?:if|where|require)\b){NAME}(?=\()", Name.Function),
            (words(sorted(KEYWORDS - OPERATOR_WORDS - CONSTANTS), prefix=r"\b", suffix=r"\b"), Keyword),
            (NAME, Name),
            (r"->|<=|>=|!=|[=<>+*/|-]", Operator),
            (r"[;,:.()]", Punctuation),
            (r".", Text),
        ],
        "piece": [
            (r"\{\{|\}\}", String.Escape),
            (r"\\(?:u\{[0-9A-Fa-f]*\}|.)", String.Escape),
            (r"\{", String.Interpol, "interpolation"),
            (r"\}", String.Double),
        ],
        "text": [include("piece"), (r'"|\n', String.Double, "#pop"), (r'[^"\\{}\n]+', String.Double)],
        "long text": [include("piece"), (r'"""', String.Double, "#pop"), (r'[^"\\{}]+|"', String.Double)],
        "interpolation": [(r"\}", String.Interpol, "#pop"), include("root")],
    }
