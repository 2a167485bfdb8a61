"""Calls whose meaning depends on what several modules declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.compile.modules import Loader
from tests.check.checking import verify_all

ONE = "table place < name text(20) required key > function twice(n integer) returns (r integer) < return r: n * 2 >"
TWO = "table place < name text(20) required key > function half(n integer) returns (r decimal) < return r: n / 2 >"


def told(folder: Path, text: str) -> list[str]:
    """What is wrong with a script that imports one and two; without errors, its plans were verified."""
    for name, source in (("one", ONE), ("two", TWO), ("script", f'import "one.act"; import "two.act"; {text}')):
        (folder / f"{name}.act").write_text(source, "utf-8")
    loader = Loader(folder)
    loader.load_files([folder / "script.act"])
    found = [each for each in loader.program().diagnostics if each.code.id != "unused-import"]
    if not found:
        assert verify_all(loader, "script") == 1
    return [f"{each.code.id}: {each.message} {each.hint}" for each in found]


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ('require (place("x") is not empty)', ["E0207: Two imports bring a table named place. Say which one: one.place or two.place."]),
        ('require (one.place("x").name != "y")', []),
        ('require (count(two.place where place.name = "x") = 0)', []),
        ("require (one.twice(2) = two.half(8) and twice(1) = 2)", []),
        ("require (two.twice(2) = 4)", ["E0215: There is no function two.twice here. The reference of functions lists them all; one of your own has to be declared or imported."]),
        ('require (two.half("x") = 4)', ["E0302: The argument n of half takes an integer, not a text. Read the number in a text with integer_of(\"x\")."]),
    ],
)  # fmt: skip
def test_names_that_two_imports_bring(tmp_path: Path, text: str, complaints: list[str]) -> None:
    assert told(tmp_path, f"action A < {text} >") == complaints
