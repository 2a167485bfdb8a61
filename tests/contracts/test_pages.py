"""Each rule has a page with a script as it was, one that callers notice and one that they do not; and so it is."""

from __future__ import annotations

import re

import pytest

from actionlang.compile.declared import Declared
from actionlang.contracts.rule import CATEGORIES, Rule
from actionlang.contracts.rules import NAMES, RULES
from actionlang.diagnostics.catalogue import all_codes
from actionlang.diagnostics.render import render
from tests.contracts.comparing import contracts, found, loaded
from tests.docs.fences import DOCS, fences, pages_under
from tests.golden import compare

PAGES = {page.stem: page for page in pages_under(DOCS / "breaking")}
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADINGS = ["## Before", "## Noticed", "## Not noticed", "## How to mend it"]


def example(name: str, word: str) -> str:
    """The script of a rule's page that has a word behind its fence."""
    (fence,) = (each for each in fences(PAGES[name]) if each.info == ("act", word))
    return fence.text


def test_every_page_has_a_rule_and_every_rule_a_code() -> None:
    assert PAGES.keys() == set(NAMES)
    assert [code.id for code in all_codes() if code.is_breaking] == sorted(NAMES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_a_page(rule: Rule) -> None:
    lines = PAGES[rule.name].read_text("utf-8").splitlines()
    assert lines[0] == f"# {rule.name}: {rule.code.title}"
    assert [line for line in FENCED.sub("", "\n".join(lines)).splitlines() if line.startswith("## ")] == HEADINGS
    (line,) = (line for line in lines if line.startswith("In the categor"))
    assert [name for name in CATEGORIES if f"`{name}`" in line] == list(rule.categories)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_noticed(name: str) -> None:
    findings = found(example(name, "before"), example(name, "noticed"))
    assert {finding.code.id for finding in findings} == {name}, [finding.message for finding in findings]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_noticed(name: str) -> None:
    assert [finding.message for finding in found(example(name, "before"), example(name, "unnoticed"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found_where_nothing_has_changed(name: str) -> None:
    for word in ("before", "noticed", "unnoticed"):
        assert found(example(name, word), example(name, word)) == ()


def test_messages() -> None:
    """What people read of each rule's example."""
    texts = []
    for name in NAMES:
        places = Declared(loaded(example(name, "noticed")))
        for finding in found(example(name, "before"), example(name, "noticed")):
            texts.append(render(places.diagnostic(finding)))
    compare("diagnostics/breaking.txt", "\n\n".join(texts) + "\n")


def test_messages_are_sentences() -> None:
    for name in NAMES:
        for finding in found(example(name, "before"), example(name, "noticed")):
            assert finding.message.endswith("."), finding.message
            assert finding.message[0].isupper() or finding.message.startswith(tuple("abcdefghijklmnopqrstuvwxyz"))


def test_a_scripts_contracts_are_those_of_its_own_verbs() -> None:
    names = contracts('import helpdesk;\n\naction A on case < perform Notify(to: case.owner, text: "x") >\n')
    assert names.entries == ("example.A",)
    assert "core.Notify" in names.verbs or len(names.verbs) > 1
