"""The steps of a verb, worked out over a set: blocks, branches, verbs performed, loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.interpreter.guards import refusal_of
from actionlang.engine.relational import emitting, writing
from actionlang.engine.relational.conditions import negated, truth
from actionlang.engine.relational.moments import Moment, either
from actionlang.engine.relational.paths import Path
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.setscope import SetScope
from actionlang.engine.relational.state import Bound, Loop
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.guards import Permit
from actionlang.plan.plan import Verb

Returned = list[tuple[Path, Mapping[str, Bound]]]
"""The outputs that were returned, each with the path on which that was."""

Ended = tuple[Path, ...]
"""The paths on which a verb has ended."""


class Frame:
    """A verb being worked out: what it returned so far."""

    def __init__(self, verb: Verb, in_loop: bool = False) -> None:
        self.verb = verb
        self.returned: Returned = []
        self.in_loop = in_loop


def block(steps: tuple[s.Step, ...], scope: SetScope, frame: Frame) -> Ended:
    """Work out steps one after another. Gives the paths on which the verb has ended in them.

    `scope.path` is the path to the block, and then the one on which the verb goes on behind it.
    """
    compiler = scope.compiler
    ended: list[Path] = []
    for step in steps:
        if scope.path.never:
            break
        with compiler.at(step, scope.verb), compiler.trials.failing_in(scope):
            rule = STEPS.get(type(step))
            if rule is None:
                raise NotRelational(UNSPOKEN.get(type(step), "this step has no set form"))
            ends = rule(step, scope, frame)
        for path in ends:
            scope.path = scope.path.beside(path, scope)
        ended += ends
    return tuple(ended)


def let(step: s.Let, scope: SetScope, frame: Frame) -> Ended:
    scope.bind(step.name, scope.compiler.forced(scope, scope.translate(step.value)))
    return ()


def require(step: s.Require, scope: SetScope, frame: Frame) -> Ended:
    told = _text(step.message, step.text, scope)
    scope.compiler.guard(scope, scope.translate(step.condition), codes.REFUSED.id, told)
    return ()


def permit(step: Permit, scope: SetScope, frame: Frame) -> Ended:
    told = _text(None, step.message, scope)
    scope.compiler.guard(scope, scope.translate(step.condition), refusal_of(step).id, told)
    return ()


def _text(message: e.Expression | None, otherwise: str, scope: SetScope) -> Callable[[], Sql]:
    """What a failure says."""
    if message is not None:
        return lambda: scope.translate(message)
    return lambda: scope.spelling.literal(otherwise, t.Text())


def fail(step: s.Fail, scope: SetScope, frame: Frame) -> Ended:
    path = scope.path
    scope.compiler.guard(scope, truth(False, scope), codes.REFUSED.id, _text(step.message, "", scope))
    return () if scope.path.never else (path,)


def stop(step: s.Stop, scope: SetScope, frame: Frame) -> Ended:
    if frame.in_loop:
        raise NotRelational("the verb may end in the middle of a loop")
    frame.returned.append((scope.path, {}))
    return (scope.path,)


def return_(step: s.Return, scope: SetScope, frame: Frame) -> Ended:
    if frame.in_loop:
        raise NotRelational("the verb may end in the middle of a loop")
    types = {output.name: output.type for output in frame.verb.outputs}
    values: dict[str, Bound] = {}
    for name, node in step.values:
        value = writing.fitted(scope.translate(node), types[name], scope)
        values[name] = Bound(scope.level, scope.compiler.forced(scope, value))
    frame.returned.append((scope.path, values))
    return (scope.path,)


def if_(step: s.If, scope: SetScope, frame: Frame) -> Ended:
    """Each branch goes the way on which no condition before it held."""
    ended: list[Path] = []
    path = scope.path
    for condition_node, body in [(branch.condition, branch.body) for branch in step.branches] + [
        (None, step.otherwise)
    ]:
        if path.never:
            break
        here = scope.inner()
        here.path = path
        if condition_node is not None:
            condition = here.translate(condition_node)
            scope.compiler.forced(here, condition)
            here.path = path.narrowed(condition)
            path = path.narrowed(negated(condition, scope))
        ended += block(body, here, frame)
    return tuple(ended)


def attempt(step: s.Attempt, scope: SetScope, frame: Frame) -> Ended:
    """The body, and the other block for those at which one of its guards fails: see `attempts`."""
    compiler, entry = scope.compiler, scope.path
    before = Moment.now(compiler)
    with compiler.trials.trying(step, scope.verb.name, scope.level) as trial:
        ended = block(step.body, scope.inner(), frame)
    compiler.trials.close(trial, entry, scope)
    if not trial.failures:
        return ended
    kept = Moment.now(compiler)
    before.again(compiler)
    otherwise = scope.inner()
    otherwise.path = entry.narrowed(trial.failed(entry, scope))
    message = trial.message(entry, scope)
    otherwise.message = None if message is None else Bound(scope.level, message)
    failed = otherwise.path.condition(scope)
    ended += block(step.otherwise, otherwise, frame)
    either(failed, before, kept, Moment.now(compiler), scope)
    return ended


def stage(step: s.Stage, scope: SetScope, frame: Frame) -> Ended:
    outer, scope.stage = scope.stage, step.title
    inner = scope.inner()
    ends = block(step.body, inner, frame)
    scope.stage = outer
    return ends


def perform(step: s.Perform, scope: SetScope, frame: Frame) -> Ended:
    outputs = inline(scope.compiler.verbs[step.verb], step.on, step.arguments, scope)
    if step.result is not None:
        scope.outputs[step.result] = outputs
    return ()


def inline(
    verb: Verb, on: e.Expression | None, arguments: tuple[tuple[str, e.Expression], ...], scope: SetScope
) -> Mapping[str, Bound]:
    """A verb's steps in place of its call. Gives its outputs."""
    if verb.kind not in ("action", "function"):
        raise NotRelational(f"{verb.short_name} is run by the host")
    inner = SetScope(scope.compiler, scope.level, verb)
    inner.path = scope.path
    if on is not None and verb.binding is not None:
        inner.locals[verb.binding.row] = Bound(scope.level, scope.translate(on))
    given: dict[str, Sql] = {}
    for name, node in arguments:
        parameter = next(each for each in verb.inputs if each.name == name)
        given[name] = scope.compiler.forced(scope, writing.fitted(scope.translate(node), parameter.type, scope))
    for parameter in verb.inputs:
        if parameter.name not in given:
            given[parameter.name] = writing.default_of(parameter.default, parameter.type, scope)
        inner.locals[parameter.name] = Bound(scope.level, given[parameter.name])
    frame = Frame(verb)
    with scope.compiler.trials.failing_in(scope):
        block(verb.steps, inner, frame)
    return returned(frame, inner)


