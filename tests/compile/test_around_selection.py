"""Plans are the same whichever scripts of a project are asked for, and so is what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.compile.around_selection import may_hang_something, other_scripts
from actionlang.compile.compiled import Compiled, check, compile_scripts
from actionlang.compile.selection import select

TABLES = "table item < name text(20) required; count integer >"
VERB = 'import "tables.act"; action Make < create item as made set name = "x"; update made set count = 1 >'
HOOK = 'import "tables.act"; on after create of item < update item set count = 5 >'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACTIONLANG_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "desk"
    folder.mkdir()
    for name, text in (("actionlang.toml", ""), ("tables.act", TABLES), ("verbs.act", VERB), ("hooks.act", HOOK)):
        (folder / name).write_text(text, "utf-8")
    return folder


def plan_of(compiled: Compiled, name: str) -> bytes:
    return next(compiled.plan(verb) for verb in compiled.needed().verbs if verb.name == name)


def told(compiled: Compiled) -> list[str]:
    return [found.code.id for found in compiled.diagnostics]


def test_a_part_of_a_project_has_its_hooks(project: Path) -> None:
    whole, part = compile_scripts(select([project])), compile_scripts(select([project / "verbs.act"]))
    assert plan_of(part, "verbs.Make") == plan_of(whole, "verbs.Make")
    assert b"hooks.after create of item" in plan_of(part, "verbs.Make")
    assert [verb.name for verb in part.verbs] == ["verbs.Make"]


def test_without_a_project_file_scripts_are_what_was_asked_for(project: Path) -> None:
    (project / "actionlang.toml").unlink()
    assert b"hooks.after" not in plan_of(compile_scripts(select([project / "verbs.act"])), "verbs.Make")
    assert other_scripts(select([project / "verbs.act"])) == ()


def test_what_is_known_of_a_part_does_not_hold_when_another_script_changes(project: Path) -> None:
    part = select([project / "verbs.act"])
    before = plan_of(compile_scripts(part), "verbs.Make")
    assert plan_of(compile_scripts(part), "verbs.Make") == before
    (project / "hooks.act").write_text(HOOK.replace("count = 5", "count = 6"), "utf-8")
    changed = plan_of(compile_scripts(part), "verbs.Make")
    (project / "more.act").write_text(HOOK, "utf-8")
    more = plan_of(compile_scripts(select([project / "verbs.act"])), "verbs.Make")
    (project / "hooks.act").unlink()
    (project / "more.act").unlink()
    none = plan_of(compile_scripts(select([project / "verbs.act"])), "verbs.Make")
    assert len({before, changed, more, none}) == 4


def test_a_check_finds_what_hooks_do_after_each_edit(project: Path) -> None:
    chosen = select([project])
    assert told(check(chosen)) == told(check(chosen)) == []
    circle = 'import "tables.act"; on after update of item < update item set count = 5 >'
    (project / "hooks.act").write_text(circle, "utf-8")
    assert told(check(chosen)) == told(check(chosen)) == ["E0524"]
    (project / "hooks.act").write_text(HOOK, "utf-8")
    assert told(check(chosen)) == []
    relying = 'import "tables.act"; action Make returns (n integer) < create item as made set name = "x", count = 1; return n: made.count >'
    (project / "verbs.act").write_text(relying, "utf-8")
    assert told(check(chosen)) == ["E0526"]
    assert told(check(select([project / "verbs.act"]))) == ["E0526"]


def test_lints_look_at_verbs_with_what_is_hung_on_them(project: Path) -> None:
    asking = 'import "tables.act"; action Make < create item as made set name = "x", count = 1; if (made.count is not empty) < delete made > >'
    (project / "verbs.act").write_text(asking, "utf-8")
    assert told(check(select([project]))) == []
    (project / "hooks.act").unlink()
    assert told(check(select([project]))) == ["constant-condition"]


def test_what_hooks_do_has_to_be_agreed_to(project: Path) -> None:
    (project / "actionlang.effects").write_text("verbs.Make\n  creates tables.item\n", "utf-8")
    (project / "verbs.act").write_text(VERB.replace("as made ", "").replace("; update made set count = 1", ""), "utf-8")
    found = check(select([project])).diagnostics
    assert [(each.code.id, each.message) for each in found] == [
        ("wider-effects", "Make does more than was agreed to: it reads item and updates item.count.")
    ]
    (project / "hooks.act").unlink()
    assert told(check(select([project]))) == []


@pytest.mark.parametrize(
    ("text", "hangs"),
    [
        ("on after create of x < >", True),
        ("override action A < >", True),
        ("action A < >", False),
        ("# aftermath", False),
    ],
)
def test_which_scripts_may_hang_something(tmp_path: Path, text: str, hangs: bool) -> None:
    (tmp_path / "a.act").write_text(text, "utf-8")
    assert may_hang_something(tmp_path / "a.act") is hangs
    assert not may_hang_something(tmp_path / "b.act")


def test_a_hook_of_another_module_reads_what_is_set(project: Path) -> None:
    twice = 'import "tables.act"; action Set on item < update item set name = "x"; update item set name = "y" >'
    (project / "verbs.act").write_text(twice, "utf-8")
    (project / "hooks.act").write_text(
        'import "tables.act"; on after update of item (name) < require (item.name != "") >', "utf-8"
    )
    assert told(check(select([project]))) == []
    (project / "hooks.act").unlink()
    assert told(check(select([project]))) == ["repeated-update"]


def test_an_override_is_compared_with_what_it_stands_for(project: Path) -> None:
    (project / "verbs.act").write_text(VERB, "utf-8")
    override = 'import "verbs.act"; import "tables.act"; override action Make < inherited(); for each one in item < delete one > >'
    (project / "hooks.act").write_text(override, "utf-8")
    assert [found.message for found in check(select([project])).diagnostics] == [
        "This override does what Make itself does not: it reads item and deletes item."
    ]
