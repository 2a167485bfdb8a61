"""`actionlang fmt`: what it writes, what it says, what it leaves alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionlang.cli.group import actionlang
from tests.cli.running import actionlang as process

ODD = "table t<a text>\r\n"
FORMED = "table t < a text >\n"
BROKEN = "action A <\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, in which the command runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "actionlang.toml").write_text("")
    return tmp_path


def fmt(*arguments: str, given: bytes = b"") -> Result:
    """Run the command in this process."""
    result = CliRunner().invoke(actionlang, ["fmt", *arguments], input=given, standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def test_the_whole_project(folder: Path) -> None:
    (folder / "verbs").mkdir()
    (folder / "a.act").write_bytes(ODD.encode())
    (folder / "verbs" / "b.act").write_text(FORMED)
    (folder / "other.txt").write_bytes(ODD.encode())
    result = fmt()
    assert result.stdout == "formatted  a.act\n1 script formatted, 1 was as it should be.\n"
    assert (result.return_value, result.stderr) == (0, "")
    assert (folder / "a.act").read_bytes() == FORMED.encode()
    assert (folder / "other.txt").read_bytes() == ODD.encode()
    assert sorted(path.name for path in folder.iterdir()) == ["a.act", "actionlang.toml", "other.txt", "verbs"]
    assert fmt().stdout == "2 scripts were as they should be.\n"
    assert fmt("--check").return_value == 0


def test_check_writes_nothing(folder: Path) -> None:
    for name, text in (("a", ODD), ("b", FORMED), ("c", ODD)):
        (folder / f"{name}.act").write_bytes(text.encode())
    result = fmt("--check")
    assert result.stdout == "to format  a.act\nto format  c.act\n2 scripts to format, 1 is as it should be.\n"
    assert result.return_value == 1
    assert (folder / "a.act").read_bytes() == ODD.encode()


def test_diff_writes_nothing(folder: Path) -> None:
    (folder / "a.act").write_text("import x;\ntable t<a text>\n")
    (folder / "b.act").write_text(FORMED)
    result = fmt("--diff")
    assert result.stdout == (
        "--- a.act\n+++ a.act\n@@ -1,3 +1,3 @@\n import x;\n-table t<a text>\n+table t < a text >\n \n"
    )
    assert result.return_value == 0
    assert fmt("--diff", "--check").return_value == 1
    assert (folder / "a.act").read_text() == "import x;\ntable t<a text>\n"


def test_what_can_not_be_read_is_told_and_the_others_are_formatted(folder: Path) -> None:
    (folder / "a.act").write_text(BROKEN)
    (folder / "b.act").write_bytes(ODD.encode())
    (folder / "c.act").write_bytes(b"# caf\xe9\n")
    result = fmt()
    assert result.stdout == "formatted  b.act\n1 script formatted, 2 left as they are.\n"
    assert "error[E0107]" in result.stderr
    assert "--> a.act:1:10" in result.stderr
    assert "error[E0110]: c.act is not UTF-8 text" in result.stderr
    assert result.return_value == 1
    assert (folder / "a.act").read_text() == BROKEN
    assert (folder / "c.act").read_bytes() == b"# caf\xe9\n"


def test_only_what_is_named(folder: Path) -> None:
    for name in ("a.act", "b.act"):
        (folder / name).write_bytes(ODD.encode())
    assert fmt("a.act").stdout == "formatted  a.act\n1 script formatted.\n"
    assert (folder / "b.act").read_bytes() == ODD.encode()


def test_a_byte_order_mark_is_left_out(folder: Path) -> None:
    (folder / "a.act").write_bytes(b"\xef\xbb\xbf" + FORMED.encode())
    fmt()
    assert (folder / "a.act").read_bytes() == FORMED.encode()


def test_permissions_and_links_stay(folder: Path) -> None:
    real = folder / "real.txt"
    real.write_bytes(ODD.encode())
    real.chmod(0o750)
    (folder / "a.act").symlink_to(real)
    assert fmt().return_value == 0
    assert (folder / "a.act").is_symlink()
    assert real.read_bytes() == FORMED.encode()
    assert stat.S_IMODE(real.stat().st_mode) == 0o750


def test_a_read_only_script_is_told(folder: Path) -> None:
    (folder / "a.act").write_bytes(ODD.encode())
    (folder / "a.act").chmod(0o444)
    result = fmt()
    assert result.stderr.startswith("error[E0908]: a.act can not be written: it is read-only.")
    assert (result.return_value, result.stdout) == (1, "1 script left as it is.\n")
    assert (folder / "a.act").read_bytes() == ODD.encode()


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_lost_when_writing_ends_early(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise failure

    (folder / "a.act").write_bytes(ODD.encode())
    monkeypatch.setattr(os, "fsync", fail)
    result = CliRunner().invoke(actionlang, ["fmt"], standalone_mode=False)
    if isinstance(failure, OSError):
        assert result.stderr.startswith("error[E0908]: a.act can not be written: No space left on device.")
    assert (folder / "a.act").read_bytes() == ODD.encode()
    assert sorted(path.name for path in folder.iterdir()) == ["a.act", "actionlang.toml"]


def test_standard_input(folder: Path) -> None:
    result = fmt("-", given=ODD.encode())
    assert (result.return_value, result.stdout, result.stderr) == (0, FORMED, "")
    checked = fmt("-", "--check", given=ODD.encode())
    assert (checked.return_value, checked.stdout) == (1, "")
    assert fmt("-", "--diff", given=b"table t<a text>\n").stdout.startswith("--- <stdin>\n+++ <stdin>\n")


def test_standard_input_that_can_not_be_read(folder: Path) -> None:
    result = fmt("-", given=BROKEN.encode())
    assert (result.return_value, result.stdout) == (1, "")
    assert "--> <stdin>:1:10" in result.stderr


def test_as_a_process(folder: Path) -> None:
    done = process(folder, "fmt", "-", given="# größe\ntable t<a text>")
    assert done.fine() == f"# größe\n{FORMED}"
    wrong = process(folder, "fmt", "-", "a.act")
    assert wrong.status == 2
    assert "- stands alone" in wrong.error
    nothing = process(folder, "fmt", "nowhere")
    assert (nothing.status, nothing.error.partition("\n")[0]) == (
        2,
        "error[E0901]: There is no file or folder nowhere.",
    )
