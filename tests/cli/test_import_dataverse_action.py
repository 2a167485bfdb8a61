"""`actionlang import dataverse-action`: what it writes, prints and ends with."""

from __future__ import annotations

from pathlib import Path
from shutil import copy

import pytest

from tests.cli.running import Done, actionlang
from tests.compile.dataverse_action import xaml as x
from tests.compile.dataverse_action.importing import DATA

pytestmark = pytest.mark.process

NOTE = x.update("UpdateStep1", x.constant("v", "String", "Noted"), description="v")
LOST = x.update("UpdateStep2", x.constant("w", "String", "x"), nosuch="w")


def _import(folder: Path, text: str, *more: str) -> Done:
    (folder / "Close.xaml").write_text(text, "utf-8")
    copy(DATA / "tables.act", folder)
    return actionlang(folder, "import", "dataverse-action", "Close.xaml", *more)


def test_a_script_is_written_and_checked(tmp_path: Path) -> None:
    done = _import(tmp_path, x.action(NOTE), "--tables", "tables.act", "-o", "close.act")
    assert done.fine() == (
        "Wrote close.act. Close: 1 step translated, none left to you.\nThe script is checked: no errors.\n"
    )
    assert (tmp_path / "close.act").read_text() == (
        'import "tables.act";\n\n## Close\naction Close on opportunity <\n'
        '  update opportunity set description = "Noted";\n>\n'
    )
    assert actionlang(tmp_path, "check").fine() == "2 scripts checked: no problems found.\n"


def test_a_script_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "close.act").write_text("# by hand\n")
    done = _import(tmp_path, x.action(NOTE), "-o", "close.act")
    assert (done.status, done.out) == (1, "")
    assert done.error == (
        "error[E0908]: close.act is there already.\n  = hint: Name another file, or write over it with --force.\n"
    )
    assert (tmp_path / "close.act").read_text() == "# by hand\n"
    assert _import(tmp_path, x.action(NOTE), "-o", "close.act", "--force").status == 0


def test_what_is_left_is_listed_and_ends_with_1(tmp_path: Path) -> None:
    done = _import(tmp_path, x.action(NOTE, LOST), "--tables", "tables.act", "-o", "close.act")
    assert (done.status, done.error) == (1, "")
    assert done.out == (
        "Wrote close.act. Close: 1 step translated, 1 left to you.\n"
        '  line 7, column 1110 of Close.xaml: nosuch is not set: table opportunity has no column nosuch; it was to be "x".\n'
        "The script is checked: no errors.\n"
    )
    assert (
        '  # line 7, column 1110 of Close.xaml: nosuch is not set: table opportunity has no column nosuch; it was to be "x".\n'
        in (tmp_path / "close.act").read_text()
    )


def test_without_a_file_the_script_goes_to_standard_output(tmp_path: Path) -> None:
    done = _import(tmp_path, x.action(NOTE))
    assert (done.status, done.out) == (
        0,
        '## Close\naction Close on opportunity <\n  update opportunity set description = "Noted";\n>\n',
    )
    assert done.error == (
        "Close: 1 step translated, none left to you.\n"
        "The script is not checked, and choices are numbers: name the script of its tables with --tables.\n"
    )


def test_an_error_of_the_checker_is_told(tmp_path: Path) -> None:
    wrong = x.create("CreateStep1", "task", x.constant("v", "String", "x"), description="v")
    done = _import(tmp_path, x.action(wrong), "--tables", "tables.act", "-o", "close.act")
    assert (done.status, done.error) == (1, "")
    assert done.out.startswith("error[E0502]: A new task needs a value for the column subject.\n --> close.act:")
    assert "subject is not set, and table task requires it." in done.out
    assert "The script is checked: no errors." not in done.out


def test_an_action_without_steps(tmp_path: Path) -> None:
    done = _import(tmp_path, x.action(arguments=[x.argument("Reason", "x:String")]), "-o", "close.act")
    assert done.out.startswith("Wrote close.act. Close: no steps; it is a contract for the host.\n")
    assert done.status == 0


def test_the_tables_may_stand_in_another_folder(tmp_path: Path) -> None:
    (tmp_path / "verbs").mkdir()
    (tmp_path / "actionlang.toml").write_text("")
    done = _import(tmp_path, x.action(NOTE), "--tables", "tables.act", "-o", "verbs/close.act")
    assert done.status == 0
    assert (tmp_path / "verbs" / "close.act").read_text().startswith('import "../tables.act";\n')
    assert actionlang(tmp_path, "check").fine() == "2 scripts checked: no problems found.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("nosuch.xaml",), 2, "error[E0901]: There is no file nosuch.xaml.\n"),
        (("Close.xaml", "--tables", "nosuch.act"), 2, "error[E0901]: There is no file nosuch.act.\n"),
        (("tables.act",), 1, "error[E0431]: tables.act is not well-formed XML: "),
        (("Close.xaml", "-o", "nosuch/close.act"), 1, "error[E0908]: nosuch/close.act can not be written: "),
        ((".",), 2, "error[E0901]: "),
    ],
)
def test_what_is_not_there(arguments: tuple[str, ...], status: int, told: str, tmp_path: Path) -> None:
    _import(tmp_path, x.action(NOTE))
    done = actionlang(tmp_path, "import", "dataverse-action", *arguments)
    assert (done.status, done.out) == (status, "")
    assert done.error.startswith(told)


def test_tables_with_errors(tmp_path: Path) -> None:
    (tmp_path / "wrong.act").write_text("table task < subject nosuch; >\n")
    done = _import(tmp_path, x.action(NOTE), "--tables", "wrong.act")
    assert done.status == 1
    assert done.error.startswith("error[E0205]: There is no type nosuch here.\n --> wrong.act:1:")
