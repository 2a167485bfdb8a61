"""Loops that change what their `where` asks for, so that it no longer holds for rows whose turn is still to come."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.lint.script import Script
from actionlang.lint.walking import steps_in
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.expression_text import expression_text
from actionlang.plan.facts import path_of, plain
from actionlang.plan.flow import written_in
from actionlang.plan.walk import nodes

Change = s.Update | s.Assign | s.Move

Reading = tuple[tuple[str, ...], str]
"""The path of what a condition reads (`t.regarding.status`), and the table that its last column is of."""


def loops_that_change_their_filter(script: Script) -> Iterator[Diagnostic]:
    """Steps in loops that may change the answer of the loop's `where` for another turn's row.

    The rows of a loop are fixed when it begins (docs/reference/language.md), so a turn that changes its own row does no harm, and
    is left alone.
    """
    for verb in script.written():
        for loop in steps_in(verb.steps):
            if isinstance(loop, s.ForEachRow) and loop.query.where is not None:
                changes = list(_changes(loop.body))
                readings = list(_readings(loop.query.where)) if changes else []
                for step in changes:
                    name = _changed_for_others(step, readings, loop, script)
                    if name is not None:
                        yield _complaint(step, name, loop, script)


def _readings(where: e.Expression) -> Iterator[Reading]:
    """What a condition reads. Where it counts or sums up rows nothing is said: a turn may well change those of its own row."""
    found = list(nodes(where))
    if any(isinstance(node, e.Aggregate | e.CallVerb) for node in found):
        return
    for node in found:
        path = path_of(node) if isinstance(node, e.Column) else None
        if path is not None and isinstance(node.row.type, t.Row):
            for table in node.row.type.tables:
                yield plain(path), table


def _changes(steps: tuple[s.Step, ...]) -> Iterator[Change]:
    """The steps of a turn that change rows, up to where it asks anything: it may be asking whether the change is still due."""
    for step in steps:
        if isinstance(step, s.Update | s.Assign | s.Move):
            yield step
        elif isinstance(step, s.Stage):
            yield from _changes(step.body)
        elif not isinstance(step, s.Let | s.Create | s.Perform):
            return


def _changed_for_others(step: Change, readings: list[Reading], loop: s.ForEachRow, script: Script) -> str | None:
    """The column that the loop asks for and a step changes in a row that other turns may share; None when there is none."""
    found = path_of(step.row)
    row = () if found is None else plain(found)
    universe = script.checked.universe
    for table, name in sorted(written_in((step,), universe.verbs, universe.tables)):
        for path, of in readings:
            if of == table and path[-1] == name and _shared(row, path[:-1], loop.query.row):
                return name
    return None


def _shared(changed: tuple[str, ...], asked: tuple[str, ...], own: str) -> bool:
    """Whether the row that is changed is one that other turns ask about, by the paths of both; `own` is the turn's own row.

    It is if they are the same, and not the turn's own; and if one is the turn's own and the other is reached from it, for that
    one's turn may come, too.
    """
    if changed == asked:
        return changed != (own,)
    return changed[:1] == asked[:1] == (own,) and (own,) in (changed, asked)


def _complaint(step: Change, name: str, loop: s.ForEachRow, script: Script) -> Diagnostic:
    row = expression_text(step.row)
    message = f"The loop asks for {name}, and this changes {row}.{name}, which other turns may share."
    hint = (
        "The rows are chosen before the first turn, so later turns come all the same: "
        "ask again with if (...), or go through the rows that are to be changed."
    )
    where = script.conditions[id(loop.query.where)].span
    because = ((where, "asked for here, before the first turn"),)
    return script.diagnostic(codes.LOOP_CHANGES_FILTER, script.span(step.place), message, hint, because=because)
