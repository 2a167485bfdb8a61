"""The form of case files: what they may say is in the schema, and every file keeps to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance import format as form


def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> form.CaseFile:
    monkeypatch.setattr(form, "CASES", tmp_path)
    path = tmp_path / "some" / "topic.toml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return form.read_file(path)


def test_defaults_stand_where_a_case_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'about = "x"\ndefaults.type = "integer"\ncase = [ { name = "one", expression = "1", value = 1 }, { name = "two", expression = "1", type = "text", error = "E0701" } ]'
    found = read(tmp_path, monkeypatch, text)
    assert found.name == "some/topic"
    assert [(case.kind, case.data["type"]) for case in found.cases] == [("value", "integer"), ("value", "text")]


@pytest.mark.parametrize(
    ("case", "what"),
    [
        ('{ name = "one", expression = "1", value = 1 }', "no type"),
        ('{ name = "one", expression = "1", type = "integer" }', "nothing expected"),
        ('{ name = "one", expression = "1", type = "integer", value = 1, error = "E0701" }', "two things expected"),
        ('{ name = "one", message = "x" }', "a message without an error"),
        ('{ name = "one", error = "E0701", after = {} }', "rows after a failure"),
        ('{ name = "one", error = "wrong" }', "no code"),
        ('{ name = "one", expression = "1" }', "a key that there is not"),
        ('{ name = "one" }, { name = "one" }', "a name twice"),
        ('{ name = "one", refused = ["E0301"] }', "nothing to refuse"),
        ('{ name = "one", clock = 2026-11-24 }', "TOML's own day"),
    ],
)
def test_what_a_file_may_not_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str, what: str) -> None:
    with pytest.raises(AssertionError):
        read(tmp_path, monkeypatch, f'about = "x"\ncase = [ {case} ]')


def test_there_are_many() -> None:
    counted: dict[str, Any] = {kind: len(list(form.cases(kind))) for kind in ("run", "value", "refused")}
    assert sum(counted.values()) >= 1100, counted
