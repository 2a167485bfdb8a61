"""The rules of a plan's steps, and what the flow has shown behind each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from actionlang.diagnostics.catalogue import plans as codes
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.effects import writes_of
from actionlang.plan.facts import Facts, Known, path_of, when
from actionlang.plan.flow import (
    NO_VALUE_OF_EVENT,
    NOT_KEPT,
    PERFORMABLE,
    End,
    Value,
    created_known,
    meet,
    must_be_given,
    states_before,
    states_of,
    through,
    values_known,
    written_in,
)
from actionlang.plan.guards import Permit
from actionlang.plan.units import ends_unit
from actionlang.plan.verify_calls import check_arguments, check_query
from actionlang.plan.verify_metadata import check_distinct
from actionlang.plan.verify_place import Body, Refusal, may_be_empty, row_table, wrong_call, wrong_type

FEATURES = ("extern", "file", "background", "start", "wait")
"""What a step may be without; the last three in plans of earlier versions only."""


class RefusedStep(Exception):
    """A refusal and the innermost step it is about."""

    def __init__(self, step: s.Step, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.step = step
        self.refusal = refusal


def check_steps(steps: tuple[s.Step, ...], body: Body) -> None:
    """Go through steps; `body.facts` is what is known behind the last.

    Raises RefusedStep.
    """
    for step in steps:
        try:
            if body.facts.unreachable:
                _wrong_flow("no way leads to this step")
            RULES[type(step)](step, body)
        except Refusal as refusal:
            raise RefusedStep(step, refusal) from None
        if body.commits and ends_unit(step, body.contents.verbs):
            body.facts = body.facts.after_commit()


def _wrong_step(reason: str) -> NoReturn:
    raise Refusal(codes.WRONG_STEP_IN_PLAN, reason)


def _wrong_flow(reason: str) -> NoReturn:
    raise Refusal(codes.WRONG_FLOW_IN_PLAN, reason)


def _only_in_test(body: Body, what: str) -> None:
    if body.verb.kind != "test":
        _wrong_step(f"only a test {what}")


# ------------------------------------------------------------------------------------------------------- changing rows


def _create(step: s.Create, body: Body) -> None:
    table = body.contents.table(step.table)
    _check_values(step.values, table, body)
    given = {name for name, _ in step.values}
    for column in table.columns:
        if column.name in given:
            if column.moves is not None:
                _only_in_test(body, f"sets the status {column.name}")
        elif must_be_given(column):
            _wrong_step(f"{table.name} needs a value for {column.name}")
    if step.row is not None:
        body.bind(step.row, t.Row((table.name,)))
        body.facts = body.facts.learn(*created_known(step.row, table, step.values))


def _check_values(values: tuple[Value, ...], table: Table, body: Body) -> None:
    seen: set[str] = set()
    for name, value in values:
        column = body.contents.column(table.name, name)
        if column.readonly:
            _wrong_step(f"the column {name} of {table.name} is set by the database alone")
        if name in seen:
            _wrong_step(f"the column {name} is set twice")
        seen.add(name)
        body.check_slot(value, column.type, column.optional)


def _row(row: e.Expression, body: Body) -> Table:
    """The table of a row that a step changes."""
    body.check(row)
    table = row_table(row.type, "what a step changes")
    if row.optional:
        may_be_empty(row)
    return body.contents.table(table)


def _changed(step: s.Update | s.Assign | s.Move, body: Body, *news: Known) -> None:
    """Forget what the step's writes may have changed, then learn what it set; not of a row reached through
    a column that the step wrote, for that may be another row now."""
    writes = written_in((step,), body.contents.verbs, body.contents.tables)
    body.facts = body.facts.after_writes(writes)
    path = path_of(step.row)
    if path is not None and not through(path, writes):
        body.facts = body.facts.learn(*news)


def _update(step: s.Update, body: Body) -> None:
    table = _row(step.row, body)
    if not step.values:
        _wrong_step("an update sets nothing")
    _check_values(step.values, table, body)
    for name, _ in step.values:
        column = table.by_name[name]
        if column.primary:
            _wrong_step(f"the primary key {name} of {table.name} never changes")
        if column.moves is not None:
            _wrong_step(f"only a move changes the status {name} of {table.name}")
    path = path_of(step.row)
    _changed(step, body, *(values_known(path, table, step.values) if path else ()))


def _delete(step: s.Delete, body: Body) -> None:
    _row(step.row, body)
    if isinstance(step.row, e.Local):
        body.deleted |= {step.row.name}


def _assign(step: s.Assign, body: Body) -> None:
    table = _row(step.row, body)
    if table.owner is None:
        _wrong_step(f"{table.name} has no owner")
    body.check_slot(step.owner, t.OWNER, table.owner.optional)
    _changed(step, body)


def _move(step: s.Move, body: Body) -> None:
    table = _row(step.row, body)
    status = table.status
    if status is None or status.moves is None:
        _wrong_step(f"{table.name} has no status")
    if step.state not in states_of(status):
        raise Refusal(codes.UNKNOWN_IN_PLAN, f"{table.name} has no state {step.state}")
    states = states_before(status, step.row, body.facts)
    if not any(step.state in moves.targets for moves in status.moves if moves.state in states):
        _wrong_step(f"{table.name} never moves to {step.state} here")
    path = path_of(e.Column(status.type, False, step.row, status.name))
    _changed(step, body, *(() if path is None else (Known(path, True, None, frozenset({step.state})),)))


# ---------------------------------------------------------------------------------------------------------- other steps


def _perform(step: s.Perform, body: Body) -> None:
    verb = body.contents.verb(step.verb)
    if verb.kind not in PERFORMABLE:
        wrong_call(f"{step.verb} is a {verb.kind} and can not be performed")
    if verb.kind == "background":
        _only_in_test(body, "performs a background action")
    check_arguments(step, verb, body)
    body.facts = body.facts.after_writes(writes_of(verb.effects))
    if step.result is not None:
        body.bind(step.result, t.Outputs(step.verb))


def _find(step: s.Find, body: Body) -> None:
    if step.optional and step.message is not None:
        _wrong_step("an optional find never fails, and has a message")
    if step.message is not None:
        body.check_slot(step.message, t.Text())
    if step.query.limit is not None:
        _wrong_step("a find takes the first row, and has a limit")
    before = body.facts
    check_query(step.query, body)
    if step.optional:
        body.facts = before
        del body.locals[step.query.row]
        body.bind(step.query.row, t.Row((step.query.table,)), True)


def _for_each_row(step: s.ForEachRow, body: Body) -> None:
    _loop(step.body, body, lambda: check_query(step.query, body))


def _for_each_item(step: s.ForEachItem, body: Body) -> None:
    items = body.check_filled(step.items)
    if not isinstance(items, t.ListOf):
        wrong_type(f"{items} is no list to go through")
    _loop(step.body, body, lambda: body.bind(step.item, items.item))


def _loop(steps: tuple[s.Step, ...], body: Body, begin: Callable[[], None]) -> None:
    """A loop's body; what it writes may have been written before it by an earlier turn."""
    writes = written_in(steps, body.contents.verbs, body.contents.tables)
    before, deleted = body.facts.after_writes(writes), body.deleted
    with body.block():
        begin()
        body.facts = body.facts.after_writes(writes)
        check_steps(steps, body)
    body.facts, body.deleted = before, deleted


