"""`actionlang run --where` and `actionlang explain --sql`, as their users see them."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from actionlang.cli.progress import Line, line_of
from tests.cli import desk
from tests.cli.running import actionlang, steady
from tests.golden import compare

AT = ("--at", "2026-11-24T09:00:00Z")
RANK = """\
action Rank on request <
  update request set title = "{count(request as r where r.title = request.title)}"
>
"""
OPEN = ("--where", "(request.status = open)")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with six more requests, made once; tests work on copies."""
    folder = desk.made(tmp_path_factory.mktemp("desk"))
    with sqlite3.connect(folder / "desk.db") as connection:
        connection.executemany(
            "INSERT INTO request (id, number, title, priority, status) VALUES (?, ?, ?, 2, ?)",
            [
                (f"00000000-0000-7000-8000-{n:012x}", f"R-{n}", f"Mouse {n}", "done" if n == 4 else "open")
                for n in range(2, 8)
            ],
        )
    connection.close()
    return folder


@pytest.fixture
def project(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "desk")


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What the database has."""
    with sqlite3.connect(folder / "desk.db") as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_all_rows_for_which_a_condition_holds(project: Path) -> None:
    compare("cli/run-where.txt", steady(actionlang(project, "run", "Escalate", *OPEN, *AT).fine()))
    assert rows(project, "SELECT count(*) FROM request WHERE priority = 3 AND title LIKE 'Urgent: %'") == [(6,)]
    assert rows(project, "SELECT count(*) FROM actionlang_run") == [(3,)]


def test_a_condition_that_fails(project: Path) -> None:
    """It is in no script, so no place in one is told."""
    nothing = "(1 / (length(request.title) - length(request.title)) = 1)"
    failed = actionlang(project, "run", "Finish", "--where", nothing)
    assert failed.status == 3
    assert failed.error.startswith("error[E0706]: The condition fails: this divides by zero.\n  = hint: ")
    assert "step at" not in failed.error
    assert rows(project, "SELECT failed_verb, place FROM actionlang_run WHERE error_code = 'E0706'") == [(None, None)]


def test_json(project: Path) -> None:
    found = json.loads(actionlang(project, "run", "Finish", *OPEN, "--json").fine())
    assert {**found, "runs": len(found["runs"])} == {
        "verb": "desk.Finish",
        "runs": 1,
        "dry_run": False,
        "replayed": False,
        "rows": 6,
        "changes": 6,
        "events": 0,
        "engine": "relational",
        "reason": None,
        "line": None,
        "failures": [],
    }


def test_a_key_has_it_done_once(project: Path) -> None:
    asked = ("run", "Finish", *OPEN, "--key", "evening")
    assert actionlang(project, *asked).fine().splitlines()[0] == "Finish on 6 request rows"
    compare("cli/run-where-again.txt", steady(actionlang(project, *asked).fine()))


def test_rows_left_out_are_named(project: Path) -> None:
    done = actionlang(project, "run", "Finish", "--where", "(true)", "--per-row", *AT)
    assert (done.status, done.error) == (4, "")
    compare("cli/run-per-row.txt", steady(done.out))
    again = actionlang(project, "run", "Finish", "--where", "(true)", "--per-row", "--json")
    assert again.status == 4
    assert [each["row"] for each in json.loads(again.out)["failures"]][:2] == ["request R-2", "request R-3"]


def test_a_failure_tells_the_row_and_the_line(project: Path) -> None:
    done = actionlang(project, "run", "Finish", "--where", '(request.number != "R-1")')
    assert (done.status, done.out) == (3, "")
    compare("cli/run-where-failed.txt", done.error)


def test_why_it_was_not_done_as_a_set(project: Path) -> None:
    (project / "desk.act").write_text(desk.SCRIPT + RANK)
    compare("cli/run-one-by-one.txt", steady(actionlang(project, "run", "Rank", *OPEN, "--dry-run").fine()))


def test_chunks(project: Path) -> None:
    compare("cli/run-chunks.txt", steady(actionlang(project, "run", "Escalate", *OPEN, *AT, "--chunk", "4").fine()))


def test_a_series_goes_on(project: Path) -> None:
    rows_ = "--where", "(true)"
    done = actionlang(project, "run", "Finish", *rows_, "--chunk", "2")
    assert done.status == 3
    compare("cli/run-chunks-failed.txt", steady(done.error))
    series = done.error.rpartition("--resume ")[2].strip()
    connection = sqlite3.connect(project / "desk.db")
    with connection:
        connection.execute("UPDATE request SET status = 'open' WHERE number = 'R-4'")
    connection.close()
    actionlang(project, "run", "Finish", "--resume", series).fine()
    assert rows(project, "SELECT DISTINCT status FROM request") == [("done",)]


@pytest.mark.parametrize(
    "typed",
    [
        ("Finish", "--where", "(request.state = open)"),
        ("Finish", "--where", "request"),
        ("Finish", "--where", "(request.status = open"),
        ("Finish", "--where", "request.title"),
        ("Finish", "--where", ""),
        ("Finish", "--on", "R-1", "--where", "(true)"),
        ("Admit", "--where", "(true)", "name=Bo"),
        ("Finish", "--resume", "0000"),
        ("Finish", "--per-row"),
        ("Finish", "--where", "(true)", "--chunk", "0"),
        ("Finish", "--where", "(true)", "--key", "k", "--per-row"),
        ("Finish", "--where", "(true)", "--chunk", "5", "--dry-run"),
    ],
    ids=lambda typed: " ".join(typed),
)
def test_what_is_wrong_is_told(project: Path, typed: tuple[str, ...]) -> None:
    done = actionlang(project, "run", *typed)
    assert done.status in (1, 2), done
    name = "-".join("".join(sign if sign.isalnum() else " " for sign in " ".join(typed)).split())
    compare(f"cli/where/{name}.txt", done.error)
    assert rows(project, "SELECT count(*) FROM request WHERE status = 'done'") == [(1,)]


def test_explain_shows_the_statements(project: Path) -> None:
    compare("cli/explain-sql.txt", actionlang(project, "explain", "--sql", "Escalate").fine())


def test_explain_says_why_there_is_no_set_form(project: Path) -> None:
    (project / "desk.act").write_text(desk.SCRIPT + RANK)
    compare("cli/explain-sql-none.txt", actionlang(project, "explain", "--sql", "Rank").fine())
    (one,) = json.loads(actionlang(project, "explain", "--dialect", "sqlite", "Rank", "--json").fine())
    assert (one["dialect"], one["set_form"], one["line"], one["statements"]) == ("sqlite", False, 48, [])


def test_a_progress_line_is_written_over() -> None:
    moments = iter([0.0, 1.0, 1.01, 2.0])
    stream = io.StringIO()
    line = Line(stream, lambda: next(moments))
    for done in (0, 100, 150, 400):
        line(done, 400)
    line.end()
    shown = [text for text in stream.getvalue().split("\r") if text.strip()]
    assert [text.split("] ")[1].strip() for text in shown] == [
        "0 of 400 rows",
        "100 of 400 rows  100/s  3 s left",
        "400 of 400 rows  200/s",
    ]


def test_how_long_it_will_take() -> None:
    assert line_of(50, 1_000_000, 50, 1.0).endswith("50/s  5 h 33 min left")
    assert line_of(10, 8_000, 10, 1.0).endswith("10/s  13 min 19 s left")
