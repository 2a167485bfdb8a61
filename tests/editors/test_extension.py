"""The parts of the extension for VS Code that are data."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import parse
from editors.grammar_rules import words
from editors.made import EXTENSION

SNIPPETS: dict[str, dict[str, Any]] = json.loads((EXTENSION / "snippets" / "actionlang.json").read_text("utf-8"))
PLACE = re.compile(r"\$\{(\d+):([^}]*)\}|\$(\d+)")


def _filled(snippet: dict[str, Any]) -> str:
    """A snippet as it stands when nobody types anything into it."""
    body = snippet["body"]
    text = body if isinstance(body, str) else "\n".join(body)
    return PLACE.sub(lambda place: place[2] or "", text)


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_is_a_script(name: str) -> None:
    text = _filled(SNIPPETS[name])
    if name == "Status column":
        text = f"table a < b text; {text} >"
    elif text.split()[0] in words().statements:
        text = f"action A < {text} >"
    assert [found.message for found in parse(Source("snippet.act", text)).diagnostics] == []


def test_each_declaration_and_statement_has_a_snippet() -> None:
    prefixes: set[str] = set()
    for snippet in SNIPPETS.values():
        prefixes.update([snippet["prefix"]] if isinstance(snippet["prefix"], str) else snippet["prefix"])
    assert {"action", "function", "table", "choice", "test"} <= prefixes
    assert {"create", "update", "find", "for", "if", "attempt", "require", "perform", "stage", "expect"} <= prefixes


def test_the_manifest_names_files_that_are_there() -> None:
    manifest = json.loads((EXTENSION / "package.json").read_text("utf-8"))
    contributes = manifest["contributes"]
    named = [manifest["icon"], *(each["path"] for each in contributes["grammars"] + contributes["snippets"])]
    named += [each["configuration"] for each in contributes["languages"]]
    assert [name for name in named if not (EXTENSION / name).is_file()] == []


def test_the_lock_names_no_host() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if "integrity" not in package] == []


CONFIGURATION: dict[str, Any] = json.loads((EXTENSION / "language-configuration.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("line", "indents"),
    [
        ("action A on case <", True),
        ("<", True),
        ("  if (a < b) <   # why", True),
        ('  stage "a < b" <', True),
        ("> else <", True),
        ("  # an angle <", False),
        ("  if (a) < stop >", False),
        ('  let b = "a <', False),
    ],
)
def test_a_block_is_indented(line: str, indents: bool) -> None:
    pattern = CONFIGURATION["indentationRules"]["increaseIndentPattern"]
    assert bool(re.search(pattern, line)) is indents


def test_a_word_is_selected_whole() -> None:
    found = re.findall(CONFIGURATION["wordPattern"], "set due_on = `Order Details`.x + 10_000.5")
    assert found == ["set", "due_on", "`Order Details`", "x", "10_000.5"]
