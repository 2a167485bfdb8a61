"""`actionlang docs`, as its users run it: where it writes, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.documentation.writing import MARK, write_site
from tests.cli.inside import Command, command
from tests.cli.running import actionlang, write

__all__ = ["command"]

DESK = 'action Open < stop >\ntest "it fails" < require (1 = 2) >\n'


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_site_is_made_and_made_anew(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    assert command("docs", "-o", "out/site").fine() == "1 verb and 0 tables in out/site/index.html.\n"
    write(tmp_path, desk="action Close < stop >\n")
    command("docs", "-o", "out/site", "--run-tests").fine()
    site = tmp_path / "out/site"
    assert [file.name for file in (site / "verbs").iterdir()] == ["desk.Close.html"], (
        "pages of verbs that are gone go as well"
    )
    assert _names(tmp_path / "out") == ["site"], "nothing is left beside it"


def test_failed_tests_are_told(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    told = command("docs", "-o", "site", "--run-tests").fine()
    assert told.endswith("1 test failed; the pages say why.\n")


def test_what_somebody_else_made_is_left_alone(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    (tmp_path / "site").mkdir()
    command("docs", "-o", "site").fine()
    (tmp_path / "site" / MARK).unlink()
    before = sorted(tmp_path.rglob("*"))
    done = command("docs", "-o", "site")
    assert done.status == 1
    assert "error[E0916]: site holds files that actionlang docs did not make" in done.error
    assert sorted(tmp_path.rglob("*")) == before
    command("docs", "-o", "site", "--force").fine()
    assert (tmp_path / "site" / MARK).is_file()


def test_scripts_with_errors_leave_the_site_as_it_was(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    command("docs", "-o", "site").fine()
    before = (tmp_path / "site/index.html").read_bytes()
    write(tmp_path, desk="action Open < perform Nothing() >\n")
    done = command("docs", "-o", "site")
    assert done.status == 1
    assert "error[E02" in done.error
    assert (tmp_path / "site/index.html").read_bytes() == before
    assert "E0903" in command("docs", "site", "-o", "other").error


def test_a_file_in_the_way_is_told(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    (tmp_path / "site").write_text("a file")
    done = command("docs", "-o", "site")
    assert done.status == 1
    assert "error[E0908]" in done.error
    assert (tmp_path / "site").read_text() == "a file"
    assert _names(tmp_path) == ["desk.act", "site"]


def test_a_site_that_can_not_be_put_in_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site({"index.html": "old"}, tmp_path / "site")
    rename = Path.rename

    def refuse_the_new(self: Path, target: Path) -> Path:
        if target == tmp_path / "site" and (self / "index.html").read_text() == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new)
    with pytest.raises(ActionLangError, match="E0908"):
        write_site({"index.html": "new"}, tmp_path / "site")
    assert (tmp_path / "site/index.html").read_text() == "old"
    assert _names(tmp_path) == ["site"]


def test_without_its_libraries(tmp_path: Path) -> None:
    write(tmp_path, desk=DESK)
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/sitecustomize.py").write_text('import sys\nsys.modules["jinja2"] = None\n')
    done = actionlang(tmp_path, "docs", "-o", "site", PYTHONPATH=str(tmp_path / "hidden"))
    assert done.status == 2
    assert "error[E0911]: This needs jinja2, which is not installed." in done.error
    assert "pip install 'actionlang[docs]'" in done.error
