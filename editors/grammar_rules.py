"""What grammar/actionlang.lark says, for what is made from it: word lists of highlighters, diagrams of the syntax."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import attrs
from lark import Lark
from lark.lexer import Lexer

from actionlang.syntax.grammar import STARTS, grammar_text
from actionlang.syntax.tokens import KEYWORD_TYPES, SIGNS

SIGN_OF = {**{terminal: sign for sign, terminal in SIGNS.items()}, "LESS": "<", "GREATER": ">"}
WORD_OF = {terminal: word for word, terminal in KEYWORD_TYPES.items()}

Rules = dict[str, tuple[tuple[str, ...], ...]]
"""A rule's alternatives, each the names of the terminals and rules that follow one another. Those that only go on after a mistake
are left out."""


class _NoLexer(Lexer):
    """Tokens come from elsewhere; Lark only wants a class."""

    __future_interface__ = 2

    def __init__(self, _: object) -> None:
        pass

    def lex(self, *_: object) -> Any:
        return iter(())


@cache
def rules() -> Rules:
    """All rules, in the order of the file."""
    found: dict[str, list[tuple[str, ...]]] = {}
    grammar = Lark(grammar_text(), parser="lalr", lexer=_NoLexer, start=list(STARTS), keep_all_tokens=True)
    for rule in grammar.rules:
        symbols = tuple(str(symbol.name) for symbol in rule.expansion)
        if "BROKEN" not in symbols:
            found.setdefault(str(rule.origin.name), []).append(symbols)
    return {name: tuple(alternatives) for name, alternatives in found.items()}


def first_words(name: str) -> frozenset[str]:
    """The words of the language that a rule may begin with."""
    found: set[str] = set()
    seen: set[str] = set()
    pending = [name]
    while pending:
        symbol = pending.pop()
        if symbol in WORD_OF:
            found.add(WORD_OF[symbol])
        elif symbol not in seen and symbol in rules():
            seen.add(symbol)
            for alternative in rules()[symbol]:
                pending.extend(_beginnings(alternative))
    return frozenset(found)


def words_in(names: Iterable[str]) -> frozenset[str]:
    """The words of the language that stand in these rules themselves."""
    symbols = {symbol for name in names for alternative in rules()[name] for symbol in alternative}
    return frozenset(WORD_OF[symbol] for symbol in symbols if symbol in WORD_OF)


def _beginnings(alternative: tuple[str, ...]) -> list[str]:
    """The symbols that an alternative may begin with: the first, and the next one as long as those before may be nothing."""
    found = []
    for symbol in alternative:
        found.append(symbol)
        if symbol not in may_be_nothing():
            break
    return found


@cache
def may_be_nothing() -> frozenset[str]:
    """The rules that may stand for nothing."""
    found: set[str] = set()
    while True:
        more = {
            name
            for name, alternatives in rules().items()
            if any(all(symbol in found for symbol in alternative) for alternative in alternatives)
        }
        if more <= found:
            return frozenset(found)
        found |= more


@attrs.frozen
class Words:
    """The words of the language, each in one group, by what they do."""

    declarations: frozenset[str]
    statements: frozenset[str]
    modifiers: frozenset[str]
    operators: frozenset[str]
    constants: frozenset[str]
    others: frozenset[str]


def words() -> Words:
    """The words by the rules that they stand in. A word that would fit in several groups is in the first of: operators,
    constants, declarations, statements, modifiers."""
    operators = words_in(("operator", "prefix", "is_test")) - {"empty"}
    constants = frozenset(
        WORD_OF[alternative[0]]
        for alternative in rules()["operand"]
        if len(alternative) == 1 and alternative[0] in WORD_OF
    )
    left = frozenset(WORD_OF.values()) - operators - constants
    declarations = first_words("item") & left
    left -= declarations
    statements = (first_words("simple") | first_words("compound")) & left
    left -= statements
    modifying = ("modifier", "status_modifier", "parameter_modifier", "clause", "find_optional", "action_kind")
    modifiers = (words_in(modifying) - words_in(("alias",))) & left
    return Words(declarations, statements, modifiers, operators, constants, left - modifiers)