def returned(frame: Frame, scope: SetScope) -> dict[str, Bound]:
    """The outputs of a verb, whichever way it went."""
    outputs: dict[str, Bound] = {}
    for output in frame.verb.outputs:
        found: Sql | None = None
        for path, values in reversed(frame.returned):
            value = scope.seen(values[output.name]) if output.name in values else writing.empty(output.type, scope)
            if path.always or (found is None and not output.optional):
                found = value
                continue
            if found is None:
                found = writing.empty(output.type, scope)
            value, found = scope.spelling.aligned(value, found)
            way = path.condition(scope)
            cells = tuple(
                f"(CASE WHEN {way.text} THEN {new} ELSE {old} END)"
                for new, old in zip(value.cells, found.cells, strict=True)
            )
            found = attrs.evolve(
                value,
                cells=cells,
                optional=value.optional or found.optional,
                simple=False,
                fixed=False,
                known=None,
                fails=value.fails or found.fails or way.fails,
            )
        outputs[output.name] = Bound(scope.level, found or writing.empty(output.type, scope))
    return outputs


def find(step: s.Find, scope: SetScope, frame: Frame) -> Ended:
    """The first row of a query: the same for all rows, or joined to each."""
    query = step.query
    known = scope.known_query(query)
    row = _first_of_each(query, scope) if known is None else scope.compiler.first(query, known, scope)
    if not step.optional:
        there = truth(row.known.value is not None, scope) if row.known is not None else _is_there(row, scope)
        told = _text(step.message, f"There is no {query.table.rpartition('.')[2]} as this step looks for.", scope)
        scope.compiler.guard(scope, there, codes.NOT_FOUND.id, told)
        row = attrs.evolve(row, optional=False)
    scope.bind(query.row, row)
    return ()


