"""The commands of the registry, as their users see them."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.activation.office import edit, fine, made
from tests.cli.inside import Command, command
from tests.cli.running import Done
from tests.cli.test_completion import completed

__all__ = ["command"]

MOMENT = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d")


@pytest.fixture
def office(command: Command, tmp_path: Path) -> Command:
    """Runs commands in a project whose database has a registry."""
    made(tmp_path)
    fine(command("tables", "create"))
    fine(command("registry", "init"))
    return command


def data(done: Done) -> Any:
    """What a command wrote as JSON."""
    return json.loads(fine(done))


def steady(text: str) -> str:
    """Output without moments."""
    return MOMENT.sub("(moment)", text)


def test_the_statements_of_init_are_shown_and_nothing_is_done(command: Command, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "x.db").close()
    told = fine(command("registry", "init", "--dry-run", "--db", "x.db"))
    assert "CREATE TABLE actionlang_version (" in told
    assert "CREATE TRIGGER IF NOT EXISTS actionlang_version_is_not_deleted" in told
    assert command("registry", "status", "--db", "x.db").status == 1
    with sqlite3.connect(tmp_path / "x.db") as driver:
        driver.executescript(told)
    driver.close()
    assert fine(command("registry", "init", "--db", "x.db")) == "The registry is up to date.\n"


def test_what_init_made_is_told(command: Command) -> None:
    told = fine(command("registry", "init", "--db", "x.db"))
    assert "made  table actionlang_version\n" in told
    assert re.search(r"^made  \d+ indexes, \d+ triggers$", told, re.MULTILINE)
    assert data(command("registry", "init", "--db", "x.db", "--json")) == {
        "dry_run": False,
        "changes": [],
        "statements": [],
    }


def test_activating_going_back_and_looking_back(office: Command, tmp_path: Path) -> None:
    assert steady(fine(office("activate", "--by", "ada", "--why", "first"))) == (
        "4 scripts checked, 2 tests passed.\n\n"
        "  page.Page    version 1\n"
        "  raise.Raise  version 1\n\n"
        "Activation 1 by ada, (moment) UTC: first\n"
    )
    edit(tmp_path / "page.act", "text = text", 'text = "!{text}"')
    assert steady(fine(office("activate", "page.act", "--by", "bob"))) == (
        "4 scripts checked, 2 tests passed.\n\n"
        "  page.Page    version 2, was 1\n"
        "  raise.Raise  version 2, was 1: it goes with page.Page\n\n"
        "Activation 2 by bob, (moment) UTC\n"
    )
    assert steady(fine(office("rollback", "Page", "1", "--by", "eve", "--why", "quiet"))) == (
        "  page.Page    version 1 again, was 2\n"
        "  raise.Raise  version 1 again, was 2: it goes with page.Page\n\n"
        "Rollback 3 by eve, (moment) UTC: quiet\n"
    )
    assert steady(fine(office("deactivate", "Page", "--by", "eve", "--why", "gone"))) == (
        "  page.Page  not active any more, was version 1\n\n"
        "raise.Raise performs page.Page, and goes on with the steps that it has of it.\n\n"
        "Deactivation 4 by eve, (moment) UTC: gone\n"
    )
    assert MOMENT.sub("(moment)        ", fine(office("history", "Page"))) == (
        "when              version  what                by   why\n"
        "----------------  -------  ------------------  ---  -----\n"
        "(moment)                   deactivated, was 1  eve  gone\n"
        "(moment)          1        rolled back, was 2  eve  quiet\n"
        "(moment)          2        new, was 1          bob\n"
        "(moment)          1        new                 ada  first\n"
    )
    assert steady(fine(office("registry", "status"))) == (
        "1 verb active, 4 versions kept.\nLast: deactivation 4, by eve, (moment) UTC: gone\n"
    )


def test_what_was_done_as_json(office: Command, tmp_path: Path) -> None:
    told = data(office("activate", "--by", "ada", "--json"))
    assert (told["activation"], told["who"], told["why"], told["tests"], told["left"]) == (1, "ada", None, 2, [])
    assert told["verbs"][0] == {"verb": "page.Page", "before": None, "after": 1, "new": True, "because": None}
    edit(tmp_path / "page.act", "text = text", 'text = "!{text}"')
    tried = data(office("activate", "page.act", "--dry-run", "--json"))
    assert (tried["activation"], tried["dry_run"]) == (None, True)
    assert tried["verbs"][1]["because"] == "page.Page"
    data(office("activate", "page.act", "--by", "ada", "--json"))
    found = data(office("history", "Page", "--json"))
    assert [(each["activation"], each["after"], each["kind"]) for each in found] == [
        (2, 2, "activate"),
        (1, 1, "activate"),
    ]
    listed = data(office("verbs", "--active", "--json"))
    assert [(each["verb"], each["version"]) for each in listed] == [("page.Page", 2), ("raise.Raise", 2)]
    differing = data(office("diff", "Page", "1", "--json"))
    assert differing["sections"] == [
        {
            "title": "steps",
            "lines": [
                {"sign": "-", "depth": 0, "text": "create call set number = count(call) + 1, text = text"},
                {"sign": "+", "depth": 0, "text": 'create call set number = count(call) + 1, text = "!{text}"'},
            ],
        }
    ]
    status = data(office("registry", "status", "--json"))
    assert (status["active"], status["versions"], status["missing"]) == (2, 4, [])


def test_a_refusal_as_json(office: Command, tmp_path: Path) -> None:
    fine(office("activate", "--by", "ada"))
    edit(tmp_path / "page.act", "(text text(100))", "(text text(100), _more integer)")
    edit(tmp_path / "raise.act", "Page(text: request.title)", "Page(text: request.title, _more: 1)")
    edit(tmp_path / "tests.act", 'Page(text: "x")', 'Page(text: "x", _more: 1)')
    done = office("activate", "--json")
    assert done.status == 1
    assert [each["code"] for each in json.loads(done.out)["diagnostics"]] == ["E0924"]
    allowed = office("activate", "--by", "ada", "--allow", "parameter-added-required", "--why", "all give it")
    assert "Callers will notice, as was allowed:\n  page.Page: " in fine(allowed)
    assert "all give it (allowed: parameter-added-required)" in fine(office("history", "Page", "--limit", "1"))


def test_a_failed_test_is_shown(office: Command, tmp_path: Path) -> None:
    edit(tmp_path / "tests.act", "raised.level = 3", "raised.level = 4")
    done = office("activate")
    assert done.status == 1
    assert done.error.startswith("error[E0925]: Nothing was activated: 1 of 2 tests failed.\n")
    assert "tests.act:9" in done.error


def test_a_project_without_verbs_is_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "tables.act").write_text("table thing < number integer required key >\n")
    fine(command("registry", "init", "--db", "x.db"))
    told = fine(command("activate", "--db", "x.db"))
    assert told == "1 script checked; there is no verb in it.\n\nNothing was to be done.\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("activate --allow parameter-removed", "--allow needs a reason"),
        ("activate --allow parameter-remove --why x", "Did you mean parameter-removed?"),
        ("rollback Page 1", "Missing option '--why'"),
        ("rollback Page one --why x", "'one' is not a valid integer"),
        ("deactivate Page --why=", "A few words are needed"),
        ("deactivate Nothing --why x", "There is no active verb Nothing"),
        ("diff Page 1 9", "There is no version 9 of page.Page"),
        ("history Pag", "The registry has no verb Pag"),
        ("history nothing", "The registry has no verb nothing"),
    ],
)
def test_what_is_wrong_with_the_command_is_told(office: Command, arguments: str, told: str) -> None:
    fine(office("activate", "--by", "ada"))
    done = office(*arguments.split())
    assert done.status == 2
    assert told in done.error


@pytest.mark.parametrize("arguments", ["activate --by \udcff", "activate --why \udcff", "log --actor \udcff"])
def test_what_is_no_text_is_told(office: Command, arguments: str) -> None:
    done = office(*arguments.split())
    first = done.error.splitlines()[0]
    assert (done.status, first.replace('"', "")) == (
        2,
        "error[E0907]: A word of the command is no text in UTF-8: <U+DCFF>.",
    )


def test_the_active_version_is_run_whatever_the_script_says(office: Command, tmp_path: Path) -> None:
    fine(office("activate", "--by", "ada"))
    edit(tmp_path / "page.act", "create call", 'fail "draft"; create call')
    assert "text    hello" in fine(office("run", "Page", "text=hello", "--active"))
    assert office("run", "Page", "text=hello").status != 0


def test_a_verb_that_was_made_private_is_not_run(office: Command, tmp_path: Path) -> None:
    edit(
        tmp_path / "page.act", "action Page", "action Other (text text(100)) < perform Page(text: text) >\naction Page"
    )
    fine(office("activate", "--by", "ada"))
    (tmp_path / "raise.act").unlink()
    (tmp_path / "tests.act").unlink()
    fine(office("deactivate", "Raise", "--why", "gone"))
    edit(tmp_path / "page.act", "(text text(100)) < create", "(text text(100)) private < create")
    fine(office("activate", "--by", "ada", "--allow", "verb-made-private", "--why", "nobody calls it"))
    done = office("run", "Page", "text=x", "--active")
    assert (done.status, done.error.splitlines()[0]) == (
        2,
        "error[E0922]: page.Page is private: only verbs of its own module perform it, and nobody calls it.",
    )
    assert "page.Page" not in fine(office("verbs", "--active"))
    assert "Done: 1 row created" in fine(office("run", "Other", "text=x", "--active"))


def test_without_scripts_the_registry_has_the_verbs(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fine(office("activate", "--by", "ada"))
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert "text    hello" in fine(office("run", "Page", "text=hello", "--db", str(tmp_path / "office.db")))
    done = office("run", "Pages", "text=hello", "--db", str(tmp_path / "office.db"))
    assert (done.status, "did you mean Page?" in done.error) == (2, True)


def test_a_failed_run_is_shown_in_the_script_of_its_version(office: Command, tmp_path: Path) -> None:
    edit(tmp_path / "page.act", "create call", 'if (text = "no") < fail "Not this." > create call')
    fine(office("activate", "--by", "ada"))
    (tmp_path / "page.act").write_text("# Something else by now.\n")
    done = office("run", "Page", "text=no", "--active")
    assert done.status == 3
    assert 'fail "Not this."' in done.error
    assert "page.act:4" in done.error


def test_a_deprecated_verb_says_so_when_it_is_run(office: Command, tmp_path: Path) -> None:
    edit(tmp_path / "page.act", "(text text(100)) <", '(text text(100)) deprecated "use Raise" <')
    assert office("activate", "--by", "ada").status == 0
    done = office("run", "Page", "text=hello", "--active")
    assert (done.status, done.error) == (0, "warning: page.Page is deprecated: use Raise\n")
    assert "page.Page               version 1  Deprecated: use Raise. Call whoever is on duty." in fine(
        office("verbs", "--active")
    )


def test_nothing_is_active_yet(office: Command) -> None:
    assert fine(office("verbs", "--active")) == "No verb is active: actionlang activate brings verbs in.\n"
    assert fine(office("history")) == "Nothing was activated yet.\n"


def test_verbs_of_the_registry_are_completed(office: Command, tmp_path: Path) -> None:
    assert completed(tmp_path, "history", "") == []
    fine(office("activate", "--by", "ada"))
    assert completed(tmp_path, "history", "") == ["Page", "Raise", "page.Page", "raise.Raise"]
    assert completed(tmp_path, "rollback", "Pa") == ["Page"]
