"""A step, or the condition in it, on one line, however a script sets it."""

from __future__ import annotations

from actionlang.diagnostics.source import Source
from actionlang.syntax.lexer import Lexer
from actionlang.syntax.tokens import Token

NO_SPACE_BEFORE = frozenset({"RPAREN", "COMMA", "COLON", "DOT", "TEXT_MIDDLE", "TEXT_END"})
NO_SPACE_BEHIND = frozenset({"LPAREN", "DOT", "TEXT_START", "TEXT_MIDDLE"})
WORDS = frozenset({"and", "or", "not", "in", "under", "otherwise", "is", "where", "from", "as"})
"""Words that stand before a parenthesis without calling anything."""

BEFORE_A_SIGN = frozenset({"LPAREN", "COMMA", "COLON", "TEXT_START", "TEXT_MIDDLE", "EQUAL", "NOT_EQUAL", "LESS"})
BEFORE_A_SIGN |= {"LESS_EQUAL", "GREATER", "GREATER_EQUAL", "PLUS", "MINUS", "STAR", "SLASH"}
"""What a `-` stands behind that turns a number round, beside the words above."""


def spelling(token: Token, text: str) -> str:
    """A token as it is best written: one blank in a duration, no carriage returns in a text."""
    characters = text[token.start : token.end]
    if token.type == "DURATION":
        return " ".join(characters.split())
    if "\r" in characters and token.type.startswith("TEXT"):
        return characters.replace("\r\n", "\n").replace("\r", "\\u{D}")
    return characters


def first_in_parentheses(statement: str) -> str:
    """What stands in the first parentheses of a statement, with the blanks that belong between its words and without its
    comments. Texts of many lines lose their line ends."""
    tokens = Lexer(Source("", statement)).read().tokens[:-1]
    opened = 0
    inside: list[Token] = []
    for token in tokens:
        opened -= token.type == "RPAREN"
        if opened > 0:
            inside.append(token)
        elif inside:
            break
        opened += token.type == "LPAREN"
    return _on_one_line(inside, statement)


def on_one_line(statement: str) -> str:
    """A statement without a block, with the blanks that belong between its words and without its comments."""
    return _on_one_line(Lexer(Source("", statement)).read().tokens[:-1], statement)


def _on_one_line(tokens: list[Token], text: str) -> str:
    out = ""
    before: Token | None = None
    turned = False
    for token in tokens:
        characters = spelling(token, text)
        if "\n" in characters:
            characters = " ".join(characters.split())
        if before is not None and (token.type == "MINUS" or not turned) and not _joined(before, token):
            out += " "
        turned = token.type == "MINUS" and (before is None or before.type in BEFORE_A_SIGN or before.value in WORDS)
        out += characters
        before = token
    return out


def _joined(before: Token, token: Token) -> bool:
    """Whether two tokens stand side by side."""
    if token.type in NO_SPACE_BEFORE or before.type in NO_SPACE_BEHIND:
        return True
    return token.type == "LPAREN" and (
        before.type in ("RPAREN", "QUOTED") or (before.type == "NAME" and before.value not in WORDS)
    )
