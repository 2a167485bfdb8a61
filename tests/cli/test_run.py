"""`actionlang run`, `log` and `tables`, end to end on a real database."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli import desk
from tests.cli.running import actionlang, steady
from tests.golden import compare

AT = ("--at", "2026-11-24T09:00:00Z")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, made once; tests work on copies."""
    return desk.made(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def project(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "desk")


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What the database has."""
    with sqlite3.connect(folder / "desk.db") as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_a_run_shows_each_row_before_and_after(project: Path) -> None:
    compare("cli/run.txt", steady(actionlang(project, "run", "Escalate", "--on", "request R-1", *AT).fine()))
    assert rows(project, "SELECT title, priority, due FROM request") == [("Urgent: Printer on fire", 3, "2026-11-26")]


def test_a_dry_run_shows_the_same_and_keeps_nothing(project: Path) -> None:
    before = rows(project, "SELECT * FROM request")
    dry = actionlang(project, "run", "Escalate", "--on", "R-1", "--dry-run", *AT).fine()
    compare("cli/dry-run.txt", dry)
    assert rows(project, "SELECT * FROM request") == before
    assert len(rows(project, "SELECT * FROM actionlang_run")) == 2
    kept = actionlang(project, "run", "Escalate", "--on", "R-1", *AT).fine()
    assert kept.splitlines()[:-1] == dry.splitlines()[:-1]


def test_creating_and_deleting(project: Path) -> None:
    asked = actionlang(project, "run", "Ask", "number=R-2", "title=Mouse", "asked_by=member Ada").fine()
    dropped = actionlang(project, "run", "desk.Drop", "--on", '{"number": "R-2"}').fine()
    admitted = actionlang(project, "run", "Admit", "name=Bo", "pin=0815").fine()
    assert "0815" not in admitted
    compare("cli/run-create-delete.txt", steady(f"{asked}\n{dropped}\n{admitted}"))


def test_json(project: Path) -> None:
    done = json.loads(actionlang(project, "run", "Finish", "--on", "R-1", "--json").fine())
    assert done["outputs"] == {"days_left": 3}
    (change,) = done["changes"]
    assert (change["row"], change["operation"], change["before"], change["after"]) == (
        "request R-1",
        "move",
        {"status": "open"},
        {"status": "done"},
    )
    assert json.loads(actionlang(project, "log", done["run"], "--json").fine())["changes"][0]["after"] == {
        "status": "done"
    }


def test_a_failure_says_why_and_where_and_changes_nothing(project: Path) -> None:
    actionlang(project, "run", "Finish", "--on", "R-1").fine()
    before = rows(project, "SELECT * FROM request")
    failed = actionlang(project, "run", "Escalate", "--on", "R-1")
    assert failed.status == 3
    assert failed.out == ""
    compare("cli/run-failed.txt", failed.error)
    assert rows(project, "SELECT * FROM request") == before
    told = json.loads(actionlang(project, "run", "Escalate", "--on", "R-1", "--json").out)
    assert (told["errors"], told["diagnostics"][0]["code"]) == (1, "E0701")
    assert told["diagnostics"][0]["place"]["file"] == "desk.act"
    assert json.loads(actionlang(project, "log", told["run"], "--json").fine())["outcome"] == "failed"


def test_lists(project: Path) -> None:
    for names in (("names=a", "names=b"), ('names=["a", "b"]',)):
        done = json.loads(actionlang(project, "run", "Tag", *names, "ranks=1", "--json").fine())
        record = json.loads(actionlang(project, "log", done["run"], "--json").fine())
        assert record["arguments"] == {"names": ["a", "b"], "ranks": [1]}


WRONG = {
    "unknown verb": (("Escalat", "--on", "R-1"), "E0905", "Did you mean Escalate?"),
    "unknown argument": (("Escalate", "--on", "R-1", "dais=3"), "E0907", "Did you mean days?"),
    "wrong type": (("Escalate", "--on", "R-1", "days=many"), "E0907", "for example days=42"),
    "not name=value": (("Escalate", "--on", "R-1", "3"), "E0907", "for example days=42"),
    "missing argument": (("Ask", "number=R-9"), "E0907", 'for example title="some words"'),
    "no row": (("Escalate",), "E0907", "say which request"),
    "missing row": (("Escalate", "--on", "R-9"), "E0907", "an existing request, by its number"),
    "a row too many": (("Admit", "name=Bo", "--on", "R-1"), "E0907", "leave the row out"),
    "missing row as argument": (
        ("Ask", "number=R-9", "title=x", "asked_by=Bo"),
        "E0907",
        "an existing member, by its name",
    ),
    "moment": (("Escalate", "--on", "R-1", "--at", "noon"), "E0907", "for example --at 2026-11-24T09:30:00Z"),
    "no such plan": (("plans/Escalate.plan.json",), "E0901", "can not be read"),
    "a folder for a plan": (("./",), "E0901", "can not be read"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told_with_a_code_and_a_way_out(first: Path, case: str) -> None:
    words, code, said = WRONG[case]
    done = actionlang(first, "run", *words)
    assert done.status == 2, done
    assert done.out == ""
    assert f"error[{code}]" in done.error
    assert said in done.error


def test_log(project: Path) -> None:
    actionlang(project, "run", "Escalate", "--on", "R-1", *AT).fine()
    actionlang(project, "run", "Finish", "--on", "R-1").fine()
    assert actionlang(project, "run", "Escalate", "--on", "R-1").status == 3
    table = actionlang(project, "log").fine()
    assert [line.split()[3] for line in table.splitlines()[2:]] == ["Escalate", "Finish", "Escalate", "Ask", "Admit"]
    failed = actionlang(project, "log", "--outcome", "failed").fine()
    assert "E0701 Only an open request can be escalated." in failed
    assert len(actionlang(project, "log", "--verb", "desk.Escalate", "--limit", "1").fine().splitlines()) == 3
    ids = [run["id"] for run in json.loads(actionlang(project, "log", "--json").fine())]
    compare("cli/log-run.txt", _without_times(actionlang(project, "log", ids[2]).fine()))
    compare("cli/log-failed-run.txt", _without_times(actionlang(project, "log", ids[0]).fine()))
    admitted = actionlang(project, "log", ids[-1]).fine()
    assert "***" in admitted
    assert "4711" not in admitted


def _without_times(text: str) -> str:
    lines = [line for line in steady(text).splitlines() if not line.startswith("  started")]
    return "\n".join(lines) + "\n"


def test_log_of_a_run_that_is_not_there(first: Path) -> None:
    done = actionlang(first, "log", "ffff")
    assert done.status == 2
    assert "error[E0812]: There is no run ffff in the log." in done.error


def test_log_without_the_project_names_rows_by_their_keys(project: Path) -> None:
    (project / "desk.act").unlink()
    (project / "actionlang.toml").unlink()
    assert "Escalate" not in actionlang(project, "log", "--db", "desk.db").fine()
    assert "asked_by" in actionlang(project, "log", "--db", "desk.db", _last_run(project)).fine()


def _last_run(project: Path) -> str:
    (found,) = rows(project, "SELECT max(id) FROM actionlang_run")
    return str(found[0])


def test_tables(tmp_path: Path) -> None:
    (tmp_path / "desk.act").write_text(desk.SCRIPT)
    created = actionlang(tmp_path, "tables", "create", "--db", "desk.db").fine()
    assert "created  request\n" in created
    assert actionlang(tmp_path, "tables", "create", "--db", "desk.db").fine() == "All tables were there already.\n"
    asked = actionlang(tmp_path, "tables", "drop", "--db", "desk.db", given="n\n")
    assert asked.status == 1
    assert "with all their rows from sqlite:///desk.db?" in asked.error
    assert rows(tmp_path, "SELECT * FROM request") == []
    nobody = actionlang(tmp_path, "tables", "drop", "--db", "desk.db")
    assert nobody.status == 2
    assert "Nothing was done: there is nobody here to ask." in nobody.error
    dropped = json.loads(actionlang(tmp_path, "tables", "drop", "--db", "desk.db", "--yes", "--json").fine())
    assert {"request", "member"} <= set(dropped["dropped"])
    assert rows(
        tmp_path, "SELECT name FROM sqlite_master WHERE name LIKE 'actionlang%' AND type = 'table' ORDER BY name"
    ) == [
        ("actionlang_change",),
        ("actionlang_event",),
        ("actionlang_key",),
        ("actionlang_run",),
        ("actionlang_step",),
    ]
    assert 'CREATE TABLE "request" (' in actionlang(tmp_path, "tables", "show").fine()


def test_a_compiled_plan_runs_elsewhere(project: Path, tmp_path: Path) -> None:
    actionlang(project, "compile", "-o", str(tmp_path / "plans")).fine()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    plan = "../plans/desk.Escalate.plan.json"
    done = actionlang(elsewhere, "run", plan, "--on", "R-1", "--db", str(project / "desk.db")).fine()
    assert "request R-1 changed" in done


def test_a_plan_whose_tables_no_longer_match(project: Path) -> None:
    with sqlite3.connect(project / "desk.db") as connection:
        connection.execute("ALTER TABLE request DROP COLUMN due")
    connection.close()
    done = actionlang(project, "run", "Escalate", "--on", "R-1")
    assert done.status == 3
    assert "error[E0806]" in done.error
    assert "request has no column due" in done.error


def test_a_locked_database(project: Path) -> None:
    connection = sqlite3.connect(project / "desk.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = actionlang(project, "run", "Escalate", "--on", "R-1", "--wait", "0.1")
    finally:
        connection.close()
    assert done.status == 3
    assert "error[E0802]" in done.error
    assert rows(project, "SELECT priority FROM request") == [(2,)]


def test_a_call_with_a_key_is_done_once(project: Path) -> None:
    call = ("run", "Escalate", "--on", "R-1", "--key", "mail-17", *AT)
    first = json.loads(actionlang(project, *call, "--json").fine())
    again = json.loads(actionlang(project, *call, "--json").fine())
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again == {**first, "changes": [], "replayed": True}
    told = actionlang(project, *call).fine()
    assert told == f"Escalate on R-1\n\nRun {first['run']} has done this before: nothing was done now.\n"
    other = actionlang(project, "run", "Escalate", "--on", "R-2", "--key", "mail-17", *AT)
    assert (other.status, other.error.startswith("error[E0813]: The key mail-17 was taken by")) == (3, True)
    empty = actionlang(project, "run", "Escalate", "--on", "R-1", "--key", "")
    assert (empty.status, empty.error.startswith("error[E0907]: The key of a run is")) == (2, True)


def test_no_database(project: Path, tmp_path: Path) -> None:
    missing = actionlang(project, "run", "Escalate", "--on", "R-1", "--db", "other.db")
    assert (missing.status, missing.error.startswith("error[E0801]")) == (3, True)
    assert not (project / "other.db").exists()
    (project / "actionlang.toml").unlink()
    none = actionlang(project, "run", "Escalate", "--on", "R-1")
    assert none.status == 2
    assert none.error.startswith("error[E0909]")
    folder = actionlang(project, "log", "--db", str(tmp_path))
    assert folder.status == 1
    assert folder.error.startswith("error[E08")
    text = tmp_path / "text.db"
    text.write_text("this is no database, but a text that is long enough to look like one" * 20)
    damaged = actionlang(project, "log", "--db", str(text))
    assert damaged.error.startswith("error[E0805]")
