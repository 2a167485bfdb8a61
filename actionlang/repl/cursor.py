"""Where the cursor stands in what is being typed: the tokens before it, the word it touches, and what the grammar takes next."""

from __future__ import annotations

import re

import attrs

from actionlang.diagnostics.catalogue.syntax import UNCLOSED_TEXT
from actionlang.diagnostics.source import Source
from actionlang.syntax.complaints import Complainer
from actionlang.syntax.lexer import Lexer, Tokens
from actionlang.syntax.parser import Parser, takes
from actionlang.syntax.tokens import AMBIGUOUS, KEYWORD_TYPES, Token

WORD = re.compile(r"(?:`[^`\n]*|[A-Za-z_][A-Za-z0-9_]*)\Z")
STARTS = ("steps", "query", "module")
DECLARATION = re.compile(
    r"^(?:import|choice|table|(?:background |override |extern )?(?:action|function)|on (?:before|after)|test)\b",
    re.MULTILINE,
)
"""What begins a declaration of a script as people lay it out."""

HERE = "CURSOR"
"""A terminal that no rule takes, so that the parser stops in front of it."""


@attrs.frozen
class Cursor:
    """`tokens` stand before `word`, the beginning of a word that the cursor is behind of (perhaps empty). They are as one way of
    reading the text has them (`start`: steps, query or module): words that are keywords there have the keyword's type. `possible`
    are the terminals that can come next."""

    start: str
    tokens: tuple[Token, ...]
    word: str
    possible: frozenset[str]

    @property
    def previous(self) -> str:
        """Type of the token before, or "" at the beginning."""
        return self.tokens[-1].type if self.tokens else ""

    def type_at(self, back: int) -> str:
        """Type of the token so many before the cursor (1 is the last one), or ""."""
        return self.tokens[-back].type if back <= len(self.tokens) else ""


def cursors(before: str) -> tuple[Cursor, ...]:
    """The ways to read a text up to the cursor, one a start rule that fits; none inside a text or a comment, or behind what fits
    nowhere. A first word that begins a statement or a declaration is taken for that."""
    if not _in_script(Source("", before)):
        return ()
    found = WORD.search(before)
    word = found[0] if found else ""
    source = Source("", before[: len(before) - len(word)])
    ways = [cursor for start in STARTS if (cursor := _probe(source, start, word)) is not None]
    with_keyword = [
        cursor for cursor in ways if cursor.tokens and cursor.tokens[0].type == str(cursor.tokens[0].value).upper()
    ]
    return tuple(with_keyword or ways)


def cursor_in_script(before: str) -> Cursor | None:
    """The way to read a script up to the cursor; None inside a text or a comment. Only the declaration that the cursor is in is
    looked at, and what is wrong before the cursor is passed over, as the parser of whole scripts does."""
    begins = [found.start() for found in DECLARATION.finditer(before)]
    before = before[begins[-1] :] if begins else before
    if not _in_script(Source("", before)):
        return None
    found = WORD.search(before)
    word = found[0] if found else ""
    source = Source("", before[: len(before) - len(word)])
    for last_is_keyword in (True, False):
        cursor = _read_to_cursor(source, "module", word, last_is_keyword, _Mending)
        if cursor is not None:
            return cursor
    return None


def _probe(source: Source, start: str, word: str) -> Cursor | None:
    """The cursor as one start rule has it; None when what stands before it does not fit. A word that may be a name or a keyword
    is a keyword at first."""
    return _read_to_cursor(source, start, word, True) or _read_to_cursor(source, start, word, False)


def _read_to_cursor(
    source: Source, start: str, word: str, last_is_keyword: bool, kind: type[_Probe] | None = None
) -> Cursor | None:
    tokens = Lexer(source, in_parentheses=start == "query").read()
    *before, here = tokens.tokens
    here.type = HERE
    if last_is_keyword:
        if not before or before[-1].type != "NAME" or str(before[-1].value).upper() not in AMBIGUOUS:
            return None
        before[-1].type = KEYWORD_TYPES[str(before[-1].value)]
    probe = (kind or _Probe)(source, tokens)
    probe.run(start)
    if tokens.tokens[probe.position] is not here or not probe.states:
        return None
    states = probe.states
    possible = frozenset(kind for kind in states[-1] if kind.isupper() and takes(states, kind))
    return Cursor(start, tuple(tokens.tokens[: probe.position]), word, possible)


def _in_script(source: Source) -> bool:
    """Whether the end of the text is neither inside a text nor in a comment."""
    tokens = Lexer(source).read()
    if tokens.comments and tokens.comments[-1].end == len(source.text):
        return False
    # A text that ends inside the braces of an interpolation ends in a script; then the brace is pointed at.
    unclosed = [found.primary.span for found in tokens.diagnostics if found.code is UNCLOSED_TEXT and found.primary]
    return all(source.text[span.start] == "{" for span in unclosed)


class _Probe(Parser):
    """A parser that stops at the first token that does not fit, in the state it is in then."""

    def __init__(self, source: Source, tokens: Tokens) -> None:
        super().__init__(source, tokens)
        self.complainer = _Silent(source, tokens, self.found, takes)

    def recover(self) -> bool:
        """Never goes on."""
        return False


class _Mending(_Probe):
    """A probe that passes over what does not fit before the cursor."""

    def __init__(self, source: Source, tokens: Tokens) -> None:
        super().__init__(source, tokens)
        end = len(source.text)
        tokens.tokens.append(Token("$END", "", end, end))

    def recover(self) -> bool:
        """Go on behind what does not fit, unless that is the cursor."""
        before = self.tokens.tokens[self.position].type != HERE
        return before and Parser.recover(self) and self.tokens.tokens[self.position - 1].type != HERE


class _Silent(Complainer):
    """Complains of nothing, and mends nothing."""

    def complain(self, *_: object) -> bool:
        """Do nothing."""
        return False
