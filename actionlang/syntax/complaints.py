"""What the parser says of a token that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from actionlang.diagnostics.catalogue import syntax as codes
from actionlang.diagnostics.diagnostic import Code, Diagnostic, Label
from actionlang.diagnostics.source import Source, Span
from actionlang.syntax.hints import hint
from actionlang.syntax.lexer import Tokens
from actionlang.syntax.mending import mend
from actionlang.syntax.missing import NO_SEMICOLON
from actionlang.syntax.missing import RULES as MISSING
from actionlang.syntax.recovery import as_brackets, begins_declaration, in_first_column, level_of
from actionlang.syntax.situation import Advice, Situation
from actionlang.syntax.tokens import STATEMENT_WORDS, Token
from actionlang.syntax.unclosed import (
    BLOCK,
    closed_block,
    closed_parenthesis,
    end_of_parenthesis,
    misplaced_end,
    open_signs,
)

HIDDEN = frozenset({"BROKEN", "$END", "TEXT_MIDDLE"})

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
        self.in_tokens = False
        self.at_end: list[Diagnostic] = []
        """Those that say no more than that the script ends too early."""

    def complain(self, states: States, values: list[Any], position: int) -> bool:
        """Add the diagnostic, unless this error follows from one already told. True when the tokens have been mended at the
        position (a forgotten sign was put in, a needless one taken out), so that the parser can go on there."""
        before = len(self.found)
        at_end = self.tokens.tokens[position].type == "$END"
        advice = self._complain(states, values, position)
        told = self.found[before:]
        if at_end:
            self.at_end += told
        in_parentheses = self._is_parenthesis_open(values, position)
        if in_parentheses:
            self.mended = position
            return self._put_in("RPAREN", ")", states, position)
        if self.in_tokens:
            self.in_tokens = False
            return True
        if not told or not isinstance(advice, Advice) or not advice.safe or not advice.edits:
            return False
        if told[0].message == NO_SEMICOLON:
            if not self._goes_on(states, position):
                return False
            self.last = -10  # What begins behind the ; may be wrong in its own way.
        signs = open_signs(values)
        return mend(self.tokens.tokens, position, advice.edits, bool(signs) and signs[-1].type == "LPAREN")

    def _goes_on(self, states: States, position: int) -> bool:
        """Whether what stands behind a forgotten `;` begins something, so that only the `;` is missing."""
        token = self.tokens.tokens[position]
        return token.value in STATEMENT_WORDS or level_of(states, self.takes) != "statement"

    def _put_in(self, kind: str, sign: str, states: States, position: int) -> bool:
        """Put a sign in before a token, if it fits there."""
        if not self.takes(states, kind):
            return False
        start = self.tokens.tokens[position].start
        self.tokens.tokens.insert(position, Token(kind, sign, start, start))
        return True

    def _complain(self, states: States, values: list[Any], position: int) -> str | Advice | None:
        """Add the diagnostic; what it advises."""
        follows = position - self.last <= 1
        self.last = position
        token = self.tokens.tokens[position]
        if token.type == "$END" and self.tokens.ends_in_text:
            return None
        if self.mended == position - 1:
            return None  # More that should have been closed before this, or was to follow the parenthesis.
        if self._left_open(values, position) or follows or self._lexer_complained(position):
            return None
        at = self._situation(states, position)
        complaint = next(filter(None, (rule(at) for rule in MISSING)), None) if position else None
        if complaint is not None:
            self._report(complaint.code, complaint.message, complaint.place, complaint.advice)
            self.in_tokens = complaint.mended
            return complaint.advice
        advice = hint(at)
        if token.type == "$END":
            place = self.tokens.tokens[position - 1] if position else token
            self._report(codes.UNEXPECTED_END, "The file ends in the middle of this.", place, advice)
        else:
            self._report(codes.UNEXPECTED_TOKEN, f"{self._shown(token)} does not fit here.", token, advice)
        return advice

    def _situation(self, states: States, position: int) -> Situation:
        terminals = {kind for kind in states[-1] if kind.isupper()} - HIDDEN
        possible = frozenset(kind for kind in terminals if self.takes(states, kind))
        return Situation(self.source.text, self.tokens.tokens, position, possible, level_of(states, self.takes))

    # ---------------------------------------------------------------------------------------- things left open

    def _left_open(self, values: list[Any], position: int) -> bool:
        """Tell of a block or parenthesis left open, if that is what the error is."""
        signs = open_signs(values)
        if not signs:
            return False
        text, tokens = self.source.text, self.tokens.tokens
        token, opener = tokens[position], signs[-1]
        new = self._new_declaration(position)
        if self.last_unclosed_text > opener.start:
            return new or token.type == "$END"  # The text that is never closed took the ) or > with it.
        if self._is_parenthesis_open(values, position):
            end = end_of_parenthesis(text, tokens, opener, position)
            as_brackets(tokens, end)
            advice = closed_parenthesis(tokens, end)
            place = self._last_character(position) if tokens[end].type == "$END" else tokens[end]
            self._told_open(codes.UNCLOSED_PARENTHESIS, opener, place, "it should be closed before this", advice)
            return True
        if not new and token.type != "$END":
            return False
        outermost = next((sign for sign in signs if sign.type == "OPEN"), opener)
        found = misplaced_end(text, tokens, outermost, position)
        if found is not None:
            advice = closed_block(text, *found)
            self._told_open(codes.UNCLOSED_BLOCK, *found, "this closes the block around it", advice)
        elif new:
            self._told_open(codes.UNCLOSED_BLOCK, outermost, token, "something new begins here", Advice(BLOCK))
        else:
            place = self._last_character(position)
            self._told_open(codes.UNCLOSED_BLOCK, opener, place, "the file ends here", Advice(BLOCK))
        return True

    def _told_open(self, code: Code, opener: Token, place: Token, words: str, advice: Advice) -> None:
        what = "block" if code is codes.UNCLOSED_BLOCK else "parenthesis"
        label = Label(self.source, Span(place.start, place.end), words)
        self._report(code, f"This {what} is never closed.", opener, advice, label)

    def _new_declaration(self, position: int) -> bool:
        tokens = self.tokens.tokens
        return begins_declaration(tokens, position) and in_first_column(self.source.text, tokens[position])

    def _is_parenthesis_open(self, values: list[Any], position: int) -> bool:
        """Whether the innermost open sign is a parenthesis, and the token shows that it should be closed by now."""
        signs = open_signs(values)
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

    @cached_property
    def last_unclosed_text(self) -> int:
        """Where the last text begins that is never closed; -1 where all are."""
        unclosed = (found.primary for found in self.tokens.diagnostics if found.code is codes.UNCLOSED_TEXT)
        return max((place.span.start for place in unclosed if place), default=-1)

    def _last_character(self, position: int) -> Token:
        """The place of the last character before a token."""
        end = self.tokens.tokens[position - 1].end if position else 1
        return Token("", "", end - 1, end)

    # ------------------------------------------------------------------------------------------------ words

    def _lexer_complained(self, position: int) -> bool:
        """Whether the lexer has already said something about the line of this token or of the one before it."""
        near = self.tokens.tokens[max(0, position - 1) : position + 1]
        if not self.tokens.diagnostics:
            return False
        return any(self.source.position(token.start).line in self.lines_told for token in near)

    @cached_property
    def lines_told(self) -> frozenset[int]:
        """The lines that the lexer has said something about, but for characters that it took for what was meant."""
        told = [each for each in self.tokens.diagnostics if each.code is not codes.UNKNOWN_CHARACTER or not each.fixes]
        places = (each.primary for each in told)
        return frozenset(self.source.position(place.span.start).line for place in places if place)

    def _shown(self, token: Token) -> str:
        if token.type in ("TEXT", "TEXT_START", "TEXT_MIDDLE", "TEXT_END"):
            return "This text"
        written = self.source.text[token.start : token.end]
        return f"`{written if len(written) <= 40 else written[:39] + '…'}`"

    def _report(self, code: Code, message: str, token: Token, advice: str | Advice | None, *secondary: Label) -> None:
        label = Label(self.source, Span(token.start, token.end))
        words = advice.words if isinstance(advice, Advice) else advice
        fixes = advice.fixes if isinstance(advice, Advice) else ()
        self.found.append(Diagnostic(code, message, label, secondary, words, (), fixes))
