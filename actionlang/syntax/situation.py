"""Where the parser stands when a token does not fit, and what to say of it."""

from __future__ import annotations

import attrs

from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Span
from actionlang.syntax.tokens import Token

OUTSIDE = Token("$END", "", 0, 0)


@attrs.frozen
class Advice:
    """What to write instead: in `words`, and as `edits` of the script where it says enough for that. They are `safe` if
    there is one thing that it can have meant; the parser then goes on as if they had been made."""

    words: str
    edits: tuple[Edit, ...] = ()
    safe: bool = True
    title: str | None = None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The edits as what a diagnostic carries."""
        if not self.edits:
            return ()
        text = self.edits[0].text.strip()
        plain = f"Write {text}" if len(self.edits) == 1 and text else self.words.rstrip(".")
        return (Fix(self.title or plain, self.edits, self.safe),)


@attrs.frozen
class Situation:
    """Where the parser stands: the script's text, its tokens, the position of the one that does not fit, and which
    terminals would fit. `level` is the kind of list around it: `statement`, `column` or `declaration`.

    Other tokens go by how far they stand behind the one that does not fit, or (negative) before it.
    """

    text: str
    tokens: list[Token]
    position: int
    possible: frozenset[str]
    level: str

    @property
    def token(self) -> Token:
        """The token that does not fit."""
        return self.tokens[self.position]

    def near(self, distance: int) -> Token:
        """A token; past the ends of the script, one of type $END."""
        position = self.position + distance
        return self.tokens[position] if 0 <= position < len(self.tokens) else OUTSIDE

    def word(self, distance: int = 0) -> str:
        """A token as it is written."""
        token = self.near(distance)
        return self.text[token.start : token.end]

    def words(self, first: int, last: int) -> str:
        """What is written from one token to another one."""
        return self.text[self.near(first).start : self.near(last).end]

    def joined(self, distance: int = 0) -> bool:
        """Whether a token stands right behind the one before it, without a blank."""
        return self.near(distance - 1).end == self.near(distance).start

    def capitalised_keyword(self, distance: int = 0) -> str | None:
        """The word that a token is but for its capitals, when it has some."""
        token, word = self.near(distance), self.word(distance)
        return word.lower() if token.type == "NAME" and word != word.lower() else None

    # ----------------------------------------------------------------------------------------------------------- edits

    def replace(self, text: str, first: int = 0, last: int | None = None) -> Edit:
        """Text in the place of a token, or of all from one to another."""
        return Edit(Span(self.near(first).start, self.near(first if last is None else last).end), text)

    def before(self, text: str, distance: int = 0) -> Edit:
        """Text before a token."""
        start = self.near(distance).start
        return Edit(Span(start, start), text)

    def behind(self, text: str, distance: int = -1) -> Edit:
        """Text right behind a token."""
        end = self.near(distance).end
        return Edit(Span(end, end), text)

    def remove(self, first: int = 0, last: int | None = None) -> Edit:
        """Tokens taken out, with the blanks before them."""
        return Edit(Span(self.near(first - 1).end, self.near(first if last is None else last).end), "")
