"""At a host's start it is seen that everything registered has its place, and that what is extern is implemented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plugins import Context, Plugins
from tests.plugins.desk import CASE, plan, script


def check(context: Context) -> dict[str, object] | None:
    """Nothing to complain of."""


PLANS = [plan(name.removeprefix("example.")).steps for name in script().linker.verbs if name.startswith("example.")]

WRONG: dict[str, tuple[Callable[[Plugins], Any], str, str]] = {
    "verb": (lambda p: p.on_verb("example.Escalat"), "is on the verb example.Escalat, which is not there", "example.Escalate?"),
    "table": (lambda p: p.on_table("example.cse", "update"), "is on the table example.cse, which", "example.case?"),
    "column": (lambda p: p.on_table(CASE, "update", columns=("titel",)), "names the column titel of example.case", "title?"),
    "image": (lambda p: p.on_table(CASE, "delete", images=("zzzz",)), "names the column zzzz of example.case", "written"),
    "verb's image": (lambda p: p.on_verb("example.Escalate", images=("titel",)), "names the column titel", "title?"),
    "no row": (lambda p: p.on_verb("example.Note", images=("title",)), "example.Note is on no row", "leave images out"),
    "owner": (lambda p: p.on_table("example.task", "assign"), "assign of example.task, which has no owner", "owner"),
    "status": (lambda p: p.on_table("example.task", "move"), "move of example.task, which has no status", "status"),
    "performed": (lambda p: p.on_verb("example.Note", performs=("example.Nte",)), "performs example.Nte", "example.Note?"),
    "not extern": (lambda p: p.implements("example.Note"), "implements example.Note, which is no extern verb", "language"),
    "no verb": (lambda p: p.implements("example.Geocod"), "implements example.Geocod, which is not there", "Geocode?"),
}  # fmt: skip


def complete(plugins: Plugins) -> Plugins:
    """With what the scripts leave to the host."""
    plugins.implements("example.Geocode")(check)
    plugins.implements("example.Weather")(check)
    return plugins


@pytest.mark.parametrize("wrong", WRONG)
def test_a_plug_in_for_what_is_not_there_is_found(plugins: Plugins, wrong: str) -> None:
    register, what, hint = WRONG[wrong]
    register(complete(plugins))(check)
    with pytest.raises(ActionLangError) as refused:
        plugins.check(PLANS)
    (told,) = refused.value.diagnostics
    assert told.code.id == "E0971"
    assert what in told.message
    assert hint in (told.hint or "")


def test_all_that_is_wrong_is_told_at_once(plugins: Plugins) -> None:
    plugins.on_verb("example.Nowhere")(check)
    plugins.on_table(CASE, "update", columns=("here", "there"))(check)
    with pytest.raises(ActionLangError) as refused:
        plugins.check(PLANS)
    codes = [each.code.id for each in refused.value.diagnostics]
    assert codes == ["E0971", "E0971", "E0971", "E0972", "E0972"]


def test_what_is_not_implemented_is_found(plugins: Plugins) -> None:
    plugins.implements("example.Geocode")(check)
    with pytest.raises(ActionLangError) as refused:
        plugins.check(PLANS)
    (told,) = refused.value.diagnostics
    assert told.code.id == "E0972"
    assert told.message == "The host does not implement example.Weather, an extern function."
    assert told.hint == 'register a function: @plugins.implements("example.Weather")'
    assert told.notes[0].startswith("it is declared at example.act line ")


def test_what_is_complete_is_well(plugins: Plugins) -> None:
    plugins.on_table(CASE, "update", columns=("title",), images=("title", "note"))(check)
    plugins.on_table(CASE, "assign")(check)
    plugins.on_table(CASE, "move")(check)
    plugins.on_verb("example.Escalate", images=("title",), performs=("example.Note",))(check)
    complete(plugins).check(PLANS)
