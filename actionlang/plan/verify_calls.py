"""Queries, aggregates and calls in a plan: whether they fit the tables, functions and contracts they name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.diagnostics.catalogue import plans as codes
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.facts import when
from actionlang.plan.guards import Guarded
from actionlang.plan.host_functions import host_functions
from actionlang.plan.plan import Verb
from actionlang.plan.verify_operators import check_ordered
from actionlang.plan.verify_place import Body, Refusal, Typed, unsized, wrong_call, wrong_type

CALLABLE = ("function", "extern function")
AVERAGES: dict[t.Type, t.Type] = {
    t.Integer(): t.Decimal(),
    t.Decimal(): t.Decimal(),
    t.Money(): t.Decimal(),
    t.Float(): t.Float(),
    t.Duration(): t.Duration(),
}
"""What can be summed up, sizes left aside, and the type of its average."""


def check_query(query: e.Query, body: Body) -> None:
    """See that a query is right, and bind its row, of which `where` holds from then on. Raises Refusal."""
    body.contents.table(query.table)
    if query.limit is not None:
        body.check_slot(query.limit, t.Integer())
    body.bind(query.row, t.Row((query.table,)))
    if query.where is not None:
        body.check_condition(query.where)
        body.facts = when(query.where, True, body.facts)
    for ordering in query.order:
        check_ordered(body.check(ordering.value), body)


def check_arguments(call: e.CallVerb | Any, verb: Verb, body: Body) -> None:
    """See that a call fits a verb's contract. Raises Refusal."""
    name = verb.name
    # A verb that is overridden has the steps of another module than its name says: that of its script.
    is_own = verb.source == body.verb.source or name.rpartition(".")[0] == body.verb.name.rpartition(".")[0]
    if verb.private and not is_own:
        wrong_call(f"{name} is private to its module")
    if (call.on is None) != (verb.binding is None):
        wrong_call(f"{name} {'is on no row' if verb.binding is None else 'needs a row'}")
    if call.on is not None and verb.binding is not None:
        body.check_slot(call.on, t.Row((verb.binding.table,)))
    inputs = {parameter.name: parameter for parameter in verb.inputs}
    given = {argument for argument, _ in call.arguments}
    if len(given) != len(call.arguments):
        wrong_call(f"{name} gets an argument twice")
    for argument, value in call.arguments:
        if argument not in inputs:
            wrong_call(f"{name} takes no argument {argument}")
        body.check_slot(value, inputs[argument].type, inputs[argument].optional)
    for parameter in verb.inputs:
        if parameter.name not in given and not parameter.optional and parameter.default is None:
            wrong_call(f"{name} needs the argument {parameter.name}")


def _call_function(node: e.CallFunction, body: Body) -> Typed:
    signature = host_functions().get((node.function, node.overload))
    if signature is None:
        raise Refusal(codes.UNKNOWN_FUNCTION_IN_PLAN, f"this host has no function {node.function}({node.overload})")
    if len(node.arguments) != len(signature.parameters):
        wrong_call(f"{node.function} takes {len(signature.parameters)} arguments, not {len(node.arguments)}")
    for argument, parameter in zip(node.arguments, signature.parameters, strict=True):
        body.check_slot(argument, parameter)
    return signature.result, False


def _call_verb(node: e.CallVerb, body: Body) -> Typed:
    verb = body.contents.verb(node.verb)
    if verb.kind not in CALLABLE or len(verb.outputs) != 1:
        wrong_call(f"{node.verb} can not stand in an expression")
    check_arguments(node, verb, body)
    return verb.outputs[0].type, verb.outputs[0].optional


def _guarded(node: Guarded, body: Body) -> Typed:
    """A row passes as it is, through a function of the plan that takes nothing but the row and says whether it may be read."""
    if body.check_filled(node.check) != t.Boolean() or len(node.check.arguments) != 1:
        wrong_call(f"{node.check.verb} does not tell of a row whether it may be read")
    return node.row.type, node.row.optional


def _aggregate(node: e.Aggregate, body: Body) -> Typed:
    with body.knowing(body.facts), body.block():
        check_query(node.query, body)
        value = None if node.value is None else body.check(node.value)
    if node.query.order or node.query.limit is not None:
        wrong_type(f"{node.kind} takes no order and no limit")
    if node.kind in ("count", "exists"):
        if value is not None:
            wrong_type(f"{node.kind} takes rows, not values")
        return (t.Integer() if node.kind == "count" else t.Boolean()), False
    if value is None:
        wrong_type(f"{node.kind} takes values")
    if node.kind in ("min", "max"):
        check_ordered(value, body)
        return (node.type if node.type == value else unsized(value)), True
    return _summed(node, unsized(value))


def _summed(node: e.Aggregate, value: t.Type) -> Typed:
    if node.kind not in ("sum", "average"):
        wrong_type(f"{node.kind} is no aggregate")
    if value not in AVERAGES:
        wrong_type(f"there is no {node.kind} of {value}")
    return (value, False) if node.kind == "sum" else (AVERAGES[value], True)


RULES: dict[type, Callable[[Any, Body], Typed]] = {
    e.CallFunction: _call_function,
    e.CallVerb: _call_verb,
    e.Aggregate: _aggregate,
    Guarded: _guarded,
}
