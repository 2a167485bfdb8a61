"""Plug-ins on what happens to rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from actionlang.engine.store import RowRef
from actionlang.plugins import AFTER, BEFORE, BEFORE_VALIDATION, Context, Plugins, Stage
from tests.plugins.desk import CASE, PLACES, Desk, open_desk

STAGES = (BEFORE_VALIDATION, BEFORE, AFTER)

DONE: dict[str, tuple[str, Callable[[Desk], object]]] = {
    "create": ("Open", lambda desk: desk.run("Open", number="3", title="New")),
    "update": ("Retitle", lambda desk: desk.run("Retitle", "1", title="New")),
    "assign": ("Hand", lambda desk: desk.run("Hand", "1", to=desk.user)),
    "move": ("Advance", lambda desk: desk.run("Advance", "1")),
    "delete": ("Remove", lambda desk: desk.run("Remove", "1")),
}
"""For each operation a verb that does it to a case."""

SEEN = ("number", "title", "status", "owner")


def shown(context: Context) -> tuple[Any, ...]:
    """What a plug-in sees."""
    return (
        context.stage,
        context.operation,
        {name: value for name, value in context.arguments.items() if value is not None},
        None if context.before is None else tuple(context.before[name] for name in SEEN),
        None if context.after is None else tuple(context.after[name] for name in SEEN),
        context.changed,
    )


@pytest.mark.parametrize("place", PLACES)
def test_what_each_operation_shows_at_each_stage(plugins: Plugins, place: str) -> None:
    seen: list[tuple[Any, ...]] = []
    targets: list[RowRef | None] = []

    def look(context: Context) -> None:
        seen.append(shown(context))
        targets.append(context.target)

    for operation in DONE:
        for stage in STAGES:
            plugins.on_table(CASE, operation, stage=stage)(look)

    def found(operation: str) -> list[tuple[Any, ...]]:
        seen.clear()
        targets.clear()
        DONE[operation][1](desk)
        return list(seen)

    with open_desk(place, plugins) as desk:
        user = RowRef("core.user", desk.user)
        old, before, after = ("1", "Printer on fire", "new", None), BEFORE_VALIDATION, AFTER
        given = {"number": "3", "title": "New", "priority": "normal", "status": "new"}
        assert found("create") == [
            (before, "create", given, None, None, ()),
            (BEFORE, "create", given, None, None, ()),
            (after, "create", given, None, ("3", "New", "new", None), ()),
        ]
        assert [target is None for target in targets] == [True, True, False]
        new = ("1", "New", "new", None)
        assert found("update") == [
            (before, "update", {"title": "New"}, old, None, ()),
            (BEFORE, "update", {"title": "New"}, old, None, ()),
            (after, "update", {"title": "New"}, old, new, ("title",)),
        ]
        owned = ("1", "New", "new", user)
        assert found("assign") == [
            (before, "assign", {"owner": user}, new, None, ()),
            (BEFORE, "assign", {"owner": user}, new, None, ()),
            (after, "assign", {"owner": user}, new, owned, ("owner",)),
        ]
        moved = ("1", "New", "open", user)
        assert found("move") == [
            (before, "move", {"status": "open"}, owned, None, ()),
            (BEFORE, "move", {"status": "open"}, owned, None, ()),
            (after, "move", {"status": "open"}, owned, moved, ("status",)),
        ]
        assert found("delete") == [
            (before, "delete", {}, moved, None, ()),
            (BEFORE, "delete", {}, moved, None, ()),
            (after, "delete", {}, moved, None, ()),
        ]
        assert all(target is not None and target.table == CASE for target in targets)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("operation", DONE)
def test_a_veto_undoes_the_run(plugins: Plugins, place: str, operation: str) -> None:
    for stage in (BEFORE, AFTER):
        plugins.on_table(CASE, operation, stage=stage, name=f"acme {stage.name}")(
            lambda context: context.veto("Not so.")
        )
    with open_desk(place, plugins) as desk:
        old = desk.query('SELECT * FROM "case" ORDER BY number')
        verb, do = DONE[operation]
        with pytest.raises(Exception, match="E0974: Not so."):
            do(desk)
        assert desk.query('SELECT * FROM "case" ORDER BY number') == old
        assert desk.runs() == [(f"example.{verb}", "failed", "E0974")]


def test_only_updates_of_the_columns_count(plugins: Plugins) -> None:
    told: list[str] = []
    plugins.on_table(CASE, "update", columns=("title", "amount"), name="title")(lambda c: told.append(c.plugin))
    plugins.on_table(CASE, "update", columns=("note",), name="note")(lambda c: told.append(c.plugin))
    with open_desk("memory", plugins) as desk:
        desk.run("Retitle", "1", title="New")
        assert told == ["title"]
        desk.run("Both", "1", title="Newer")
        assert told == ["title", "title", "note"]


def test_a_plug_in_is_called_also_where_nothing_becomes_another_value(plugins: Plugins) -> None:
    told: list[tuple[str, ...]] = []
    plugins.on_table(CASE, "update", stage=AFTER)(lambda context: told.append(context.changed))
    with open_desk("memory", plugins) as desk:
        result = desk.run("Retitle", "1", title="Printer on fire")
        assert told == [()]
        assert result.changes == ()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("stage", [BEFORE_VALIDATION, BEFORE])
def test_values_can_be_changed_and_added_before_the_change(plugins: Plugins, place: str, stage: Stage) -> None:
    @plugins.on_table(CASE, "update", stage=stage)
    @plugins.on_table(CASE, "create", stage=stage)
    def tidy(context: Context) -> None:
        context.set_argument("title", str(context.arguments["title"]).strip().capitalize())
        context.set_argument("amount", "12.34567")
        context.set_argument("priority", "low")

    with open_desk(place, plugins) as desk:
        changes = desk.run("Retitle", "1", title="  no PAPER ").changes
        assert [(change.columns, change.after) for change in changes] == [
            (("title", "amount", "priority"), ("No paper", Decimal("12.3457"), "low"))
        ]
        made = desk.run("Open", number="3", title=" new ")
        assert made.changes[0].after is not None
        assert {"New", Decimal("12.3457"), "low"} <= set(made.changes[0].after)
        assert desk.query("SELECT title FROM \"case\" WHERE number IN ('1', '3') ORDER BY number") == [
            ("No paper",),
            ("New",),
        ]


WRONG = {
    "type": ("update", "priority", "urgent", "sets `priority`, which takes one of low, normal, high, not 'urgent'."),
    "length": ("update", "number", "x" * 21, "sets `number`, which takes a text (The text has 21 characters"),
    "status": ("update", "status", "open", "sets `status`, but it may set number, title, priority, customer"),
    "key": ("create", "id", "0", "sets `id`, but it may set number, title, priority, customer"),
    "moved": ("move", "status", "new", "sets `status`, but there is no argument that it may set."),
    "row": (
        "update",
        "customer",
        "Nobody",
        "sets `customer`, which takes an existing customer, by its name, not 'Nobody'.",
    ),
    "secret": ("update", "pin", 7, "sets `pin`, which takes a text."),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_value_that_the_column_does_not_take(plugins: Plugins, wrong: str) -> None:
    operation, name, value, message = WRONG[wrong]

    @plugins.on_table(CASE, operation, name="acme")
    def put(context: Context) -> None:
        context.set_argument(name, value)

    with open_desk("memory", plugins) as desk, pytest.raises(Exception, match="E0978") as refused:
        DONE[operation][1](desk)
    assert f"The plug-in acme {message}" in str(refused.value)


def test_a_caught_refusal_sets_nothing(plugins: Plugins) -> None:
    @plugins.on_table(CASE, "update")
    def put(context: Context) -> None:
        with pytest.raises(Exception, match="takes one of"):
            context.set_argument("priority", "urgent")

    with open_desk("memory", plugins) as desk:
        desk.run("Retitle", "1", title="New")
        assert (desk.cell("title"), desk.cell("priority")) == ("New", 2)


@pytest.mark.parametrize("operation", ["create", "update"])
def test_a_required_column_that_a_plug_in_empties(plugins: Plugins, operation: str) -> None:
    @plugins.on_table(CASE, operation, stage=BEFORE)
    def empty(context: Context) -> None:
        context.set_argument("title", None)

    with (
        open_desk("memory", plugins) as desk,
        pytest.raises(Exception, match="E0710: `title` of the case must not be empty"),
    ):
        DONE[operation][1](desk)


def test_before_the_change_a_move_that_is_not_legal_is_refused_only_after_validation(plugins: Plugins) -> None:
    told: list[Stage | None] = []
    for stage in STAGES:
        plugins.on_table(CASE, "move", stage=stage)(lambda context: told.append(context.stage))
    with open_desk("memory", plugins) as desk:
        desk.run("Advance", "1")
        told.clear()
        assert desk.refused("Advance", "1").diagnostics[0].code.id == "E0714"
        assert told == [BEFORE_VALIDATION]


def test_neighbouring_steps_see_each_other_s_changes(plugins: Plugins) -> None:
    seen: list[object] = []

    @plugins.on_table(CASE, "update", stage=BEFORE, columns=("note",), images=("title",))
    def look(context: Context) -> None:
        assert context.before is not None
        seen.append(context.before["title"])

    with open_desk("memory", plugins) as desk:
        desk.run("Both", "1", title="New")
    assert seen == ["New"]


def test_an_attempt_catches_a_veto_and_undoes_what_was_done(plugins: Plugins) -> None:
    @plugins.on_table(CASE, "create", stage=AFTER)
    def limit(context: Context) -> None:
        assert context.after is not None
        if context.after["number"] == "13":
            context.veto("No case has the number 13.")

    with open_desk("memory", plugins) as desk:
        assert desk.run("Careful", number="12")["told"] == "all well"
        assert desk.run("Careful", number="13")["told"] == "No case has the number 13."
        assert desk.tasks() == ["instead", "kept"]
        assert desk.query("SELECT count(*) FROM \"case\" WHERE number = '13'") == [(0,)]


def test_the_values_of_a_change_are_worked_out_before_its_plug_ins(plugins: Plugins) -> None:
    @plugins.on_table(CASE, "update", columns=("priority",), performs=("example.Retitle",))
    def retitle(context: Context) -> None:
        context.perform("example.Retitle", on=context.target, title="Other")

    with open_desk("memory", plugins) as desk:
        desk.run("Escalate", "1", reason="x")
        assert (desk.cell("title"), desk.cell("note"), desk.tasks()) == ("Other", "x", ["Call back: Other (2)"])


def test_a_row_that_a_plug_in_deletes_before_the_change(plugins: Plugins) -> None:
    @plugins.on_table(CASE, "update", performs=("example.Remove",))
    def remove(context: Context) -> None:
        context.perform("example.Remove", on=context.target)

    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Retitle", "1", title="New").diagnostics
        assert told.code.id == "E0703"
        assert desk.cell("title") == "Printer on fire"
