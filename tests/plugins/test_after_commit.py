"""Plug-ins after the commit: the event that a run writes for them, and what they are given when it is delivered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import RowRef
from actionlang.plugins import AFTER_COMMIT, AfterCommit, Context, Plugins
from tests.plugins.desk import CASE, PLACES, Desk, open_desk, plan


@attrs.frozen
class Row:
    table: str
    key: Any


@attrs.frozen
class Delivered:
    """An event as a deliverer has it."""

    id: str
    payload: Mapping[str, Any]
    run: str
    verb: str
    row: Row | None
    attempt: int = 1


def delivered(desk: Desk) -> list[Delivered]:
    """All that is in the outbox."""
    rows = desk.query("SELECT id, payload, run, verb, row_table, row_key FROM actionlang_event ORDER BY position")
    return [
        Delivered(id_, json.loads(payload), run, verb, None if table is None else Row(table, json.loads(key)))
        for id_, payload, run, verb, table, key in rows
    ]


@pytest.mark.parametrize("place", PLACES)
def test_a_plug_in_on_a_verb_gets_what_the_run_was(plugins: Plugins, place: str) -> None:
    calls: list[AfterCommit] = []
    plugins.on_verb("example.Open", stage=AFTER_COMMIT, name="acme.tell")(calls.append)
    with open_desk(place, plugins) as desk:
        result = desk.run("Open", number="3", title="New", amount="12.5", caller=desk.user)
        assert calls == []
        (event,) = delivered(desk)
        plugins.after_commit(event)
        (call,) = calls
        assert (call.plugin, call.event, call.attempt, call.run) == ("acme.tell", event.id, 1, result.run)
        assert (call.verb, call.table, call.operation, call.target) == ("example.Open", None, None, None)
        assert call.arguments == {"number": "3", "title": "New", "amount": Decimal("12.5")}
        assert call.outputs == {"made": result["made"]}
        assert call.caller == RowRef("core.user", desk.user)


@pytest.mark.parametrize("place", PLACES)
def test_a_plug_in_on_a_table_gets_what_was_changed(plugins: Plugins, place: str) -> None:
    calls: list[AfterCommit] = []
    plugins.on_table(CASE, "assign", stage=AFTER_COMMIT, images=("owner", "pin", "opened"))(calls.append)
    with open_desk(place, plugins) as desk:
        desk.run("Lock", "1", pin="s3cret")
        desk.run("Hand", "1", to=desk.user)
        (event,) = delivered(desk)
        assert "s3cret" not in json.dumps(event.payload)
        plugins.after_commit(event)
        (call,) = calls
        user = RowRef("core.user", desk.user)
        assert (call.operation, call.table, call.changed) == ("assign", CASE, ("owner",))
        assert call.target is not None
        assert call.target.table == CASE
        assert call.before == {"owner": None, "pin": "***"}
        assert call.after == {"owner": user, "pin": "***"}
        assert (call.arguments, call.outputs, call.caller) == ({"owner": user}, {}, None)


def test_it_is_told_again_with_the_same_event_when_it_fails(plugins: Plugins) -> None:
    calls: list[tuple[str, int]] = []

    @plugins.on_verb("example.Note", stage=AFTER_COMMIT)
    def tell(call: AfterCommit) -> None:
        calls.append((call.event, call.attempt))
        if call.attempt == 1:
            raise ConnectionError("nobody there")

    with open_desk("memory", plugins) as desk:
        desk.run("Note", text="x")
        (event,) = delivered(desk)
        with pytest.raises(ConnectionError):
            plugins.after_commit(event)
        plugins.after_commit(attrs.evolve(event, attempt=2))
        assert calls == [(event.id, 1), (event.id, 2)]
        assert desk.tasks() == ["x"]


def test_several_are_told_one_after_another_in_their_order(plugins: Plugins) -> None:
    for order, name in ((2, "b"), (1, "a")):
        plugins.on_verb("example.Note", stage=AFTER_COMMIT, order=order, name=name)(lambda call: None)
    plugins.on_table("example.task", "create", stage=AFTER_COMMIT, name="first")(lambda call: None)
    with open_desk("memory", plugins) as desk:
        desk.run("Note", text="x")
        assert [event.payload["plugin"] for event in delivered(desk)] == ["first", "a", "b"]


def test_what_was_undone_is_not_told(plugins: Plugins) -> None:
    plugins.on_table(CASE, "create", stage=AFTER_COMMIT)(lambda call: None)

    @plugins.on_table("example.task", "create", name="acme")
    def limit(context: Context) -> None:
        if context.arguments["subject"] == "kept":
            context.veto("No.")

    with open_desk("memory", plugins) as desk:
        desk.run("Careful", number="3")
        assert delivered(desk) == []


def test_a_plug_in_that_is_no_more(plugins: Plugins) -> None:
    plugins.on_verb("example.Note", stage=AFTER_COMMIT, name="acme.tell")(lambda call: None)
    with open_desk("memory", plugins) as desk:
        desk.run("Note", text="x")
        (event,) = delivered(desk)
        with pytest.raises(LookupError, match=r"there is no plug-in acme\.tell after commit any more"):
            Plugins().after_commit(event)


def test_a_database_without_an_outbox_is_found_before_the_run(plugins: Plugins) -> None:
    plugins.on_verb("example.Note", stage=AFTER_COMMIT)(lambda call: None)
    with open_desk("sqlite", plugins) as desk:
        with desk.database.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE actionlang_event")
        with pytest.raises(ActionLangError, match="E0806") as refused:
            plan("Note").run(desk.database, text="x")
        assert "plug-ins that are called after the commit" in refused.value.diagnostics[0].message
