"""What each word of a script is, for colours that know more than a pattern does."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from actionlang.check.references import Kind, Occurrence
from actionlang.lsp.analysed import Analysed, rank
from actionlang.lsp.workspace import Found

TYPES = (
    "namespace",
    "struct",
    "property",
    "enum",
    "enumMember",
    "function",
    "method",
    "parameter",
    "variable",
    "type",
    "keyword",
    "event",
    "comment",
    "string",
    "number",
)
MODIFIERS = ("declaration", "documentation", "defaultLibrary")
LEGEND = lsp.SemanticTokensLegend(list(TYPES), list(MODIFIERS))

OF_KIND = {
    Kind.MODULE: "namespace",
    Kind.TABLE: "struct",
    Kind.COLUMN: "property",
    Kind.CHOICE: "enum",
    Kind.MEMBER: "enumMember",
    Kind.VERB: "method",
    Kind.FUNCTION: "function",
    Kind.AGGREGATE: "function",
    Kind.PARAMETER: "parameter",
    Kind.OUTPUT: "property",
    Kind.LOCAL: "variable",
    Kind.TYPE: "type",
    Kind.CALLER: "variable",
    Kind.EVENT: "event",
    Kind.CARRIED: "property",
}
OF_TOKEN = {
    "TEXT": "string",
    "TEXT_START": "string",
    "TEXT_MIDDLE": "string",
    "TEXT_END": "string",
    "NUMBER": "number",
    "DURATION": "number",
    "TYPED": "keyword",
}
SIGNS = frozenset({"SEMI", "COMMA", "COLON", "DOT", "BROKEN", "$END", "NAME", "QUOTED"})
DECLARATION, DOCUMENTATION, LIBRARY = 1, 2, 4

Word = tuple[int, int, str, int]
"""Where a word begins and ends, its type and its modifiers."""


def semantic_tokens(found: Found, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
    """All words of a script."""
    return lsp.SemanticTokens(_encoded(found.module, 0, len(found.module.source.text)))


def semantic_tokens_in(found: Found, params: lsp.SemanticTokensRangeParams) -> lsp.SemanticTokens:
    """The words of a part of a script."""
    return lsp.SemanticTokens(_encoded(found.module, *found.module.lines.span(params.range)))


def _encoded(module: Analysed, first: int, last: int) -> list[int]:
    """Words as the protocol has them: lines and columns from the word before."""
    data: list[int] = []
    line = column = 0
    for start, end, kind, modifiers in sorted(_one_lined(module, first, last)):
        place = module.lines.position(start)
        if place.line != line:
            column = 0
        data += (
            place.line - line,
            place.character - column,
            module.lines.length(start, end),
            TYPES.index(kind),
            modifiers,
        )
        line, column = place.line, place.character
    return data


def _one_lined(module: Analysed, first: int, last: int) -> Iterator[Word]:
    """The words that are at least partly in a part of the script, those over many lines a line each."""
    text = module.source.text
    for start, end, kind, modifiers in _words(module, first, last):
        begin = start
        for line in text[start:end].split("\n"):
            if line:
                yield begin, begin + len(line), kind, modifiers
            begin += len(line) + 1


def _words(module: Analysed, first: int, last: int) -> Iterator[Word]:
    named: dict[int, Occurrence] = {}
    for occurrence in module.between(first, last):
        known = named.get(occurrence.start)
        if known is None or rank(occurrence) < rank(known):
            named[occurrence.start] = occurrence
    for token in module.tokens:
        if token.end < first:
            continue
        if token.start > last:
            break
        named_here = named.get(token.start)
        if named_here is not None and named_here.end == token.end and token.type != "INHERITED":
            yield token.start, token.end, OF_KIND[named_here.symbol.kind], _modifiers(named_here)
        elif token.type in OF_TOKEN:
            yield token.start, token.end, OF_TOKEN[token.type], 0
        elif token.type not in SIGNS and token.type == str(token.value).upper():
            yield token.start, token.end, "keyword", 0
    for comment in module.parsed.module.comments:
        if comment.end >= first and comment.start <= last:
            yield comment.start, comment.end, "comment", DOCUMENTATION if comment.is_doc else 0


def _modifiers(occurrence: Occurrence) -> int:
    symbol = occurrence.symbol
    library = symbol.kind in (Kind.FUNCTION, Kind.AGGREGATE, Kind.TYPE, Kind.CALLER)
    return (DECLARATION if occurrence.declares else 0) | (LIBRARY if library else 0)
