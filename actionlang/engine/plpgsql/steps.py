"""The steps that decide what is done: branches, loops, guards, attempts, and what a verb returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.catalogue.unavailable import NOT_AVAILABLE
from actionlang.engine.interpreter.guards import refusal_of
from actionlang.engine.interpreter.steps import not_available
from actionlang.engine.plpgsql import changes, creating, emitting, performing, writes
from actionlang.engine.plpgsql.failures import CAUGHT, tell_failure
from actionlang.engine.plpgsql.fitting import fitted
from actionlang.engine.plpgsql.neighbours import neighbours
from actionlang.engine.plpgsql.queries import in_loop, new_row, selection
from actionlang.engine.plpgsql.reading import conforming, read_cells
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.plpgsql.writing import Block
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.plan import steps as s
from actionlang.plan.guards import Permit
from actionlang.plan.walk import nodes

Write = Callable[[Any, ServerScope], None]


def write_steps(steps: tuple[s.Step, ...], scope: ServerScope) -> None:
    """Write steps in order.

    Raises NotRelational, with the place, for what a database can not do with the same meaning.
    """
    for group in neighbours(steps, scope):
        pending = writes.Pending(scope) if len(group) > 1 else None
        for step in group:
            try:
                if not isinstance(step, s.Stage):
                    scope.arrive(step)
                if pending is not None:
                    writes.CHANGING[type(step)](step, scope, pending)
                else:
                    STEPS[type(step)](step, scope)
            except NotRelational as refused:
                if refused.place is None:
                    refused.place, refused.verb = step.place, scope.verb.name
                raise
        if pending is not None:
            pending.write()


def let(step: s.Let, scope: ServerScope) -> None:
    scope.values[step.name] = scope.kept(step.value, scope.translate(step.value), step.name)


def if_(step: s.If, scope: ServerScope) -> None:
    _branches(step, 0, scope)


def _branches(step: s.If, number: int, scope: ServerScope) -> None:
    """Write the branches from one on, each condition tested only where none before it held."""
    if number == len(step.branches):
        write_steps(step.otherwise, scope)
        return
    branch = step.branches[number]
    condition = scope.translate(branch.condition)
    then, otherwise = scope.block.either(condition.text)
    before = set(scope.function.fresh)
    with scope.into(then):
        write_steps(branch.body, scope)
        if not then:
            then.say("NULL;")
    after_then, scope.function.fresh = scope.function.fresh, before
    with scope.into(otherwise):
        _branches(step, number + 1, scope)
        if not otherwise:
            otherwise.say("NULL;")
    scope.function.fresh = scope.function.fresh & after_then


def require(step: s.Require, scope: ServerScope) -> None:
    condition = scope.translate(step.condition)
    branch = scope.block.inside(f"IF NOT {condition.text} THEN", "END IF;")
    with scope.into(branch):
        message = scope.text(step.text) if step.message is None else scope.translate(step.message).text
        scope.fail(codes.REFUSED, message)


def permit(step: Permit, scope: ServerScope) -> None:
    condition = scope.translate(step.condition)
    branch = scope.block.inside(f"IF NOT {condition.text} THEN", "END IF;")
    scope.fail(refusal_of(step), scope.text(step.message), block=branch)


def fail(step: s.Fail, scope: ServerScope) -> None:
    scope.fail(codes.REFUSED, scope.translate(step.message).text)


def stop(step: s.Stop, scope: ServerScope) -> None:
    scope.block.say(f"EXIT {scope.label};")


def return_(step: s.Return, scope: ServerScope) -> None:
    """Work out all outputs, then end the verb. An output that is not set is empty, whatever was returned before."""
    types = {output.name: output for output in scope.verb.outputs}
    values = {}
    for name, node in step.values:
        value = fitted(node, types[name].type, scope, types[name].sensitive)
        values[name] = value
    for name, output in scope.outputs.items():
        texts = values[name].cells if name in values else tuple("NULL" for _ in output.cells)
        scope.block.say(*(f"{cell} := {text};" for cell, text in zip(output.cells, texts, strict=True)))
    scope.block.say(f"EXIT {scope.label};")


def stage(step: s.Stage, scope: ServerScope) -> None:
    with scope.in_stage(step.title):
        write_steps(step.body, scope)


def find(step: s.Find, scope: ServerScope) -> None:
    """Bind the first row of a query."""
    query = step.query
    chosen = selection(query, scope, first_only=True)
    row = new_row(chosen.table, query.row, scope)
    key_cells = scope.key_of(chosen.alias, chosen.table).cells
    tail = chosen.tail(scope, "1")

    def select() -> list[str]:
        cells, names = (*key_cells, *read_cells(row, chosen.alias, scope)), (*row.key.cells, *row.names)
        return [f"SELECT {', '.join(cells)} INTO {', '.join(names)} {tail};"]

    scope.block.say_later(select)
    scope.function.drop({row})
    scope.function.fresh.add(row)
    if step.optional:
        scope.values[query.row] = Sql(row.key.cells, t.Row((query.table,)), optional=True, simple=True)
        scope.block.inside("IF FOUND THEN", "END IF;").say_later(lambda: [*conforming(row, scope), "NULL;"])
        return
    missing = scope.block.inside("IF NOT FOUND THEN", "END IF;")
    before = set(scope.function.fresh)
    with scope.into(missing):
        short = chosen.table.short_name
        message = scope.text(f"There is no {short} as this step looks for.")
        if step.message is not None:
            message = scope.translate(step.message).text
        scope.fail(codes.NOT_FOUND, message)
    scope.function.fresh = before
    scope.block.say_later(lambda: conforming(row, scope))


def for_each_row(step: s.ForEachRow, scope: ServerScope) -> None:
    """Once a row of a query; the statement fixes the rows when it begins."""
    chosen = selection(step.query, scope)
    row = new_row(chosen.table, step.query.row, scope)
    written = written_tables(step.body, scope)
    with in_loop(row, chosen.tail(scope), chosen.alias, scope, written), scope.function.repeating():
        write_steps(step.body, scope)
        scope.block.say("NULL;")


def for_each_item(step: s.ForEachItem, scope: ServerScope) -> None:
    items = scope.translate(step.items)
    assert isinstance(step.items.type, t.ListOf)
    type_ = step.items.type.item
    cells = scope.function.value_variables(step.item, type_)
    scope.values[step.item] = scope.spelling.sized(Sql(cells, type_, simple=True), type_)
    scope.function.forget(written_tables(step.body, scope))
    body = scope.block.inside(f"FOREACH {cells[0]} IN ARRAY coalesce({items.text}, '{{}}') LOOP", "END LOOP;")
    with scope.into(body), scope.function.repeating():
        write_steps(step.body, scope)
        body.say("NULL;")


def attempt(step: s.Attempt, scope: ServerScope) -> None:
    """The body as a block that is undone when it fails; what was read in it is then read again."""
    function = scope.function
    message = function.variable("failure", "text")
    marked, emitted = changes.mark(scope), emitting.mark(scope)
    before = set(function.fresh)
    first = len(function.sites)
    body, handler = Block(), Block()
    scope.block.say("BEGIN")
    scope.block.put(body)
    with scope.into(body), function.repeating():
        write_steps(step.body, scope)
        body.say("NULL;")
    kept, function.fresh = function.fresh, before
    function.forget(written_tables(step.body, scope))
    scope.block.say(CAUGHT)
    scope.block.put(handler)
    scope.block.say("END;")
    with scope.into(handler):
        tell_failure(message, first, scope)
        changes.undo(marked, scope)
        emitting.undo(emitted, scope)
        scope.messages.append(Sql((message,), t.Text(), simple=True))
        write_steps(step.otherwise, scope)
        scope.messages.pop()
    function.fresh = function.fresh & kept


def expect(step: s.Expect, scope: ServerScope) -> None:
    raise NotRelational("a test's expectation stands here")


def start(step: s.Start, scope: ServerScope) -> None:
    raise NotRelational("another verb is started here")


def wait(step: s.Wait, scope: ServerScope) -> None:
    raise NotRelational("a background action waits here")


def unavailable(step: s.Unavailable, scope: ServerScope) -> None:
    scope.fail(NOT_AVAILABLE, scope.text(not_available(step.feature, step.text).message))


def written_tables(steps: tuple[s.Step, ...], scope: ServerScope) -> frozenset[str]:
    """The tables of which steps, and the verbs they perform, may change or delete rows."""
    tables: set[str] = set()
    for node in nodes(steps):
        if isinstance(node, s.Update | s.Assign | s.Move | s.Delete):
            assert isinstance(node.row.type, t.Row)
            tables.add(node.row.type.tables[0])
        elif isinstance(node, s.Perform):
            effects = scope.function.verbs[node.verb].effects
            tables.update(table for table, _ in (*effects.updates, *effects.assigns, *effects.moves))
            tables.update(effects.deletes)
    return frozenset(tables)


STEPS: dict[type, Write] = {
    s.Create: creating.create,
    s.Update: writes.update,
    s.Delete: writes.delete,
    s.Assign: writes.assign,
    s.Move: writes.move,
    s.Perform: performing.perform,
    s.Find: find,
    s.ForEachRow: for_each_row,
    s.ForEachItem: for_each_item,
    s.If: if_,
    s.Attempt: attempt,
    s.Let: let,
    s.Require: require,
    Permit: permit,
    s.Fail: fail,
    s.Stop: stop,
    s.Return: return_,
    s.Stage: stage,
    s.Expect: expect,
    s.Emit: emitting.emit,
    s.Start: start,
    s.Wait: wait,
    s.Unavailable: unavailable,
}
