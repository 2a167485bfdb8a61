"""A plan in words, as `actionlang explain` prints it."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from actionlang.diagnostics.display import safe
from actionlang.metadata import types as t
from actionlang.metadata.tables import Default
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.describe import describe, type_text
from actionlang.plan.plan import Binding, Parameter, StepPlan
from tests import golden
from tests.plan.samples import (
    ACCOUNT,
    BOOLEAN,
    CASE,
    CUSTOMER,
    DATE,
    DURATION,
    ESCALATE_PLAN,
    INTEGER,
    NOTIFY,
    ON_CASE,
    PRIORITY,
    TEAM,
    TEXT,
    THE_CASE,
    TODAY,
    USER,
    at,
    compare,
    literal,
    local,
    of,
    plan_of,
    team,
    text,
    verb,
    whole,
)
from tests.strategies.plans import plans

OTHER = e.Query(
    "helpdesk.case",
    "other",
    compare(of(local("other", CASE), "title"), "=", text("x")),
    (e.Ordering(of(local("other", CASE), "due"), True),),
)
TRUE = literal(BOOLEAN, True)

# Steps of every kind, in an order that makes little sense.
EVERYTHING = verb(
    "Everything",
    s.Find(at(3), OTHER, False, text("There is none.")),
    s.Find(at(4), e.Query("helpdesk.task", "task", None), True, None),
    s.ForEachRow(
        at(5),
        e.Query("helpdesk.case", "each_case", None, (), whole(5)),
        (
            s.Update(at(6), local("each_case", CASE), (("title", text("a")), ("due", TODAY))),
            s.If(
                at(7),
                (
                    s.Branch(TRUE, (s.Delete(at(8), local("each_case", CASE)),)),
                    s.Branch(TRUE, ()),
                    s.Branch(TRUE, (s.Stop(at(10)),)),
                ),
                (s.Fail(at(12), text("no")),),
            ),
        ),
    ),
    s.ForEachItem(at(14), "item", local("names", t.ListOf(TEXT)), (s.Let(at(15), "copy", local("item", TEXT)),)),
    s.Attempt(
        at(17),
        (s.Stage(at(18), 'A "stage"', (s.Move(at(19), THE_CASE, "resolved"),)),),
        (s.Let(at(21), "why", e.FailureMessage(TEXT, False)),),
    ),
    s.Attempt(at(22), (), ()),
    s.Create(at(24), "helpdesk.task", None, ()),
    s.Create(at(25), "core.team", "fresh", (("name", text("T")),)),
    s.Assign(at(26), THE_CASE, e.Convert(t.OWNER, False, team(text("T")))),
    s.Perform(at(27), "helpdesk.Notify", None, (("to", e.Caller(USER, False)),), "told"),
    s.Require(at(28), TRUE, None, "true"),
    s.Emit(at(29), "helpdesk.Escalated", (("case", THE_CASE), ("done", TRUE))),
    s.Unavailable(at(30), "wait", "wait 2 days"),
    s.Return(at(31), (("done", TRUE), ("team", local("fresh", TEAM)))),
    kind="background",
    binding=attrs.evolve(ON_CASE, each=True),
    inputs=(
        Parameter("names", t.ListOf(TEXT), doc="Names of  all\nkinds."),
        Parameter("day", DATE, True, Default(function="today")),
        Parameter("wait", DURATION, False, Default(timedelta(hours=2)), sensitive=True),
        Parameter("level", PRIORITY, True, Default()),
        Parameter("customer", CUSTOMER, True),
        Parameter("tags", t.Choices("helpdesk.Tag")),
    ),
    outputs=(Parameter("done", BOOLEAN, doc="Whether."), Parameter("team", TEAM)),
    requires=("support.escalate", "support.see"),
    system=True,
    private=True,
    deprecated="Use Escalate.",
    doc="Does everything.\n\nAll of it.",
)


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("escalate", ESCALATE_PLAN),
        ("everything", plan_of(EVERYTHING, NOTIFY)),
        ("nothing", plan_of(verb("Nothing", kind="function"))),
        ("host", plan_of(verb("Host", kind="extern function", outputs=(Parameter("n", INTEGER),)))),
        ("override", plan_of(verb("Escalate", kind="override", binding=Binding("helpdesk.account", "account"), inputs=(Parameter("a", ACCOUNT),)))),
        ("test", plan_of(verb("test 1", s.Expect(at(2), text("no"), (s.Fail(at(2), text("no")),)), s.Expect(at(3), None, ()), kind="test", at="2026-11-24T09:30:00Z"))),
    ],
)  # fmt: skip
def test_descriptions(name: str, plan: StepPlan) -> None:
    golden.compare(f"plan/describe/{name}.txt", describe(plan))


@given(plans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_plan_is_described_in_plain_lines(plan: StepPlan) -> None:
    text = describe(plan)
    assert text.endswith("\n")
    assert describe(plan) == text
    for line in text.splitlines():
        assert line == line.rstrip()
        assert safe(line) == line


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (t.OWNER, "owner"),
        (CASE, "case"),
        (CUSTOMER, "account | contact"),
        (t.ListOf(CASE), "list of case"),
        (PRIORITY, "Priority"),
        (t.Choices("helpdesk.Tag"), "choices of Tag"),
        (t.Text(20), "text(20)"),
        (t.Decimal(10, 2), "decimal(10,2)"),
        (t.Money(), "money"),
    ],
)
def test_types(type_: t.Type, expected: str) -> None:
    assert type_text(type_) == expected
