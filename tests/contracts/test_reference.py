"""docs/reference/breaking.md lists every rule and category, with what they are for; each rule is built as it says."""

from __future__ import annotations

import re

from actionlang.contracts.choosing import Chosen
from actionlang.contracts.rule import CATEGORIES
from actionlang.contracts.rules import NAMES, RULES, chosen_rules
from tests.docs.fences import DOCS

ROW = re.compile(r"^\| \[`([a-z-]+)`\]\(\.\./breaking/\1\.md\) \| (\w+) \| (.+?) \|$", re.MULTILINE)
CATEGORY = re.compile(r"^\| `(\w+)` \| (.+?) \|$", re.MULTILINE)
PAGE = (DOCS / "reference" / "breaking.md").read_text("utf-8")


def test_every_rule_is_listed() -> None:
    assert ROW.findall(PAGE) == [(rule.name, rule.category, rule.purpose) for rule in RULES]


def test_every_category_is_listed() -> None:
    assert [name for name, _ in CATEGORY.findall(PAGE)] == list(CATEGORIES)


def test_each_category_has_the_rules_of_those_below_it() -> None:
    found = [{rule.name for rule in chosen_rules(Chosen((name,)))} for name in CATEGORIES]
    assert found[0] == set(NAMES)
    assert found[0] > found[1] > found[2]


def test_rules_are_chosen_by_name_and_by_category() -> None:
    def names(*use: str, without: tuple[str, ...] = ()) -> list[str]:
        return [rule.name for rule in chosen_rules(Chosen(use, without))]

    assert names("effect-widened", "verb-removed") == ["verb-removed", "effect-widened"]
    assert "effect-widened" not in names("source", without=("effect-widened",))
    assert "verb-removed" not in names("source", without=("wire",))
    assert names("wire", without=("call",)) == []
    assert names() == []
    assert chosen_rules(Chosen()) == RULES
