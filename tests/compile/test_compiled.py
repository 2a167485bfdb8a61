"""Checked and compiled scripts out of the cache: the same answer, as long as nothing changed, and never a wrong one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from actionlang.compile import compiled as compiling
from actionlang.compile.cache import MOST_ENTRIES, entry_file, made_by, read_entry, write_entry
from actionlang.compile.compiled import Compiled, check, compile_scripts, compile_standard
from actionlang.compile.selection import select
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.render import render
from actionlang.plan.codec import decode
from actionlang.plan.verify import verify

TABLES = "choice Size < small; large >\ntable box < name text(20) required key; size Size required default small >\n"
VERBS = """\
import "tables.act";
## Make a box. It is small.
action Make (name text) returns (made box) < create box as made set name = name; return made: made >
action Hidden on box private < delete box >
action Grow on each box < update box set size = large >
"""


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, but for the grammar's table."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("ACTIONLANG_CACHE", str(folder))
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "tables.act").write_text(TABLES)
    (folder / "verbs.act").write_text(VERBS)
    _age(folder)
    return folder


def _age(folder: Path) -> None:
    """Scripts that were saved a while ago: those saved during a check are not trusted."""
    for path in folder.rglob("*.act"):
        os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever scripts are read anew."""
    times: list[int] = []
    load = compiling._load

    def counted(*arguments: object) -> object:
        times.append(1)
        return load(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(compiling, "_load", counted)
    return times


def told(found: Compiled) -> list[str]:
    """The diagnostics as people read them."""
    return [render(diagnostic) for diagnostic in found.diagnostics]


def test_plans_of_the_verbs_that_can_be_called(project: Path) -> None:
    found = compile_scripts(select([project]))
    assert [(verb.name, verb.kind, verb.on, verb.doc) for verb in found.verbs] == [
        ("verbs.Grow", "action", "each box", ""),
        ("verbs.Make", "action", None, "Make a box."),
    ]
    for verb in found.verbs:
        plan = decode(found.plan(verb))
        verify(plan)
        assert plan.entry == verb.name
    assert [table.name for table in decode(found.schema_plan()).tables] == ["tables.box"]


def test_the_second_answer_is_the_first(project: Path, worked_out: list[int]) -> None:
    for answer in (check, compile_scripts):
        first, second = answer(select([project])), answer(select([project]))
        assert (told(first), first.verbs, first.blob) == (told(second), second.verbs, second.blob)
    assert len(worked_out) == 2
    check(select([project]))
    assert len(worked_out) == 2, "what is compiled is checked"


def test_a_cached_answer_imports_neither_parser_nor_checker(project: Path) -> None:
    compile_scripts(select([project]))
    program = f"""
import sys
from pathlib import Path
from actionlang.compile.compiled import compile_scripts
from actionlang.compile.selection import select
assert len(compile_scripts(select([Path({str(project)!r})])).verbs) == 2
found = [name for name in sys.modules if name == "lark" or name.startswith(("actionlang.check.", "actionlang.syntax.parser"))]
assert not found, found
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_errors_are_cached_with_their_places(project: Path, worked_out: list[int]) -> None:
    (project / "verbs.act").write_text('import "tables.act";\naction A on box < update box set nam = "ä" >\n')
    (project / "empty.act").write_text("")
    _age(project)
    first, second = told(check(select([project]))), told(check(select([project])))
    assert first == second
    assert len(first) == 2
    assert len(worked_out) == 1
    with pytest.raises(ActionLangError):
        compile_scripts(select([project])).needed()


CHANGES: dict[str, Callable[[Path], object]] = {
    "a script": lambda folder: (folder / "verbs.act").write_text(VERBS + "# more\n"),
    "another line ending": lambda folder: (folder / "verbs.act").write_bytes(VERBS.replace("\n", "\r\n").encode()),
    "an imported script": lambda folder: (folder / "tables.act").write_text(TABLES.replace("large", "huge")),
    "a new script": lambda folder: (folder / "more.act").write_text("action More < stop >"),
    "a script less": lambda folder: (folder / "verbs.act").unlink(),
    "another name": lambda folder: (folder / "verbs.act").rename(folder / "words.act"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(project: Path, worked_out: list[int], change: str) -> None:
    check(select([project]))
    CHANGES[change](project)
    _age(project)
    found = check(select([project]))
    assert len(worked_out) == 2
    assert told(found) == told(check(select([project]), cached=False))


def test_an_import_that_was_missing_and_appears_is_noticed(project: Path, worked_out: list[int]) -> None:
    (project / "tables.act").rename(project / "elsewhere.txt")
    script = project / "verbs.act"
    assert check(select([script])).errors
    (project / "elsewhere.txt").rename(project / "tables.act")
    assert check(select([script])).errors == ()
    assert len(worked_out) == 2


def test_a_change_of_an_imported_script_outside_of_the_paths_is_noticed(project: Path, worked_out: list[int]) -> None:
    script = project / "verbs.act"
    check(select([script]))
    (project / "tables.act").write_text(TABLES.replace("large", "huge"))
    _age(project)
    assert check(select([script])).errors
    assert len(worked_out) == 2


def test_other_code_does_not_use_the_entries(
    project: Path, worked_out: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(select([project]))
    monkeypatch.setattr("actionlang.compile.cache.made_by", lambda: "another version")
    check(select([project]))
    assert len(worked_out) == 2


def test_scripts_saved_during_the_check_are_not_trusted(
    project: Path, fresh_cache: Path, worked_out: list[int]
) -> None:
    future = 4_000_000_000
    os.utime(project / "verbs.act", (future, future))
    check(select([project]))
    check(select([project]))
    assert len(worked_out) == 2


def test_without_cache_nothing_is_kept(project: Path, fresh_cache: Path) -> None:
    check(select([project]), cached=False)
    assert not (fresh_cache / "checks").exists()


def _entries(cache: Path) -> list[Path]:
    return sorted((cache / "checks").iterdir())


@pytest.mark.parametrize("place", ["start", "head", "plans", "end"])
def test_a_damaged_entry_is_ignored(project: Path, fresh_cache: Path, worked_out: list[int], place: str) -> None:
    first = compile_scripts(select([project]))
    (entry,) = _entries(fresh_cache)
    data = bytearray(entry.read_bytes())
    head_end = data.index(b"\n", data.index(b"\n") + 1)
    at = {
        "start": 3,
        "head": head_end // 2,
        "plans": head_end + 1 + len(first.blob) // 2,
        "end": head_end + len(first.blob),
    }[place]
    data[at] ^= 1
    entry.write_bytes(data)
    second = compile_scripts(select([project]))
    assert second.blob == first.blob
    assert len(worked_out) == 2


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n", b"actionlang.check/2 0\n{}\n", b"\x80\x04N."])
def test_what_is_no_entry_is_ignored(project: Path, fresh_cache: Path, worked_out: list[int], content: bytes) -> None:
    check(select([project]))
    (entry,) = _entries(fresh_cache)
    entry.write_bytes(content)
    check(select([project]))
    assert len(worked_out) == 2


def test_a_cache_that_can_not_be_written_is_done_without(project: Path, fresh_cache: Path) -> None:
    fresh_cache.write_text("a file, not a folder")
    assert check(select([project])).errors == ()


def test_a_cache_does_not_grow_without_end(fresh_cache: Path) -> None:
    files = [entry_file("project", str(number)) for number in range(MOST_ENTRIES + 5)]
    for number, file in enumerate(files):
        write_entry(file, {"number": number}, b"")
        os.utime(file, ns=(number, number))
    write_entry(files[-1], {"number": 1}, b"rest")
    assert len(_entries(fresh_cache)) == MOST_ENTRIES
    assert read_entry(files[-1]) == ({"number": 1}, b"rest")
    assert read_entry(files[0]) is None


def test_the_code_has_one_name_as_long_as_it_is_the_same() -> None:
    program = "from actionlang.compile.cache import made_by; print(made_by())"
    done = subprocess.run([sys.executable, "-c", program], check=True, timeout=60, capture_output=True)
    assert done.stdout.decode().strip() == made_by()


def test_the_standard_library_is_compiled(worked_out: list[int]) -> None:
    found = compile_standard()
    assert "helpdesk.Escalate" in [verb.name for verb in found.verbs]
    assert told(found) == []
    assert compile_standard().blob == found.blob
    assert len(worked_out) == 1
