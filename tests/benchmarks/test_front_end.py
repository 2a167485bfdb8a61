"""The benchmark of an edited project edits what it says, and leaves the project as it was."""

from __future__ import annotations

from pathlib import Path

from benchmarks.front_end import EDITS, edited_runs
from benchmarks.generated_project import write_project


def test_edited_runs_leave_the_project_as_it_was(tmp_path: Path) -> None:
    write_project(tmp_path, 300)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    runs = edited_runs(tmp_path, next(iter(EDITS.values())), rounds=1)
    assert min(runs.project, runs.alone, runs.project_process, runs.alone_process) > 0
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_each_edit_finds_its_place(tmp_path: Path) -> None:
    write_project(tmp_path, 300)
    for name, old, new in EDITS.values():
        assert old in (tmp_path / name).read_text("utf-8")
        assert old != new.format(300)
