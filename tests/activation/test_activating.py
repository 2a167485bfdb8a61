"""Activation of a project: what is checked and tested, and which verbs are activated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from actionlang import Verbs
from actionlang.activation.activating import Activated, activate
from actionlang.activation.drafts import drafts_of
from actionlang.compile.compiled import compile_scripts
from actionlang.compile.selection import select
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.schema import Schema
from actionlang.plan.codec import decode
from actionlang.registry.installing import install
from actionlang.registry.versions import version
from actionlang.runtime.database import Database
from tests.activation.office import TESTS, edit, made
from tests.cli.running import cache_folder
from tests.registry.board import ask


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project, as the current folder."""
    monkeypatch.setenv("ACTIONLANG_CACHE", cache_folder())
    monkeypatch.chdir(made(tmp_path))
    return tmp_path


@pytest.fixture
def database(office: Path) -> Iterator[Database]:
    """Its database."""
    with Database.connect("sqlite://") as opened:
        opened.tables.create(Schema.of_plan(decode(compile_scripts(select()).needed().schema_plan())))
        install(opened)
        yield opened


def codes(error: ActionLangError) -> list[str]:
    """The codes of all that is complained of."""
    return [diagnostic.code.id for diagnostic in error.diagnostics]


def done_to(done: Activated) -> dict[str, int | None]:
    """The versions that became active."""
    return {move.verb: move.after for move in done.published.moves}


def test_a_project_is_activated_as_a_whole(database: Database) -> None:
    done = activate(database, who="ada", why="first")
    assert done_to(done) == {"page.Page": 1, "raise.Raise": 1}
    assert (done.drafts.scripts, done.tests.passed, done.left) == (4, 2, ())
    assert Verbs.open(database).perform("Page", text="x").run is not None
    assert set(version(database, "Raise").scripts) == {"page.act", "raise.act"}
    again = activate(database, who="ada")
    assert again.published.entry is None


def test_paths_choose_the_verbs_and_the_tests(database: Database) -> None:
    done = activate(database, [Path("page.act")], who="ada")
    assert done_to(done) == {"page.Page": 1}
    assert done.tests.passed == 2, "the tests of other scripts that perform it"
    assert activate(database, [Path("tests.act")], who="ada").published.moves == ()


def test_tests_of_other_verbs_are_not_run(database: Database, office: Path) -> None:
    (office / "other.act").write_text('action Nothing < fail "no" >\ntest "of nothing else" < perform Nothing() >\n')
    assert done_to(activate(database, [Path("page.act")], who="ada")) == {"page.Page": 1}
    with pytest.raises(ActionLangError) as caught:
        activate(database, who="ada")
    assert codes(caught.value) == ["E0925", "E0701"]
    assert "1 of 3 tests failed" in caught.value.diagnostics[0].message
    assert ask(database, "SELECT count(*) FROM actionlang_version") == [(1,)]


def test_a_failing_test_of_another_script_keeps_a_verb_out(database: Database, office: Path) -> None:
    edit(office / "page.act", "set number = count(call) + 1, text = text", 'set number = 7, text = "{text}{text}"')
    edit(office / "tests.act", "(count(call) = 1)", '(exists(call where (call.text = "x")))')
    with pytest.raises(ActionLangError) as caught:
        activate(database, [Path("page.act")], who="ada")
    assert codes(caught.value)[0] == "E0925"


def test_errors_anywhere_in_the_project_keep_verbs_out(database: Database, office: Path) -> None:
    (office / "other.act").write_text("action Wrong < perform Nobody() >\n")
    with pytest.raises(ActionLangError) as caught:
        activate(database, [Path("page.act")], who="ada")
    assert len(codes(caught.value)) == 1
    assert caught.value.diagnostics[0].primary is not None
    assert caught.value.diagnostics[0].primary.source.name == "other.act"


def test_a_lint_that_the_project_denies_keeps_verbs_out(database: Database, office: Path) -> None:
    edit(office / "page.act", "(text text(100))", "(text text(100), more integer optional)")
    assert [each.code.id for each in activate(database, who="ada").drafts.warnings] == ["unused-parameter"]
    (office / "actionlang.toml").write_text('[lints]\nunused-parameter = "deny"\n')
    with pytest.raises(ActionLangError) as caught:
        activate(database, who="ada")
    assert codes(caught.value) == ["unused-parameter"]


def test_the_project_chooses_the_rules_of_compatibility(database: Database, office: Path) -> None:
    activate(database, who="ada")
    edit(office / "page.act", "text = text", 'text = "{text}"; create request set number = 9, title = "x"')
    with pytest.raises(ActionLangError) as caught:
        activate(database, who="ada")
    assert codes(caught.value) == ["E0924"]
    assert "privilege-added" in caught.value.diagnostics[0].message
    assert (
        "raise.Raise: Raise does more than before: it creates request (effect-widened)"
        in caught.value.diagnostics[0].notes
    )
    (office / "actionlang.toml").write_text('[breaking]\nuse = ["wire"]\n')
    assert activate(database, who="ada").published.entry is not None


