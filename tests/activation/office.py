"""A project of several scripts in a folder, and its database with a registry."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import Done

PROJECT = 'database = "sqlite:///office.db"\n'

TABLES = """
table request < number integer required key; title text(100) required; level integer required default 1 >
table call < number integer required key; text text(100) required >
"""

PAGE = """
import "tables.act";
## Call whoever is on duty.
action Page (text text(100)) < create call set number = count(call) + 1, text = text >
"""

RAISE = """
import "tables.act";
import "page.act";
## Raise a request.
action Raise on request (by integer) returns (level integer) <
  update request set level = request.level + by;
  perform Page(text: request.title);
  return level: request.level
>
"""

TESTS = """
import "tables.act";
import "raise.act";
import "page.act";

test "a request goes up" <
  create request as r set number = 1, title = "A";
  perform Raise(by: 2) on r as raised;
  require (raised.level = 3)
>

test "somebody is called" < perform Page(text: "x"); require (count(call) = 1) >
"""


def made(folder: Path) -> Path:
    """The project in a folder."""
    scripts = {"tables": TABLES, "page": PAGE, "raise": RAISE, "tests": TESTS}
    (folder / "actionlang.toml").write_text(PROJECT)
    for name, text in scripts.items():
        (folder / f"{name}.act").write_text(text)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    """Somebody changes a script."""
    text = file.read_text()
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new))


def fine(done: Done) -> str:
    """What a command printed that ended well."""
    assert (done.status, done.error) == (0, ""), done
    return done.out
