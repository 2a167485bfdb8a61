"""Scripts as people write them are read without a complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.syntax import ast
from tests.syntax.reading import HERE, STDLIB, module, outline

SCRIPTS = sorted([*(HERE / "examples").glob("*.act"), *STDLIB.rglob("*.act")])


@pytest.mark.parametrize("file", SCRIPTS, ids=[f"{file.parent.name}/{file.stem}" for file in SCRIPTS])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_each_example_is_read(file: Path, line_end: str) -> None:
    text = file.read_text("utf-8")
    assert outline(module(text.replace("\n", line_end))) == outline(module(text))


def test_the_smallest_script() -> None:
    (verb,) = module('action Escalate on case < update case set priority = high; assign case to team("Tier 2") >')
    assert isinstance(verb, ast.Action)
    assert outline(verb.body) == (
        'Block([Update(case, [Assignment(priority, high)]), Assign(case, Call(team, [Argument(-, "Tier 2")], -))])'
    )


def test_layout_means_nothing() -> None:
    for file in SCRIPTS:
        text = file.read_text("utf-8")
        if '"""' not in text:
            squeezed = "\n".join(line.strip() for line in text.splitlines())
            assert outline(module(squeezed)) == outline(module(text))
