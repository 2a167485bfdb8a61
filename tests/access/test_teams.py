"""`USER in TEAM`, in scripts, in conditions from outside, and as it is shown."""

from __future__ import annotations

import pytest

from actionlang.compile.condition import read_condition
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plan import expressions as e
from actionlang.plan.describe import describe
from actionlang.plan.walk import nodes
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from tests.conformance.scripts import compiled, complaints
from tests.postgres import fresh_database

SCRIPT = """
table case < number text(10) key; agent user; team team >
action Fill() <
  create user as ann set name = "Ann", email = "ann@x.org";
  create user as bob set name = "Bob", email = "bob@x.org";
  create team as red set name = "Red";
  create team as blue set name = "Blue";
  create membership set team = red, user = ann;
  create case set number = "1", agent = ann, team = red;
  create case set number = "2", agent = bob, team = red;
  create case set number = "3", team = red;
>
function Mine(name text) returns (yes boolean) < return yes: (caller in team(name)) >
function Not(name text) returns (yes boolean) < return yes: (not caller in team(name)) >
function Agents() returns (n integer) <
  return n: count(case where case.agent is not empty and case.agent in team("Red"));
>
function Maybe on case returns (yes boolean) < return yes: (case.agent in team("Red")) >
function Twice(member user) returns (yes boolean) <
  return yes: (member in team("Red") and count(membership as member_2 where member_2.user in team("Red")) = 1);
>
"""


@pytest.mark.parametrize("engine", ["interpreter", "relational", "server"])
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_it_is_asked_by_every_engine(kind: str, engine: str) -> None:
    script = compiled(SCRIPT)
    with fresh_database() as url, Database.connect(url if kind == "postgres" else "sqlite://") as database:
        plans = {name: Plan.of(script.plan(name)) for name in ("Fill", "Mine", "Not", "Agents", "Maybe", "Twice")}
        database.tables.create(script.schema_for(plans["Agents"].steps))
        for plan in plans.values():
            database.tables.create(plan.schema)
        plans["Fill"].run(database)

        def ask(verb: str, **more: object) -> object:
            return next(iter(plans[verb].run(database, engine=engine, **more).outputs.values()))  # type: ignore[arg-type]

        for who, team, expected in (("ann", "Red", True), ("ann", "Blue", False), ("bob", "Red", False)):
            caller = f"{who}@x.org"
            assert ask("Mine", caller=caller, name=team) is expected
            assert ask("Not", caller=caller, name=team) is not expected
        assert ask("Agents") == 1
        assert [ask("Maybe", on=number) for number in "123"] == [True, False, False]
        assert ask("Twice", member="ann@x.org") is True


def test_it_is_shown_as_it_was_written() -> None:
    script = compiled(SCRIPT)
    assert "return yes: caller in team(name)" in describe(script.plan("Mine"))
    (asked,) = [node for node in nodes(script.plan("Mine").verb.steps) if isinstance(node, e.Aggregate)]
    assert asked.query.table == "core.membership"


def test_a_condition_from_outside_asks_what_the_plan_knows() -> None:
    """A plan that asks nobody's teams does not know who is in which."""
    script = compiled(SCRIPT)
    assert read_condition('(case.agent in team("Red"))', script.plan("Maybe"))
    text = 'table case < number text(10) key; agent user; team team required >\naction A on case < require (case.number != "") >'
    with pytest.raises(ActionLangError) as caught:
        read_condition("(case.agent in case.team)", compiled(text).plan("A"))
    assert caught.value.diagnostics[0].code.id == "E0202"


@pytest.mark.parametrize("condition", ['case.team in team("Red")', "case.number in caller", 'caller in user("x")'])
def test_only_users_are_in_teams(condition: str) -> None:
    text = f"table case < number text(10) key; team team >\naction A on case < require ({condition}) >"
    assert [each.code.id for each in complaints(text) if each.code.id.startswith("E")]
