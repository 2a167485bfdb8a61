"""Going through a plan."""

from __future__ import annotations

import pytest

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter
from actionlang.plan.walk import mentions, nodes, type_choices, type_tables
from tests.plan.samples import CUSTOMER, ESCALATE, INTEGER, PRIORITY, STATUS, at, local, verb, whole


def test_nodes_come_in_the_order_they_are_written() -> None:
    query = e.Query("m.t", "row", e.IsEmpty(t.Boolean(), False, whole(1)), (e.Ordering(whole(2), False),), whole(3))
    branch = s.Branch(whole(5), (s.Let(at(1), "x", e.Template(t.Text(), False, ("a", whole(6)))),))
    steps = (s.Find(at(1), query, False, whole(4)), s.If(at(1), (branch,), (s.Return(at(1), (("o", whole(7)),)),)))
    found = list(nodes(steps))
    assert [node.value for node in found if isinstance(node, e.Literal)] == [1, 2, 3, 4, 5, 6, 7]
    assert [type(node).__name__ for node in found if not isinstance(node, e.Literal)] == (
        "Find Query IsEmpty Ordering If Branch Let Template Return".split()
    )
    assert list(nodes(whole(1))) == [whole(1)]
    assert list(nodes(())) == []


def test_mentions() -> None:
    found = mentions(ESCALATE)
    assert found.tables == {"core.team", "core.user", "helpdesk.case", "helpdesk.task"}
    assert found.choices == {"helpdesk.Priority", "helpdesk.case.status"}
    assert found.verbs == {"helpdesk.Notify"}


def test_what_only_a_contract_or_an_expression_mentions() -> None:
    inputs = (Parameter("a", t.ListOf(CUSTOMER)), Parameter("b", t.Choices("helpdesk.Tag")))
    steps = (
        s.Let(at(1), "x", e.IsTable(t.Boolean(), False, local("a", CUSTOMER), "helpdesk.lead")),
        s.Let(at(1), "y", e.CallVerb(INTEGER, False, "helpdesk.Net", None, ())),
        s.Let(at(1), "z", e.RowByKey(t.Row(("m.a",)), False, "m.b", ("id",), (whole(1),))),
        s.Create(at(1), "m.c", None, ()),
    )
    found = mentions(verb("Try", *steps, inputs=inputs))
    assert found.tables == {"helpdesk.account", "helpdesk.contact", "helpdesk.lead", "m.a", "m.b", "m.c"}
    assert found.choices == {"helpdesk.Tag"}
    assert found.verbs == {"helpdesk.Net"}


@pytest.mark.parametrize(
    ("type_", "tables", "choices"),
    [
        (CUSTOMER, ("helpdesk.account", "helpdesk.contact"), ()),
        (t.ListOf(CUSTOMER), ("helpdesk.account", "helpdesk.contact"), ()),
        (PRIORITY, (), ("helpdesk.Priority",)),
        (t.ListOf(t.ListOf(STATUS)), (), ("helpdesk.case.status",)),
        (t.Choices("m.Tag"), (), ("m.Tag",)),
        (t.Outputs("m.F"), (), ()),
        (INTEGER, (), ()),
    ],
)
def test_types(type_: t.Type, tables: tuple[str, ...], choices: tuple[str, ...]) -> None:
    assert type_tables(type_) == tables
    assert type_choices(type_) == choices
