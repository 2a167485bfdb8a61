"""`actionlang log` and what goes with it, as its users see them."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from actionlang.cli.group import actionlang
from actionlang.cli.log import COMMANDS
from actionlang.runtime.database import Database
from tests.audit.office import SCRIPT, plan
from tests.cli.inside import Command, command  # noqa: F401 - a fixture
from tests.cli.running import steady
from tests.golden import compare

STARTED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{5,8}(\.[0-9]+Z)?")
HASH = re.compile(r"\b[0-9a-f]{64}\b")


@pytest.fixture
def desk(command: Command, tmp_path: Path) -> Command:  # noqa: F811
    """A project, its database, and two cases in it."""
    (tmp_path / "actionlang.toml").write_text('sources = ["office.act"]\ndatabase = "sqlite:///office.db"\n')
    (tmp_path / "office.act").write_text(SCRIPT)
    for line in ("tables create", "registry init", "run Open number=C-1 pin=4711", "run Open number=C-2"):
        command(*line.split()).fine()
    return command


def _steady(text: str) -> str:
    return HASH.sub("HASH", STARTED.sub("MOMENT", steady(text)))


def _last(desk: Command) -> str:
    return str(json.loads(desk("log", "--json", "--limit", "1").fine())[0]["id"])


def test_a_run_is_shown_as_a_tree(desk: Command) -> None:
    desk("run", "Escalate", "--on", "C-1", "reason=It smokes").fine()
    run = _last(desk)
    compare("cli/log-tree.txt", _steady(desk("log", run).fine()))
    told = json.loads(desk("log", run, "--json").fine())
    assert (told["traced"], told["version"], len(told["changes"]), len(told["events"])) == (True, None, 4, 1)
    assert [node["kind"] for node in told["tree"]] == ["step", "stage", "attempt", "step", "step", "step"]
    assert told["tree"][1]["inside"][0]["changes"] == [1]


def test_a_run_that_was_not_traced_is_shown_without_times(desk: Command) -> None:
    desk("run", "Escalate", "--on", "C-1", "reason=It smokes", "--no-trace").fine()
    compare("cli/log-tree-untraced.txt", _steady(desk("log", _last(desk)).fine()))


def test_the_step_at_which_a_run_failed_is_marked(desk: Command) -> None:
    desk("run", "Finish", "--on", "C-1").fine()
    assert desk("run", "Escalate", "--on", "C-1", "reason=x").status == 3
    (failed,) = json.loads(desk("log", "--failed", "--since", "1h", "--json").fine())
    compare("cli/log-tree-failed.txt", _steady(desk("log", failed["id"]).fine()))


def test_what_became_of_a_row(desk: Command) -> None:
    desk("run", "Rename", "--on", "C-1", "title=B").fine()
    desk("run", "Finish", "--on", "C-1").fine()
    assert desk("run", "Escalate", "--on", "C-1", "reason=x").status == 3
    told = desk("log", "--row", "case C-1").fine()
    compare("cli/log-row.txt", _steady(told))
    assert "4711" not in told
    events = json.loads(desk("log", "--row", "C-1", "--json").fine())
    assert [event["run"]["verb"] for event in events] == [
        f"office.{verb}" for verb in ("Open", "Rename", "Finish", "Escalate")
    ]
    assert events[-1]["change"] is None


def test_runs_on_many_rows_say_how_many(desk: Command) -> None:
    desk("run", "Touch", "--where", "(true)").fine()
    assert "  2 cases  " in desk("log").fine()
    assert "  on       2 cases\n" in desk("log", _last(desk)).fine()


def test_the_version_of_a_verb_is_told(desk: Command) -> None:
    assert desk("activate", "--why", "the first").status == 0
    desk("run", "Rename", "--on", "C-1", "title=B", "--active").fine()
    assert " Rename v1 " in desk("log").fine()
    assert desk("log", _last(desk)).fine().startswith("office.Rename v1 done\n")


def test_records_are_sealed_as_they_come_and_verified(desk: Command, tmp_path: Path) -> None:
    compare("cli/log-verify.txt", _steady(desk("log", "verify").fine()))
    head = json.loads(desk("log", "seal", "--json").fine())["head"]
    assert desk("log", "seal").fine() == f"No run was left to be sealed. Head {head}\n"
    desk("run", "Rename", "--on", "C-1", "title=B").fine()
    told = json.loads(desk("log", "verify", "--head", head, "--json").fine())
    assert (told["whole"], told["links"], told["head_at"], told["unsealed"]) == (True, 3, 2, [])
    _tamper(
        tmp_path,
        "UPDATE actionlang_change SET after = replace(after, 'B', 'C') WHERE run = (SELECT max(id) FROM actionlang_run)",
    )
    found = desk("log", "verify")
    assert found.status == 3
    compare("cli/log-verify-broken.txt", _steady(found.out + found.error))
    unknown = desk("log", "verify", "--head", "0" * 64)
    assert (unknown.status, "error[E0981]: No link of the chain has the hash" in unknown.error) == (3, True)


UNREADABLE = ("arguments = '{'", "started = 'soon'", "finished = 5", "requires = '5'", "message = x'ff'")


@pytest.mark.parametrize("change", UNREADABLE)
def test_a_record_that_can_not_be_read_is_named(desk: Command, tmp_path: Path, change: str) -> None:
    run = _last(desk)
    _tamper(tmp_path, f"UPDATE actionlang_run SET {change} WHERE id = '{run}'")
    for words in (("log",), ("log", "last"), ("log", "--row", "C-2"), ("log", "undo", run)):
        told = desk(*words).error
        assert told.startswith(f"error[E0980]: The record of run {run} can not be read: someone has changed it.")


def test_changes_that_can_not_be_read_are_named(desk: Command, tmp_path: Path) -> None:
    desk("run", "Rename", "--on", "C-1", "title=B").fine()
    run = _last(desk)
    _tamper(tmp_path, f"UPDATE actionlang_change SET after = x'01' WHERE run = '{run}'")
    assert desk("log", run).error.startswith(f"error[E0980]: The record of run {run} can not be read")


def test_a_row_that_is_gone_keeps_its_name(desk: Command) -> None:
    desk("run", "Drop", "--on", "C-1").fine()
    assert "  case C-1  done\n" in desk("log").fine().replace("     ", "  ")
    assert "\n  on       case C-1\n" in desk("log", "last").fine()
    assert "case C-1 deleted" in desk("log", "--row", "case C-1").fine()
    assert "pin of case C-1" in desk("log", "undo", "last").error


def test_who_called_is_told(desk: Command, tmp_path: Path) -> None:
    heading = desk("log").fine().splitlines()[0]
    assert heading.split("  ")[0] == "run" and "started (UTC)" in heading and " by " not in heading
    _tamper(tmp_path, "UPDATE actionlang_run SET caller = '\"ada\"' WHERE verb LIKE '%.Open'")
    told = desk("log").fine().splitlines()
    assert " by " in told[0]
    assert [" user ada " in line for line in told[2:]] == [True, True]


def _tamper(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "office.db") as driver:
        for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            driver.execute(f"DROP TRIGGER {name}")
        driver.execute(statement)


def test_a_run_is_undone(desk: Command) -> None:
    desk("run", "Rename", "--on", "C-1", "title=B").fine()
    run = _last(desk)
    compare("cli/log-undo.txt", _steady(desk("log", "undo", run).fine()))
    assert _last(desk) == run
    done = json.loads(desk("log", "undo", run[:20], "--apply", "--json").fine())
    assert done["undone_by"] == _last(desk)
    assert f"  undoes   run {run}\n" in desk("log", done["undone_by"]).fine()
    assert f"  undone by  run {done['undone_by']}\n" in desk("log", run).fine()
    assert f"run {run[:13]}" in desk("log").fine()
    again = desk("log", "undo", run)
    assert again.status == 3
    assert again.error.startswith(f"error[E0988]: Run {run} was undone already, by run {done['undone_by']}.")


def test_records_are_pruned(desk: Command) -> None:
    refused = desk("log", "prune", "--before", "0s")
    assert refused.status == 2
    assert refused.error.startswith("error[E0989]: Records are not deleted without a reason")
    trial = desk("log", "prune", "--before", "0s", "--dry-run").fine()
    assert trial.startswith("Dry run, nothing was deleted: 2 runs begun before ")
    told = json.loads(desk("log", "prune", "--before", "0s", "--why", "rule 7", "--who", "Ada", "--json").fine())
    assert (told["runs"], told["changes"], told["link"]) == (2, 2, 3)
    assert desk("log").fine() == "No runs.\n"
    assert re.search(r"  pruned    2 runs begun before .*, by Ada on .*: rule 7\n", desk("log", "verify").fine())


WRONG = {
    "a run and a filter": (("log", "0193", "--failed"), "--failed chooses among runs, and 0193 is one already."),
    "failed and done": (("log", "--failed", "--outcome", "done"), "--failed chooses other runs than --outcome done."),
    "a row that is not there": (
        ("log", "--row", "case C-9"),
        'There is no row "case C-9", and no record of one that was deleted.',
    ),
    "a time": (("log", "--since", "soon"), '--since takes a time ago, a day or a moment with its offset, not "soon".'),
    "an undo of nothing": (("log", "undo", "ffff"), "There is no run ffff in the log."),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told(desk: Command, case: str) -> None:
    arguments, message = WRONG[case]
    done = desk(*arguments)
    assert done.status == 2
    assert message in done.error


def test_rows_need_the_tables_of_a_project(desk: Command, tmp_path: Path) -> None:
    (tmp_path / "office.act").unlink()
    (tmp_path / "actionlang.toml").unlink()
    for words in (("log", "--row", "case C-1"), ("log", "undo", "last")):
        done = desk(*words, "--db", "office.db")
        assert done.status == 2
        assert "error[E0907]: Which tables there are is told by the project's scripts" in done.error


def test_a_database_without_the_chain_says_how_to_make_it(command: Command, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "office.act").write_text(SCRIPT)
    command("tables", "create", "office.act", "--db", "office.db").fine()
    for name in ("seal", "verify"):
        done = command("log", name, "--db", "office.db")
        assert "error[E0806]: The database has no table actionlang_seal" in done.error
        assert "actionlang registry init" in done.error


@pytest.mark.parametrize("name", COMMANDS)
def test_inner_commands_have_a_help_with_examples(name: str) -> None:
    result = CliRunner().invoke(actionlang, ["log", name, "--help"], terminal_width=80)
    assert result.exit_code == 0, result.output
    assert [line for line in result.output.splitlines() if len(line) > 80] == []
    assert " ".join(result.output.split("\n\n")[1].split()) == COMMANDS[name]
    assert f"  $ actionlang log {name}" in result.output
    log = actionlang.get_command(click.Context(actionlang), "log")
    assert log is not None
    assert name in [item.value for item in log.shell_complete(click.Context(log), name[:2])]


def test_who_delivers_seals_what_runs_leave(desk: Command, tmp_path: Path) -> None:
    with Database.connect(f"sqlite:///{tmp_path / 'office.db'}") as database:
        plan("Nothing").run(database)
    assert len(json.loads(desk("log", "verify", "--json").fine())["unsealed"]) == 1
    desk("deliver", "--once").fine()
    assert json.loads(desk("log", "verify", "--json").fine())["unsealed"] == []
