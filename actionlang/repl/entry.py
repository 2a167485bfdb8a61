"""What was typed: a command, declarations, statements or a query, and whether there is more to come."""

from __future__ import annotations

import re
from enum import Enum

import attrs

from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.source import Source
from actionlang.syntax.lexer import Lexer, Tokens
from actionlang.syntax.parser import ParsedModule, ParsedQuery, ParsedSteps, parse, parse_query, parse_steps
from actionlang.syntax.recovery import begins_declaration
from actionlang.syntax.tokens import STATEMENT_WORDS

Parsed = ParsedModule | ParsedSteps | ParsedQuery

COMMAND = re.compile(r"\s*:[A-Za-z?]")


class Kind(Enum):
    """What an entry is."""

    NOTHING = "nothing"
    COMMAND = "command"
    DECLARATIONS = "declarations"
    STATEMENTS = "statements"
    QUERY = "query"


@attrs.frozen
class Entry:
    """One entry as read. `parsed` is None for a command and for nothing; `complete` is False when what is there is right as
    far as it goes and is not finished."""

    source: Source
    kind: Kind
    parsed: Parsed | None
    complete: bool

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the parser complained about."""
        return self.parsed.diagnostics if self.parsed is not None else ()


def read_entry(source: Source) -> Entry:
    """Read what was typed. Never raises: what is wrong is in the entry's diagnostics."""
    if COMMAND.match(source.text):
        return Entry(source, Kind.COMMAND, None, True)
    tokens = Lexer(source).read()
    if len(tokens.tokens) == 1 and not tokens.diagnostics:
        return Entry(source, Kind.NOTHING, None, not tokens.comments or not tokens.comments[-1].is_doc)
    if begins_declaration([*tokens.tokens, tokens.tokens[-1]], 0):
        return _declarations(source)
    first = tokens.tokens[0]
    steps = _entry(source, Kind.STATEMENTS, parse_steps(source))
    is_statement = first.type == "NAME" and first.value in STATEMENT_WORDS
    if is_statement and not (steps.diagnostics and steps.complete):
        return steps
    query = _query(source, tokens)
    return steps if query.diagnostics and (is_statement or not steps.diagnostics) else query


def _declarations(source: Source) -> Entry:
    """Declarations; the `;` that an import needs may be left out at the end."""
    parsed = parse(source)
    if parsed.unfinished:
        closed = Source(source.name, f"{source.text};")
        again = parse(closed)
        if not again.diagnostics:
            return Entry(closed, Kind.DECLARATIONS, again, True)
    return _entry(source, Kind.DECLARATIONS, parsed)


def _query(source: Source, tokens: Tokens) -> Entry:
    """An expression or query; a `;` behind it says no more than that it ends."""
    last = tokens.tokens[-2] if len(tokens.tokens) > 1 else None
    if last is not None and last.type == "SEMI":
        cut = Source(source.name, source.text[: last.start])
        entry = _entry(cut, Kind.QUERY, parse_query(cut))
        return attrs.evolve(entry, complete=True)
    return _entry(source, Kind.QUERY, parse_query(source))


def _entry(source: Source, kind: Kind, parsed: Parsed) -> Entry:
    return Entry(source, kind, parsed, not parsed.unfinished)