def _if(step: s.If, body: Body) -> None:
    if not step.branches:
        _wrong_step("an if has no condition")
    ends: list[End] = []
    deleted = body.deleted
    for branch in step.branches:
        body.deleted = deleted
        body.check_condition(branch.condition)
        otherwise = when(branch.condition, False, body.facts)
        ends.append(_way(branch.body, when(branch.condition, True, body.facts), deleted, body))
        body.facts = otherwise
    ends.append(_way(step.otherwise, body.facts, deleted, body))
    body.facts, body.deleted = meet(ends)


def _way(steps: tuple[s.Step, ...], facts: Facts, deleted: frozenset[str], body: Body) -> End:
    """What is known at the end of one of several ways, and which rows are gone there."""
    body.facts, body.deleted = facts, deleted
    with body.block():
        check_steps(steps, body)
    return body.facts, body.deleted


def _attempt(step: s.Attempt, body: Body) -> None:
    facts, deleted, inside = body.facts, body.deleted, body.in_else_of_attempt
    tried = _way(step.body, facts, deleted, body)
    body.in_else_of_attempt = True
    mended = _way(step.otherwise, facts, deleted, body)
    body.in_else_of_attempt = inside
    body.facts, body.deleted = meet([tried, mended])


def _let(step: s.Let, body: Body) -> None:
    type_ = body.check(step.value)
    if isinstance(type_, t.Empty | t.Outputs):
        wrong_type(f"a let can not name {type_}")
    body.bind(step.name, type_, step.value.optional)


