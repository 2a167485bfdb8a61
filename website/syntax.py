"""The grammar as people read it: what may be left out, what may be repeated, instead of rules that call themselves."""

from __future__ import annotations

from functools import cache
from itertools import takewhile

import attrs

from actionlang.syntax.grammar import STARTS
from editors.grammar_rules import SIGN_OF, WORD_OF, may_be_nothing, rules

Symbols = tuple[str, ...]


@attrs.frozen
class Word:
    """A word or sign as it is written: `create`, `;`."""

    text: str


@attrs.frozen
class Named:
    """What another rule, or the table of tokens, describes."""

    name: str


@attrs.frozen
class Sequence:
    """Parts that follow one another; none at all is nothing."""

    parts: tuple[Syntax, ...]


@attrs.frozen
class Either:
    """One of several ways."""

    ways: tuple[Syntax, ...]


@attrs.frozen
class Perhaps:
    """A part that may be left out."""

    part: Syntax


@attrs.frozen
class Repeated:
    """A part once or more, with something between two of them."""

    part: Syntax
    between: Syntax = Sequence(())


Syntax = Word | Named | Sequence | Either | Perhaps | Repeated
NOTHING = Sequence(())

SECTIONS = {
    "Scripts": "module import",
    "Choices and tables": "choice member table column status_column state modifier type",
    "Verbs": "action binding parameters returns parameter clause extern hook test",
    "Statements": (
        "block simple compound create update delete assign move perform inherited start find order let require fail stop emit "
        "wait return if for_each attempt stage expect"
    ),
    "Expressions": "expression operator operand arguments argument call_tail",
    "At the prompt": "steps query",
}
"""The rules that have a diagram, by the sections of the page. All others are part of those that use them."""

SHOWN = tuple(rule for names in SECTIONS.values() for rule in names.split())

TITLES = {"simple": "simple-statement", "compound": "compound-statement", "steps": "statements"}
"""What the page calls a rule, where that is not its own name."""

TOKENS = {
    "NAME": "name",
    "NUMBER": "number",
    "DURATION": "duration",
    "TEXT": "text",
    "TEXT_START": "text-start",
    "TEXT_MIDDLE": "text-middle",
    "TEXT_END": "text-end",
    "TYPED": "literal-type",
}
"""Terminals that are neither a word nor a sign, by the names that the page gives them."""

SPELLED_OUT = {"qualified": "qualified-name", "names": "names"}
"""Small rules that are named where they are used, and spelled out in the table of tokens."""


@cache
def syntax_of(rule: str) -> Syntax:
    """What a rule stands for, with the rules that have no diagram of their own put in. Of a rule that may be nothing, what it is
    otherwise: who uses it says that it may be left out."""
    found = _unrolled(rule)
    return found.part if rule not in STARTS and isinstance(found, Perhaps) else found


def title_of(rule: str) -> str:
    """What the page calls a rule."""
    return TITLES.get(rule, rule.replace("_", "-"))


def _unrolled(rule: str) -> Syntax:
    """A rule whose repetition is one, instead of a call of itself."""
    alternatives = rules()[rule]
    tails = [alternative[1:] for alternative in alternatives if alternative[:1] == (rule,)]
    first = _factored([alternative for alternative in alternatives if alternative[:1] != (rule,)])
    if not tails:
        return first
    if len(tails) == 1 and first != NOTHING and _sequence(tails[0][-1:]) == first:
        return Repeated(first, _sequence(tails[0][:-1]))
    return _joined((first, Perhaps(Repeated(_factored(tails)))))


def _named(symbol: str) -> Syntax:
    if symbol in WORD_OF or symbol in SIGN_OF:
        return Word(WORD_OF.get(symbol) or SIGN_OF[symbol])
    if symbol in TOKENS or symbol in SPELLED_OUT:
        return Named(TOKENS.get(symbol) or SPELLED_OUT[symbol])
    if symbol not in SHOWN:
        return _unrolled(symbol)
    name = Named(title_of(symbol))
    return Perhaps(name) if symbol in may_be_nothing() else name


def _factored(alternatives: list[Symbols]) -> Syntax:
    """One of several ways; what they have in common at their beginnings and ends is said once."""
    if len(alternatives) > 1 and len({alternative[-1:] for alternative in alternatives}) == 1 and alternatives[0]:
        return _group(alternatives)
    groups: dict[Symbols, list[Symbols]] = {}
    for alternative in alternatives:
        groups.setdefault(alternative[:1], []).append(alternative)
    for first, group in groups.items():
        others = [alternative for alternative in alternatives if alternative not in group]
        if first and others and {alternative[1:] for alternative in group} == set(others):
            return _joined((Perhaps(_sequence(first)), _factored(others)))
    return _either([_group(group) for group in groups.values()])


def _group(alternatives: list[Symbols]) -> Syntax:
    if len(alternatives) == 1:
        return _sequence(alternatives[0])
    before = _common_beginning(alternatives)
    rests = [alternative[len(before) :] for alternative in alternatives]
    after = _common_beginning([rest[::-1] for rest in rests])[::-1]
    middle = _factored([rest[: len(rest) - len(after)] for rest in rests])
    return _joined((_sequence(before), middle, _sequence(after)))


def _common_beginning(alternatives: list[Symbols]) -> Symbols:
    shortest, longest = min(alternatives), max(alternatives)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(shortest, longest, strict=False))
    return tuple(symbol for symbol, _ in same)


def _sequence(symbols: Symbols) -> Syntax:
    return _joined(tuple(_named(symbol) for symbol in symbols))


def _joined(parts: tuple[Syntax, ...]) -> Syntax:
    flat: list[Syntax] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Sequence) else (part,))
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def _either(ways: list[Syntax]) -> Syntax:
    """One of the ways; nothing as one of them makes the others optional."""
    flat: list[Syntax] = []
    for way in ways:
        flat.extend(way.ways if isinstance(way, Either) else (way,))
    filled = [way for way in dict.fromkeys(flat) if way != NOTHING]
    if not filled:
        return NOTHING
    chosen = filled[0] if len(filled) == 1 else Either(tuple(filled))
    return chosen if len(filled) == len(flat) or isinstance(chosen, Perhaps) else Perhaps(chosen)
