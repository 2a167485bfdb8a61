"""What docs/how-to/editors.md has people copy."""

from __future__ import annotations

import tomllib

import pytest

from actionlang.cli.group import COMMANDS
from tests.docs.fences import DOCS, fences

BLOCKS = {fence.language: fence.text for fence in fences(DOCS / "how-to" / "editors.md") if fence.language}


def test_helix_takes_it() -> None:
    settings = tomllib.loads(BLOCKS["toml"])
    (language,) = settings["language"]
    assert language["file-types"] == ["act"]
    (server,) = language["language-servers"]
    started = settings["language-server"][server]
    assert (started["command"], started["args"]) == ("actionlang", ["lsp"])


@pytest.mark.parametrize("language", ["lua", "elisp"])
def test_brackets_are_balanced(language: str) -> None:
    text = BLOCKS[language].replace("?# ", "").replace("?\\n", "")
    assert [text.count(left) - text.count(right) for left, right in ("()", "{}", "[]")] == [0, 0, 0]


@pytest.mark.parametrize("language", ["lua", "elisp", "toml"])
def test_all_start_the_server_for_scripts(language: str) -> None:
    text = BLOCKS[language]
    assert "lsp" in COMMANDS
    assert '"actionlang"' in text
    assert '"lsp"' in text
    assert "act" in text
