"""`actionlang breaking`: what it compares with, which rules count, in which form it tells, how it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from actionlang.contracts.rules import NAMES, RULES
from tests.cli.inside import Command, command

__all__ = ["command"]

OLD = """\
import helpdesk;

## Raise a case.
action Raise on case (reason text(400)) <
  update case set priority = high, escalation_reason = reason;
>

action Close on case <
  move case to resolved;
>
"""
NEW = OLD.replace("(reason text(400))", "(reason text(200))").replace("move case to resolved", "move case to cancelled")
NARROWED = "error[parameter-narrowed]: reason of Raise took text(400), and takes text(200) now."


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose verbs were others in the folder `then`, and in the plans of `plans`."""
    write(tmp_path, "actionlang.toml", 'sources = ["verbs"]\ndatabase = "sqlite:///desk.db"\n')
    write(tmp_path, "verbs/desk.act", NEW)
    write(tmp_path, "then/actionlang.toml", 'sources = ["verbs"]\n')
    write(tmp_path, "then/verbs/desk.act", OLD)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def rules(done_out: str) -> list[str]:
    return [found["code"] for found in json.loads(done_out)["diagnostics"]]


# ----------------------------------------------------------------------------------------------------------- a folder


def test_what_callers_would_notice_is_told_where_it_stands(project: Path, command: Command) -> None:
    done = command("breaking", "--against", "then")
    assert done.status == 1
    assert NARROWED in done.out
    assert "--> verbs/desk.act:4:23" in done.out
    assert done.out.splitlines()[-1] == "2 verbs compared with then: 2 changes that callers would notice."


def test_nothing_is_found_where_nothing_has_changed(project: Path, command: Command) -> None:
    write(project, "verbs/desk.act", OLD)
    done = command("breaking", "--against", "then")
    assert (done.status, done.out) == (0, "2 verbs compared with then: nothing that callers would notice.\n")


def test_a_folder_of_plans(project: Path, command: Command) -> None:
    assert command("compile", "then", "-o", "plans").status == 0
    done = command("breaking", "--against", "plans", "--format", "json")
    assert (done.status, rules(done.out)) == (1, ["status-target-changed", "parameter-narrowed"])


def test_a_folder_inside_the_project_is_not_a_part_of_it(project: Path, command: Command) -> None:
    write(project, "actionlang.toml", "")
    (project / "then" / "actionlang.toml").unlink()
    done = command("breaking", "--against", "then", "--format", "json")
    assert (done.status, rules(done.out)) == (1, ["status-target-changed", "parameter-narrowed"])


def test_only_what_paths_name_is_compared(project: Path, command: Command) -> None:
    write(project, "then/verbs/other.act", "action Other < >\n")
    write(project, "then/verbs/more/other.act", "action Other < >\n")
    write(project, "verbs/more/other.act", "action Another < >\n")
    of_all = command("breaking", "--against", "then", "--format", "json", "--use", "verb-removed")
    assert rules(of_all.out) == ["verb-removed", "verb-removed"]
    assert command("breaking", "--against", "then", "verbs/desk.act", "--use", "verb-removed").status == 0
    folder = command("breaking", "--against", "then", "verbs/more", "--use", "verb-removed")
    assert folder.out.splitlines()[-1] == "1 verb compared with then: 1 change that callers would notice."


def test_a_folder_without_verbs(project: Path, command: Command) -> None:
    (project / "empty").mkdir()
    done = command("breaking", "--against", "empty")
    assert done.status == 2
    assert done.error.startswith("error[E1004]: There are no verbs in empty: nothing to compare with.")


@pytest.mark.parametrize("itself", [".", "", "verbs/.."])
def test_the_project_itself(project: Path, command: Command, itself: str) -> None:
    done = command("breaking", "--against", itself)
    assert done.status == 2
    assert done.error.startswith("error[E1004]: The folder to compare with is the project itself")


def test_scripts_that_did_not_check(project: Path, command: Command) -> None:
    write(project, "then/verbs/desk.act", "action Raise on nothing < >\naction Raise < >\n")
    done = command("breaking", "--against", "then")
    assert done.status == 2
    assert done.error.startswith("error[E1005]: The scripts in then have 2 errors.")
    assert "(verbs/desk.act, line 1)" in done.error


def test_scripts_that_do_not_check_now(project: Path, command: Command) -> None:
    write(project, "verbs/desk.act", "action Raise on nothing < >\n")
    done = command("breaking", "--against", "then")
    assert done.status == 1
    assert done.error.startswith("error[E0202]: There is no table nothing here.")


def test_an_override_stands_for_the_verb_that_it_replaces(project: Path, command: Command) -> None:
    library = "table machine < name text(20) required key; hot boolean >\n\naction Warm on machine < update machine set hot = true >\n"
    override = 'import "library.act";\n\noverride action Warm on machine < update machine set hot = false >\n'
    for folder in ("", "then/"):
        write(project, f"{folder}verbs/library.act", library)
    write(project, "then/verbs/desk.act", override)
    write(
        project,
        "verbs/desk.act",
        'import "library.act";\n\naction Cool on machine < update machine set hot = false >\n',
    )
    done = command("breaking", "--against", "then")
    assert (done.status, done.out) == (0, "1 verb compared with then: nothing that callers would notice.\n")


