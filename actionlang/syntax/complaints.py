"""What the parser says of a token that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from actionlang.diagnostics.catalogue import syntax as codes
from actionlang.diagnostics.diagnostic import Code, Diagnostic, Label
from actionlang.diagnostics.source import Source, Span
from actionlang.syntax.lexer import Tokens
from actionlang.syntax.recovery import begins_declaration, in_first_column, starts_line
from actionlang.syntax.tokens import DECLARATION_WORDS, KEYWORD_TYPES, SIGNS, STATEMENT_WORDS, Token

SIGN_OF = {kind: sign for sign, kind in SIGNS.items()} | {"LESS": "<", "GREATER": ">"}
OPERANDS = frozenset({"NAME", "NUMBER", "DURATION", "TEXT", "TEXT_START", "TYPED", "TRUE", "FALSE", "EMPTY", "LPAREN"})
OPERATORS = frozenset(
    {"OR", "AND", "EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "IN", "UNDER", "OTHERWISE", "IS"}
) | {"PLUS", "MINUS", "STAR", "SLASH", "NOT", "DOT"}
END_OPERAND = frozenset({"NAME", "QUOTED", "NUMBER", "DURATION", "TEXT", "TEXT_END", "RPAREN"})
BEGIN_OPERAND = frozenset({"NAME", "QUOTED", "NUMBER", "DURATION", "TEXT", "TEXT_START", "LPAREN"})
HIDDEN = frozenset({"BROKEN", "$END", "TEXT_MIDDLE"})
CONDITIONS = {"IF": "if", "REQUIRE": "require", "WHERE": "where"}
FOREIGN = {
    "while": "There is no while: a verb always ends. Use for each over the rows of a table or the items of a list.",
    "insert": "A row is made with create: create case set title = \"...\";",
    "select": "Rows are read with find or for each.",
    "print": "A verb has no screen; return a value, or create a row that says it.",
    "raise": "A verb ends in failure with fail: fail \"why\";",
    "throw": "A verb ends in failure with fail: fail \"why\";",
    "try": "A step that may fail stands in attempt < ... > else < ... >",
    "call": "Another verb is run with perform.",
    "var": "A value gets a name with let.",
    "set": "Columns are changed with update: update case set priority = high;",
    "elif": "Write else if.",
    "elseif": "Write else if.",
}

KEYWORDS_IN_GRAMMAR = frozenset(KEYWORD_TYPES.values())

Taker = Callable[[list[dict[str, Any]], str], bool]


class Complainer:
    """Turns a state of the parser and the token that does not fit into one diagnostic."""

    def __init__(self, source: Source, tokens: Tokens, found: list[Diagnostic], takes: Taker) -> None:
        self.source = source
        self.tokens = tokens
        self.found = found
        self.takes = takes
        self.last = -10

    def complain(self, states: list[dict[str, Any]], values: list[Any], position: int) -> None:
        """Add the diagnostic, unless this error follows directly from one already told."""
        follows = position - self.last <= 1
        self.last = position
        token = self.tokens.tokens[position]
        if self._unclosed(values, position) or follows or self._lexer_complained(position):
            return
        if token.type == "$END":
            self._report(codes.UNEXPECTED_END, "The file ends in the middle of this.", token, self._hint(states, position))
            return
        previous = self.tokens.tokens[position - 1] if position else None
        if previous and self._is_bare_comparison(position):
            return
        if previous and self._lacks_semicolon(states, previous, token):
            place = Token("", "", previous.end - 1, previous.end)
            self._report(codes.UNEXPECTED_TOKEN, "A ; is missing behind this.", place, "Statements are separated by ;.")
            return
        what = self._shown(token)
        if previous and previous.type in CONDITIONS and token.type != "LPAREN":
            word = CONDITIONS[previous.type]
            hint = f"Put the whole condition in parentheses: {word} (...)"
            self._report(codes.UNEXPECTED_TOKEN, f"The condition after {word} stands in parentheses.", token, hint)
            return
        self._report(codes.UNEXPECTED_TOKEN, f"{what} does not fit here.", token, self._hint(states, position))

    # ---------------------------------------------------------------------------------------- things left open

    def _unclosed(self, values: list[Any], position: int) -> bool:
        """Tell of a block or parenthesis left open, if that is what the error is."""
        token = self.tokens.tokens[position]
        signs = [value for value in values if isinstance(value, Token) and value.type in ("OPEN", "LPAREN")]
        if not signs:
            return False
        text = self.source.text
        new = begins_declaration(self.tokens.tokens, position) and in_first_column(text, token)
        opener = signs[-1]
        if opener.type == "LPAREN" and (new or token.type in ("$END", "OPEN", "CLOSE", "SEMI")):
            where = Label(self.source, Span(token.start, max(token.end, token.start)), "it should be closed before this")
            self._report(codes.UNCLOSED_PARENTHESIS, "This parenthesis is never closed.", opener, "Write ) where it ends.", where)
            return True
        if not new and token.type != "$END":
            return False
        opener = next((sign for sign in signs if sign.type == "OPEN"), opener) if new else opener
        words = "something new begins here" if new else "the file ends here"
        where = Label(self.source, Span(token.start, token.end), words)
        self._report(codes.UNCLOSED_BLOCK, "This block is never closed.", opener, "Write > where it ends.", where)
        return True

    def _is_bare_comparison(self, position: int) -> bool:
        """Tell of `<` or `>` used to compare outside parentheses: `let b = x < y` or, its `>` taken for a block's end,
        `let b = x > y`."""
        tokens = self.tokens.tokens
        token, previous = tokens[position], tokens[position - 1]
        if token.type == "OPEN":
            before, angle, after = previous, token, tokens[position + 1]
        elif previous.type == "CLOSE" and position >= 2:
            before, angle, after = tokens[position - 2], previous, token
        else:
            return False
        operand_follows = after.type in BEGIN_OPERAND and after.value not in STATEMENT_WORDS
        if before.type not in END_OPERAND or not operand_follows or starts_line(self.source.text, after):
            return False
        angle.type = "LESS" if angle.value == "<" else "GREATER"  # so that skipping does not take it for a bracket
        hint = f"Put the comparison in parentheses: (a {angle.value} b)"
        message = f"A comparison with {angle.value} stands in parentheses; outside them {angle.value} is a block's bracket."
        self._report(codes.BARE_COMPARISON, message, angle, hint)
        return True

    def _lacks_semicolon(self, states: list[dict[str, Any]], previous: Token, token: Token) -> bool:
        """Whether a statement seems to end with its line."""
        ended = previous.type in ("SEMI", "OPEN", "CLOSE", "BROKEN")
        return not ended and starts_line(self.source.text, token) and self.takes(states, "SEMI")

    # ------------------------------------------------------------------------------------------------ words

    def _lexer_complained(self, position: int) -> bool:
        """Whether the lexer has already said something about the line of this token or of the one before it."""
        near = self.tokens.tokens[max(0, position - 1) : position + 1]
        lines = {self.source.position(token.start).line for token in near}
        places = (found.primary for found in self.tokens.diagnostics)
        return any(place and self.source.position(place.span.start).line in lines for place in places)

    def _shown(self, token: Token) -> str:
        if token.type in ("TEXT", "TEXT_START", "TEXT_MIDDLE", "TEXT_END"):
            return "This text"
        written = self.source.text[token.start : token.end]
        return f"`{written if len(written) <= 40 else written[:39] + '…'}`"

    def _hint(self, states: list[dict[str, Any]], position: int) -> str | None:
        """What could stand here instead."""
        token = self.tokens.tokens[position]
        previous = self.tokens.tokens[position - 1] if position else None
        row = states[-1]
        word = str(token.value)
        possible = {kind for kind in row if (kind.isupper() or kind == "$END") and self.takes(states, kind)} - HIDDEN
        if previous and word == "=" and previous.type == "EQUAL":
            return "A single = compares."
        if "CREATE" in possible or "IMPORT" in possible:
            words = STATEMENT_WORDS if "CREATE" in possible else DECLARATION_WORDS
            if word in FOREIGN:
                return FOREIGN[word]
            close = get_close_matches(word, sorted(words), 1)
            kind = "A statement" if "CREATE" in possible else "A declaration"
            return f"Did you mean {close[0]}?" if close else f"{kind} begins with one of {', '.join(sorted(words))}."
        if previous and previous.type == "RETURN":
            return f"Say which output it is: return result: {self.source.text[token.start : token.end]}"
        close = get_close_matches(word, sorted(kind.lower() for kind in possible & KEYWORDS_IN_GRAMMAR), 1, 0.7)
        if close and token.type == "NAME":
            return f"Did you mean {close[0]}?"
        if previous and previous.type in ("OPTIONAL", "LIST", "CHOICES", "EACH") and "NAME" in possible:
            keyword = str(previous.value)
            return f"If {keyword} is a name here, write it in backticks: `{keyword}`."
        return _expected(possible)

    def _report(self, code: Code, message: str, token: Token, hint: str | None, *secondary: Label) -> None:
        label = Label(self.source, Span(token.start, token.end))
        self.found.append(Diagnostic(code, message, label, secondary, hint))


def _expected(possible: set[str]) -> str | None:
    """The terminals that could stand here, in words, the most telling first."""
    parts = []
    if {"NUMBER", "TEXT", "LPAREN"} <= possible:
        parts.append("a value")
        possible -= OPERANDS | {"NOT", "MINUS"}
    if {"PLUS", "STAR"} <= possible:
        possible -= OPERATORS
    if "NAME" in possible:
        parts.append("a name")
    if "NUMBER" in possible:
        parts.append("a number")
    if "TEXT" in possible:
        parts.append('a text in "..."')
    signs = sorted(f"`{SIGN_OF[kind]}`" for kind in possible if kind in SIGN_OF)
    parts += signs + sorted(kind.lower() for kind in possible & KEYWORDS_IN_GRAMMAR)
    if not parts or len(parts) > 12:
        return None
    return f"Here may stand {', '.join(parts[:-1])} or {parts[-1]}." if len(parts) > 1 else f"Here must stand {parts[0]}."
