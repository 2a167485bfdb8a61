"""The checker notes every name of a script, and what it notes as used is declared somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.check.references import Kind
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.workspace import Found, Workspace
from actionlang.syntax import ast

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted([*ROOT.glob("stdlib/*.act"), *ROOT.glob("examples/**/*.act")])


def opened(script: Path) -> Found:
    """A script as the server knows it."""
    workspace = Workspace()
    workspace.set_folders([ROOT / "examples"])
    workspace.open(script.as_uri(), 1, script.read_text("utf-8"))
    found = workspace.found(script.as_uri())
    assert found is not None
    return found


def is_no_name_of_a_thing(module: Analysed, start: int, text: str) -> bool:
    """Whether a word stands for nothing that scripts declare: a privilege, an imported module, what a failure said."""
    node = module.declaration_at(start)
    if isinstance(node, ast.Import):
        return True
    clauses = node.clauses if isinstance(node, ast.Action) else ()
    return any(each.start <= start < each.end for each in clauses) or text in ("failure", "message")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.relative_to(ROOT)))
def test_every_name_is_noted(script: Path) -> None:
    module = opened(script).module
    noted = {each.start: each for each in module.occurrences}
    names = [token for token in module.tokens if token.type in ("NAME", "QUOTED")]
    left = [
        token.value
        for token in names
        if token.start not in noted and not is_no_name_of_a_thing(module, token.start, str(token.value))
    ]
    assert left == []
    for token in names:
        if token.start in noted:
            written = module.source.text[noted[token.start].start : noted[token.start].end]
            assert written.strip("`") == str(token.value)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.relative_to(ROOT)))
def test_what_is_used_is_declared(script: Path) -> None:
    found = opened(script)
    undeclared = {
        each.symbol.name
        for each in found.module.occurrences
        if each.symbol.kind not in (Kind.AGGREGATE, Kind.TYPE, Kind.CALLER, Kind.MODULE, Kind.EVENT, Kind.CARRIED)
        and not found.analysis.declarations(each.symbol)
    }
    assert {name for name in undeclared if not name.endswith(".id")} == set()