def test_what_other_scripts_hang_on_the_verbs_that_paths_name_counts(project: Path, command: Command) -> None:
    hook = 'import helpdesk;\n\non after update of case < perform Annotate(regarding: case.number, body: "x") >\n'
    for folder in ("", "then/"):
        write(project, f"{folder}verbs/desk.act", OLD)
    write(project, "verbs/hook.act", hook)
    done = command("breaking", "--against", "then", "verbs/desk.act", "--format", "json")
    assert (done.status, rules(done.out)) == (1, ["privilege-added", "effect-widened"]), done


def test_what_paths_name_may_be_an_override(project: Path, command: Command) -> None:
    override = "import helpdesk;\n\noverride action Cancel on case (reason text(400)) < inherited(reason: reason) >\n"
    parameter = override.replace("(reason text(400))", "(reason text(400), again boolean default false)")
    write(project, "then/verbs/desk.act", parameter)
    write(project, "verbs/desk.act", override)
    done = command("breaking", "--against", "then", "verbs/desk.act", "--format", "json")
    assert (done.status, rules(done.out)) == (1, ["parameter-removed"]), done


def test_the_folder_that_the_project_is_in(project: Path, command: Command) -> None:
    for above in ("..", "/"):
        done = command("breaking", "--against", above)
        assert done.status == 2
        assert done.error.startswith("error[E1004]: The project itself is in the folder to compare with"), done.error


# ---------------------------------------------------------------------------------------------------- which rules count


def test_categories_and_rules_are_chosen(project: Path, command: Command) -> None:
    def found(*options: str) -> list[str]:
        return rules(command("breaking", "--against", "then", "--format", "json", *options).out)

    assert found("--use", "wire") == ["parameter-narrowed"]
    assert found("--use", "status-target-changed") == ["status-target-changed"]
    assert found("--except", "wire") == ["status-target-changed"]
    assert found("--except", "parameter-narrowed", "--except", "status-target-changed") == []


def test_the_project_says_what_counts(project: Path, command: Command) -> None:
    write(
        project, "actionlang.toml", 'sources = ["verbs"]\n[breaking]\nuse = ["call"]\nexcept = ["parameter-narrowed"]\n'
    )
    assert rules(command("breaking", "--against", "then", "--format", "json").out) == ["status-target-changed"]
    assert rules(command("breaking", "--against", "then", "--format", "json", "--use", "wire").out) == []
    listed = command("breaking", "--rules").out
    assert (
        "parameter-narrowed         wire    A parameter takes each value it took, as it is. (off in this project)"
        in listed
    )
    assert (
        "effect-widened             source  A verb changes nothing it did not change. (off in this project)" in listed
    )


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("breaking = 1\n", "must list rules in a table"),
        ('[breaking]\nuse = "wire"\n', "must list rules or categories under use in [breaking]"),
        ('[breaking]\nuse = ["wyre"]\n', "names the unknown rule wyre"),
        ('[breaking]\nallow = ["wire"]\n', "has the unknown key allow in [breaking]"),
    ],
)
def test_a_project_file_that_says_it_wrong(project: Path, command: Command, table: str, told: str) -> None:
    write(project, "actionlang.toml", table)
    done = command("breaking", "--against", "then")
    assert done.error.startswith("error[E0902]: ")
    assert told in done.error


def test_a_rule_that_is_not_there(project: Path, command: Command) -> None:
    done = command("breaking", "--against", "then", "--use", "verb-remove")
    assert done.status == 2
    assert "There is no rule or category verb-remove. Did you mean verb-removed?" in done.error
    assert "--rules lists them" in command("breaking", "--against", "then", "--except", "x").error


def test_the_rules_are_listed_and_explained(command: Command) -> None:
    lines = command("breaking", "--rules").out.splitlines()
    assert [line.split()[0] for line in lines[: len(RULES)]] == list(NAMES)
    done = command("explain", "verb-removed")
    assert done.out.startswith("verb-removed: verb removed\n")
    assert json.loads(command("explain", "verb-removed", "--json").out)["code"] == "verb-removed"
    assert "verb-removed" in command("explain", "verb-remove").error


# --------------------------------------------------------------------------------------------------------------- forms


def test_forms_for_programs(project: Path, command: Command) -> None:
    (line, _) = command("breaking", "--against", "then", "--format", "github").out.splitlines()
    assert line.startswith(
        "::error file=verbs/desk.act,line=8,col=8,endLine=8,endColumn=13,title=status-target-changed%3A "
    )
    log = json.loads(command("breaking", "--against", "then", "--format", "sarif").out)["runs"][0]
    assert [rule["id"] for rule in log["tool"]["driver"]["rules"]] == ["parameter-narrowed", "status-target-changed"]
    assert [(result["ruleId"], result["level"]) for result in log["results"]] == [
        ("status-target-changed", "error"),
        ("parameter-narrowed", "error"),
    ]
    assert log["tool"]["driver"]["rules"][0]["help"]["markdown"].startswith("# parameter-narrowed")


