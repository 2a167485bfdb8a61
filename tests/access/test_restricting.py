"""What restricting makes of a plan, and that nobody else can make such a plan."""

from __future__ import annotations

import json

import attrs
import pytest

from actionlang.access.needs import needs_of
from actionlang.access.people import PEOPLE
from actionlang.access.restricting import restrict
from actionlang.access.rights import Depth, Given, Grant, Rights
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import RowRef
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.codec import decode, encode
from actionlang.plan.describe import describe
from actionlang.plan.guards import Guarded, Permit
from actionlang.plan.plan import StepPlan
from actionlang.plan.verify import verify
from actionlang.plan.walk import nodes
from tests.access.office import grants, plan, schema

ANN = RowRef("core.user", "00000000-0000-7000-8000-0000000000aa")


def rights(**depths: object) -> Rights:
    return Rights(ANN, "Ann", tuple(map(Given, grants(**depths))))


def restricted(verb: str, **depths: object) -> StepPlan:
    return restrict(plan(verb).steps, rights(**depths))


def guards_in(steps: StepPlan) -> list[str]:
    return [type(node).__name__ for node in nodes(steps.verb.steps) if isinstance(node, Guarded | Permit)]


def test_a_plan_that_reaches_all_rows_stays_the_same_object() -> None:
    for verb in ("Rename", "Revenue", "RenameAll", "GiveAndRename", "BumpBoth"):
        steps = plan(verb).steps
        assert restrict(steps, rights(job="all", firm="all", user="all", team="all")) is steps


def test_a_verb_as_system_stays_the_same_object() -> None:
    steps = plan("BumpAsSystem").steps
    assert restrict(steps, rights()) is steps


def test_one_depth_for_everything_needs_no_guard_but_the_first() -> None:
    """The row that the verb is on was seen to be within reach: changing it is, too."""
    assert guards_in(restricted("Rename", job="own")) == ["Permit", "Permit"]
    assert guards_in(restricted("RenameAll", job="team")) == ["Permit"]
    assert guards_in(restricted("Rename", job={"read": "team", "update": "own"})) == ["Permit"] * 3


def test_a_guard_stands_once_on_a_way() -> None:
    steps = restricted("GiveAndRename", job={"read": "all", "update": "own", "assign": "own"}, user="all", team="all")
    assert guards_in(steps) == ["Permit", "Permit"]


def test_the_rule_comes_before_every_other_condition() -> None:
    (query,) = [node for node in nodes(restricted("Titles", job="own").verb.steps) if isinstance(node, e.Query)]
    assert isinstance(query.where, e.And)
    first = query.where.operands[0]
    assert isinstance(first, e.Compare)
    assert isinstance(first.left, e.Column)
    assert first.left.column == "owner"


def test_what_a_restricted_plan_does_can_be_read() -> None:
    text = describe(restricted("Revenue", job="team", firm="own"))
    assert "permit (job.owner = caller or exists(membership as  member where" in text
    assert "return n: job.firm.revenue" in text


def test_restricted_plans_are_verified_and_no_file_holds_them() -> None:
    steps = restricted("Revenue", job="team", firm="own")
    verify(steps)
    with pytest.raises(ActionLangError) as caught:
        decode(encode(steps))
    assert caught.value.diagnostics[0].code.id == "E0604"
    forged = json.loads(encode(plan("Count").steps))
    permit = {"step": "permit", "condition": {"expr": "literal", "type": "boolean", "value": True}, "message": "m"}
    forged["verbs"][0]["steps"].insert(0, {**permit, "place": [1, 1, 1, 1]})
    with pytest.raises(ActionLangError, match="permit"):
        decode(json.dumps(forged).encode())


@pytest.mark.parametrize(
    "broken",
    [
        lambda check: attrs.evolve(check, arguments=()),
        lambda check: attrs.evolve(check, verb="example.Revenue"),
    ],
)
def test_a_guard_that_asks_nothing_is_refused(broken: object) -> None:
    """The verifier sees to it that what guards a row asks about that row."""
    steps = restricted("Revenue", job="all", firm="own")
    assert callable(broken)
    verb = steps.verb
    guarded = next(node for node in nodes(verb.steps) if isinstance(node, Guarded))
    bad = attrs.evolve(guarded, check=broken(guarded.check))
    body = (*verb.steps[:1], s.Let(verb.steps[0].place, "x", bad))
    verbs = tuple(attrs.evolve(each, steps=body) if each is verb else each for each in steps.verbs)
    with pytest.raises(ActionLangError):
        verify(attrs.evolve(steps, verbs=verbs))


def test_a_privilege_on_people_is_changed_as_a_whole() -> None:
    """Whoever could add a membership of their own would be in every team."""
    needs = {str(need): need.least for need in needs_of(plan("Fill").steps)}
    assert needs["create core.membership"] is Depth.ALL
    assert needs["create example.job"] is Depth.OWN
    assert needs["create example.tick"] is Depth.ALL


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_people_are_those_of_the_library(name: str) -> None:
    assert plain(PEOPLE[name]) == plain(schema_of_script()[name])


def schema_of_script() -> dict[str, Table]:
    return {table.name: table for verb in ("Fill", "Mine") for table in plan(verb).steps.tables}


def plain(table: Table) -> Table:
    """A table without what is said of it."""
    columns = tuple(attrs.evolve(column, doc="") for column in table.columns)
    assert all(isinstance(column, Column) for column in columns)
    return attrs.evolve(table, columns=columns, doc="")


def test_rights_tell_patterns_from_names() -> None:
    found = Rights(
        ANN,
        "Ann",
        (
            Given(Grant("r", "read", "example.*", Depth.OWN)),
            Given(Grant("r", "read", "example.job", Depth.TEAM)),
            Given(Grant("r", "perform", "*")),
        ),
    )
    assert found.depth("read", "example.job") is Depth.TEAM
    assert found.depth("read", "example.firm") is Depth.OWN
    assert found.depth("read", "examples.firm") is Depth.NONE
    assert found.depth("update", "example.job") is Depth.NONE
    assert found.depth("read", "core.user") is Depth.OWN
    assert found.has("perform", "any.Thing")
    assert not attrs.evolve(found, active=False).has("perform", "any.Thing")
    assert attrs.evolve(found, active=False).depth("read", "core.user") is Depth.NONE
    assert set(schema().tables) >= set(PEOPLE)
