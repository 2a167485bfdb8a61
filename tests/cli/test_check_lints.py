"""`actionlang check` and lints: --fix, --deny, --lints, --agree, the levels of a project, what explain says of a lint."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from actionlang.cli import fixing
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Source, Span
from actionlang.lint.lints import LINTS, NAMES
from actionlang.lint.mending import Mend
from tests.cli.inside import Command, command
from tests.golden import compare

__all__ = ["command"]

SCRIPT = """\
import helpdesk;

action Raise on case (reason text) <
  let total = 5;
  update case set priority = low;
  update case set priority = high;
  if (case.amount = 0.00001) < stop >
>
"""
AFTER = """\
import helpdesk;

action Raise on case (reason text) <
  update case set priority = high;
  if (case.amount = 0.00001) < stop >
>
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A project of one script that lints find something in."""
    (tmp_path / "actionlang.toml").write_text("")
    (tmp_path / "desk.act").write_text(SCRIPT)
    return tmp_path


def found(command: Command, *arguments: str) -> list[tuple[str, str]]:
    """Names and severities of what a check finds."""
    told = json.loads(command("check", "--format", "json", *arguments).out)
    return [(each["code"], each["severity"]) for each in told["diagnostics"]]


def test_fix_mends_what_is_safe_and_tells_the_rest(desk: Path, command: Command) -> None:
    done = command("check", "--fix")
    assert done.status == 0
    compare("cli/check-fix.txt", done.out)
    assert (desk / "desk.act").read_text() == AFTER
    assert command("check", "--fix").out.endswith("\n1 script checked: 2 warnings.\n")
    assert (desk / "desk.act").read_text() == AFTER


def test_fix_keeps_line_ends_and_permissions(desk: Path, command: Command) -> None:
    script = desk / "desk.act"
    script.write_bytes(SCRIPT.replace("\n", "\r\n").encode())
    script.chmod(0o600)
    command("check", "--fix")
    assert script.read_bytes() == AFTER.replace("\n", "\r\n").encode()
    assert script.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in desk.iterdir()) == ["actionlang.toml", "desk.act"]


def test_fix_leaves_scripts_alone_that_were_not_asked_for(desk: Path, command: Command) -> None:
    (desk / "other.act").write_text(
        'import "desk.act";\naction Other on case < let a = 5; perform Raise(reason: "x") on case >\n'
    )
    done = command("check", "--fix", "other.act")
    assert done.out.startswith("fixed  other.act:2: The name a is never used. (unused-name)\n")
    assert (desk / "desk.act").read_text() == SCRIPT


def test_fix_of_a_script_that_is_read_only(desk: Path, command: Command) -> None:
    (desk / "desk.act").chmod(0o444)
    done = command("check", "--fix")
    assert (done.status, done.out) == (1, "")
    assert done.error.startswith("error[E0908]: desk.act can not be written: it is read-only.\n")
    assert (desk / "desk.act").read_text() == SCRIPT


def test_fix_is_quiet_for_programs(desk: Path, command: Command) -> None:
    told = json.loads(command("check", "--fix", "--format", "json").out)
    assert [each["code"] for each in told["diagnostics"]] == ["unused-parameter", "money-scale"]


@pytest.mark.parametrize("option", ["--fix", "--agree"])
def test_watching_changes_nothing(desk: Path, command: Command, option: str) -> None:
    done = command("check", "--watch", option)
    assert done.status == 2
    assert "--watch only looks" in done.error


def test_denied_lints_are_errors(desk: Path, command: Command) -> None:
    one = command("check", "--deny", "unused-name")
    assert one.status == 1
    assert "error[unused-name]: The name total is never used." in one.out
    assert one.out.endswith("\n1 script checked: 1 error and 3 warnings.\n")
    assert {severity for _, severity in found(command, "--deny", "all")} == {"error"}
    assert {severity for _, severity in found(command)} == {"warning"}


def test_denied_lints_in_other_forms(desk: Path, command: Command) -> None:
    sarif = json.loads(command("check", "--deny", "unused-name", "--format", "sarif").out)
    results = {each["ruleId"]: each["level"] for each in sarif["runs"][0]["results"]}
    assert results == {
        "unused-name": "error",
        "unused-parameter": "warning",
        "repeated-update": "warning",
        "money-scale": "warning",
    }
    lines = command("check", "--deny", "unused-name", "--format", "github").out.splitlines()
    assert sorted(line.split()[0] for line in lines) == ["::error", "::warning", "::warning", "::warning"]


def test_a_lint_that_is_not_there_is_not_denied(desk: Path, command: Command) -> None:
    done = command("check", "--deny", "unused-nmae")
    assert done.status == 2
    assert "There is no lint unused-nmae. Did you mean unused-name?" in done.error


def test_levels_of_a_project(desk: Path, command: Command) -> None:
    assert len(found(command)) == 4
    (desk / "actionlang.toml").write_text('[lints]\nunused-name = "off"\nmoney-scale = "deny"\n')
    assert found(command) == [
        ("unused-parameter", "warning"),
        ("repeated-update", "warning"),
        ("money-scale", "error"),
    ]
    (desk / "actionlang.toml").write_text('[lints]\nall = "off"\nmoney-scale = "warn"\n')
    assert found(command) == [("money-scale", "warning")]
    assert "unused-name           off   " in command("check", "--lints").out


def test_a_denied_lint_keeps_no_verb_from_being_compiled(desk: Path, command: Command) -> None:
    (desk / "actionlang.toml").write_text('[lints]\nall = "deny"\n')
    assert command("check").status == 1
    assert command("compile", "-o", "plans").status == 0


@pytest.mark.parametrize(
    ("lints", "why"),
    [
        ('unused-nmae = "off"', "names the unknown lint unused-nmae"),
        ('unused-name = "loud"', "gives the lint unused-name no level"),
        ("unused-name = true", "gives the lint unused-name no level"),
    ],
)
def test_levels_that_are_none(desk: Path, command: Command, lints: str, why: str) -> None:
    (desk / "actionlang.toml").write_text(f"[lints]\n{lints}\n")
    done = command("check")
    assert done.status == 1
    assert f"error[E0902]: {desk / 'actionlang.toml'} {why}." in done.error


def test_what_lints_found_is_kept_in_the_cache(desk: Path, command: Command) -> None:
    os.utime(desk / "desk.act", (1_700_000_000, 1_700_000_000))
    first = command("check").out
    assert command("check").out == first
    assert command("check", "--no-cache").out == first


def test_lints_are_listed(command: Command) -> None:
    compare("cli/check-lints.txt", command("check", "--lints").out)


def test_lints_are_listed_by_name() -> None:
    assert list(NAMES) == sorted(NAMES)
    for lint in LINTS:
        assert lint.purpose.endswith(".") and lint.purpose[0].isupper()


def test_every_lint_is_explained(command: Command) -> None:
    for name in NAMES:
        assert command("explain", name).fine().startswith(f"{name}: ")
    assert json.loads(command("explain", "magic-id", "--json").out)["severity"] == "warning"
    assert "Did you mean magic-id" in command("explain", "magic-ids").error


# ----------------------------------------------------------------------------------------------------------- wider effects


def test_what_verbs_may_do_is_agreed_on(desk: Path, command: Command) -> None:
    assert found(command).count(("wider-effects", "warning")) == 0
    compare("cli/check-agree.txt", command("check", "--agree").fine())
    assert command("check", "--agree").fine() == "actionlang.effects is up to date.\n"
    wider = SCRIPT.replace("priority = high", "priority = high, due = today()").replace("stop", "delete case")
    (desk / "desk.act").write_text(wider)
    done = command("check", "--deny", "wider-effects")
    assert done.status == 1
    message = "error[wider-effects]: Raise does more than was agreed to: it updates case.due and deletes case."
    assert message in done.out
    assert "actionlang check --agree" in done.out
    command("check", "--agree")
    assert command("check", "--deny", "wider-effects").status == 0


def test_what_performed_verbs_do_counts(desk: Path, command: Command) -> None:
    outer = 'import "desk.act";\naction Outer on case < perform Raise(reason: "x") on case >\n'
    (desk / "outer.act").write_text(outer)
    command("check", "--agree")
    (desk / "desk.act").write_text(SCRIPT.replace("priority = high", "title = reason"))
    names = [line.partition(": ")[2] for line in command("check").out.splitlines() if "wider-effects]" in line]
    assert names == [f"{verb} does more than was agreed to: it updates case.title." for verb in ("Raise", "Outer")]


def test_less_and_new_verbs_are_no_matter(desk: Path, command: Command) -> None:
    command("check", "--agree")
    narrower = SCRIPT.replace("update case set priority = high;", "") + 'action New < create task set subject = "x" >\n'
    (desk / "desk.act").write_text(narrower)
    assert ("wider-effects", "warning") not in found(command)


def test_a_damaged_agreement_is_told_and_written_anew(desk: Path, command: Command) -> None:
    (desk / "actionlang.effects").write_text("# What verbs may do\n\ndesk.Raise\n  sells helpdesk.case\n")
    done = command("check")
    assert done.status == 1
    assert "actionlang.effects can not be understood in line 4.\n" in done.error
    assert command("check", "--agree").status == 0
    assert command("check").status == 0


def test_nothing_is_agreed_on_while_there_are_errors(desk: Path, command: Command) -> None:
    (desk / "desk.act").write_text(SCRIPT.replace("priority", "priorty"))
    assert command("check", "--agree").status == 1
    assert not (desk / "actionlang.effects").exists()


def test_agreeing_is_about_the_whole_project(desk: Path, command: Command) -> None:
    assert command("check", "--agree", "desk.act").status == 2


# ------------------------------------------------------------------------------------------------------------ putting back


def test_fixes_that_break_a_script_are_taken_back(
    desk: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No safe fix should; where one does nevertheless, nobody is left with a broken script."""

    def breaking(diagnostics: tuple[Diagnostic, ...]) -> dict[Source, list[Mend]]:
        diagnostic = next(each for each in diagnostics if each.code.id == "unused-name")
        assert diagnostic.primary is not None
        source = diagnostic.primary.source
        edit = Edit(Span(0, len("import helpdesk;")), "")
        return {source: [Mend(diagnostic, Fix("Remove it", (edit,), safe=True))]}

    monkeypatch.setattr(fixing, "mends", breaking)
    done = command("check", "--fix")
    assert done.out.endswith("\n1 script checked: 4 warnings.\n")
    assert (desk / "desk.act").read_text() == SCRIPT


def test_what_starts_itself_over_hooks_and_overrides_of_other_scripts(tmp_path: Path, command: Command) -> None:
    (tmp_path / "actionlang.toml").write_text("")
    (tmp_path / "base.act").write_text(
        """\
table item < name text(20) required; size integer; note text >

action Weigh on item < update item set size = 1 >

action Tell on item < start Weigh() on item >
"""
    )
    (tmp_path / "above.act").write_text(
        """\
import "base.act";

on before update of item (size) < start Weigh() on item >

on after update of item (note) < start Weigh() on item >

override action Tell on item < inherited(); perform Again() on item >  # allow: wider-effects

action Again on item private < start Tell() on item >  # allow: starts-itself
"""
    )
    told = json.loads(command("check", "--format", "json").out)["diagnostics"]
    (hook,) = told
    assert (hook["code"], hook["place"]["file"], hook["place"]["line"]) == ("starts-itself", "above.act", 3)
    assert hook["message"] == (
        "The hook before update of item comes back to itself, at once: "
        "it starts Weigh, which sets off the hook before update of item."
    )
    (tmp_path / "above.act").write_text(
        'import "base.act";\non before update of item (note) < start Weigh() on item >\n'
    )
    assert found(command) == []
