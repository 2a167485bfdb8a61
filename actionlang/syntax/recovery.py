"""Where to read on after an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.syntax.tokens import DECLARATION_WORDS, STATEMENT_WORDS, Token

FOLLOWS = {
    "table": {"NAME", "QUOTED"},
    "choice": {"NAME", "QUOTED"},
    "action": {"NAME", "QUOTED"},
    "function": {"NAME", "QUOTED"},
    "import": {"NAME", "QUOTED", "TEXT"},
    "test": {"TEXT"},
}
"""Types of the token after a declaration's first word; other first words are followed by a word."""

NO_WORDS = frozenset({"QUOTED", "TEXT", "TEXT_START", "TEXT_MIDDLE", "TEXT_END"})
"""Types of tokens whose value may be any text, that of a keyword too."""

END_OPERAND = frozenset({"NAME", "QUOTED", "NUMBER", "DURATION", "TEXT", "TEXT_END", "RPAREN"})
NO_OPERANDS = STATEMENT_WORDS | {"else"}
BEGIN_OPERAND = frozenset({"NAME", "QUOTED", "NUMBER", "DURATION", "TEXT", "TEXT_START", "LPAREN"})


def begins_declaration(tokens: list[Token], position: int) -> bool:
    """Whether the token there and the one behind it look like the beginning of a declaration."""
    token = tokens[position]
    word = token.value
    if token.type in NO_WORDS or word not in DECLARATION_WORDS:
        return False
    after = tokens[position + 1]
    if word == "on":
        return after.value in ("before", "after")
    if word in ("background", "override", "extern"):
        return after.value in ("action", "function")
    return after.type in FOLLOWS[str(word)] or after.type == str(after.value).upper()


def starts_line(text: str, token: Token) -> bool:
    """Whether nothing but white space stands before the token on its line."""
    return not text[text.rfind("\n", 0, token.start) + 1 : token.start].strip()


def in_first_column(text: str, token: Token) -> bool:
    """Whether the token is the first character of its line."""
    return token.start == 0 or text[token.start - 1] == "\n"


def level_of(states: list[dict[str, Any]], takes: Callable[[list[dict[str, Any]], str], bool]) -> str:
    """The kind of the innermost list that the parser is in: `statement`, `column` or `declaration`."""
    states = list(states)
    while len(states) > 1 and not takes(states, "BROKEN"):
        states.pop()
    return "declaration" if takes(states, "IMPORT") else "statement" if takes(states, "CREATE") else "column"


def compares(text: str, tokens: list[Token], position: int) -> bool:
    """Whether an angle that was taken for a block's bracket seems to compare what stands around it on its line."""
    if position < 1 or tokens[position].type not in ("OPEN", "CLOSE"):
        return False
    before, after = tokens[position - 1], tokens[position + 1]
    follows = after.type in BEGIN_OPERAND and (after.type == "QUOTED" or after.value not in NO_OPERANDS)
    return before.type in END_OPERAND and follows and not starts_line(text, after)


def as_comparisons(text: str, tokens: list[Token], position: int) -> None:
    """Take the angles from a position to the end of its line that seem to compare for comparisons, so that skipping does
    not count them as brackets."""
    end = text.find("\n", tokens[position].start)
    while tokens[position].type not in ("$END", "SEMI") and (end < 0 or tokens[position].start < end):
        token = tokens[position]
        if compares(text, tokens, position):
            token.type = "LESS" if token.value == "<" else "GREATER"
        position += 1


def as_brackets(tokens: list[Token], position: int) -> None:
    """Take the angles behind a forgotten parenthesis, from a position to the `;` that ends it, for brackets."""
    while tokens[position].type not in ("$END", "SEMI"):
        token = tokens[position]
        if token.type in ("LESS", "GREATER"):
            token.type = "OPEN" if token.type == "LESS" else "CLOSE"
        position += 1


def resume_at(text: str, tokens: list[Token], here: int, opened: int, level: str) -> int:
    """Position of the token to read on at, after an error at `here` with `opened` blocks inside the part given up.

    `level` is `declaration`, `statement` or `column`: what kind of list the parser fell back to. A `;` or the `>` of the list's
    own block is left to be read; a declaration's first word in the first column ends any skipping.
    """
    position = here
    while True:
        token = tokens[position]
        if token.type == "$END":
            return position
        if begins_declaration(tokens, position) and (level == "declaration" or in_first_column(text, token)):
            if in_first_column(text, token) or opened <= 0:
                return position
        elif position > here and opened <= 0 and _begins_another(text, token, level):
            return position
        if token.type == "OPEN":
            opened += 1
        elif token.type == "CLOSE":
            if opened <= 0 and level != "declaration":
                return position
            opened = max(0, opened - 1)
            if opened == 0 and level == "statement" and tokens[position + 1].value != "else":
                return position + 1
        elif token.type == "SEMI" and opened <= 0 and level != "declaration":
            return position
        position += 1


def _begins_another(text: str, token: Token, level: str) -> bool:
    """Whether a declaration or statement seems to begin here, a wrong one perhaps."""
    if token.type in NO_WORDS or level == "column":
        return False
    if level == "declaration":
        return token.value in DECLARATION_WORDS and in_first_column(text, token)
    return token.value in STATEMENT_WORDS and starts_line(text, token)
