"""Plug-ins in runs over many rows, with keys, and in dry runs."""

from __future__ import annotations

from typing import Any

import pytest

from actionlang.plugins import AFTER, AFTER_COMMIT, BEFORE_VALIDATION, Context, Plugins
from tests.plugins.desk import CASE, PLACES, Desk, open_desk, plan


def many(desk: Desk, verb: str = "Escalate", **asked: Any) -> Any:
    """Run a verb on all cases."""
    return plan(verb).run_many(desk.database, **asked)


@pytest.mark.parametrize("place", PLACES)
def test_plug_ins_are_called_for_each_row(plugins: Plugins, place: str) -> None:
    targets: list[object] = []

    @plugins.on_table(CASE, "update", stage=AFTER, name="acme.look")
    def look(context: Context) -> None:
        targets.append(context.target)

    with open_desk(place, plugins) as desk:
        result = many(desk, reason="x")
        assert (result.engine, result.rows, result.changes) == ("interpreter", 2, 4)
        assert result.reason == "the plug-in acme.look is called after update of example.case"
        assert len(set(targets)) == 2
        assert many(desk, "Advance").engine == "relational"


@pytest.mark.parametrize("place", PLACES)
def test_per_row_leaves_out_those_that_are_vetoed(plugins: Plugins, place: str) -> None:
    @plugins.on_verb("example.Escalate", stage=BEFORE_VALIDATION)
    def limit(context: Context) -> None:
        assert context.before is not None
        context.set_argument("reason", f"{context.arguments['reason']} {context.before['number']}")
        if context.before["number"] == "2":
            context.veto("Not this one.")

    with open_desk(place, plugins) as desk:
        result = many(desk, reason="x", per_row=True)
        assert [failure.diagnostic.message for failure in result.failures] == ["Not this one."]
        assert [failure.diagnostic.notes[1] for failure in result.failures] == ["row: case 2"]
        assert (result.rows, desk.cell("note", "1"), desk.cell("note", "2")) == (1, "x 1", None)


def test_a_plug_in_that_fails_fails_all_of_it(plugins: Plugins) -> None:
    @plugins.on_verb("example.Escalate")
    def broken(context: Context) -> None:
        raise ZeroDivisionError

    with open_desk("memory", plugins) as desk, pytest.raises(Exception, match="E0975"):
        many(desk, reason="x", per_row=True)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("engine", ["auto", "relational", "server", "interpreter"])
def test_whoever_is_asked_to_run_it_plug_ins_are_called(plugins: Plugins, place: str, engine: str) -> None:
    called: list[object] = []
    plugins.on_verb("example.Retitle")(called.append)
    with open_desk(place, plugins) as desk:
        for number in range(3):
            desk.run("Retitle", "1", title=f"New {number}", engine=engine)
    assert len(called) == 3


def test_a_repeated_call_with_a_key_calls_no_plug_in(plugins: Plugins) -> None:
    called: list[object] = []
    plugins.on_verb("example.Note", stage=BEFORE_VALIDATION)(called.append)
    with open_desk("memory", plugins) as desk:
        first = desk.run("Note", text="x", key="once")
        again = desk.run("Note", text="x", key="once")
        assert (again.replayed, again.run, len(called)) == (True, first.run, 1)


def test_a_dry_run_calls_plug_ins_but_announces_none(plugins: Plugins) -> None:
    called: list[object] = []
    plugins.on_verb("example.Note", stage=AFTER, name="now")(called.append)
    plugins.on_verb("example.Note", stage=AFTER_COMMIT, name="later")(called.append)
    with open_desk("memory", plugins) as desk:
        result = desk.run("Note", text="x", dry_run=True)
        assert (len(called), desk.tasks(), desk.events()) == (1, [], [])
        assert [event.name for event in result.events] == ["actionlang.after_commit"]
