"""What the language has occurs in the cases: whoever adds to it adds a case."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from actionlang.diagnostics.catalogue import all_codes
from actionlang.engine.interpreter.bind import EXPRESSIONS, STEPS
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.guards import Guarded, Permit
from actionlang.plan.host_functions import host_functions
from actionlang.plan.plan import StepPlan
from actionlang.plan.verify_operators import ARITHMETIC
from actionlang.plan.walk import nodes
from tests.conformance.asking import asked
from tests.conformance.format import cases

NOT_IN_A_CALL = {s.Expect, s.Wait, s.Unavailable, Permit, Guarded}
"""Steps of tests, of what happens between the units of a background action, and of what no host can do yet; what a plan gets only
when it is held to its caller's rights."""

OUTSIDE = {
    "E0710": "only databases that require more than their metadata says leave a required column empty",
    "E0715": "data that does not conform to the metadata can not be put in as a case's rows",
    "E0720": "checks belong to databases, not to tables",
    "E0722": "of tests in the language",
    "E0723": "of tests in the language",
    "E0724": "how deep a host can nest is its own affair",
    "E0725": "which version of a row is expected is no part of a call",
    "E0726": "whether a verb is started or run is no part of a call",
    "E0727": "workers are a host's",
    "E0728": "background runs are a host's",
    "E0730": "rules of access are a host's",
    "E0731": "rules of access are a host's",
    "E0732": "rules of access are a host's",
    "E0733": "rules of access are a host's",
    "E0734": "rules of access are a host's",
    "E0735": "rules of access are a host's",
    "E0736": "rules of access are a host's",
    "E0737": "rules of access are a host's",
}
"""Failures that no case can have."""

FAMILIES = ("E03", "E05")
UNCHECKED = {
    "E0519": "externs are not run yet",
}
"""Complaints of these families that no case has: there is nothing to them but their wording, or they are about what is not run."""


@cache
def plans() -> tuple[StepPlan, ...]:
    """The plan of every call."""
    return tuple(each.call.plan for case in cases("run", "value") for each in asked(case))


@cache
def all_nodes() -> tuple[Any, ...]:
    """All steps and expressions of these plans."""
    return tuple(node for plan in plans() for verb in plan.verbs for node in nodes(verb.steps))


def test_every_statement() -> None:
    assert set(STEPS) - NOT_IN_A_CALL - {type(node) for node in all_nodes()} == set()


def test_every_kind_of_expression() -> None:
    assert set(EXPRESSIONS) - NOT_IN_A_CALL - {type(node) for node in all_nodes()} == set()


def test_every_operator_on_every_type_that_it_takes() -> None:
    found = {
        (_plain(node.left.type), node.operator, _plain(node.right.type))
        for node in all_nodes()
        if isinstance(node, e.Arithmetic)
    }
    assert set(ARITHMETIC) - found == set()


def test_every_comparison() -> None:
    compared = [node for node in all_nodes() if isinstance(node, e.Compare)]
    assert {node.operator for node in compared} == {"=", "!=", "<", "<=", ">", ">="}
    equal = {type(node.left.type) for node in compared if node.operator in ("=", "!=")}
    ordered = {type(node.left.type) for node in compared if node.operator not in ("=", "!=")}
    assert COMPARABLE - equal == set()
    assert ordered == ORDERED


def test_every_function() -> None:
    found = {(node.function, node.overload) for node in all_nodes() if isinstance(node, e.CallFunction)}
    assert set(host_functions()) - found == set()


def test_every_aggregate() -> None:
    found = {node.kind for node in all_nodes() if isinstance(node, e.Aggregate)}
    assert found == {"count", "exists", "sum", "min", "max", "average"}


def test_every_type_as_column_parameter_and_output() -> None:
    columns = {type(column.type) for plan in plans() for table in plan.tables for column in table.columns}
    inputs = {type(parameter.type) for plan in plans() for parameter in plan.verb.inputs}
    outputs = {type(parameter.type) for plan in plans() for parameter in plan.verb.outputs}
    assert STORED - columns == set()
    assert COMPARABLE - inputs == set()
    assert COMPARABLE - outputs == set()


def test_every_failure() -> None:
    found = {case.data["error"] for case in cases("run", "value") if "error" in case.data}
    failures = {code.id for code in all_codes() if code.id.startswith("E07")}
    assert failures - found == set(OUTSIDE)


def test_every_complaint_about_meaning() -> None:
    found = {code for case in cases("refused") for code in case.data["refused"]}
    assert set(_codes()) - found == set(UNCHECKED)


def _codes() -> Iterator[str]:
    return (code.id for code in all_codes() if code.id.startswith(FAMILIES))


def _plain(type_: t.Type) -> t.Type:
    """A type without sizes, as operators take it."""
    return t.Decimal() if isinstance(type_, t.Decimal | t.Money) else type_


STORED = {
    t.Text, t.Integer, t.Decimal, t.Money, t.Float, t.Boolean, t.Date, t.DateTime, t.Duration, t.Id, t.Json, t.Choice, t.Choices, t.Row,
}  # fmt: skip
"""Types of columns that can be used yet; `file` can not."""

COMPARABLE = STORED | {t.ListOf}
ORDERED = {t.Text, t.Integer, t.Decimal, t.Float, t.Date, t.DateTime, t.Duration, t.Id, t.Choice}
