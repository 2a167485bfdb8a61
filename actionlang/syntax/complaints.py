"""What the parser says of a token that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.diagnostics.catalogue import syntax as codes
from actionlang.diagnostics.diagnostic import Code, Diagnostic, Label
from actionlang.diagnostics.source import Source, Span
from actionlang.syntax.hints import Situation, hint
from actionlang.syntax.lexer import Tokens
from actionlang.syntax.recovery import (
    as_brackets,
    as_comparisons,
    begins_declaration,
    compares,
    in_first_column,
    level_of,
    starts_line,
)
from actionlang.syntax.tokens import KEYWORDS, STATEMENT_WORDS, Token

HIDDEN = frozenset({"BROKEN", "$END", "TEXT_MIDDLE"})
CONDITIONS = {"IF": "if", "REQUIRE": "require", "WHERE": "where"}
NO_SEMICOLON = "A ; is missing behind this."
AMBIGUOUS_PAIRS = frozenset({("FIND", "OPTIONAL"), ("ON", "EACH")})
"""Where a keyword is taken for one although the word behind it was meant for the keyword."""

SEPARATORS = {
    "statement": "Statements are separated by ;.",
    "column": "Each column, member or state ends with ;, but the last one need not.",
    "declaration": "A declaration without a block ends with ;.",
}

States = list[dict[str, Any]]


class Complainer:
    """Turns a state of the parser and the token that does not fit into one diagnostic. `takes` tells whether the
    parser could read a terminal in some state."""

    def __init__(
        self, source: Source, tokens: Tokens, found: list[Diagnostic], takes: Callable[[States, str], bool]
    ) -> None:
        self.source = source
        self.tokens = tokens
        self.found = found
        self.takes = takes
        self.last = self.mended = -10
        self.at_end: list[Diagnostic] = []
        """Those that say no more than that the script ends too early."""

    def complain(self, states: States, values: list[Any], position: int) -> bool:
        """Add the diagnostic, unless this error follows from one already told. True when the tokens have been mended at the
        position (a forgotten sign was put in, a needless one taken out), so that the parser can go on there."""
        before = len(self.found)
        at_end = self.tokens.tokens[position].type == "$END"
        self._complain(states, values, position)
        told = self.found[before:]
        if at_end:
            self.at_end += told
        if self._is_parenthesis_open(values, position):
            self.mended = position
            return self._put_in("RPAREN", ")", states, position)
        token = self.tokens.tokens[position]
        if token.type == "COLON" and self.takes(states, "CHOICES"):
            del self.tokens.tokens[position]
            return True
        goes_on = token.value in STATEMENT_WORDS or level_of(states, self.takes) != "statement"
        return (
            bool(told) and told[0].message == NO_SEMICOLON and goes_on and self._put_in("SEMI", ";", states, position)
        )

    def _put_in(self, kind: str, sign: str, states: States, position: int) -> bool:
        """Put a sign in before a token, if it fits there."""
        if not self.takes(states, kind):
            return False
        start = self.tokens.tokens[position].start
        self.tokens.tokens.insert(position, Token(kind, sign, start, start))
        return True

    def _complain(self, states: States, values: list[Any], position: int) -> None:
        follows = position - self.last <= 1
        self.last = position
        token = self.tokens.tokens[position]
        if token.type == "$END" and self.tokens.ends_in_text:
            return
        if self.mended == position - 1:
            return  # More that should have been closed before this, or was to follow the parenthesis.
        if self._left_open(values, position) or follows or self._lexer_complained(position):
            return
        if position and (
            self._bare_comparison(position)
            or self._missing_semicolon(states, position)
            or self._bare_condition(position)
            or self._keyword_as_name(position)
        ):
            return
        advice = hint(self._situation(states, position))
        if token.type == "$END":
            place = self.tokens.tokens[position - 1] if position else token
            self._report(codes.UNEXPECTED_END, "The file ends in the middle of this.", place, advice)
        else:
            self._report(codes.UNEXPECTED_TOKEN, f"{self._shown(token)} does not fit here.", token, advice)

    def _situation(self, states: States, position: int) -> Situation:
        terminals = {kind for kind in states[-1] if kind.isupper()} - HIDDEN
        possible = frozenset(kind for kind in terminals if self.takes(states, kind))
        return Situation(self.source.text, self.tokens.tokens, position, possible, level_of(states, self.takes))

    # ---------------------------------------------------------------------------------------- things left open

    def _left_open(self, values: list[Any], position: int) -> bool:
        """Tell of a block or parenthesis left open, if that is what the error is."""
        signs = _open_signs(values)
        if not signs:
            return False
        tokens = self.tokens.tokens
        token, opener = tokens[position], signs[-1]
        new = self._new_declaration(position)
        if any(found.code is codes.UNCLOSED_TEXT for found in self.tokens.diagnostics if self._behind(found, opener)):
            return new or token.type == "$END"  # The text that is never closed took the ) or > with it.
        if self._is_parenthesis_open(values, position):
            as_brackets(tokens, position)
            place = Token("", "", token.start, token.end) if token.type != "$END" else self._last_character(position)
            where = Label(self.source, Span(place.start, place.end), "it should be closed before this")
            self._report(
                codes.UNCLOSED_PARENTHESIS, "This parenthesis is never closed.", opener, "Write ) where it ends.", where
            )
            return True
        if not new and token.type != "$END":
            return False
        opener = next((sign for sign in signs if sign.type == "OPEN"), opener) if new else opener
        place = token if new else self._last_character(position)
        words = "something new begins here" if new else "the file ends here"
        where = Label(self.source, Span(place.start, place.end), words)
        self._report(codes.UNCLOSED_BLOCK, "This block is never closed.", opener, "Write > where it ends.", where)
        return True

    def _new_declaration(self, position: int) -> bool:
        tokens = self.tokens.tokens
        return begins_declaration(tokens, position) and in_first_column(self.source.text, tokens[position])

    def _is_parenthesis_open(self, values: list[Any], position: int) -> bool:
        """Whether the innermost open sign is a parenthesis, and the token shows that it should be closed by now."""
        signs = _open_signs(values)
        opened = bool(signs) and signs[-1].type == "LPAREN"
        return opened and (self._new_declaration(position) or self._ends_parenthesis(position))

    def _ends_parenthesis(self, position: int) -> bool:
        """Whether a token shows that an open parenthesis was forgotten."""
        tokens = self.tokens.tokens
        kind = tokens[position].type
        if kind == "LESS":
            after = tokens[position + 1]
            return after.value in STATEMENT_WORDS and after.type != "QUOTED"
        return kind in ("$END", "OPEN", "CLOSE", "SEMI")

    def _behind(self, found: Diagnostic, opener: Token) -> bool:
        return found.primary is not None and found.primary.span.start > opener.start

    def _last_character(self, position: int) -> Token:
        """The place of the last character before a token."""
        end = self.tokens.tokens[position - 1].end if position else 1
        return Token("", "", end - 1, end)

    # -------------------------------------------------------------------------------------- mistakes with a name

    def _bare_comparison(self, position: int) -> bool:
        """Tell of `<` or `>` used to compare outside parentheses: `let b = x < y` or, its `>` taken for a block's end,
        `let b = x > y`."""
        tokens = self.tokens.tokens
        if tokens[position].type != "OPEN" and tokens[position - 1].type != "CLOSE":
            return False
        angle = position if tokens[position].type == "OPEN" else position - 1
        if not compares(self.source.text, tokens, angle):
            return False
        as_comparisons(self.source.text, tokens, angle)
        sign = tokens[angle].value
        message = f"A comparison with {sign} stands in parentheses; outside them {sign} is a block's bracket."
        advice = f"Put the comparison in parentheses: (a {sign} b)"
        self._report(codes.BARE_COMPARISON, message, tokens[angle], advice)
        return True

    def _missing_semicolon(self, states: States, position: int) -> bool:
        """Tell of a statement that ends with its line rather than with a `;`."""
        previous, token = self.tokens.tokens[position - 1 : position + 1]
        if previous.type in ("SEMI", "OPEN", "CLOSE", "BROKEN") or not starts_line(self.source.text, token):
            return False
        if not self.takes(states, "SEMI"):
            return False
        advice = SEPARATORS[level_of(states, self.takes)]
        self._report(codes.UNEXPECTED_TOKEN, NO_SEMICOLON, self._last_character(position), advice)
        return True

    def _bare_condition(self, position: int) -> bool:
        """Tell of a condition without its parentheses."""
        previous, token = self.tokens.tokens[position - 1 : position + 1]
        if previous.type not in CONDITIONS or token.type in ("LPAREN", "$END"):
            return False
        as_comparisons(self.source.text, self.tokens.tokens, position)
        word = CONDITIONS[previous.type]
        advice = f"Put the whole condition in parentheses: {word} (...)"
        self._report(codes.UNEXPECTED_TOKEN, f"The condition after {word} stands in parentheses.", token, advice)
        return True

    def _keyword_as_name(self, position: int) -> bool:
        """Tell of a name that was read as the keyword it also is: `find optional where (...)`, with a table named so."""
        tokens = self.tokens.tokens
        before, word, taken = tokens[max(0, position - 3) : position] if position >= 3 else (tokens[0],) * 3
        if (before.type, word.type) not in AMBIGUOUS_PAIRS or taken.type != "NAME" or taken.value not in KEYWORDS:
            return False
        advice = f"If a name is meant, write it in backticks: `{word.value}`"
        self._report(codes.KEYWORD_AS_NAME, f"{word.value} is read as a word of the language here.", word, advice)
        return True

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

    def _report(self, code: Code, message: str, token: Token, advice: str | None, *secondary: Label) -> None:
        label = Label(self.source, Span(token.start, token.end))
        self.found.append(Diagnostic(code, message, label, secondary, advice))


def _open_signs(values: list[Any]) -> list[Token]:
    """The `<` and `(` among the values of a parse that are not closed."""
    signs: list[Token] = []
    for value in values:
        if isinstance(value, Token):
            if value.type in ("OPEN", "LPAREN"):
                signs.append(value)
            elif value.type in ("CLOSE", "RPAREN") and signs:
                signs.pop()
    return signs