def test_forms_where_nothing_is_found(project: Path, command: Command) -> None:
    write(project, "verbs/desk.act", OLD)
    for form, expected in (("json", []), ("sarif", None)):
        done = command("breaking", "--against", "then", "--format", form)
        assert done.status == 0
        assert expected is None or json.loads(done.out)["diagnostics"] == expected
    assert command("breaking", "--against", "then", "--format", "github").out == ""


def test_a_script_that_is_gone_has_no_place(project: Path, command: Command) -> None:
    write(project, "then/verbs/old.act", "action Old < >\n")
    done = command("breaking", "--against", "then", "--format", "json", "--use", "verb-removed")
    (found,) = json.loads(done.out)["diagnostics"]
    assert (found["message"].split(",")[0], found["place"]) == ("Old is gone", None)


# ----------------------------------------------------------------------------------------------------------------- git


@pytest.fixture
def repository(project: Path) -> Path:
    """The project in a folder of a repository, with its old scripts committed and its new ones not."""
    shutil.rmtree(project / "then")
    inside = project / "apps" / "desk"
    inside.mkdir(parents=True)
    write(inside, "actionlang.toml", 'sources = ["verbs"]\n')
    write(inside, "verbs/desk.act", 'import "../../shared/names.act";\n' + OLD)
    write(project, "apps/shared/names.act", "choice Mood < calm = 1; cross = 2 >\n")
    git(project, "init", "--quiet", "--initial-branch", "main", ".")
    git(project, "add", "apps")
    git(project, "commit", "--quiet", "-m", "old")
    git(project, "tag", "v1")
    write(inside, "verbs/desk.act", NEW)
    return inside


@pytest.mark.process
def test_git_refs(repository: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    for ref in ("main", "HEAD", "v1", "refs/tags/v1"):
        done = command("breaking", "--against", ref, "--use", "wire")
        assert (done.status, done.error) == (1, ""), done
        assert NARROWED in done.out
        assert "--> verbs/desk.act:4:23" in done.out
    assert (repository / "verbs" / "desk.act").read_text("utf-8") == NEW


@pytest.mark.process
def test_inside_a_git_hook(repository: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert NARROWED in command("breaking", "--against", "main").out


@pytest.mark.process
def test_git_refs_that_are_not_there(repository: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    for ref, may_be_fetched in (("maim", True), ("--help", False), ("main:apps", False), ("x; rm y", False)):
        done = command("breaking", f"--against={ref}")
        assert done.status == 2, ref
        assert (f"git fetch origin {ref}" in done.error) is may_be_fetched
        assert done.error.startswith(f"error[E1003]: There is no folder {ref}, and the git repository has no"), (
            done.error
        )


@pytest.mark.process
def test_a_commit_without_the_project(repository: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = repository.parent / "moved"
    repository.rename(moved)
    monkeypatch.chdir(moved)
    done = command("breaking", "--against", "main")
    assert done.status == 2
    assert done.error.startswith("error[E1004]: There are no verbs in main: nothing to compare with.")


@pytest.mark.process
def test_a_project_in_no_repository(project: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    done = command("breaking", "--against", "main")
    assert done.status == 2
    assert done.error.startswith("error[E1002]: There is no folder main, and the project is in no git repository")


def test_without_git(project: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    done = command("breaking", "--against", "main")
    assert done.status == 2
    assert done.error.startswith("error[E1001]: git is not installed")


@pytest.mark.process
def test_a_repository_that_lacks_a_text(repository: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    listing = subprocess.run(["git", "rev-parse", "main:./verbs/desk.act"], check=True, capture_output=True, text=True)
    blob = listing.stdout.strip()
    (repository.parents[1] / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    done = command("breaking", "--against", "main")
    assert done.status == 2
    assert done.error.startswith("error[E1006]: git cat-file failed: the text of apps/desk/verbs/desk.act is missing")


# --------------------------------------------------------------------------------------------------------- the registry


def test_the_verbs_in_use(project: Path, command: Command) -> None:
    write(project, "verbs/desk.act", OLD)
    assert command("registry", "init").status == 0
    assert command("tables", "create").status == 0
    empty = command("breaking", "--against", "registry")
    assert empty.error.startswith("error[E1004]: There are no verbs in the verbs in use"), empty
    assert command("activate", "--why", "first").status == 0
    same = command("breaking", "--against", "registry")
    assert (same.status, same.out) == (
        0,
        "2 verbs compared with the verbs in use: nothing that callers would notice.\n",
    )
    write(project, "verbs/desk.act", NEW)
    done = command("breaking", "--against", "registry")
    assert done.status == 1
    assert NARROWED in done.out
    assert command("breaking", "--against", "registry", "--use", "output-removed").status == 0
