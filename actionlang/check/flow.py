"""Statements one after another: what each makes, and where the flow ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from actionlang.check.body import Body
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.plan import steps as s
from actionlang.plan.facts import Facts
from actionlang.plan.flow import End
from actionlang.plan.units import ends_unit
from actionlang.syntax import ast


def check_statements(statements: Sequence[ast.Statement], body: Body) -> tuple[s.Step, ...]:
    """The steps of some statements, in the scope that is open; `body.facts` is what is known behind the last.

    What stands behind a statement that always ends the verb is complained about once, and checked as if it could be
    reached, but makes no steps.
    """
    steps: list[s.Step] = []
    before, ended = body.facts, False
    previous: ast.Statement | None = None
    for statement in statements:
        if isinstance(statement, ast.BrokenStatement):
            body.broken = True
            continue
        if body.facts.unreachable:
            if not ended:
                assert previous is not None
                _complain_of_unreachable(previous, statement, body)
            ended, body.facts = True, before
        before, previous = body.facts, statement
        made = check_statement(statement, body)
        if body.commits and any(ends_unit(step, body.universe.verbs) for step in made):
            _forget(statement, body)
        if not ended:
            steps += made
    if ended:
        body.facts = body.facts.dead()
    return tuple(steps)


def _forget(statement: ast.Statement, body: Body) -> None:
    """Behind a statement that is committed others may write anything before the next one runs."""
    known, body.facts = body.facts.known, body.facts.after_commit()
    for path in known.keys() - body.facts.known.keys():
        body.forgotten[path] = statement


def _complain_of_unreachable(previous: ast.Statement, statement: ast.Statement, body: Body) -> None:
    places = ((previous.span, "the verb has ended behind this"),)
    body.report(codes.UNREACHABLE, statement, "This is never reached.", "Remove it, or move it up.", places)


def check_statement(statement: ast.Statement, body: Body) -> list[s.Step]:
    """The step of a statement, after those for what it needs and this host does not have; none after a complaint."""
    outer, body.unavailable = body.unavailable, []
    step = body.rules[type(statement)](statement, body)
    steps: list[s.Step] = []
    if body.unavailable:
        place = body.reporter.place(statement)
        steps += [s.Unavailable(place, feature, text) for feature, text in dict.fromkeys(body.unavailable)]
    body.unavailable = outer
    if step is not None:
        steps.append(step)
    return steps


def check_block(block: ast.Block, body: Body, *, is_stage: bool = False) -> tuple[s.Step, ...]:
    """The steps of a block, a scope of its own."""
    with body.block(is_stage=is_stage):
        return check_statements(block.statements, body)


def check_way(
    block: ast.Block | None, facts: Facts, deleted: frozenset[str], body: Body
) -> tuple[tuple[s.Step, ...], End]:
    """The steps of one of several ways, and what is known at its end. Without a block nothing happens on it."""
    body.facts, body.deleted = facts, deleted
    steps = () if block is None else check_block(block, body)
    return steps, (body.facts, body.deleted)


def skip(node: object, body: Body) -> None:
    """Take the locals named below a node as used: it is not checked, for what it belongs to is wrong already."""
    stack: list[Any] = [node]
    while stack:
        inner = stack.pop()
        if isinstance(inner, tuple):
            stack.extend(inner)
        elif isinstance(inner, ast.Node):
            if isinstance(inner, ast.NameExpression) and inner.text in body.locals:
                body.locals[inner.text].used = True
            stack.extend(getattr(inner, field.name) for field in attrs.fields(type(inner)))
