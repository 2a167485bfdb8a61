"""What a verb may do, worked out from its steps."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.effects import effects_of, writes_of
from actionlang.plan.plan import Effects
from tests.plan.samples import (
    ACCOUNT,
    BY_NAME,
    CASE,
    CUSTOMER,
    ESCALATE_PLAN,
    INTEGER,
    NOTIFY,
    ON_CASE,
    TASK,
    TEXT,
    THE_CASE,
    at,
    compare,
    local,
    narrow,
    of,
    team,
    template,
    text,
    verb,
    whole,
)


def let(value: e.Expression) -> s.Let:
    """A step that only works out a value."""
    return s.Let(at(1), "value", value)


def effects(*steps: s.Step, **more: Any) -> Effects:
    """Effects of a verb with these steps."""
    return effects_of(verb("Try", *steps, **more), {"helpdesk.Notify": ESCALATE_PLAN.verbs[1]}, BY_NAME)


OTHER = local("other", CASE)
ONLY_READS: dict[str, tuple[e.Expression, dict[str, tuple[str, ...]]]] = {
    "a column": (of(THE_CASE, "title"), {"helpdesk.case": ("title",)}),
    "a column of several tables": (
        e.Column(TEXT, True, of(THE_CASE, "customer"), "id"),
        {"helpdesk.account": ("id",), "helpdesk.case": ("customer",), "helpdesk.contact": ("id",)},
    ),
    "a row by key": (team(text("x")), {"core.team": ("name",)}),
    "a column of a row by key": (of(team(text("x")), "id"), {"core.team": ("id", "name")}),
    "a tree": (
        e.Under(t.Boolean(), False, local("a", ACCOUNT), local("b", ACCOUNT), "parent"),
        {"helpdesk.account": ("parent",)},
    ),
    "an aggregate": (e.Aggregate(INTEGER, False, "count", e.Query("helpdesk.case", "other", None), None), {"helpdesk.case": ()}),
    "what an aggregate reads": (
        e.Aggregate(INTEGER, True, "max", e.Query("helpdesk.case", "other", compare(of(OTHER, "title"), "=", text("x"))), of(OTHER, "due")),
        {"helpdesk.case": ("due", "title")},
    ),
    "order and limit": (
        e.Aggregate(INTEGER, False, "count", e.Query("helpdesk.case", "other", None, (e.Ordering(of(OTHER, "due"), False),), whole(1)), None),
        {"helpdesk.case": ("due",)},
    ),
    "a row in a text": (template("x", THE_CASE), {"helpdesk.case": ("number",)}),
    "a row without another key in a text": (template(local("task", TASK)), {"helpdesk.task": ()}),
    "a row of several tables in a text": (
        template(narrow(of(THE_CASE, "customer"), CUSTOMER)),
        {"helpdesk.account": ("name",), "helpdesk.case": ("customer",), "helpdesk.contact": ()},
    ),
    "nothing": (template("x", whole(1)), {}),
}  # fmt: skip


@pytest.mark.parametrize(("value", "reads"), ONLY_READS.values(), ids=ONLY_READS)
def test_reads(value: e.Expression, reads: dict[str, tuple[str, ...]]) -> None:
    found = effects(let(value))
    assert dict(found.reads) == reads
    assert found == Effects(reads=found.reads)
    assert found.writes_nothing
    assert writes_of(found) == set()


STEPS: dict[str, tuple[s.Step, dict[str, Any], set[tuple[str, str]]]] = {
    "create": (
        s.Create(at(1), "helpdesk.task", None, (("subject", text("x")),)),
        {"creates": ("helpdesk.task",)},
        set(),
    ),
    "update": (
        s.Update(at(1), THE_CASE, (("title", text("x")), ("due", text("x")))),
        {"updates": (("helpdesk.case", ("due", "title")),)},
        {("helpdesk.case", "title"), ("helpdesk.case", "due")},
    ),
    "delete": (s.Delete(at(1), THE_CASE), {"deletes": ("helpdesk.case",)}, set()),
    "assign": (
        s.Assign(at(1), THE_CASE, local("to", t.OWNER)),
        {"assigns": (("helpdesk.case", "owner"),)},
        {("helpdesk.case", "owner")},
    ),
    "move": (s.Move(at(1), THE_CASE, "open"), {"moves": (("helpdesk.case", "status"),)}, {("helpdesk.case", "status")}),
    "emit": (s.Emit(at(1), "helpdesk.Escalated", ()), {"emits": ("helpdesk.Escalated",)}, set()),
}


@pytest.mark.parametrize(("step", "expected", "writes"), STEPS.values(), ids=STEPS)
def test_writes(step: s.Step, expected: dict[str, Any], writes: set[tuple[str, str]]) -> None:
    found = effects(step)
    assert found == Effects(**expected)
    assert not found.writes_nothing
    assert writes_of(found) == writes
    assert effects(s.Stage(at(1), "x", (s.Attempt(at(1), (step,), ()),))) == found


def test_what_is_not_available_has_no_effect_but_events() -> None:
    assert effects(s.Unavailable(at(1), "wait", "wait 2 days")) == Effects()


def test_the_row_a_verb_is_on_is_read() -> None:
    assert effects(binding=ON_CASE) == Effects(reads=(("helpdesk.case", ()),))


def test_a_performed_verb_counts_with_all_it_does() -> None:
    found = effects(s.Perform(at(1), "helpdesk.Notify", None, (), None), let(of(THE_CASE, "title")))
    assert found.performs == ("helpdesk.Notify",)
    assert found.emits == ("helpdesk.Notified",)
    assert dict(found.reads) == {"core.user": ("name",), "helpdesk.case": ("title",)}
    assert effects(let(e.CallVerb(TEXT, False, "helpdesk.Notify", None, ()))).performs == ("helpdesk.Notify",)


def test_what_the_host_implements_may_differ_each_time() -> None:
    host = verb("Host", kind="extern action")
    alone = effects_of(host, {}, BY_NAME)
    assert not alone.deterministic
    performed = {"helpdesk.Host": attrs.evolve(host, effects=alone)}
    assert not effects_of(
        verb("Try", s.Perform(at(1), "helpdesk.Host", None, (), None)), performed, BY_NAME
    ).deterministic
    assert effects_of(NOTIFY, {}, BY_NAME).deterministic


def test_privileges() -> None:
    assert ESCALATE_PLAN.verb.effects.privileges == (
        "read core.team",
        "read core.user",
        "assign helpdesk.case",
        "read helpdesk.case",
        "update helpdesk.case",
        "create helpdesk.task",
    )
    everything = Effects(
        reads=(("m.b", ()),), updates=(("m.a", ("x",)),), assigns=(("m.b", "o"),), moves=(("m.a", "s"),), creates=("m.a",), deletes=("m.b",)
    )  # fmt: skip
    assert everything.privileges == ("create m.a", "move m.a", "update m.a", "assign m.b", "delete m.b", "read m.b")
