"""Binding the steps that decide what is done: branches, loops, guards, attempts, and what a verb returns."""

from __future__ import annotations

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.catalogue.unavailable import NOT_AVAILABLE
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.frame import OUTPUTS, UNIT, Evaluate, Execute, Frame
from actionlang.engine.interpreter.queries import bind_rows
from actionlang.engine.interpreter.savepoints import Savepoint
from actionlang.engine.interpreter.scope import Scope
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter


def bind_let(step: s.Let, scope: Scope) -> Execute:
    value = scope.evaluate(step.value)
    slot = scope.new_slot(step.name)

    def let(frame: Frame) -> None:
        frame[slot] = value(frame)

    return let


def bind_if(step: s.If, scope: Scope) -> Execute:
    branches = tuple(
        (scope.evaluate(branch.condition), scope.way(step, f"branch {number}", scope.execute(branch.body)))
        for number, branch in enumerate(step.branches, 1)
    )
    otherwise = scope.way(step, "else", scope.execute(step.otherwise))
    if len(branches) == 1:
        condition, body = branches[0]
        return lambda frame: body(frame) if condition(frame) else otherwise(frame)

    def if_(frame: Frame) -> bool | None:
        for condition, body in branches:
            if condition(frame):
                return body(frame)
        return otherwise(frame)

    return if_


def bind_find(step: s.Find, scope: Scope) -> Execute:
    rows = bind_rows(step.query, scope, first_only=True)
    message = scope.evaluate(step.message) if step.message is not None else None
    slot = scope.new_slot(step.query.row)
    short, optional = step.query.table.rpartition(".")[2], step.optional

    def find(frame: Frame) -> None:
        found = rows(frame)
        if found:
            frame[slot] = found[0]
        elif optional:
            frame[slot] = None
        else:
            told = message(frame) if message is not None else f"There is no {short} as this step looks for."
            raise Failure(codes.NOT_FOUND, told)

    return find


def bind_for_each_row(step: s.ForEachRow, scope: Scope) -> Execute:
    rows = bind_rows(step.query, scope)
    slot = scope.new_slot(step.query.row)
    return _loop(step, rows, slot, step.body, scope)


def bind_for_each_item(step: s.ForEachItem, scope: Scope) -> Execute:
    items = scope.evaluate(step.items)
    slot = scope.new_slot(step.item)
    return _loop(step, items, slot, step.body, scope)


def _loop(step: s.Step, items: Evaluate, slot: int, steps: tuple[s.Step, ...], scope: Scope) -> Execute:
    body = scope.way(step, "some", scope.execute(steps))
    none = scope.way(step, "none", lambda frame: None)

    def for_each(frame: Frame) -> bool | None:
        found = items(frame)
        if not found:
            return none(frame)
        for item in found:
            frame[slot] = item
            if body(frame):
                return True
        return None

    return for_each


def bind_attempt(step: s.Attempt, scope: Scope) -> Execute:
    body = scope.execute(step.body)
    slot = scope.new_slot()
    scope.messages.append(slot)
    otherwise = scope.way(step, "undone", scope.execute(step.otherwise))
    scope.messages.pop()
    kept = scope.way(step, "kept", lambda frame: None)
    store = scope.plan.store

    def attempt(frame: Frame) -> bool | None:
        savepoint = Savepoint(store, frame[UNIT])
        try:
            ended = body(frame)
        except Failure as failure:
            savepoint.undo()
            frame[slot] = failure.message
        else:
            savepoint.keep()
            kept(frame)
            return ended
        return otherwise(frame)

    return attempt


def bind_expect(step: s.Expect, scope: Scope) -> Execute:
    message = scope.evaluate(step.message) if step.message is not None else None
    body = scope.execute(step.body)
    store = scope.plan.store

    def expect(frame: Frame) -> None:
        wanted = message(frame) if message is not None else None
        savepoint = Savepoint(store, frame[UNIT])
        try:
            body(frame)
        except Failure as failure:
            savepoint.undo()
            if wanted is not None and failure.message != wanted:
                raise _failed_otherwise(failure, wanted) from None
        else:
            savepoint.undo()
            raise Failure(codes.DID_NOT_FAIL, "This was expected to fail, and it succeeded.")

    return expect


def _failed_otherwise(failure: Failure, wanted: str) -> Failure:
    return Failure(
        codes.FAILED_OTHERWISE,
        f'It failed with "{failure.message}" ({failure.code.id}), not with "{wanted}".',
    )


def bind_require(step: s.Require, scope: Scope) -> Execute:
    condition = scope.evaluate(step.condition)
    message = scope.evaluate(step.message) if step.message is not None else None
    text = step.text

    def require(frame: Frame) -> None:
        if not condition(frame):
            raise Failure(codes.REFUSED, text if message is None else message(frame))

    return require


def bind_fail(step: s.Fail, scope: Scope) -> Execute:
    message = scope.evaluate(step.message)

    def fail(frame: Frame) -> None:
        raise Failure(codes.REFUSED, message(frame))

    return fail


def bind_stop(step: s.Stop, scope: Scope) -> Execute:
    return lambda frame: True


def bind_return(step: s.Return, scope: Scope) -> Execute:
    outputs = scope.verb.outputs
    places = {output.name: (position, output) for position, output in enumerate(outputs)}
    fills = tuple(_filling(*places[name], value, scope) for name, value in step.values)
    empty: list[object] = [None] * len(outputs)

    def return_(frame: Frame) -> bool:
        values = empty.copy()
        for position, value in fills:
            values[position] = value(frame)
        frame[OUTPUTS] = tuple(values)
        return True

    return return_


def _filling(position: int, output: Parameter, value: e.Expression, scope: Scope) -> tuple[int, Evaluate]:
    return position, scope.fitted(value, output.type, output.sensitive)


def bind_stage(step: s.Stage, scope: Scope) -> Execute:
    with scope.in_stage(step.title):
        return scope.execute(step.body)


FEATURES = {
    "background": "running in the background",
    "start": "starting a run in the background",
    "wait": "waiting",
    "extern": "implementations of extern verbs",
    "file": "files",
}


SINCE = ("background", "start", "wait")
"""What plans of earlier versions say is missing, and is there now."""


def not_available(feature: str, text: str) -> Failure:
    """The failure of getting to what this host can not do."""
    about = f" ({text})" if text else ""
    if feature in SINCE:
        message = f"The plan was compiled when {FEATURES[feature]} was not available{about}."
        return Failure(NOT_AVAILABLE, message, hint="compile the verb again from its script, or activate it again")
    return Failure(NOT_AVAILABLE, f"This host does not have {FEATURES[feature]} yet{about}.")


def bind_unavailable(step: s.Unavailable, scope: Scope) -> Execute:
    feature, text = step.feature, step.text

    def unavailable(frame: Frame) -> None:
        raise not_available(feature, text)

    return unavailable
