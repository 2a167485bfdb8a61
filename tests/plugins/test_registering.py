"""What can be registered, and what is refused when it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plugins import AFTER, BEFORE, Context, Plugins
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.plans import Plan
from tests.conformance.scripts import compiled
from tests.plugins.desk import CASE, open_desk


def check(context: Context) -> None:
    """Nothing to complain of."""


async def later(context: Context) -> None:
    """Nobody waits for it."""


def step(context: Context) -> Iterator[None]:
    """Nobody goes through it."""
    yield


class Caller:
    async def __call__(self, context: Context) -> None:
        """Nobody waits for it either."""


def two(context: Context, other: object) -> None:
    """Nobody has the other."""


WRONG: dict[str, tuple[Callable[[Plugins], Any], str]] = {
    "async": (lambda p: p.on_verb("a.B")(later), "is an async function"),
    "async object": (lambda p: p.on_verb("a.B", name="x")(Caller()), "is an async function"),
    "generator": (lambda p: p.on_verb("a.B")(step), "is a generator, which does nothing when it is called"),
    "not callable": (lambda p: p.on_verb("a.B", name="x")(cast(Any, 3)), "is 3, which can not be called"),
    "two arguments": (lambda p: p.on_verb("a.B")(two), "does not take one argument, its context"),
    "no arguments": (lambda p: p.on_verb("a.B", name="x")(lambda: None), "does not take one argument, its context"),
    "short verb": (lambda p: p.on_verb("Escalate")(check), "names the verb 'Escalate'"),
    "short table": (lambda p: p.on_table("case", "update")(check), "names the table 'case'"),
    "operation": (lambda p: p.on_table(CASE, "change")(check), "is on 'change' of a table"),
    "stage": (lambda p: p.on_verb("a.B", stage="before")(check), "has the stage 'before'"),  # type: ignore[arg-type]
    "order": (lambda p: p.on_verb("a.B", order=1.5)(check), "has the order 1.5"),  # type: ignore[arg-type]
    "timeout": (lambda p: p.on_verb("a.B", timeout=0)(check), "has the timeout 0"),
    "endless timeout": (lambda p: p.on_verb("a.B", timeout=float("inf"))(check), "has the timeout inf"),
    "bool timeout": (lambda p: p.on_verb("a.B", timeout=True)(check), "has the timeout True"),
    "columns": (lambda p: p.on_table(CASE, "create", columns=("title",))(check), "names columns for create"),
    "letters": (lambda p: p.on_table(CASE, "update", columns="title")(check), "names 'title' letter by letter"),
    "name": (lambda p: p.on_verb("a.B", name=" ")(check), "has the name ' '"),
    "no text as name": (lambda p: p.on_verb("a.B", name=cast(Any, 5))(check), "has the name 5"),
    "performs": (lambda p: p.on_verb("a.B", performs=("Close",))(check), "performs 'Close'"),
    "no text in performs": (lambda p: p.on_verb("a.B", performs=cast(Any, (5,)))(check), "names 5, which is no text"),
    "space": (lambda p: p.on_verb("a. B")(check), "names the verb 'a. B'"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_can_not_be_registered_is_refused_at_once(plugins: Plugins, wrong: str) -> None:
    register, what = WRONG[wrong]
    with pytest.raises(ActionLangError) as refused:
        register(plugins)
    (told,) = refused.value.diagnostics
    assert told.code.id == "E0970"
    assert what in told.message
    assert told.hint
    assert plugins.registrations == ()


def test_names_in_backticks_are_names(plugins: Plugins) -> None:
    script = compiled(
        "table `order line` < `nr of` integer required key >\n"
        "action `Make it`(`n r` integer) < create `order line` set `nr of` = `n r` >"
    )
    told: list[object] = []
    plugins.on_verb("example.Make it")(lambda context: told.append(context.arguments["n r"]))
    plugins.on_table("example.order line", "create", images=("nr of",))(lambda context: told.append(context.table))
    plan = Plan.of(script.plan("Make it"))
    plugins.check([plan.steps])
    with Database.connect("sqlite://", hosting=Hosting(plugins)) as database:
        database.tables.create(script.schema)
        plan.run(database, arguments={"n r": 3})
    assert told == [3, "example.order line"]


def test_one_verb_has_one_implementation(plugins: Plugins) -> None:
    plugins.implements("core.Geocode")(check)
    with pytest.raises(ActionLangError, match="implements core.Geocode, and so does"):
        plugins.implements("core.Geocode", name="other")(check)


def test_a_plug_in_is_registered_once_at_a_place(plugins: Plugins) -> None:
    plugins.on_table(CASE, "update", columns=("title",))(check)
    plugins.on_table(CASE, "update", stage=AFTER)(check)
    plugins.on_table(CASE, "create")(check)
    with pytest.raises(ActionLangError, match=r"is registered before update of example\.case already"):
        plugins.on_table(CASE, "update")(check)


def test_the_function_stays_what_it_is_and_gives_its_name(plugins: Plugins) -> None:
    assert plugins.on_verb("a.B")(check) is check
    (made,) = plugins.registrations
    assert (made.name, made.place, made.stage) == (f"{__name__}.check", "before a.B", BEFORE)


def test_plug_ins_are_listed_as_they_are_called(plugins: Plugins) -> None:
    for order, name in ((2, "b"), (1, "z"), (2, "a")):
        plugins.on_verb("a.B", order=order, name=name)(check)
    plugins.on_verb("a.B", stage=AFTER, order=-5, name="after")(check)
    assert [each.name for each in plugins.registrations] == ["z", "a", "b", "after"]


def test_others_can_be_included(plugins: Plugins) -> None:
    others = Plugins()
    others.on_verb("a.B")(check)
    plugins.include(others)
    assert plugins.registrations == others.registrations
    with pytest.raises(ActionLangError, match="already"):
        plugins.include(others)


def test_nothing_is_registered_once_runs_have_begun(plugins: Plugins) -> None:
    with open_desk("memory", plugins) as desk:
        desk.run("Note", text="x")
        with pytest.raises(ActionLangError, match="when runs have begun already"):
            plugins.on_verb("example.Note")(check)
