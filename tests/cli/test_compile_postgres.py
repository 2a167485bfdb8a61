"""`actionlang compile --target postgres`: scripts for PostgreSQL, on the terminal or as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.desk import PROJECT, SCRIPT
from tests.cli.running import actionlang

WAIT = "\naction Wait (base decimal) returns (cube decimal) <\n  return cube: power(base, 3)\n>\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "actionlang.toml").write_text(PROJECT)
    (tmp_path / "desk.act").write_text(SCRIPT)
    return tmp_path


def test_to_the_terminal(project: Path) -> None:
    text = actionlang(project, "compile", "--target", "postgres", "Admit", "--schema", "hers").fine()
    assert text.startswith("-- desk.Admit for PostgreSQL")
    assert 'CREATE OR REPLACE FUNCTION "hers"."desk.Admit"(\n  "name" text,\n  "pin" text DEFAULT NULL,\n' in text
    assert text.rstrip().endswith("COMMIT;")


def test_into_a_folder(project: Path) -> None:
    told = actionlang(project, "compile", "--target", "postgres", "Admit", "desk.Ask", "-o", "made").fine()
    assert told == "wrote      made/desk.Admit.sql\nwrote      made/desk.Ask.sql\n"
    again = json.loads(actionlang(project, "compile", "--target", "postgres", "Admit", "-o", "made", "--json").fine())
    assert again == {"scripts": [{"verb": "desk.Admit", "file": "made/desk.Admit.sql", "written": False}]}


def test_of_a_plan_file(project: Path) -> None:
    actionlang(project, "compile", "-o", "plans").fine()
    of_file = actionlang(project, "compile", "--target", "postgres", "plans/desk.Admit.plan.json").fine()
    assert of_file == actionlang(project, "compile", "--target", "postgres", "Admit").fine()


def test_as_json(project: Path) -> None:
    (made,) = json.loads(actionlang(project, "compile", "--target", "postgres", "Admit", "--json").fine())["scripts"]
    assert made["verb"] == "desk.Admit"
    assert made["script"].startswith("-- desk.Admit for PostgreSQL")


def test_a_verb_that_the_database_can_not_run_by_itself(project: Path) -> None:
    with (project / "desk.act").open("a") as script:
        script.write(WAIT)
    done = actionlang(project, "compile", "--target", "postgres", "Admit", "Wait")
    assert done.status == 1
    assert done.out == ""
    assert done.error.startswith("error[E0620]: Wait is no verb that PostgreSQL can run by itself: power(")
    assert "  = note: in Wait, the step at desk.act line " in done.error


def test_what_is_wrong_usage(project: Path) -> None:
    assert "Missing option '-o' / '--output'" in actionlang(project, "compile").error
    assert "Name the verbs to make functions of" in actionlang(project, "compile", "--target", "postgres").error
    done = actionlang(project, "compile", "--target", "postgres", "Nobody")
    assert done.error.startswith("error[E0905]")


def test_no_name_of_a_verb_leads_out_of_the_folder(tmp_path: Path) -> None:
    project = tmp_path / "a" / "b"
    project.mkdir(parents=True)
    (project / "actionlang.toml").write_text(PROJECT)
    (project / "desk.act").write_text(f"{SCRIPT}\naction `../../../Out` < stop >\naction `ask` < stop >\n")
    actionlang(project, "compile", "-o", "inner/plans").fine()
    (plan,) = (project / "inner/plans").glob("*Out*")
    actionlang(
        project, "compile", "--target", "postgres", plan.relative_to(project).as_posix(), "-o", "inner/scripts"
    ).fine()
    files = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*Out*")}
    assert len(files) == 2
    assert {file.rpartition("/")[0] for file in files} == {"a/b/inner/plans", "a/b/inner/scripts"}