def test_what_other_scripts_replace_of_a_verb_is_part_of_it(database: Database, office: Path) -> None:
    activate(database, who="ada")
    (office / "ours.act").write_text(
        'import "tables.act";\nimport "page.act";\n'
        'override action Page (text text(100)) < inherited(text: "{text}!") >\n'
        'test "louder" < perform Page(text: "x"); require (exists(call where (call.text = "x!"))) >\n'
    )
    edit(office / "tests.act", TESTS.split('import "page.act";')[1], "\n")
    done = activate(database, [Path("page.act")], who="ada")
    assert done_to(done) == {"page.Page": 2, "raise.Raise": 2}
    Verbs.open(database).perform("Page", text="x")
    assert ask(database, "SELECT text FROM call") == [("x!",)]


def test_a_hook_that_was_changed_comes_into_all_verbs_that_set_it_off(database: Database, office: Path) -> None:
    (office / "hook.act").write_text(
        'import "tables.act";\non after create of call < update call set text = "{call.text}1" >\n'
    )
    edit(office / "tests.act", TESTS.split('import "page.act";')[1], "\n")
    (office / "more.act").write_text(
        'import "tables.act";\naction More < create call set number = count(call) + 1, text = "more" >\n'
    )
    assert done_to(activate(database, who="ada")) == {"more.More": 1, "page.Page": 1, "raise.Raise": 1}
    edit(office / "hook.act", '1"', '2"')
    done = activate(database, [Path("more.act")], who="ada")
    assert done_to(done) == {"more.More": 2, "page.Page": 2, "raise.Raise": 2}
    Verbs.open(database).perform("Page", text="x")
    assert ask(database, "SELECT text FROM call") == [("x2",)]


def test_verbs_that_the_project_does_not_have_are_told(database: Database, office: Path) -> None:
    activate(database, who="ada")
    (office / "raise.act").unlink()
    edit(office / "tests.act", TESTS[TESTS.index('test "a request') : TESTS.index('test "somebody')], "")
    edit(office / "tests.act", 'import "raise.act";\n', "")
    done = activate(database, who="ada")
    assert done.left == ("raise.Raise",)
    assert activate(database, [Path("page.act")], who="ada").left == ()


def test_a_verb_of_the_standard_library_is_activated_by_name(office: Path) -> None:
    script = 'import helpdesk;\non after create of task < update task set subject = "done by us" >\n'
    (office / "own.act").write_text(script)
    with Database.connect("sqlite://") as database:
        database.tables.create(Schema.of_plan(decode(compile_scripts(select()).needed().schema_plan())))
        install(database)
        done = activate(database, [Path("Escalate"), Path("page.act")], who="ada")
        assert done_to(done) == {"page.Page": 1, "helpdesk.Escalate": 1}
        active = version(database, "Escalate")
        assert active.scripts.keys() >= {"stdlib/helpdesk.act", "own.act"}
        assert "own.after create of task" in [verb.name for verb in active.plan.steps.verbs]
        again = activate(database, [Path("helpdesk.Escalate")], who="ada")
        assert (again.published.entry, again.tests.passed) == (None, 0)


def test_what_a_project_hangs_on_verbs_of_the_library_comes_into_those_in_use(office: Path) -> None:
    script = 'import helpdesk;\naction Ours on task < update task set subject = "ours" >\n'
    hook = 'on after create of task < update task set subject = "done by us" >\n'
    (office / "own.act").write_text(script)
    with Database.connect("sqlite://") as database:
        database.tables.create(Schema.of_plan(decode(compile_scripts(select()).needed().schema_plan())))
        install(database)
        activate(database, [Path("Escalate"), Path("Reopen")], who="ada")
        done = activate(database, who="ada")
        assert (done.drafts.names, done.left) == (("own.Ours", "page.Page", "raise.Raise"), ())
        (office / "own.act").write_text(script + hook)
        with pytest.raises(ActionLangError) as caught:
            activate(database, who="ada")
        assert codes(caught.value) == ["E0924"]
        both = ("effect-widened", "privilege-added")
        assert done_to(activate(database, who="ada", allowed=both)) == {"helpdesk.Escalate": 2}
        (office / "own.act").write_text(script + hook.replace("by us", "by them"))
        assert done_to(activate(database, who="ada")) == {"helpdesk.Escalate": 3}
        (office / "own.act").write_text(script)
        assert done_to(activate(database, who="ada")) == {"helpdesk.Escalate": 1}


def test_a_verb_of_the_library_is_activated_where_there_are_no_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (plan,) = drafts_of([Path("helpdesk.Escalate")]).plans
    with Database.connect("sqlite://") as database:
        database.tables.create(plan.schema)
        install(database)
        assert done_to(activate(database, [Path("helpdesk.Escalate")], who="ada")) == {"helpdesk.Escalate": 1}
    for nothing in ("helpdesk.Nothing", "Nothing"):
        with pytest.raises(ActionLangError) as caught:
            drafts_of([Path(nothing)])
        assert codes(caught.value) == ["E0901"]


def test_a_dry_run_keeps_nothing(database: Database) -> None:
    done = activate(database, who="ada", dry_run=True)
    assert done_to(done) == {"page.Page": 1, "raise.Raise": 1}
    assert ask(database, "SELECT count(*) FROM actionlang_version") == [(0,)]


def test_a_database_without_a_registry_is_told_before_anything_else(office: Path) -> None:
    (office / "other.act").write_text("action Wrong < perform Nobody() >\n")
    with Database.connect("sqlite://") as database, pytest.raises(ActionLangError) as caught:
        activate(database, who="ada")
    assert codes(caught.value) == ["E0920"]
