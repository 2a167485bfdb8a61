"""Verbs that plug-ins perform, in the run that they are called in."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from actionlang.plugins import AFTER, BEFORE_VALIDATION, Context, PlugInError, Plugins
from tests.plugins.desk import CASE, PLACES, open_desk


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("timeout", [None, 5.0])
def test_in_the_same_run(plugins: Plugins, place: str, timeout: float | None) -> None:
    @plugins.on_verb("example.Escalate", stage=AFTER, performs=("example.Note", "example.Score"), timeout=timeout)
    def note(context: Context) -> None:
        score = context.perform("example.Score", of=context.target)["score"]
        assert context.perform("example.Note", text=f"noted {score}") == {}

    with open_desk(place, plugins) as desk:
        result = desk.run("Escalate", "1", reason="x", caller=desk.user)
        assert desk.tasks() == ["Call back: Printer on fire (2)", "noted 15"]
        assert [change.verb for change in result.changes] == ["example.Escalate", "example.Escalate", "example.Note"]
        assert desk.runs() == [("example.Escalate", "done", None)]
        assert desk.query(f"SELECT count(*) FROM actionlang_change WHERE run = '{result.run}'") == [(3,)]
        desk.refused("Escalate", "1")
        assert len(desk.tasks()) == 2


def test_a_verb_of_the_same_plan(plugins: Plugins) -> None:
    @plugins.on_verb("example.Drop", performs=("example.Remove",))
    def remove(context: Context) -> None:
        context.perform("example.Remove", on="2")

    with open_desk("memory", plugins) as desk:
        desk.database.find_verb = None
        desk.run("Drop", "1")
        assert desk.query('SELECT count(*) FROM "case"') == [(0,)]


def test_a_row_deleted_by_a_verb_of_another_plan_is_gone(plugins: Plugins) -> None:
    @plugins.on_verb("example.Escalate", performs=("example.Remove",))
    def remove(context: Context) -> None:
        context.perform("example.Remove", on=context.target)

    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Escalate", "1", reason="x").diagnostics
        assert told.code.id == "E0703"


def test_before_validation_the_row_may_be_changed(plugins: Plugins) -> None:
    @plugins.on_verb("example.Escalate", stage=BEFORE_VALIDATION, performs=("example.Retitle",))
    def retitle(context: Context) -> None:
        context.perform("example.Retitle", on=context.target, title="Other")

    with open_desk("memory", plugins) as desk:
        assert desk.run("Escalate", "1", reason="x")["subject"] == "Call back: Other (2)"


def test_before_validation_the_row_may_be_changed_by_a_verb_of_the_same_plan(plugins: Plugins) -> None:
    @plugins.on_verb("example.Tell", stage=BEFORE_VALIDATION, performs=("example.Retitle",))
    def retitle(context: Context) -> None:
        context.perform("example.Retitle", on=context.target, title="Other")

    with open_desk("memory", plugins) as desk:
        desk.run("Tell", "2")
        assert desk.tasks() == ["Other"]


REFUSED: dict[str, tuple[Callable[[Context], Any], str, str]] = {
    "undeclared": (
        lambda context: context.perform("example.Remove", on="1"),
        "E0979",
        "performs example.Remove, and it may perform example.Note.",
    ),
    "argument": (
        lambda context: context.perform("example.Note", txt="x"),
        "E0978",
        "performs example.Note with something that does not fit: Note has no parameter `txt`.",
    ),
    "row": (
        lambda context: context.perform("example.Note", on="1", text="x"),
        "E0978",
        "performs example.Note with something that does not fit: Note is not on a row.",
    ),
}


@pytest.mark.parametrize("refused", REFUSED)
def test_what_can_not_be_performed(plugins: Plugins, refused: str) -> None:
    do, code, message = REFUSED[refused]
    plugins.on_verb("example.Retitle", name="acme", performs=("example.Note",))(do)
    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Retitle", "1", title="x").diagnostics
        assert (told.code.id, told.message) == (code, f"The plug-in acme {message}")


def test_what_was_refused_before_it_began_may_be_caught(plugins: Plugins) -> None:
    @plugins.on_verb("example.Retitle", performs=("example.Note",))
    def note(context: Context) -> None:
        with pytest.raises(PlugInError):
            context.perform("example.Note", txt="x")
        context.perform("example.Note", text="right")

    with open_desk("memory", plugins) as desk:
        desk.run("Retitle", "1", title="New")
        assert (desk.cell("title"), desk.tasks()) == ("New", ["right"])


@pytest.mark.parametrize("place", PLACES)
def test_a_failure_of_what_is_performed_fails_the_run_also_where_it_is_caught(plugins: Plugins, place: str) -> None:
    @plugins.on_verb("example.Retitle", name="acme", stage=AFTER, performs=("example.Refuse",))
    def refuse(context: Context) -> None:
        try:
            context.perform("example.Refuse")
        except Exception:  # noqa: BLE001 - as careless code does
            return

    with open_desk(place, plugins) as desk:
        (told,) = desk.refused("Retitle", "1", title="New").diagnostics
        assert (told.code.id, told.message) == ("E0701", "Not today.")
        assert "plug-in: acme" in told.notes
        assert "in Refuse, the step at example.act line" in told.notes[0]
        assert desk.cell("title") == "Printer on fire"


@pytest.mark.parametrize("place", PLACES)
def test_what_the_database_refuses_fails_the_run(plugins: Plugins, place: str) -> None:
    @plugins.on_verb("example.Retitle", name="acme", stage=AFTER, performs=("example.Open",))
    def twice(context: Context) -> None:
        context.perform("example.Open", number="1", title="Again")

    with open_desk(place, plugins) as desk:
        (told,) = desk.refused("Retitle", "1", title="New").diagnostics
        assert told.code.id == "E0711"
        assert desk.cell("title") == "Printer on fire"


def test_a_verb_that_is_nowhere_is_found_missing_before_the_run(plugins: Plugins) -> None:
    plugins.on_verb("example.Note", name="acme", performs=("example.Nowhere",))(lambda context: None)
    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Note", text="x").diagnostics
        assert told.code.id == "E0971"
        assert told.message == "The plug-in acme performs example.Nowhere, and there is no such verb in use."
        desk.database.find_verb = None
        (told,) = desk.refused("Note", text="x").diagnostics
        assert (
            told.message == "The plug-in acme performs example.Nowhere, which the plan of example.Note does not have."
        )
        assert desk.runs() == []


def test_a_value_that_was_there_when_the_verb_looked_and_is_not_any_more(plugins: Plugins) -> None:
    @plugins.on_table(CASE, "update", stage=AFTER, columns=("title",), performs=("example.Empty",))
    def empty(context: Context) -> None:
        context.perform("example.Empty", on=context.target)

    with open_desk("memory", plugins) as desk:
        assert desk.run("Bonus", "2")["total"] == 0
        for _ in range(60):
            # Also when the plan is bound once more, because it runs often.
            (told,) = desk.refused("Bonus", "1").diagnostics
            assert told.code.id == "E0978"
            assert (
                told.message == "A value that was there when the verb looked at it has been emptied by a plug-in since."
            )


def test_a_value_that_stays_there(plugins: Plugins) -> None:
    plugins.on_table(CASE, "update")(lambda context: None)
    with open_desk("memory", plugins) as desk:
        for _ in range(60):
            assert desk.run("Bonus", "1")["total"] == Decimal(11)


def test_plug_ins_that_call_each_other_end_at_sixteen(plugins: Plugins) -> None:
    depths: list[int] = []

    @plugins.on_table("example.task", "create", name="acme.echo", performs=("example.Note",))
    def echo(context: Context) -> None:
        depths.append(context.depth)
        context.perform("example.Note", text="again")

    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Note", text="x").diagnostics
        assert told.code.id == "E0977"
        assert told.message.startswith(
            "Plug-ins call each other more than 16 deep: acme.echo, before create of example.task > "
        )
        assert told.message.count("acme.echo") == 17
        assert depths == list(range(1, 17))
        assert desk.tasks() == []
        assert desk.runs() == [("example.Note", "failed", "E0977")]


def test_sixteen_deep_is_not_too_deep(plugins: Plugins) -> None:
    @plugins.on_table("example.task", "create", stage=AFTER, performs=("example.Note",))
    def echo(context: Context) -> None:
        if context.depth < 16:
            context.perform("example.Note", text=f"{context.depth:02}")

    with open_desk("memory", plugins) as desk:
        desk.run("Note", text="00")
        assert desk.tasks() == [f"{number:02}" for number in range(16)]
