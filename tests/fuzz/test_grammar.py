"""Whatever the grammar allows is read, checked and formatted without a broken promise: programs drawn from grammar/actionlang.lark."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark

from actionlang.syntax.grammar import grammar_text
from actionlang.syntax.tokens import KEYWORD_TYPES, SIGNS
from tests.formatting.scripts import NoLexer
from tests.fuzz.targets import TARGETS, parsed_well

LITERALS = {
    "NAME": ("case", "team", "a", "amount", "`Order Details`", "order"),
    "NUMBER": ("0", "42", "10_000", "2.50"),
    "DURATION": ("2 days", "1.5 hours"),
    "TEXT": ('""', '"Tier 2"', '"""\n  two\n  lines"""'),
    "TEXT_START": ('"{', '"Dear {'),
    "TEXT_MIDDLE": ("}{", "} and {"),
    "TEXT_END": ('}"', '} and so on"'),
    "TYPED": ("date", "datetime", "id"),
    "LESS": ("<",),
    "GREATER": (">",),
    "OPEN": ("<",),
    "CLOSE": (">",),
}


def _terminals() -> dict[str, st.SearchStrategy[str]]:
    """Each terminal by the words that stand for it, apart from what is next to it."""
    declared = set(re.findall(r"\b[A-Z_]+\b", " ".join(re.findall(r"^%declare (.*)$", grammar_text(), re.MULTILINE))))
    words = {name: (word,) for word, name in {**KEYWORD_TYPES, **SIGNS}.items()} | LITERALS
    found = {name: st.sampled_from([f" {word} " for word in words[name]]) for name in declared - {"BROKEN"}}
    return found | {"BROKEN": st.nothing()}


def programs(start: str) -> st.SearchStrategy[str]:
    """Texts that a rule of the grammar makes."""
    lark = Lark(grammar_text(), parser="lalr", lexer=NoLexer, start=[start], maybe_placeholders=False)
    return from_lark(lark, start=start, explicit=_terminals())


MODULES = programs("module")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(MODULES)
def test_no_promise_is_broken(text: str) -> None:
    for target in TARGETS.values():
        target(text.encode())


def test_many_of_them_are_sound() -> None:
    """Only angles, limits and names keep what the grammar makes from being a script."""
    found: list[str] = []

    @settings(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(MODULES)
    def collect(text: str) -> None:
        found.append(text)

    collect()
    sound = {text for text in found if text.strip() and parsed_well(text.encode())}
    assert len(sound) >= 10, sorted(set(found), key=len)[:5]
