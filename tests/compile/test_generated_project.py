"""The project that the benchmarks are run on is right, so that they measure what they say."""

from __future__ import annotations

from pathlib import Path

from actionlang.compile.compiled import compile_scripts
from actionlang.compile.selection import select
from benchmarks.generated_project import sources, write_project
from benchmarks.other_languages import CEL, HCL, PYTHON, SQL


def test_it_compiles_without_a_complaint(tmp_path: Path) -> None:
    size = write_project(tmp_path, 600)
    assert size == sum(script.stat().st_size for script in tmp_path.glob("*.act"))
    compiled = compile_scripts(select([tmp_path]), cached=False)
    assert [diagnostic.message for diagnostic in compiled.diagnostics] == []
    assert len(compiled.verbs) > 15


def test_it_is_as_long_as_was_asked_for() -> None:
    assert 20_000 <= sum(text.count("\n") for text in sources(20_000).values()) < 20_300


def test_other_languages_say_it_at_a_like_length() -> None:
    for text in (HCL, SQL, PYTHON, "\n".join(CEL)):
        assert 500 < len(text.format(thing="order", Thing="Order")) < 2000
