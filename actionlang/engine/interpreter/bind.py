"""Binding a plan to a store: done once, before any number of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter import (
    aggregates,
    arithmetic,
    calls,
    columns,
    conditions,
    creates,
    emits,
    expressions,
    guards,
    keys,
    starts,
    steps,
    writes,
)
from actionlang.engine.interpreter.calls import default_value
from actionlang.engine.interpreter.frame import UNIT, Evaluate, Frame
from actionlang.engine.interpreter.merged import merge
from actionlang.engine.interpreter.needed import columns_needed
from actionlang.engine.interpreter.observer import Observer
from actionlang.engine.interpreter.rows import TableRows, key_text
from actionlang.engine.interpreter.scope import BoundVerb, ExpressionRule, PlanBinding, Rules, StepRule
from actionlang.engine.interpreter.verbs import bind_verb
from actionlang.engine.store import RowRef, Store
from actionlang.engine.unit import Unit
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.guards import Guarded, Permit
from actionlang.plan.plan import StepPlan, Verb

EXPRESSIONS: dict[type, ExpressionRule] = {
    e.Literal: expressions.bind_literal,
    e.Local: expressions.bind_local,
    e.Caller: expressions.bind_caller,
    e.FailureMessage: expressions.bind_failure_message,
    e.Column: columns.bind_column,
    e.OutputOf: expressions.bind_output_of,
    e.RowByKey: keys.bind_row_by_key,
    e.Narrow: expressions.bind_narrow,
    e.Convert: expressions.bind_convert,
    e.Not: conditions.bind_not,
    e.And: conditions.bind_and,
    e.Or: conditions.bind_or,
    e.Compare: conditions.bind_compare,
    e.IsEmpty: conditions.bind_is_empty,
    e.IsTable: conditions.bind_is_table,
    e.In: conditions.bind_in,
    e.Under: conditions.bind_under,
    e.Otherwise: expressions.bind_otherwise,
    e.Arithmetic: arithmetic.bind_arithmetic,
    e.Negate: arithmetic.bind_negate,
    e.Template: expressions.bind_template,
    e.ListLiteral: expressions.bind_list,
    e.CallFunction: calls.bind_call_function,
    e.CallVerb: calls.bind_call_verb,
    e.Aggregate: aggregates.bind_aggregate,
    Guarded: guards.bind_guarded,
}

STEPS: dict[type, StepRule] = {
    s.Create: creates.bind_create,
    s.Update: writes.bind_update,
    s.Delete: writes.bind_delete,
    s.Assign: writes.bind_assign,
    s.Move: writes.bind_move,
    s.Perform: calls.bind_perform,
    s.Find: steps.bind_find,
    s.ForEachRow: steps.bind_for_each_row,
    s.ForEachItem: steps.bind_for_each_item,
    s.If: steps.bind_if,
    s.Attempt: steps.bind_attempt,
    s.Let: steps.bind_let,
    s.Require: steps.bind_require,
    Permit: guards.bind_permit,
    s.Fail: steps.bind_fail,
    s.Stop: steps.bind_stop,
    s.Return: steps.bind_return,
    s.Stage: steps.bind_stage,
    s.Expect: steps.bind_expect,
    s.Emit: emits.bind_emit,
    s.Start: starts.bind_start,
    s.Wait: starts.bind_wait,
    s.Unavailable: steps.bind_unavailable,
}


RULES = Rules(EXPRESSIONS, STEPS, bind_verb, merge)


class Input(NamedTuple):
    """A parameter of the verb that is run: where its argument goes, and what stands in for one left out."""

    name: str
    slot: int
    default: Evaluate | None
    optional: bool


@attrs.frozen
class BoundPlan:
    """A plan bound to a store."""

    plan: StepPlan
    _entry: BoundVerb
    _tables: Mapping[str, TableRows]
    _rows: TableRows | None
    _inputs: tuple[Input, ...]
    _outputs: tuple[str, ...]

    @property
    def verb(self) -> Verb:
        """The verb that is run."""
        return self._entry.verb

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns in which a run keeps the rows of a table, beside those of the key."""
        return self._tables[table].columns

    def run(
        self, unit: Unit, arguments: Mapping[str, object] | None = None, on: RowRef | None = None
    ) -> dict[str, object]:
        """Run the verb in a unit; what it changed is in `unit.changes` then.

        `arguments` are language values by parameter name (see `engine.arguments` for others); one left out
        takes its default or is empty. `on` is the row of a bound verb. Gives the outputs by name. The caller
        commits, or undoes everything when this raises.

        Raises Failure when the verb fails, StoreError when the store does, ValueError when arguments or row
        do not belong to the verb's contract.
        """
        entry = self._entry
        unit.begin()
        unit.row = on
        frame = entry.frame.copy()
        frame[UNIT] = unit
        self._put_row(frame, on)
        self._fill(frame, {} if arguments is None else arguments)
        try:
            outputs = entry.call(frame)
        except RecursionError:
            raise _too_deep(self.verb) from None
        return dict(zip(self._outputs, outputs, strict=True))

    def _put_row(self, frame: Frame, row: RowRef | None) -> None:
        """Put the row that the verb is on into the frame, having seen that it is there."""
        slot, rows = self._entry.row, self._rows
        if row is None or slot is None or rows is None:
            if row is not None or slot is not None:
                raise ValueError(f"{self.verb.name} takes {'no row' if slot is None else 'a row'}")
            return
        if row.table != rows.table.name:
            raise ValueError(f"{self.verb.name} takes a row of {rows.table.name}, not of {row.table}")
        unit: Unit = frame[UNIT]
        if row not in unit.rows and rows.find(unit, row) is None:
            raise Failure(codes.NOT_FOUND, f"There is no {rows.table.short_name} {key_text(row.key)}.", row=row)
        frame[slot] = row

    def _fill(self, frame: Frame, arguments: Mapping[str, object]) -> None:
        """Put arguments and defaults into the frame."""
        left = len(arguments)
        for name, slot, default, optional in self._inputs:
            if name in arguments:
                frame[slot] = arguments[name]
                left -= 1
            elif default is not None:
                frame[slot] = default(frame)
            elif not optional:
                raise ValueError(f"{self.verb.name} needs {name}")
        if left:
            unknown = arguments.keys() - self._entry.parameters.keys()
            raise ValueError(f"{self.verb.name} takes no {', '.join(sorted(unknown))}")


