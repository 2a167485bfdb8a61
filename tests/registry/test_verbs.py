"""Calling verbs by name."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, Mapping

import pytest
import sqlalchemy as sa

from actionlang import Verbs
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.installing import install
from actionlang.registry.publishing import Order
from actionlang.runtime.database import Database
from actionlang.runtime.result import RunFailed
from actionlang.runtime.tables import OF_RUNS
from tests.registry.board import LOUD, SCRIPT, activate, ask, back, board, changed, drafts, notes, out, refusal

ALWAYS = 0.0
"""Ask at every call what is active."""

NEVER = 10_000.0
"""Do not ask again while a test lasts."""


def test_a_call_gets_the_active_version_by_its_short_or_full_name(database: Database) -> None:
    activate(database)
    verbs = Verbs.open(database)
    first = verbs.perform("Note", text="a")
    second = verbs.perform("board.Note", arguments={"text": "b"})
    assert notes(database) == ["a", "b"]
    assert first["note"] != second["note"]
    assert first.warnings == ()
    hashes = ask(database, "SELECT plan_hash FROM actionlang_run")
    assert hashes == [(drafts(SCRIPT, "Note")[0].plan.hash,)] * 2


def test_what_others_activate_is_seen(database: Database) -> None:
    activate(database)
    at_every_call, once = Verbs.open(database, max_age=ALWAYS), Verbs.open(database, max_age=NEVER)
    activate(database, LOUD)
    at_every_call.perform("Note", text="a")
    once.perform("Note", text="b")
    assert notes(database) == ["a!!", "b"]
    back(database, "Note", 1)
    at_every_call.perform("Twice", text="c")
    assert notes(database)[2:] == ["c", "c!"]
    assert [at_every_call.find(name).version for name in ("Note", "Twice", "Often", "Clear")] == [1, 1, 1, 1]


def test_plans_are_read_once(desk: Database) -> None:
    activate(desk)
    verbs = Verbs.open(desk, max_age=ALWAYS)
    plan = verbs.find("Clear").plan
    assert verbs.find("Clear").plan is plan
    activate(desk, LOUD)
    assert verbs.find("Clear").plan is plan, "it has not changed"
    assert verbs.find("board.Clear").plan is plan


def test_all_that_is_active_is_listed(database: Database) -> None:
    verbs = Verbs.open(database, max_age=ALWAYS)
    assert verbs.list() == ()
    activate(database)
    activate(database, LOUD, "Note")
    assert [(each.name, each.version) for each in verbs.list()] == [
        ("board.Clear", 1),
        ("board.Note", 2),
        ("board.Often", 2),
        ("board.Twice", 2),
    ]


def test_options_of_a_run_are_passed_on(desk: Database) -> None:
    activate(desk)
    verbs = Verbs.open(desk)
    assert verbs.perform("Note", text="a", dry_run=True).dry_run
    assert notes(desk) == []
    first = verbs.perform("Note", text="a", key="k")
    assert verbs.perform("Note", text="a", key="k").run == first.run
    assert notes(desk) == ["a"]


def test_a_verb_that_is_not_active_is_told_with_one_that_is(desk: Database) -> None:
    activate(desk)
    with pytest.raises(ActionLangError) as caught:
        Verbs.open(desk).perform("Notes", text="a")
    assert refusal(caught.value).code.id == "E0921"
    assert refusal(caught.value).hint == "did you mean Note?"


def test_it_is_told_who_took_a_verb_out_of_use(database: Database) -> None:
    activate(database)
    out(database, "Note")
    with pytest.raises(ActionLangError) as caught:
        Verbs.open(database).find("Note")
    told = refusal(caught.value).message
    assert told.startswith("board.Note is not active: ada deactivated it on 2")
    assert told.endswith(" UTC: because.")


def test_a_caller_reads_three_tables_of_the_registry(postgres_url: str) -> None:
    role = f"caller_of_{sa.make_url(postgres_url).database}"
    with board(postgres_url) as database:
        activate(database)
        out(database, "Clear")
        for statement in (
            f'CREATE ROLE "{role}" LOGIN',
            f'GRANT SELECT ON actionlang_registry, actionlang_version, actionlang_active TO "{role}"',
            f'GRANT SELECT, INSERT, UPDATE ON note TO "{role}"',
            f'GRANT SELECT, INSERT, UPDATE ON {", ".join(table.name for table in OF_RUNS)} TO "{role}"',
        ):
            change(database, statement)
        try:
            with Database.connect(sa.make_url(postgres_url).set(username=role, password=None)) as theirs:
                verbs = Verbs.open(theirs, max_age=ALWAYS)
                verbs.perform("Note", text="a")
                with pytest.raises(ActionLangError) as caught:
                    verbs.perform("Clear")
                assert refusal(caught.value).message == "There is no active verb Clear."
        finally:
            change(database, f'DROP OWNED BY "{role}"')
            change(database, f'DROP ROLE "{role}"')


def change(database: Database, statement: str) -> None:
    """Run a statement as the database's owner."""
    with database.connection() as connection, connection.begin():
        connection.exec_driver_sql(statement)


