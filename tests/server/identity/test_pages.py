"""What the pages say of who may call: the settings on them are settings, and the tests that they name are there."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from actionlang.server.setting_sources import Sources
from tests.docs.fences import DOCS, fences

ROOT = DOCS.parent
SECURITY = DOCS / "explanation" / "security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
RISK = re.compile(r"^\| (API\d+) [^|]+ \|[^|]+\|(.*)\|$", re.MULTILINE)

SETTINGS = [fence for fence in fences(DOCS / "how-to" / "let-callers-in.md") if fence.language == "toml"]


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_all_ten_risks_are_there() -> None:
    assert [risk for risk, _ in RISK.findall(SECURITY.read_text("utf-8"))] == [
        f"API{number}" for number in range(1, 11)
    ]


@pytest.mark.parametrize(("risk", "shown"), RISK.findall(SECURITY.read_text("utf-8")))
def test_the_tests_are_there(risk: str, shown: str) -> None:
    named = NAMED.findall(shown)
    assert named and len(named) == shown.count("::"), f"{risk} names no test"
    for file, name in named:
        assert name.startswith("test_") and name in functions_of(file), f"{risk}: there is no {file}::{name}"


@pytest.mark.parametrize("fence", SETTINGS, ids=str)
def test_settings_on_the_page(fence: object) -> None:
    sources = Sources()
    sources.file(tomllib.loads(fence.text)["server"], "actionlang.toml", section="server")  # type: ignore[attr-defined]
    identity = sources.resolved().settings.identity
    assert identity.issuers or identity.anonymous


def test_there_are_settings_on_the_page() -> None:
    assert len(SETTINGS) == 3
    assert Path(SECURITY).exists()