def _is_there(row: Sql, scope: SetScope) -> Sql:
    if row.fixed and not row.optional:
        return truth(True, scope)
    return Sql((f"({row.cells[0]} IS NOT NULL)",), t.Boolean(), fixed=row.fixed)


def _first_of_each(query: e.Query, scope: SetScope) -> Sql:
    table = scope.schema.tables[query.table]
    spelling = scope.spelling
    scope.asks(query)
    alias = scope.new_alias()
    with scope.scanning(query.row, alias):
        where = None if query.where is None else scope.translate(query.where)
        order = _order(query, alias, scope)
    if where is not None and where.fails:
        raise NotRelational("the condition of this query may fail, and it is asked only of rows up to the first")
    cells = scope.storage.table(table.name).key_cells
    keys = ", ".join(f"{alias}.{spelling.quoted(cell.name)}" for cell in cells)
    condition = "" if where is None else f" WHERE {where.text}"
    first = f"(SELECT {keys} FROM {scope.named(table, alias)}{condition} ORDER BY {', '.join(order)} LIMIT 1)"
    level = scope.level
    joined = f"j{level.number}_{len(level.joins) + 1}"
    own = ", ".join(f"{joined}.{spelling.quoted(cell.name)}" for cell in cells)
    left = f"({own})" if len(cells) > 1 else own
    level.joins.append(f"LEFT JOIN {spelling.table(table)} AS {joined} ON {left} = {first}")
    row = attrs.evolve(scope.key_of(joined, table), optional=True)
    level.joined[(table.name, *row.cells)] = joined
    return row


def _order(query: e.Query, alias: str, scope: SetScope) -> list[str]:
    """What a query's rows are ordered by, the primary key last."""
    order: list[str] = []
    for each in query.order:
        value = scope.translate(each.value)
        if value.fails:
            raise NotRelational("what the rows are ordered by may fail")
        order.append(scope.spelling.in_order(value.text, value.type, each.descending))
    table = scope.schema.tables[query.table]
    for cell, text in zip(scope.storage.table(table.name).key_cells, scope.key_of(alias, table).cells, strict=True):
        order.append(scope.spelling.key_order(text, cell.type))
    return order


def for_each_row(step: s.ForEachRow, scope: SetScope, frame: Frame) -> Ended:
    """A level of its own: each row here with each row of the query."""
    compiler, query = scope.compiler, step.query
    if query.limit is not None:
        raise NotRelational("the loop goes through a limited number of rows")
    table = scope.schema.tables[query.table]
    scope.asks(query)
    part = scope.part_of(query)
    outer = scope.level
    level = compiler.new_level(table, outer)
    if not scope.path.always:
        level.path = outer.stage(attrs.evolve(scope.path.condition(scope), fixed=False)).text
    inner = scope.inner(level)
    inner.asks(query)
    with inner.scanning(query.row, level.row):
        where = None if query.where is None else inner.translate(query.where)
        level.order = _order(query, level.row, inner)
    if where is not None:
        if where.fails and level.path is not None:
            raise NotRelational("the condition of this loop may fail, and not all rows get to it")
        level.where = where.text
    key = inner.key_of(level.row, table)
    compiler.meet(table, level, key, part)
    level.joined[(table.name, *key.cells)] = level.row
    inner.bind(query.row, key)
    outer.flow.append(Loop(level))
    loop_row = compiler.row(table, key, inner)
    with compiler.turns(loop_row):
        block(step.body, inner, Frame(frame.verb, in_loop=True))
    return ()


STEPS: dict[type, Callable[[Any, SetScope, Frame], Ended]] = {
    s.Let: let,
    s.Require: require,
    Permit: permit,
    s.Fail: fail,
    s.Stop: stop,
    s.Return: return_,
    s.If: if_,
    s.Attempt: attempt,
    s.Stage: stage,
    s.Perform: perform,
    s.Find: find,
    s.ForEachRow: for_each_row,
    s.Create: writing.create,
    s.Update: writing.update,
    s.Assign: writing.assign,
    s.Move: writing.move,
    s.Delete: writing.delete,
    s.Emit: emitting.emit,
}

UNSPOKEN = {
    s.ForEachItem: "a loop over a list has no set form",
    s.Start: "starting another verb has no set form",
    s.Wait: "waiting has no set form",
    s.Expect: "an expected failure has no set form",
    s.Unavailable: "this host does not have what the step asks for",
}