def test_a_private_verb_can_not_be_called(desk: Database) -> None:
    script = (
        SCRIPT + 'action Inner private < create note set number = 1, text = "a" >\naction One < perform Inner() >\n'
    )
    activate(desk, script)
    verbs = Verbs.open(desk)
    for name in ("board.Inner", "Inner"):
        with pytest.raises(ActionLangError) as caught:
            verbs.perform(name)
        assert refusal(caught.value).code.id == "E0922", name
    verbs.perform("One")
    assert notes(desk) == ["a"]


def test_a_verb_that_was_made_private_is_called_by_nobody(desk: Database) -> None:
    script = SCRIPT + "action Other < perform Clear() >\n"
    activate(desk, script)
    order = Order("bob", "nobody calls it", ("verb-made-private",))
    activate(desk, changed("action Clear <", "action Clear private <", script), order=order)
    verbs = Verbs.open(desk)
    with pytest.raises(ActionLangError) as caught:
        verbs.perform("Clear")
    assert refusal(caught.value).code.id == "E0922"
    assert [each.plan.verb.short_name for each in verbs.list()] == ["Note", "Often", "Other", "Twice"]
    verbs.perform("Other")


def test_a_name_of_two_verbs_is_told(desk: Database) -> None:
    activate(desk)
    activate(desk, SCRIPT, "Note", name="other")
    with pytest.raises(ActionLangError) as caught:
        Verbs.open(desk).find("Note")
    assert refusal(caught.value).code.id == "E0906"
    assert Verbs.open(desk).find("other.Note").name == "other.Note"


@pytest.mark.parametrize("engine", ["auto", "interpreter"])
def test_a_deprecated_verb_says_so_in_its_result(database: Database, engine: str) -> None:
    activate(database, changed("returns (note note) <", 'returns (note note) deprecated "use Twice" <'))
    result = Verbs.open(database).perform("Note", text="a", engine=engine)
    assert result.warnings == ("board.Note is deprecated: use Twice",)
    assert result["note"] is not None
    assert len(result.changes) == 1


def test_a_database_without_a_registry_is_told(sqlite_url: str) -> None:
    with Database.connect(sqlite_url, create=True) as database, pytest.raises(ActionLangError) as caught:
        Verbs.open(database)
    assert refusal(caught.value).code.id == "E0920"


def test_a_failing_run_is_recorded_with_its_plan(database: Database) -> None:
    activate(database, changed("  return note", '  if (text = "a") < fail "no" >\n  return note'), order=Order("ada"))
    verbs = Verbs.open(database)
    with pytest.raises(RunFailed):
        verbs.perform("Note", text="a")
    assert ask(database, "SELECT plan_hash, outcome FROM actionlang_run") == [(verbs.find("Note").plan.hash, "failed")]


class Lookup(UserDict[str, object]):
    """Arguments that let something happen in the middle of a run: when they are read."""

    def __init__(self, values: Mapping[str, object], meanwhile: Callable[[], None]) -> None:
        self._meanwhile: Callable[[], None] | None = None
        super().__init__(values)
        self._meanwhile = meanwhile

    def __getitem__(self, name: str) -> object:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().__getitem__(name)


def test_a_run_on_one_database_may_call_verbs_of_another(desk: Database) -> None:
    activate(desk)
    with board("sqlite://") as other:
        activate(other, LOUD)
        here, there = Verbs.open(desk), Verbs.open(other)
        here.perform("Note", arguments=Lookup({"text": "a"}, lambda: there.perform("Note", text="b")))
        assert (notes(desk), notes(other)) == (["a"], ["b!!"])


def test_a_run_finds_by_name_what_was_active_when_it_began(postgres_url: str) -> None:
    with board(postgres_url) as database:
        activate(database)
        verbs = Verbs.open(database, max_age=ALWAYS)
        found: list[int] = []

        def meanwhile() -> None:
            activate(database, LOUD)
            found.append(verbs.find("Twice").version)

        verbs.perform("Note", arguments=Lookup({"text": "a"}, meanwhile), engine="interpreter")
        assert found == [1]
        assert notes(database) == ["a"], "the run keeps the version that it began with"
        assert verbs.find("Twice").version == 2


def test_the_engine_may_be_the_hosts_own(url: str) -> None:
    with board(url):
        pass
    engine = sa.create_engine(url)
    try:
        with Database.of(engine) as database:
            assert install(database).statements == ()
            activate(database)
            verbs = Verbs.open(database, max_age=ALWAYS)
            activate(database, LOUD)
            verbs.perform("Note", text="a")
            back(database, "Note", 1)
            verbs.perform("Note", text="b")
            assert notes(database) == ["a!!", "b"]
    finally:
        engine.dispose()
