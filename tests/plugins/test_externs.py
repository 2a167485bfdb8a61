"""Verbs that the host implements."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plugins import AFTER, Context, Plugins
from actionlang.runtime.database import Database
from tests.plugins.desk import PLACES, open_desk, plan


@pytest.mark.parametrize("place", PLACES)
def test_an_extern_action_is_performed(plugins: Plugins, place: str) -> None:
    @plugins.implements("example.Geocode")
    def geocode(context: Context) -> dict[str, object]:
        assert (context.stage, context.verb, context.target) == (None, "example.Geocode", None)
        return {"latitude": "52.52" if context.arguments["address"] == "Berlin" else 0}

    with open_desk(place, plugins) as desk:
        assert desk.run("Locate", "1", address="Berlin")["latitude"] == Decimal("52.52")
        assert desk.cell("note") == "Berlin"
        assert desk.run("Geocode", address="Rome").outputs == {"latitude": 0, "longitude": None}
        assert desk.runs()[-1] == ("example.Geocode", "done", None)


def test_an_extern_function_is_called_in_an_expression(plugins: Plugins) -> None:
    @plugins.implements("example.Weather")
    def weather(context: Context) -> dict[str, object]:
        return {"text": f"fine in {context.arguments['town']}"}

    with open_desk("memory", plugins) as desk:
        desk.run("Report", town="Bern")
        assert desk.tasks() == ["It is fine in Bern"]


@pytest.mark.parametrize("with_plugins", [True, False])
@pytest.mark.parametrize("verb", ["Locate", "Geocode"])
def test_a_missing_implementation_is_found_before_the_first_statement(verb: str, with_plugins: bool) -> None:
    with open_desk("memory", Plugins() if with_plugins else None) as desk:
        on = "nobody" if verb == "Locate" else None
        (told,) = desk.refused(verb, on, address="Berlin").diagnostics
        assert told.code.id == "E0972"
        assert told.message == "The host does not implement example.Geocode, an extern action."
        assert desk.runs() == []


def test_inside_a_caller_s_transaction_too(plugins: Plugins) -> None:
    with (
        open_desk("memory", None) as desk,
        desk.database.connection() as connection,
        connection.begin(),
        pytest.raises(ActionLangError, match="E0972"),
    ):
        plan("Locate").run(connection, on="1", address="Berlin")


WRONG: dict[str, tuple[Callable[[Context], Any], str]] = {
    "nothing": (lambda context: None, "returns no `latitude`."),
    "not by name": (lambda context: 3, "returns int, not its outputs by name, such as {'latitude', 'longitude'}."),
    "unknown": (lambda c: {"latitude": 1, "height": 2}, "returns `height`; its outputs are latitude, longitude."),
    "type": (lambda c: {"latitude": "north"}, "returns `latitude` that is not an exact number, such as 12.50."),
    "empty": (lambda context: {"latitude": None}, "returns `latitude` that is not a value."),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_an_implementation_returns_is_held_to_the_contract(plugins: Plugins, wrong: str) -> None:
    geocode, message = WRONG[wrong]
    plugins.implements("example.Geocode", name="acme.geocode")(geocode)
    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Locate", "1", address="Berlin").diagnostics
        assert told.code.id == "E0978"
        assert told.message == f"The implementation acme.geocode of example.Geocode {message}"
        assert desk.runs() == [("example.Locate", "failed", "E0978")]


def test_plug_ins_go_around_implementations_too(plugins: Plugins) -> None:
    plugins.implements("example.Geocode")(lambda context: {"latitude": context.arguments["address"]})

    @plugins.on_verb("example.Geocode")
    def before(context: Context) -> None:
        context.set_argument("address", "7")

    @plugins.on_verb("example.Geocode", stage=AFTER)
    def after(context: Context) -> None:
        context.set_output("longitude", 8)

    with open_desk("memory", plugins) as desk:
        assert desk.run("Geocode", address="x").outputs == {"latitude": 7, "longitude": 8}


def test_an_implementation_sets_no_arguments_and_may_refuse(plugins: Plugins) -> None:
    @plugins.implements("example.Geocode")
    def geocode(context: Context) -> None:
        with pytest.raises(Exception, match="sets an argument when there is nothing left to be done with it"):
            context.set_argument("address", "y")
        context.veto("Nobody lives there.")

    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Locate", "1", address="Berlin").diagnostics
        assert (told.code.id, told.message) == ("E0974", "Nobody lives there.")


def test_an_implementation_changes_rows_by_performing_verbs(plugins: Plugins) -> None:
    @plugins.implements("example.Geocode", performs=("example.Note",))
    def geocode(context: Context) -> dict[str, object]:
        context.perform("example.Note", text="geocoded")
        return {"latitude": 1}

    with open_desk("memory", plugins) as desk:
        changes = desk.run("Locate", "1", address="Berlin").changes
        assert [(change.verb, change.operation) for change in changes] == [
            ("example.Note", "create"),
            ("example.Locate", "update"),
        ]


def test_a_function_may_not_be_made_to_write(plugins: Plugins) -> None:
    @plugins.implements("example.Weather", performs=("example.Note", "example.Score"))
    def weather(context: Context) -> dict[str, object]:
        assert context.perform("example.Score", of="1") == {"score": 15}
        context.perform("example.Note", text="looked")
        return {"text": "fine"}

    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Report", town="Bern").diagnostics
        assert told.code.id == "E0979"
        assert "performs example.Note, which may write; here only a function is allowed" in told.message


def test_a_database_of_another_host_does_not_have_them(plugins: Plugins) -> None:
    plugins.implements("example.Geocode")(lambda context: {"latitude": 1})
    with open_desk("sqlite", plugins) as desk:
        desk.run("Geocode", address="x")
        with pytest.raises(ActionLangError, match="E0972"):
            plan("Geocode").run(Database.of(desk.database.engine), address="x")
