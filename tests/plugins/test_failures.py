"""Plug-ins that fail: everything is undone, the log says whose fault it was, the host gets what was raised."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plugins import AFTER, BEFORE_VALIDATION, Context, Plugins, Stage
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import RunFailed
from tests.conformance.scripts import Script, compiled
from tests.plugins.desk import CASE, PLACES, open_desk, plan


class Broken(Exception):
    """Something of the host's own."""


@pytest.mark.parametrize("timeout", [None, 10.0])
@pytest.mark.parametrize("stage", [BEFORE_VALIDATION, AFTER])
@pytest.mark.parametrize("place", PLACES)
def test_an_exception_fails_the_run(plugins: Plugins, place: str, stage: Stage, timeout: float | None) -> None:
    @plugins.on_verb("example.Escalate", stage=stage, name="acme.pay", timeout=timeout)
    def pay(context: Context) -> None:
        raise Broken("The bank\nis closed.")

    with open_desk(place, plugins) as desk:
        refused = desk.refused("Escalate", "1", reason="x")
        assert isinstance(refused, RunFailed)
        (told,) = refused.diagnostics
        assert told.code.id == "E0975"
        assert told.message == "The plug-in acme.pay failed: Broken: The bank is closed."
        assert "plug-in: acme.pay" in told.notes
        chain: list[BaseException] = [refused]
        while (cause := chain[-1].__cause__) is not None:
            chain.append(cause)
        assert isinstance(chain[-1], Broken)
        assert refused.recorded
        assert desk.runs() == [("example.Escalate", "failed", "E0975")]
        assert (desk.cell("note"), desk.tasks()) == (None, [])


def test_an_attempt_does_not_catch_it(plugins: Plugins) -> None:
    @plugins.on_table(CASE, "create")
    def broken(context: Context) -> None:
        raise Broken

    with open_desk("memory", plugins) as desk:
        (told,) = desk.refused("Careful", number="3").diagnostics
        assert (told.code.id, told.message.partition(" failed: ")[2]) == ("E0975", "Broken.")
        assert "in Careful, the step at example.act line" in told.notes[0]
        assert desk.tasks() == []


def test_what_is_sensitive_is_not_told(plugins: Plugins) -> None:
    @plugins.on_table(CASE, "update", columns=("title",))
    def broken(context: Context) -> None:
        assert context.before is not None
        raise Broken(f"what about {context.before['pin']} of {context.arguments['title']}?")

    with open_desk("memory", plugins) as desk:
        desk.run("Lock", "1", pin="s3cret")
        (told,) = desk.refused("Retitle", "1", title="New").diagnostics
        assert told.message.endswith("failed: Broken: what about *** of New?.")
        recorded = desk.query("SELECT message FROM actionlang_run WHERE outcome = 'failed'")
        assert recorded == [(told.message,)]


class NoText(Exception):
    """An exception that can not even be told of."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoText(), "NoText"),
        (SystemExit(3), "SystemExit: 3"),
        (CancelledError(), "CancelledError"),
        (ValueError("a\0b\ud800c"), "ValueError: a\\x00b\\ud800c"),
    ],
)
@pytest.mark.parametrize("place", PLACES)
def test_whatever_is_raised_has_a_record(plugins: Plugins, place: str, error: BaseException, told: str) -> None:
    @plugins.on_verb("example.Note", stage=AFTER, name="acme")
    def broken(context: Context) -> None:
        raise error

    with open_desk(place, plugins) as desk:
        refused = desk.refused("Note", text="x")
        assert isinstance(refused, RunFailed) and refused.recorded
        assert refused.diagnostics[0].message == f"The plug-in acme failed: {told}."
        assert desk.runs() == [("example.Note", "failed", "E0975")]
        assert desk.tasks() == []


@pytest.mark.parametrize(
    ("message", "told"),
    [("a\0b\ud800c", "a\\x00b\\ud800c"), ("", "The plug-in acme refuses."), (None, "The plug-in acme refuses.")],
)
@pytest.mark.parametrize("place", PLACES)
def test_whatever_it_vetoes_with_has_a_record(plugins: Plugins, place: str, message: Any, told: str) -> None:
    plugins.on_verb("example.Note", name="acme")(lambda context: context.veto(message))
    with open_desk(place, plugins) as desk:
        refused = desk.refused("Note", text="x")
        assert isinstance(refused, RunFailed) and refused.recorded
        assert refused.diagnostics[0].message == told


SENSITIVE = """
choice Mood < bad = 1; good = 2 >
table person <
  number integer required key; pay money sensitive; born date sensitive; at datetime sensitive; mood Mood sensitive;
  rate decimal(12,2) sensitive; ok boolean sensitive; word text(60) sensitive; note text
>
action Make(moment datetime) <
  create person set number = 1, pay = 1234.5, born = date "1990-02-03", at = moment, mood = bad, rate = 1.50, ok = true,
    word = "two  spaces 'q'"
