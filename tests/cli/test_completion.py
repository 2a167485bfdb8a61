"""Completion by the shell: the script that bash loads, and what it is given for words that have begun."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, actionlang, environment
from tests.golden import GOLDEN

PLAN = GOLDEN / "plan" / "escalate.plan.json"


def completed(folder: Path, *words: str) -> list[str]:
    """What is offered for the last of some words."""
    line = " ".join(("actionlang", *words))
    done = actionlang(folder, _ACTIONLANG_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words)))
    return [offer.partition(",")[2] for offer in done.fine().splitlines() if offer]


def test_the_script_for_bash(tmp_path: Path) -> None:
    script = actionlang(tmp_path, _ACTIONLANG_COMPLETE="bash_source").fine()
    assert "_ACTIONLANG_COMPLETE=bash_complete" in script
    assert " actionlang\n" in script


def test_commands_and_options(tmp_path: Path) -> None:
    assert completed(tmp_path, "ex") == ["explain"]
    assert completed(tmp_path, "check", "--f") == ["--format", "--fix"]
    assert completed(tmp_path, "check", "--format", "s") == ["sarif"]
    assert completed(tmp_path, "log", "--outcome", "") == ["done", "failed", "interrupted"]
    assert completed(tmp_path, "tables", "") == ["create", "diff", "drop", "migrate", "show"]
    assert completed(tmp_path, "explain", "E090") == [f"E090{digit}" for digit in range(1, 10)]


def test_arguments_of_a_plan(tmp_path: Path) -> None:
    shutil.copy(PLAN, tmp_path / "helpdesk.Escalate.plan.json")
    assert "helpdesk.Escalate.plan.json" in completed(tmp_path, "run", "helpdesk.Escalate.p")
    assert completed(tmp_path, "run", "helpdesk.Escalate.plan.json", "le") == ["level="]


SCRIPT = """
choice Size < small; large >
table box "Box" < name text(20) required key; size Size required default small >
## Make a box.
action MakeBox (name text, size Size, open boolean default false) <
  if (open) < create box set name = "open {name}", size = size > else < create box set name = name, size = size >
>
"""


def test_verbs_and_their_arguments(tmp_path: Path) -> None:
    (tmp_path / "boxes.act").write_text(SCRIPT)
    assert completed(tmp_path, "run", "Mak") == ["MakeBox"]
    assert completed(tmp_path, "explain", "boxes.") == ["boxes.MakeBox"]
    assert completed(tmp_path, "run", "MakeBox", "") == ["name=", "size=", "open="]
    assert completed(tmp_path, "run", "MakeBox", "size=l") == ["size=large"]
    assert completed(tmp_path, "run", "MakeBox", "open=") == ["open=true", "open=false"]


def test_a_verb_of_the_project_goes_by_its_short_name_though_the_standard_library_has_one_too(tmp_path: Path) -> None:
    (tmp_path / "boxes.act").write_text("action Escalate < stop >")
    assert completed(tmp_path, "run", "Esca") == ["Escalate"]


def test_a_short_name_that_several_verbs_have_is_not_offered(tmp_path: Path) -> None:
    (tmp_path / "boxes.act").write_text("action Escalate < stop >")
    (tmp_path / "crates.act").write_text("action Escalate < stop >")
    assert completed(tmp_path, "run", "Esca") == []
    assert completed(tmp_path, "run", "boxes.Esc") == ["boxes.Escalate"]


def test_nothing_is_offered_where_scripts_have_errors(tmp_path: Path) -> None:
    (tmp_path / "boxes.act").write_text("action Broken <")
    assert completed(tmp_path, "run", "Br") == []


@pytest.mark.terminal
def test_in_a_real_bash(tmp_path: Path) -> None:
    """bash itself asks, with the script loaded as the documentation says."""
    bash = shutil.which("bash")
    assert bash is not None
    command = tmp_path / "bin" / "actionlang"
    command.parent.mkdir()
    command.write_text(f"#!{bash}\nexec {COMMAND[0]} -c '{COMMAND[2]}' \"$@\"\n")
    command.chmod(0o755)
    program = """
    eval "$(_ACTIONLANG_COMPLETE=bash_source actionlang)"
    COMP_WORDS=(actionlang check --format gi); COMP_CWORD=3
    $(complete -p actionlang | sed 's/.*-F \\([^ ]*\\).*/\\1/') actionlang
    echo "${COMPREPLY[@]}"
    """
    path = f"{command.parent}:{environment()['PATH']}"
    done = subprocess.run(
        [bash, "-c", program], cwd=tmp_path, env=environment(PATH=path), capture_output=True, timeout=60, check=True
    )
    assert done.stdout.decode().strip() == "github"
