"""The steps of verbs and tests."""

from __future__ import annotations

import datetime as dt

import attrs

from actionlang.check.body import Body
from actionlang.check.contracts import bind_contract
from actionlang.check.control_statements import check_outputs_set
from actionlang.check.defaults import NotConstant, fold
from actionlang.check.expressions import check_slot
from actionlang.check.flow import check_statements
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.diagnostics.catalogue import types as type_codes
from actionlang.diagnostics.source import Span
from actionlang.metadata import types as t
from actionlang.plan import steps as s
from actionlang.plan.effects import effects_of
from actionlang.plan.plan import Effects, Verb
from actionlang.plan.values import encode_value
from actionlang.syntax import ast


def check_verb(node: ast.Action, verb: Verb, body: Body) -> Verb:
    """A verb with its steps and effects; `verb` is its contract."""
    bind_contract(node, verb, body)
    body.output_places = {output.name.text: output.name.span for output in node.returns}
    body.commits = verb.kind == "background"
    if body.commits and verb.binding is not None and verb.binding.each:
        hint = (
            f"Write on {verb.binding.row}, and start it on each row: for each {verb.binding.row} in ... < start ... >."
        )
        body.report(codes.BACKGROUND_ON_EACH, node.name, "A background action is on one row, not on each.", hint)
    if node.body is None:
        place = body.reporter.place(node.name)
        steps: tuple[s.Step, ...] = (s.Unavailable(place, "extern", verb.short_name),)
    else:
        steps = check_statements(node.body.statements, body)
        if not body.facts.unreachable and not body.broken:
            check_outputs_set(Span(node.body.end - 1, node.body.end), frozenset(), body)
        body.complain_of_unused({})
    return with_effects(attrs.evolve(verb, steps=steps), body)


def with_effects(verb: Verb, body: Body) -> Verb:
    """A verb with the effects that its steps have."""
    return attrs.evolve(verb, effects=effects_of(verb, body.universe.verbs, body.universe.tables))


def check_test(node: ast.Test, name: str, body: Body) -> Verb:
    """The verb that a test is."""
    at = None if node.at is None else _moment(node.at, body)
    steps = check_statements(node.body.statements, body)
    body.complain_of_unused({})
    line = body.reporter.source.position(node.start).line
    source = body.reporter.source.name
    verb = Verb(name, "test", None, (), (), (), False, False, None, node.title, Effects(), steps, source, line, at)
    return with_effects(verb, body)


def _moment(node: ast.Expression, body: Body) -> str | None:
    """The moment that a test fixes its clock to, as plans write it."""
    value = check_slot(node, body, t.DateTime(), False, "the time of a test")
    try:
        moment = fold(value)
    except NotConstant:
        hint = 'Write at datetime "2026-11-24T09:30:00Z".'
        body.report(type_codes.WRONG_TYPE, node, "The time of a test is a constant.", hint)
        return None
    return str(encode_value(t.DateTime(), moment)) if isinstance(moment, dt.datetime) else None