def bind(plan: StepPlan, store: Store, observer: Observer | None = None, rules: Rules = RULES) -> BoundPlan:
    """Bind a verified plan to a store. `observer` is told of every step and branch, at no cost when there is
    none; `rules` may put something around steps, to watch a run.

    Raises Failure when the plan is nested too deeply to be run.
    """
    needed = columns_needed(plan, rules.columns)
    tables = {table.name: TableRows(table, needed[table.name], store) for table in plan.tables}
    binding = PlanBinding(plan, store, tables, observer, rules)
    try:
        # Those that perform fewest others come first, so that what a verb performs is bound already, however long the chain.
        for verb in sorted(plan.verbs, key=lambda verb: len(verb.effects.performs)):
            binding.verb(verb.name)
    except RecursionError:
        raise _too_deep(plan.verb) from None
    entry = binding.verb(plan.entry)
    inputs = tuple(
        Input(
            parameter.name,
            entry.parameters[parameter.name],
            default_value(parameter.default, parameter.type) if parameter.default is not None else None,
            parameter.optional,
        )
        for parameter in entry.verb.inputs
    )
    rows = tables[entry.verb.binding.table] if entry.verb.binding else None
    return BoundPlan(plan, entry, tables, rows, inputs, tuple(output.name for output in entry.verb.outputs))


def _too_deep(verb: Verb) -> Failure:
    return Failure(
        codes.RUN_TOO_DEEP,
        f"{verb.short_name} nests verbs, blocks or expressions too deeply to be run.",
        hint="put a part of it in a verb of its own that is performed less deep",
    )