>
action Touch on person < update person set note = "x" >
action Inner(code text(60) sensitive) returns (out text(60) sensitive) <
  require (code != "no") else "The code is {code}.";
  return out: "{left(code, 20)}!"
>
action Outer < perform Inner(code: "lit-eral") >
"""


@cache
def people() -> Script:
    return compiled(SENSITIVE)


def told_of(plugins: Plugins, verb: str, on: object = None, **arguments: Any) -> str:
    """What a run is refused with."""
    with Database.connect("sqlite://", hosting=Hosting(plugins)) as database:
        database.find_verb = lambda name: Plan.of(people().plan(name.removeprefix("example.")))
        database.tables.create(people().schema)
        Plan.of(people().plan("Make")).run(database, moment="2020-05-06T07:08:09Z")
        with pytest.raises(RunFailed) as refused:
            Plan.of(people().plan(verb)).run(database, on=on, **arguments)
        with database.connection() as connection:
            logged = connection.exec_driver_sql("SELECT message FROM actionlang_run ORDER BY id DESC").scalar()
        assert logged == refused.value.diagnostics[0].message
        return str(logged)


@pytest.mark.parametrize("column", ["pay", "born", "at", "mood", "rate", "ok", "word"])
@pytest.mark.parametrize("spelled", [str, repr])
def test_however_python_tells_of_what_is_sensitive(
    plugins: Plugins, column: str, spelled: Callable[[object], str]
) -> None:
    @plugins.on_verb("example.Touch", name="acme")
    def broken(context: Context) -> None:
        assert context.before is not None
        raise Broken(f"<{spelled(context.before[column])}>")

    told = told_of(plugins, "Touch", 1)
    assert told.replace("'***'", "***").replace('"***"', "***") == "The plug-in acme failed: Broken: <***>."


def _of_arguments(context: Context) -> None:
    raise Broken(f"<{context.arguments['code']}>")


def _of_outputs(context: Context) -> None:
    raise Broken(f"<{context.outputs['out']}>")


def _cut_in_the_middle(context: Context) -> None:
    raise Broken(f"{'a' * 460}{context.arguments['code']}")


@pytest.mark.parametrize("leak", [_of_arguments, _of_outputs, _cut_in_the_middle])
def test_what_is_sensitive_in_a_verb_that_another_performs(plugins: Plugins, leak: Callable[[Context], None]) -> None:
    plugins.on_verb("example.Inner", stage=AFTER)(leak)
    assert "lit" not in told_of(plugins, "Outer")


@pytest.mark.parametrize("new", ["no", "changed-99"])
def test_what_is_sensitive_and_comes_from_a_plug_in(plugins: Plugins, new: str) -> None:
    @plugins.on_verb("example.Inner", name="acme")
    def change(context: Context) -> None:
        context.set_argument("code", new)
        if new != "no":
            raise Broken(f"{new}, not old-11")

    told = told_of(plugins, "Inner", code="old-11")
    assert told == ("The code is ***." if new == "no" else "The plug-in acme failed: Broken: ***, not ***.")


def test_what_is_sensitive_in_what_a_plug_in_performs(plugins: Plugins) -> None:
    @plugins.on_verb("example.Touch", performs=("example.Inner",))
    def ask(context: Context) -> None:
        raise Broken(f"{context.perform('example.Inner', code='new-22')['out']} of new-22")

    assert told_of(plugins, "Touch", 1).endswith("Broken: *** of ***.")


def test_a_long_story_is_cut_short(plugins: Plugins) -> None:
    @plugins.on_verb("example.Note")
    def broken(context: Context) -> None:
        raise Broken("x" * 10_000)

    with open_desk("memory", plugins) as desk:
        assert len(desk.refused("Note", text="x").diagnostics[0].message) < 700


def test_the_log_names_the_plug_in(plugins: Plugins) -> None:
    @plugins.on_verb("example.Note", name="acme.broken")
    def broken(context: Context) -> None:
        raise Broken

    plugins.on_verb("example.Retitle", name="acme.limit")(lambda context: context.veto("No."))
    with open_desk("memory", plugins) as desk:
        desk.refused("Note", text="x")
        desk.refused("Retitle", "1", title="x")
        desk.run("Advance", "1")
        assert desk.query("SELECT plugin FROM actionlang_run ORDER BY id")[3:] == [
            ("acme.broken",),
            ("acme.limit",),
            (None,),
        ]


def test_inside_a_caller_s_transaction_only_the_run_is_undone(plugins: Plugins) -> None:
    @plugins.on_verb("example.Note", stage=AFTER)
    def odd(context: Context) -> None:
        if context.arguments["text"] == "odd":
            raise Broken

    with open_desk("sqlite", plugins) as desk, desk.database.engine.connect() as connection:
        for text in ("even", "odd"):
            try:
                plan("Note").run(connection, text=text, hosting=desk.database.hosting)
            except ActionLangError as error:
                assert error.diagnostics[0].code.id == "E0975"
        connection.commit()
        assert desk.tasks() == ["even"]
