"""Plug-ins beside the other things that a host adds to runs: rules of access, traces, a registry, hooks of the language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from actionlang.access.policy import Policy
from actionlang.access.system import AS_SYSTEM
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.durable.background import Background
from actionlang.plugins import AFTER, BEFORE, BEFORE_VALIDATION, Context, Plugins, attached
from actionlang.registry.installing import install
from actionlang.registry.publishing import Order, publish
from actionlang.registry.settlement import Draft
from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.plans import Plan
from tests.access import office
from tests.conformance.scripts import compiled
from tests.plugins.desk import CASE, PLACES, open_desk, plan, script

# --------------------------------------------------------------------------------------------------------------- traces


@pytest.mark.parametrize("place", PLACES)
def test_a_traced_run_tells_of_each_plug_in(plugins: Plugins, place: str) -> None:
    @plugins.on_verb("example.Retitle", name="acme.note", performs=("example.Note",))
    def note(context: Context) -> None:
        context.perform("example.Note", text="x")

    plugins.on_table(CASE, "update", stage=AFTER, name="acme.look")(lambda context: None)
    with open_desk(place, plugins) as desk:
        traced = Database.of(desk.database.engine, hosting=Hosting(plugins, trace=True))
        traced.find_verb = desk.database.find_verb
        run = plan("Retitle").run(traced, on="1", title="New").run
        assert run is not None
        steps = desk.query(
            f"SELECT sequence, parent, kind, verb, label FROM actionlang_step WHERE run = '{run}' ORDER BY sequence"
        )
        assert steps == [
            (1, None, "plugin", "example.Retitle", "acme.note, before example.Retitle"),
            (2, 1, "perform", "example.Note", "perform Note"),
            (3, 2, "step", "example.Note", "create task"),
            (4, None, "step", "example.Retitle", "update case"),
            (5, 4, "plugin", "example.Retitle", "acme.look, after update of example.case"),
        ]


def test_a_failed_plug_in_is_seen_in_the_trace(plugins: Plugins) -> None:
    @plugins.on_verb("example.Note", name="acme.broken")
    def broken(context: Context) -> None:
        raise ZeroDivisionError

    with open_desk("memory", plugins) as desk:
        traced = Database.of(desk.database.engine, hosting=Hosting(plugins, trace=True))
        with pytest.raises(ActionLangError, match="E0975"):
            plan("Note").run(traced, text="x")
        assert desk.query("SELECT kind, outcome FROM actionlang_step") == [("plugin", "failed")]


# --------------------------------------------------------------------------------------------------------------- access


@contextmanager
def ruled(desk: office.Office, plugins: Plugins) -> Iterator[Database]:
    database = Database.of(desk.free.engine, hosting=Hosting(plugins, Policy()))
    database.find_verb = lambda name: office.plan(name.removeprefix("example."))
    yield database


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_rules_of_access_are_asked_before_plug_ins(plugins: Plugins, kind: str) -> None:
    called: list[str] = []
    plugins.on_verb("example.Rename", stage=BEFORE_VALIDATION)(lambda context: called.append(context.plugin))
    with office.office(kind) as desk, ruled(desk, plugins) as database:
        desk.allow(office.grants(job={"read": "all", "update": "own"}))
        rename = office.plan("Rename")
        for on, by in (("BOB", "ann@x.org"), ("ANN", "eve@x.org")):
            with pytest.raises(ActionLangError) as refused:
                rename.run(database, on=on, caller=by, title="x")
            assert refused.value.diagnostics[0].code.id.startswith("E073")
        rename.run(database, on="ANN", caller="ann@x.org", title="x")
        assert desk.title("ANN") == "x"
        assert len(called) <= 2


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_a_plug_in_performs_is_held_to_the_caller_s_rights(plugins: Plugins, kind: str) -> None:
    @plugins.on_verb("example.Tick", stage=AFTER, performs=("example.Rename", "example.Guarded"))
    def rename(context: Context) -> None:
        context.perform("example.Rename", on="BOB", title="renamed")

    with office.office(kind) as desk, ruled(desk, plugins) as database:
        everything = {"read": "all", "update": "all"}
        desk.allow(office.grants(job={"read": "all", "update": "own"}, tick=everything))
        with pytest.raises(ActionLangError) as refused:
            office.plan("Tick").run(database, caller="ann@x.org")
        assert refused.value.diagnostics[0].code.id.startswith("E073")
        assert desk.title("BOB") == "new"
        desk.allow(office.grants(job=everything, tick=everything))
        office.plan("Tick").run(database, caller="ann@x.org")
        assert desk.title("BOB") == "renamed"


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize(("entry", "on", "performed"), [("BumpFirst", None, "Bump"), ("CallsOpen", "ANN", "Open")])
def test_so_is_a_verb_that_the_run_s_own_plan_has(
    plugins: Plugins, kind: str, entry: str, on: str | None, performed: str
) -> None:
    """The plan has it for where it is performed as the system, or on rows that were seen to be within reach before."""

    @plugins.on_verb(f"example.{entry}", performs=(f"example.{performed}",))
    def reach(context: Context) -> None:
        context.perform(f"example.{performed}", on="BOB")

    with office.office(kind) as desk, ruled(desk, plugins) as database:
        desk.allow(office.grants(job="own"))
        with pytest.raises(ActionLangError) as refused:
            office.plan(entry).run(database, on=on, caller="ann@x.org")
        (told,) = refused.value.diagnostics
        assert (told.code.id, told.message) == ("E0702", "There is no such job within reach.")
        assert any("reach" in note for note in told.notes)
        assert desk.look("SELECT title, status FROM job WHERE number = 'BOB'") == [("new", "new")]
        desk.allow(office.grants(job="all"))
        office.plan(entry).run(database, on=on, caller="ann@x.org")
        assert desk.look("SELECT title, status FROM job WHERE number = 'BOB'") != [("new", "new")]


@pytest.mark.parametrize("verb", ["Rename", "Open"])
def test_no_plug_in_sees_a_row_that_its_caller_may_not_read(plugins: Plugins, verb: str) -> None:
    asked: dict[str, Any] = {"title": "x"} if verb == "Rename" else {}
    seen: list[object] = []
    plugins.on_verb("example.Rename")(lambda context: seen.append(context.before))
    plugins.on_verb("example.Open", stage=BEFORE_VALIDATION)(lambda context: seen.append(context.before))
    with office.office("sqlite") as desk, ruled(desk, plugins) as database:
        desk.allow(office.grants(job="own"))
        with pytest.raises(ActionLangError):
            office.plan(verb).run(database, on="BOB", caller="ann@x.org", **asked)
        assert seen == []


def test_a_verb_that_is_performed_as_the_system_keeps_its_plug_ins(plugins: Plugins) -> None:
    assert attached.AS_SYSTEM == AS_SYSTEM
    told: list[str] = []
    plugins.on_verb("example.Bump")(lambda context: told.append(context.verb))
    with office.office("sqlite") as desk, ruled(desk, plugins) as database:
        desk.allow(office.grants(job="own"))
        office.plan("BumpBoth").run(database, on="ANN", caller="ann@x.org")
        assert told == ["example.Bump", "example.Bump"]


# ------------------------------------------------------------------------------------------------------------- registry


@pytest.mark.parametrize("place", PLACES)
def test_plug_ins_perform_what_is_active(plugins: Plugins, place: str) -> None:
    @plugins.on_verb("example.Retitle", stage=AFTER, performs=("example.Note",))
    def note(context: Context) -> None:
        context.perform("example.Note", text="x")

    with open_desk(place, plugins) as desk:
        desk.database.find_verb = None
        install(desk.database)
        publish(desk.database, [Draft(plan(verb), {}) for verb in ("Retitle", "Note")], Order("ann"))
        verbs = Verbs.open(desk.database, max_age=0)
        verbs.perform("Retitle", on="1", title="New")
        assert desk.tasks() == ["x"]
        other = compiled(
            'table task < subject text(100) required >\naction Note(text text) < create task set subject = "{text}!" >'
        )
        publish(desk.database, [Draft(Plan.of(other.plan("Note")), {})], Order("bob"))
        verbs.perform("Retitle", on="1", title="Newer")
        assert desk.tasks() == ["x", "x!"]


def test_a_verb_that_is_not_active_is_found_missing_before_the_run(plugins: Plugins) -> None:
    plugins.on_verb("example.Retitle", name="acme", performs=("example.Note",))(lambda context: None)
    with open_desk("memory", plugins) as desk:
        desk.database.find_verb = None
        install(desk.database)
        publish(desk.database, [Draft(plan("Retitle"), {})], Order("ann"))
        with pytest.raises(ActionLangError) as refused:
            Verbs.open(desk.database).perform("Retitle", on="1", title="New")
        (told,) = refused.value.diagnostics
        assert told.code.id == "E0971"
        assert told.message.startswith("The plug-in acme performs example.Note, which is not there: ")


def test_a_background_action_is_started_and_not_performed(plugins: Plugins) -> None:
    plugins.on_verb("example.Retitle", name="acme", performs=("example.Chase",))(lambda context: None)
    chase = Plan.of(compiled("background action Chase < wait 2 days >").plan("Chase"))
    with open_desk("memory", plugins) as desk:
        desk.database.find_verb = lambda _: chase
        with pytest.raises(ActionLangError) as refused:
            plan("Retitle").run(desk.database, on="1", title="New")
    (told,) = refused.value.diagnostics
    assert (told.code.id, told.message, told.hint) == (
        "E0726",
        "The plug-in acme performs example.Chase, which is a background action: it is started, and goes on by itself.",
        "let a verb start it, and perform that verb",
    )


def test_a_background_action_has_no_plug_in_of_its_own(plugins: Plugins) -> None:
    script = 'table task < subject text(100) required >\naction Note < create task set subject = "x" >\n'
    chase = Plan.of(compiled(f"{script}background action Chase < perform Note(); wait 2 days >").plan("Chase"))
    told: list[str] = []
    plugins.on_verb("example.Note", name="acme.note")(lambda context: told.append(context.verb))
    with Database.connect("sqlite://", hosting=Hosting(plugins)) as database:
        database.tables.create(chase.schema)
        install(database)
        publish(database, [Draft(chase, {})], Order("ann"))
        background = Background(Verbs.open(database, max_age=0))
        background.start("Chase")
        assert (background.work_once(), told) == (1, ["example.Note"])
        plugins = Plugins()
        plugins.on_verb("example.Chase", name="acme.chase", stage=AFTER)(lambda context: None)
        database.hosting = Hosting(plugins)
        with pytest.raises(ActionLangError) as refused:
            background.start("Chase")
        assert len(background.list()) == 1
    (told_of,) = refused.value.diagnostics
    assert (told_of.code.id, told_of.message) == (
        "E0971",
        "The plug-in acme.chase is on example.Chase, a background action, which is not done as one.",
    )
    with pytest.raises(ActionLangError, match="E0971: The plug-in acme.chase is on example.Chase"):
        plugins.check([chase.steps])


# ---------------------------------------------------------------------------------------------- hooks of the language


def test_hooks_of_the_language_go_around_plug_ins(plugins: Plugins) -> None:
    told: list[object] = []
    hung = compiled(
        """
        table case < number text(20) key; log text >
        action Log on case (text text) < update case set log = "{case.log otherwise ""}{text} " >
        action Name on case (number text) < update case set number = number >
        action New(number text(20)) < create case set number = number >
        on before update of case (number) < perform Log(text: "before") on case >
        on after update of case (number) < perform Log(text: "after") on case >
        """
    )

    def look(context: Context) -> None:
        assert context.before is not None
        told.append((context.stage, context.before["log"]))

    for stage in (BEFORE_VALIDATION, BEFORE, AFTER):
        plugins.on_table("example.case", "update", columns=("number",), stage=stage)(look)
    with Database.connect("sqlite://", hosting=Hosting(plugins)) as database:
        database.tables.create(hung.schema)
        Plan.of(hung.plan("New")).run(database, number="1")
        result = Plan.of(hung.plan("Name")).run(database, on="1", number="2")
        assert told == [(BEFORE_VALIDATION, "before "), (BEFORE, "before "), (AFTER, "before ")]
        assert [change.columns for change in result.changes] == [("log",), ("number",), ("log",)]


# --------------------------------------------------------------------------------------------------- earlier databases


def test_a_database_whose_records_have_no_room_for_plug_ins_is_told_of_it(plugins: Plugins) -> None:
    plugins.on_verb("example.Note")(lambda context: None)
    with open_desk("sqlite", plugins) as desk:
        with desk.database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE actionlang_run DROP COLUMN plugin")
        (told,) = desk.refused("Note", text="x").diagnostics
        assert told.code.id == "E0806"
        assert told.hint == "make it with actionlang registry init"
        desk.run("Retitle", "1", title="New")
        install(desk.database)
        desk.database.close()
        desk.run("Note", text="x")
        assert script().schema.tables