def _require(step: s.Require, body: Body) -> None:
    body.check_condition(step.condition)
    if step.message is not None:
        with body.knowing(when(step.condition, False, body.facts)):
            body.check_slot(step.message, t.Text())
    body.facts = when(step.condition, True, body.facts)


def _permit(step: Permit, body: Body) -> None:
    body.check_condition(step.condition)


def _fail(step: s.Fail, body: Body) -> None:
    body.check_slot(step.message, t.Text())
    body.facts = body.facts.dead()


def _stop(_: s.Stop, body: Body) -> None:
    check_outputs_set((), body)
    body.facts = body.facts.dead()


def _return(step: s.Return, body: Body) -> None:
    outputs = {output.name: output for output in body.verb.outputs}
    given = {name for name, _ in step.values}
    if len(given) != len(step.values):
        _wrong_flow("an output is set twice")
    for name, value in step.values:
        if name not in outputs:
            raise Refusal(codes.UNKNOWN_IN_PLAN, f"the verb has no output {name}")
        body.check_slot(value, outputs[name].type, outputs[name].optional)
    check_outputs_set(tuple(given), body)
    body.facts = body.facts.dead()


def check_outputs_set(given: tuple[str, ...], body: Body) -> None:
    """See that a way out of a verb sets the outputs that callers rely on. Raises Refusal."""
    for output in body.verb.outputs:
        if output.name not in given and not output.optional:
            _wrong_flow(f"the verb ends here without the output {output.name}")


def _stage(step: s.Stage, body: Body) -> None:
    with body.block(is_stage=True):
        check_steps(step.body, body)


def _emit(step: s.Emit, body: Body) -> None:
    module, _, event = step.event.rpartition(".")
    if not module or not event:
        raise Refusal(codes.WRONG_NAME_IN_PLAN, f"{step.event} is no full name of an event")
    check_distinct((name for name, _ in step.values), "the values of an event")
    for _, value in step.values:
        type_ = body.check(value)
        if isinstance(type_.item if isinstance(type_, t.ListOf) else type_, NO_VALUE_OF_EVENT):
            wrong_type(f"an event carries no {type_}")


def _start(step: s.Start, body: Body) -> None:
    module, _, verb = step.verb.rpartition(".")
    if not module or not verb:
        raise Refusal(codes.WRONG_NAME_IN_PLAN, f"{step.verb} is no full name of a verb")
    if step.on is not None:
        row_table(body.check_filled(step.on), "what a verb is started on")
    check_distinct((name for name, _ in step.arguments), "the arguments of a start")
    for _, value in step.arguments:
        type_ = body.check(value)
        if isinstance(type_.item if isinstance(type_, t.ListOf) else type_, NOT_KEPT):
            wrong_type(f"no {type_} is kept for a verb that is started")
    if step.after is not None and step.at is not None:
        _wrong_step("it is started after a time and at a moment")
    if step.after is not None:
        body.check_slot(step.after, t.Duration())
    if step.at is not None:
        body.check_slot(step.at, t.DateTime())


def _wait(step: s.Wait, body: Body) -> None:
    if not body.commits:
        _wrong_step("only a background action waits, and in no block but a stage")
    type_ = body.check_filled(step.until)
    if not isinstance(type_, t.DateTime | t.Duration):
        wrong_type(f"a wait takes a moment or a length of time, not {type_}")


def _expect(step: s.Expect, body: Body) -> None:
    _only_in_test(body, "expects a failure")
    if step.message is not None:
        body.check_slot(step.message, t.Text())
    facts, deleted = body.facts, body.deleted
    _way(step.body, facts, deleted, body)
    body.facts, body.deleted = facts, deleted


def _unavailable(step: s.Unavailable, _: Body) -> None:
    if step.feature not in FEATURES:
        raise Refusal(codes.UNKNOWN_IN_PLAN, f"there is no feature {step.feature}")


RULES: dict[type, Callable[[Any, Body], None]] = {
    s.Create: _create,
    s.Update: _update,
    s.Delete: _delete,
    s.Assign: _assign,
    s.Move: _move,
    s.Perform: _perform,
    s.Find: _find,
    s.ForEachRow: _for_each_row,
    s.ForEachItem: _for_each_item,
    s.If: _if,
    s.Attempt: _attempt,
    s.Let: _let,
    s.Require: _require,
    Permit: _permit,
    s.Fail: _fail,
    s.Stop: _stop,
    s.Return: _return,
    s.Stage: _stage,
    s.Emit: _emit,
    s.Start: _start,
    s.Wait: _wait,
    s.Expect: _expect,
    s.Unavailable: _unavailable,
}
