"""The steps of a verb, worked out over a set: blocks, branches, verbs performed, loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.relational import writing
from actionlang.engine.relational.compiling import is_never
from actionlang.engine.relational.conditions import some, truth
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.setscope import SetScope
from actionlang.engine.relational.state import Bound, Loop
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb

Returned = list[tuple[Sql | None, Mapping[str, Bound]]]
"""The outputs that were returned, each with the path on which that was."""


class Frame:
    """A verb being worked out: what it returned so far."""

    def __init__(self, verb: Verb, in_loop: bool = False) -> None:
        self.verb = verb
        self.returned: Returned = []
        self.in_loop = in_loop


def block(steps: tuple[s.Step, ...], scope: SetScope, frame: Frame) -> Sql | None:
    """Work out steps one after another. Gives the condition on which the verb has ended in them: None if never.

    `scope.path` is what has to hold to get to the block, and behind it is what has to hold to get on.
    """
    ended: list[Sql] = []
    for step in steps:
        if is_never(scope.path):
            break
        with scope.compiler.at(step, scope.verb):
            rule = STEPS.get(type(step))
            if rule is None:
                raise NotRelational(UNSPOKEN.get(type(step), "this step has no set form"))
            ends = rule(step, scope, frame)
        if ends is not None:
            ended.append(ends)
            scope.path = scope.compiler.beside(scope.path, ends, scope)
    return some(ended, scope) if ended else None


def let(step: s.Let, scope: SetScope, frame: Frame) -> Sql | None:
    value = scope.translate(step.value)
    if value.fails and not value.fixed:
        value = scope.compiler.worked_out(scope, value)
        _force(value, scope)
    scope.bind(step.name, value)
    return None


def _force(value: Sql, scope: SetScope) -> None:
    """Have a value worked out, whoever uses it: it may fail."""
    scope.level.stage(value)


def require(step: s.Require, scope: SetScope, frame: Frame) -> Sql | None:
    scope.compiler.guard(scope, scope.translate(step.condition), codes.REFUSED.id)
    return None


def fail(step: s.Fail, scope: SetScope, frame: Frame) -> Sql | None:
    scope.compiler.guard(scope, truth(False, scope), codes.REFUSED.id)
    return scope.path or truth(True, scope)


def stop(step: s.Stop, scope: SetScope, frame: Frame) -> Sql | None:
    if frame.in_loop:
        raise NotRelational("the verb may end in the middle of a loop")
    frame.returned.append((scope.path, {}))
    return scope.path or truth(True, scope)


def return_(step: s.Return, scope: SetScope, frame: Frame) -> Sql | None:
    if frame.in_loop:
        raise NotRelational("the verb may end in the middle of a loop")
    types = {output.name: output.type for output in frame.verb.outputs}
    values: dict[str, Bound] = {}
    for name, node in step.values:
        value = writing.fitted(scope.translate(node), types[name], scope)
        if value.fails and not value.fixed:
            value = scope.compiler.worked_out(scope, value)
            _force(value, scope)
        values[name] = Bound(scope.level, value)
    frame.returned.append((scope.path, values))
    return scope.path or truth(True, scope)


def if_(step: s.If, scope: SetScope, frame: Frame) -> Sql | None:
    """Each branch goes the way on which no condition before it held."""
    compiler = scope.compiler
    ended: list[Sql] = []
    path = scope.path
    for condition_node, body in [(branch.condition, branch.body) for branch in step.branches] + [
        (None, step.otherwise)
    ]:
        if is_never(path):
            break
        here = scope.inner()
        here.path = path
        if condition_node is not None:
            condition = here.translate(condition_node)
            if condition.fails and not condition.fixed:
                _force(compiler.worked_out(here, condition), here)
            here.path = compiler.narrowed(path, condition, scope)
            path = compiler.narrowed(path, compiler.negation(condition, scope), scope)
        if is_never(here.path):
            continue
        ends = block(body, here, frame)
        if ends is not None:
            ended.append(ends)
    return some(ended, scope) if ended else None


def stage(step: s.Stage, scope: SetScope, frame: Frame) -> Sql | None:
    outer, scope.stage = scope.stage, step.title
    inner = scope.inner()
    ends = block(step.body, inner, frame)
    scope.stage = outer
    return ends


def perform(step: s.Perform, scope: SetScope, frame: Frame) -> Sql | None:
    outputs = inline(scope.compiler.verbs[step.verb], step.on, step.arguments, scope)
    if step.result is not None:
        scope.outputs[step.result] = outputs
    return None


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
        value = writing.fitted(scope.translate(node), parameter.type, scope)
        if value.fails and not value.fixed:
            value = scope.compiler.worked_out(scope, value)
            _force(value, scope)
        given[name] = value
    for parameter in verb.inputs:
        if parameter.name not in given:
            given[parameter.name] = writing.default_of(parameter.default, parameter.type, scope)
        inner.locals[parameter.name] = Bound(scope.level, given[parameter.name])
    frame = Frame(verb)
    block(verb.steps, inner, frame)
    return returned(frame, inner)


def returned(frame: Frame, scope: SetScope) -> dict[str, Bound]:
    """The outputs of a verb, whichever way it went."""
    outputs: dict[str, Bound] = {}
    for output in frame.verb.outputs:
        found: Sql | None = None
        for path, values in reversed(frame.returned):
            value = scope.seen(values[output.name]) if output.name in values else writing.empty(output.type, scope)
            if path is None or (found is None and not output.optional):
                found = value
                continue
            if found is None:
                found = writing.empty(output.type, scope)
            value, found = scope.spelling.aligned(value, found)
            cells = tuple(
                f"(CASE WHEN {path.text} THEN {new} ELSE {old} END)"
                for new, old in zip(value.cells, found.cells, strict=True)
            )
            found = attrs.evolve(
                value,
                cells=cells,
                optional=value.optional or found.optional,
                simple=False,
                fixed=False,
                known=None,
                fails=value.fails or found.fails or path.fails,
            )
        outputs[output.name] = Bound(scope.level, found or writing.empty(output.type, scope))
    return outputs


def find(step: s.Find, scope: SetScope, frame: Frame) -> Sql | None:
    """The first row of a query: the same for all rows, or joined to each."""
    query = step.query
    known = scope.known_query(query)
    row = _first_of_each(query, scope) if known is None else scope.compiler.first(query, known, scope)
    if not step.optional:
        there = truth(row.known.value is not None, scope) if row.known is not None else _is_there(row, scope)
        scope.compiler.guard(scope, there, codes.NOT_FOUND.id)
        row = attrs.evolve(row, optional=False)
    scope.bind(query.row, row)
    return None


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


def for_each_row(step: s.ForEachRow, scope: SetScope, frame: Frame) -> Sql | None:
    """A level of its own: each row here with each row of the query."""
    compiler, query = scope.compiler, step.query
    if query.limit is not None:
        raise NotRelational("the loop goes through a limited number of rows")
    table = scope.schema.tables[query.table]
    scope.asks(query)
    part = scope.part_of(query)
    outer = scope.level
    level = compiler.new_level(table, outer)
    if scope.path is not None:
        level.path = outer.stage(attrs.evolve(scope.path, fixed=False)).text
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
    return None


STEPS: dict[type, Callable[[Any, SetScope, Frame], Sql | None]] = {
    s.Let: let,
    s.Require: require,
    s.Fail: fail,
    s.Stop: stop,
    s.Return: return_,
    s.If: if_,
    s.Stage: stage,
    s.Perform: perform,
    s.Find: find,
    s.ForEachRow: for_each_row,
    s.Create: writing.create,
    s.Update: writing.update,
    s.Assign: writing.assign,
    s.Move: writing.move,
    s.Delete: writing.delete,
}

UNSPOKEN = {
    s.ForEachItem: "a loop over a list has no set form",
    s.Attempt: "an attempt has no set form",
    s.Expect: "an expected failure has no set form",
    s.Unavailable: "this host does not have what the step asks for",
}
