"""What is made from the grammar is up to date, and has each word of the language once."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest

from actionlang.syntax.tokens import DECLARATION_WORDS, KEYWORDS, STATEMENT_WORDS
from editors.grammar_rules import first_words, words
from editors.made import ROOT, made
from editors.textmate import textmate

FILES = made()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_it_is_up_to_date(file: Path) -> None:
    assert file.read_text("utf-8") == FILES[file], "run: python -m editors"


def test_each_word_is_in_one_group() -> None:
    groups = attrs.astuple(words())
    assert frozenset().union(*groups) == KEYWORDS
    assert sum(len(group) for group in groups) == len(KEYWORDS)


def test_groups_are_what_the_parser_goes_by() -> None:
    assert words().declarations == DECLARATION_WORDS == first_words("item")
    assert words().statements == STATEMENT_WORDS
    assert words().operators == {"or", "and", "not", "in", "under", "otherwise", "is"}
    assert words().constants == {"true", "false", "empty"}


def test_a_rule_that_may_be_nothing_lets_what_follows_begin() -> None:
    assert first_words("query_alias") == {"as"}
    assert first_words("find") == {"find"}
    assert {"required", "default", "stored"} <= first_words("modifiers")


def test_each_include_of_the_textmate_grammar_is_there() -> None:
    grammar = json.loads(textmate())
    includes: list[str] = []

    def look(node: object) -> None:
        if isinstance(node, dict):
            includes.extend(value for key, value in node.items() if key == "include")
            node = list(node.values())
        if isinstance(node, list):
            for each in node:
                look(each)

    look(grammar)
    assert includes
    assert {include.removeprefix("#") for include in includes} == set(grammar["repository"])
