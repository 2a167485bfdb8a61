"""Scripts and folders that no command should meet: each gets one clear coded error, and everything stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import actionlang, write

TABLE = "table box < name text(20) required key; size < small -> large; large > >\n"

FILES: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "E0115", "declares nothing"),
    "blank": (b" \n\n# only a comment\n", "E0115", "declares nothing"),
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00", "E0111", "is not a script"),
    "not UTF-8": (b'action A <\n  fail "caf\xe9"\n>', "E0110", "line 2 has the byte 0xE9"),
    "too large": (b"# " + b"x" * (50 * 1024 * 1024), "E0112", "52,428,802 bytes"),
    "unclosed": (b"action A < if (1 = 1) < stop >\n", "E0107", "never closed"),
    "10,000 parentheses": (b"action A < require (" + b"(" * 10_000 + b"1 = 1" + b")" * 10_000 + b") >", "E0109", ""),
    "10,000 blocks": (b"action A " + b"< if (1 = 1) " * 10_000, "E0109", ""),
    "one line of a megabyte": (b'action A < fail "' + b"x" * 1_000_000 + b'" >\naction A < stop >', "E02", "A"),
    "unknown table": (b'action A < create boxx set name = "a" >\n', "E02", "boxx"),
    "unknown column": (TABLE.encode() + b'action A on box < update box set nam = "a" >\n', "E02", "nam"),
    "unknown verb": (TABLE.encode() + b"action A on box < perform Pack() on box >\n", "E02", "Pack"),
    "unknown choice": (TABLE.encode() + b"action A on box < move box to huge >\n", "E0", "huge"),
    "wrong type": (TABLE.encode() + b"action A on box < update box set name = 3 >\n", "E03", "name"),
}


def names_in(folder: Path) -> list[str]:
    """What there is."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("case", FILES)
def test_a_script_gets_a_coded_error_and_nothing_is_written(tmp_path: Path, case: str) -> None:
    data, code, said = FILES[case]
    (tmp_path / "bad.act").write_bytes(data)
    checked = actionlang(tmp_path, "check")
    assert checked.status == 1, checked.error
    assert f"error[{code}" in checked.out, checked.out[:2000]
    assert said in checked.out
    assert len(checked.out) < 20_000
    assert checked.out.splitlines()[-1].startswith("1 script checked: ")
    compiled = actionlang(tmp_path, "compile", "-o", "plans")
    assert compiled.status == 1
    assert f"error[{code}" in compiled.error
    assert names_in(tmp_path) == ["bad.act"]
    again = actionlang(tmp_path, "check")
    assert (again.status, again.out) == (1, checked.out), "the cache tells the same"


def test_a_script_that_is_not_there(tmp_path: Path) -> None:
    done = actionlang(tmp_path, "check", "desk.act")
    assert done.status == 2
    assert done.error.startswith("error[E0901]: There is no file or folder desk.act.")


def test_a_folder_where_a_script_is_expected(tmp_path: Path) -> None:
    (tmp_path / "tables.act").mkdir()
    write(tmp_path, desk='import "tables.act";\naction A < stop >\n')
    done = actionlang(tmp_path, "check")
    assert done.status == 1
    assert "error[E0901]: tables.act can not be read: Is a directory." in done.out


def test_no_scripts(tmp_path: Path) -> None:
    for command in (("check",), ("compile", "-o", "plans"), ("tables", "show")):
        done = actionlang(tmp_path, *command)
        assert done.status == 2
        assert done.error.startswith("error[E0903]")


PROJECTS = {
    "no TOML": ("sources = [", "can not be read"),
    "unknown key": ('source = ["."]', "unknown key source"),
    "not a list": ('sources = "desk"', "must list folders under sources"),
    "not a text": ("database = 3", "must give database as a text"),
    "no such zone": ('time_zone = "Berlin"', "the time zone Berlin, which does not exist"),
    "no such source": ('sources = ["verbs"]', "lists verbs under sources, but there is no such file or folder"),
    "a zone outside": ('time_zone = "../../etc/passwd"', "which does not exist"),
}


@pytest.mark.parametrize("case", PROJECTS)
def test_a_project_file_that_can_not_be_used(tmp_path: Path, case: str) -> None:
    text, said = PROJECTS[case]
    (tmp_path / "actionlang.toml").write_text(text)
    done = actionlang(tmp_path, "check")
    assert done.status == 1
    assert done.error.startswith("error[E0902]")
    assert said in done.error


@pytest.mark.parametrize("output", ["file", "file/plans", "/proc/plans"])
def test_an_output_folder_that_can_not_be_written(tmp_path: Path, output: str) -> None:
    (tmp_path / "file").write_text("mine")
    write(tmp_path, desk="action A < stop >\n")
    done = actionlang(tmp_path, "compile", "-o", output)
    assert done.status == 1
    assert done.error.startswith("error[E0908]")
    assert (tmp_path / "file").read_text() == "mine"


NO_PLANS = ("", "[]", '{"format": "actionlang.plan/9"}', "[" * 100_000)


@pytest.mark.parametrize("text", NO_PLANS, ids=("empty", "a list", "another format", "deep"))
def test_a_plan_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.plan.json").write_text(text)
    done = actionlang(tmp_path, "run", "x.plan.json", "--db", "x.db")
    assert done.status == 3
    assert done.error.startswith("error[E06")
    assert names_in(tmp_path) == ["x.plan.json"]


@pytest.mark.parametrize("command", [("explain", "x.plan.json"), ("tables", "show", "x.plan.json")])
def test_a_plan_that_is_none_is_no_use_otherwise(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "x.plan.json").write_text("{")
    done = actionlang(tmp_path, *command)
    assert done.status == 1
    assert done.error.startswith("error[E06")


def test_a_new_project_where_there_is_something(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("desk", "file", "file/desk"):
        done = actionlang(tmp_path, "new", name)
        assert done.status == 1
        assert done.error.startswith("error[E0908]")
    assert names_in(tmp_path) == ["desk", "file"]
