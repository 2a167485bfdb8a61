"""Hooks and overrides on the command line: what `explain`, `test`, `verbs`, `graph` and `check --agree` make of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.inside import Command, command
from tests.golden import compare

__all__ = ["command"]

BASE = """\
table item < name text(20) required; size integer >
table trail < name text(60) required >

## Give an item a size.
action Size on item (to integer default 1) returns (was integer optional) <
  let before = item.size;
  update item set size = to;
  return was: before;
>

test "the base alone" < create item as i set name = "x"; perform Size on i as r; require (r.was is empty) >
"""
ABOVE = """\
import "base.act";

override action Size on item (to integer default 1) returns (was integer optional) <
  if (to < 0) < fail "Not below nothing." >
  inherited(to: to * 2) as done;
  return was: done.was;
>

on after update of item (size) < create trail set name = "{item.name}: {item.size otherwise 0}" >

test "twice as much" <
  create item as i set name = "x";
  perform Size(to: 3) on i;
  require (i.size = 6 and exists(trail where trail.name = "x: 6"));
>
"""
THIRD = """\
import "base.act";

override action Size on item (to integer default 1) returns (was integer optional) <
  inherited(to: to + 1) as done;
  return was: done.was;
>
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A project with an override and a hook."""
    (tmp_path / "actionlang.toml").write_text("")
    (tmp_path / "base.act").write_text(BASE)
    (tmp_path / "above.act").write_text(ABOVE)
    return tmp_path


def test_explain_shows_steps_hooks_and_layers(desk: Path, command: Command) -> None:
    compare("cli/explain-override.txt", command("explain", "Size").out)


def test_explain_tells_programs_the_layers(desk: Path, command: Command) -> None:
    (desk / "third.act").write_text(THIRD)
    (desk / "actionlang.toml").write_text('layers = ["above", "third"]')
    told = json.loads(command("explain", "Size", "--json").out)
    assert told["layers"] == [
        {
            "module": "third",
            "source": "third.act",
            "line": 3,
            "why": "stands behind above in layers of actionlang.toml",
        },
        {"module": "above", "source": "above.act", "line": 3, "why": "overrides what base wrote"},
        {"module": "base", "source": "base.act", "line": 5, "why": "the original"},
    ]


def test_the_order_of_layers_has_to_be_declared(desk: Path, command: Command) -> None:
    (desk / "third.act").write_text(THIRD)
    done = command("check")
    assert done.status == 1
    assert "error[E0525]: above and third both override base.Size; nothing says which is above." in done.out
    assert 'layers = ["above", "third"]' in done.out


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ('"above"', "must list modules under layers"),
        ("[1]", "must list modules under layers"),
        ('["above", "above"]', "lists above twice under layers"),
        ('["abov"]', "lists abov under layers, but there is no such module"),
    ],
)
def test_layers_that_say_nothing(desk: Path, command: Command, layers: str, said: str) -> None:
    (desk / "actionlang.toml").write_text(f"layers = {layers}")
    done = command("check")
    assert (done.status, f"error[E0902]: {desk / 'actionlang.toml'} {said}." in done.error) == (1, True), done.error


def test_tests_run_in_their_program_and_cover_what_was_written(desk: Path, command: Command) -> None:
    done = command("test", "--coverage")
    assert done.status == 0, done.out + done.error
    shown = {line.split()[0]: line.split()[1] for line in done.out.splitlines() if "%" in line and "/" in line}
    assert shown["base.Size@base"] == "3/3"
    assert shown["base.Size"] == "3/4"
    assert "above.after update of item" in done.out
    assert "never run: fail" in done.out


def test_a_library_by_itself_knows_nothing_of_who_uses_it(desk: Path, command: Command) -> None:
    assert command("test", "base.act").status == 0
    (desk / "above.act").write_text(
        ABOVE.replace("inherited(to: to * 2) as done;", 'fail "no";\n').replace("return was: done.was;", "")
    )
    assert command("test", "base.act").status == 1
    (desk / "actionlang.toml").unlink()
    assert command("test", "base.act").status == 0


def test_an_overridden_verb_is_a_verb_of_the_project(desk: Path, command: Command) -> None:
    (desk / "base.act").write_text(BASE)
    told = json.loads(command("verbs", "--json").out)
    assert [each["name"] for each in told if each["name"].startswith(("base", "above"))] == ["base.Size"]


def test_what_hooks_do_is_agreed_to(desk: Path, command: Command) -> None:
    assert command("check", "--agree").status == 0
    assert (
        "base.Size\n  reads base.item\n  creates base.trail\n  updates base.item.size\n"
        in (desk / "actionlang.effects").read_text()
    )


def test_pictures_have_hooks_and_layers(desk: Path, command: Command) -> None:
    told = command("graph", "Size").out
    assert "Perform Size#64;base as done" in told
    done = command("graph", "-o", "pictures", "--format", "mmd")
    assert done.status == 0, done.error
    assert "Set off after update of item" in "".join(path.read_text() for path in (desk / "pictures").iterdir())


def test_a_run_is_told_by_the_names_of_verbs_and_hooks(desk: Path, command: Command) -> None:
    (desk / "above.act").write_text(
        ABOVE.replace("create trail set", 'require (item.size otherwise 0 < 10) else "Too big.";\n  create trail set')
    )
    assert command("tables", "create", "--db", "desk.db").status == 0
    (desk / "make.act").write_text(
        'import "base.act"; action Make returns (made item) < create item as i set name = "x"; perform Size(to: 5) on i; return made: i >'
    )
    done = command("run", "Make", "--db", "desk.db")
    assert done.status == 3
    assert "Too big." in done.error
    assert "in after update of item" in done.error
    assert "above.act:9" in done.error
