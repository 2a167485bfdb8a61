"""Plug-ins on verbs: each stage, in order, with what they may do."""

from __future__ import annotations

import pytest

from actionlang.plugins import AFTER, AFTER_COMMIT, BEFORE, BEFORE_VALIDATION, Context, Plugins, Stage
from tests.plugins.desk import CASE, PLACES, open_desk

STAGES = (BEFORE_VALIDATION, BEFORE, AFTER)


@pytest.mark.parametrize("place", PLACES)
def test_each_stage_in_its_order(plugins: Plugins, place: str) -> None:
    told: list[str] = []
    for stage in reversed(STAGES):
        for order, name in ((5, "late"), (1, "b"), (1, "a")):
            plugins.on_verb("example.Escalate", stage=stage, order=order, name=f"{stage.name} {name}")(
                lambda context: told.append(context.plugin)
            )
    plugins.on_table(CASE, "update", stage=AFTER, name="the step")(lambda context: told.append(context.plugin))
    with open_desk(place, plugins) as desk:
        desk.run("Escalate", "1", reason="smoke")
        assert told == [
            "BEFORE_VALIDATION a", "BEFORE_VALIDATION b", "BEFORE_VALIDATION late",
            "BEFORE a", "BEFORE b", "BEFORE late",
            "the step",
            "AFTER a", "AFTER b", "AFTER late",
        ]  # fmt: skip
        assert desk.runs() == [("example.Escalate", "done", None)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("stage", STAGES)
def test_a_veto_at_each_stage_undoes_everything(plugins: Plugins, place: str, stage: Stage) -> None:
    @plugins.on_verb("example.Escalate", stage=stage, name="acme.limit")
    def limit(context: Context) -> None:
        context.veto("Not on a Sunday.")

    with open_desk(place, plugins) as desk:
        refused = desk.refused("Escalate", "1", reason="smoke")
        (told,) = refused.diagnostics
        assert (told.code.id, told.message) == ("E0974", "Not on a Sunday.")
        assert "plug-in: acme.limit" in told.notes
        assert "in Escalate, the step at example.act line" in told.notes[0]
        assert "row: case 1" in told.notes
        assert (desk.cell("note"), desk.tasks()) == (None, [])
        assert desk.runs() == [("example.Escalate", "failed", "E0974")]


def test_a_veto_stands_also_where_it_is_caught(plugins: Plugins) -> None:
    @plugins.on_verb("example.Note")
    def limit(context: Context) -> None:
        try:
            context.veto("No.")
        except Exception:  # noqa: BLE001 - as careless code does
            return

    with open_desk("memory", plugins) as desk:
        assert desk.refused("Note", text="x").diagnostics[0].message == "No."


def test_arguments_can_be_changed_before_the_steps(plugins: Plugins) -> None:
    @plugins.on_verb("example.Escalate", stage=BEFORE_VALIDATION, order=1)
    def one(context: Context) -> None:
        assert dict(context.arguments) == {"reason": "smoke", "level": "3"}
        context.set_argument("reason", context.arguments["reason"] + " and fire")  # type: ignore[operator]

    @plugins.on_verb("example.Escalate", stage=BEFORE, order=1)
    def two(context: Context) -> None:
        assert dict(context.arguments) == {"reason": "smoke and fire", "level": 3}
        context.set_argument("level", "4")
        assert context.arguments["level"] == 4

    with open_desk("memory", plugins) as desk:
        assert desk.run("Escalate", "1", reason="smoke", level="3")["subject"] == "Call back: Printer on fire (4)"
        assert desk.cell("note") == "smoke and fire"


def test_before_validation_a_missing_argument_can_be_filled_in(plugins: Plugins) -> None:
    @plugins.on_verb("example.Escalate", stage=BEFORE_VALIDATION)
    def fill(context: Context) -> None:
        if "reason" not in context.arguments:
            context.set_argument("reason", "none given")

    with open_desk("memory", plugins) as desk:
        desk.run("Escalate", "1")
        assert desk.cell("note") == "none given"
        assert desk.refused("Escalate", "1", level="many").diagnostics[0].code.id == "E0907"


WRONG = {
    "type": ("level", "many", "E0978", "sets `level`, which takes a whole number of 64 bits, such as 42, not 'many'."),
    "empty": ("reason", None, "E0978", "sets `reason`, which takes a value, not None."),
    "unknown": ("colour", "red", "E0978", "sets `colour`, but it may set reason, level."),
}


@pytest.mark.parametrize("stage", [BEFORE_VALIDATION, BEFORE])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_value_of_a_wrong_type_does_not_get_into_a_run(plugins: Plugins, stage: Stage, wrong: str) -> None:
    name, value, code, message = WRONG[wrong]

    @plugins.on_verb("example.Escalate", stage=stage, name="acme.level")
    def level(context: Context) -> None:
        context.set_argument(name, value)

    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Escalate", "1", reason="smoke").diagnostics
        assert (told.code.id, told.message) == (code, f"The plug-in acme.level {message}")
        assert desk.cell("note") is None


@pytest.mark.parametrize("stage", [AFTER])
def test_arguments_can_not_be_changed_when_the_steps_are_done(plugins: Plugins, stage: Stage) -> None:
    @plugins.on_verb("example.Escalate", stage=stage)
    def level(context: Context) -> None:
        context.set_argument("level", 3)

    with open_desk("memory", plugins) as desk:
        assert desk.refused("Escalate", "1", reason="smoke").diagnostics[0].code.id == "E0979"


def test_outputs_can_be_set_after_the_steps(plugins: Plugins) -> None:
    @plugins.on_verb("example.Escalate", stage=AFTER)
    def score(context: Context) -> None:
        assert dict(context.outputs) == {"subject": "Call back: Printer on fire (2)", "score": None}
        context.set_output("score", 42)

    with open_desk("memory", plugins) as desk:
        assert desk.run("Escalate", "1", reason="smoke").outputs["score"] == 42


OUTPUTS = {
    "beyond the contract": ("colour", "red", "sets `colour`, but it may set subject, score."),
    "wrong type": ("score", "much", "sets `score`, which takes a whole number of 64 bits, such as 42, not 'much'."),
    "required": ("subject", None, "sets `subject`, which takes a value, not None."),
}


@pytest.mark.parametrize("wrong", OUTPUTS)
def test_outputs_are_held_to_the_contract(plugins: Plugins, wrong: str) -> None:
    name, value, message = OUTPUTS[wrong]

    @plugins.on_verb("example.Escalate", stage=AFTER, name="acme.score")
    def score(context: Context) -> None:
        context.set_output(name, value)

    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Escalate", "1", reason="smoke").diagnostics
        assert (told.code.id, told.message) == ("E0978", f"The plug-in acme.score {message}")


def test_outputs_can_not_be_set_before_the_steps(plugins: Plugins) -> None:
    @plugins.on_verb("example.Escalate", stage=BEFORE)
    def score(context: Context) -> None:
        context.set_output("score", 1)

    with open_desk("memory", plugins) as desk:
        assert desk.refused("Escalate", "1", reason="smoke").diagnostics[0].code.id == "E0979"


def test_the_row_before_and_after_is_shown(plugins: Plugins) -> None:
    seen: dict[Stage | None, tuple[object, object]] = {}

    def look(context: Context) -> None:
        title = None if context.before is None else context.before["priority"]
        seen[context.stage] = title, None if context.after is None else context.after["priority"]

    for stage in STAGES:
        plugins.on_verb("example.Escalate", stage=stage)(look)
    with open_desk("memory", plugins) as desk:
        desk.run("Escalate", "1", reason="smoke")
    assert seen == {
        BEFORE_VALIDATION: ("normal", None),
        BEFORE: ("normal", None),
        AFTER: ("normal", "high"),
    }


def test_only_the_columns_asked_for_are_shown(plugins: Plugins) -> None:
    seen: list[object] = []

    @plugins.on_verb("example.Escalate", stage=AFTER, images=("title", "number"))
    def look(context: Context) -> None:
        seen.extend([context.before, context.after])

    with open_desk("memory", plugins) as desk:
        desk.run("Escalate", "1", reason="smoke")
    assert seen == [{"title": "Printer on fire", "number": "1"}] * 2


def test_a_row_that_the_verb_deletes_is_not_there_afterwards(plugins: Plugins) -> None:
    seen: list[object] = []

    @plugins.on_verb("example.Remove", stage=AFTER, images=("number",))
    def look(context: Context) -> None:
        seen.extend([context.before, context.after])

    with open_desk("memory", plugins) as desk:
        desk.run("Remove", "1")
    assert seen == [{"number": "1"}, None]


def test_a_context_tells_what_happens(plugins: Plugins) -> None:
    seen: list[Context] = []

    @plugins.on_verb("example.Escalate", timeout=None, name="acme.look")
    def look(context: Context) -> None:
        seen.append(context)
        assert repr(context).startswith(
            "<acme.look, before example.Escalate, depth 1: arguments={reason='smoke', level=2}, before={id="
        )
        assert "pin=***" in repr(context)

    with open_desk("memory", plugins) as desk:
        result = desk.run("Escalate", "1", reason="smoke", caller=desk.user)
        (context,) = seen
        assert (context.plugin, context.stage, context.verb) == ("acme.look", BEFORE, "example.Escalate")
        assert (context.table, context.operation, context.depth) == (None, None, 1)
        assert context.target is not None
        assert context.target.table == CASE
        assert context.caller is not None
        assert (context.caller.key, context.run) == (desk.user, result.run)
        assert context.now.tzinfo is not None


def test_a_context_is_of_no_use_after_its_plug_in(plugins: Plugins) -> None:
    kept: list[Context] = []
    plugins.on_verb("example.Note", timeout=None, name="at once")(kept.append)
    plugins.on_verb("example.Note", timeout=5, name="in a thread")(kept.append)
    with open_desk("memory", plugins) as desk:
        desk.run("Note", text="x")
        for context in kept:
            with pytest.raises(Exception, match="its run goes on without it"):
                context.set_argument("text", "y")
            with pytest.raises(TypeError):
                context.arguments["text"] = "y"  # type: ignore[index]
        assert desk.tasks() == ["x"]


def test_plug_ins_on_verbs_that_are_performed(plugins: Plugins) -> None:
    told: list[tuple[str, str]] = []

    def look(context: Context) -> None:
        told.append((context.stage.name if context.stage else "", context.verb))

    for stage in STAGES:
        plugins.on_verb("example.Remove", stage=stage)(look)
        plugins.on_verb("example.Drop", stage=stage)(look)
    with open_desk("memory", plugins) as desk:
        desk.run("Drop", "1")
    assert told == [
        ("BEFORE_VALIDATION", "example.Drop"),
        ("BEFORE", "example.Drop"),
        ("BEFORE_VALIDATION", "example.Remove"),
        ("BEFORE", "example.Remove"),
        ("AFTER", "example.Remove"),
        ("AFTER", "example.Drop"),
    ]


def test_plug_ins_on_a_function_that_is_called(plugins: Plugins) -> None:
    @plugins.on_verb("example.Score", stage=AFTER)
    def double(context: Context) -> None:
        context.set_output("score", context.outputs["score"] * 2)  # type: ignore[operator]

    with open_desk("memory", plugins) as desk:
        desk.run("Rate", "2")
        assert desk.cell("note", "2") == "16"


def test_a_host_without_plug_ins_for_a_verb_binds_it_as_ever(plugins: Plugins) -> None:
    plugins.on_verb("example.Other", stage=AFTER_COMMIT)(lambda call: None)
    plugins.on_table(CASE, "update", columns=("amount",))(lambda context: None)
    with open_desk("memory", plugins) as desk:
        desk.run("Retitle", "1", title="New")
        connection, session = desk.database.take_turn()
        (ready,) = session._ready.values()
        desk.database.end_turn(connection)
        assert ready.attached is None
