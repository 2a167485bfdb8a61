"""Where to read on after an error."""

from __future__ import annotations

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


def begins_declaration(tokens: list[Token], position: int) -> bool:
    """Whether the token there and the one behind it look like the beginning of a declaration."""
    token = tokens[position]
    word = token.value
    if token.type in ("QUOTED", "TEXT") or word not in DECLARATION_WORDS:
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
        elif level == "statement" and opened == 0 and position > here and _begins_statement(text, token):
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


def _begins_statement(text: str, token: Token) -> bool:
    return token.type not in ("QUOTED", "TEXT") and token.value in STATEMENT_WORDS and starts_line(text, token)
