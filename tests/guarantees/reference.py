"""A deliberately naive interpreter of plans: rows are dictionaries in dictionaries, to undo is to put a deep copy back, to look
something up is to look at everything. It is slow and obvious, shares nothing with the engine, and says what the engine must say.

It knows the steps and expressions that `tests.strategies.plans` generates. Failures have their code only, so messages of failures
must not reach a plan's values (see `without_messages`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from datetime import datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Default, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan, Verb
from tests.guarantees import reference_values as values
from tests.guarantees.reference_values import Failed, Moment

World = dict[str, dict[str, dict[str, Any]]]
"""Rows by table and key: values by column."""

Locals = dict[str, Any]


class Ended(Exception):
    """A verb is over: `stop` or `return`."""

    def __init__(self, outputs: dict[str, Any]) -> None:
        super().__init__()
        self.outputs = outputs


@attrs.frozen
class Answer:
    """What a run comes to: its outputs or the code of its failure, and all rows then."""

    outputs: dict[str, Any] | None
    code: str | None
    rows: World


def answer(plan: StepPlan, world: World, now: datetime, zone: tzinfo, caller: RowRef, **given: Any) -> Answer:
    """Run a plan. `given` are `on`, `arguments` and `new_id`. The world given stays as it is."""
    moment = Moment(now, now.astimezone(zone).date())
    run = Reference(plan, deepcopy(world), moment, caller, given["new_id"])
    try:
        outputs = run.verb(plan.verb, given["on"], {name: exact(value) for name, value in given["arguments"].items()})
    except Failed as failed:
        return Answer(None, failed.code, world)
    return Answer(outputs, None, run.world)


def _snake(node: object) -> str:
    """The name of a node's class as functions have it: ForEachRow is for_each_row."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(node).__name__).lower()


def exact(value: Any) -> Any:
    """Numbers as fractions."""
    return Fraction(value) if isinstance(value, Decimal) else value


class Reference:
    """One run."""

    def __init__(self, plan: StepPlan, world: World, moment: Moment, caller: RowRef, new_id: Callable[[], str]) -> None:
        self.world = world
        self.moment = moment
        self.caller = caller
        self.new_id = new_id
        self.tables = {table.name: table for table in plan.tables}
        self.choices = {choice.name: choice for choice in plan.choices}
        self.verbs = {verb.name: verb for verb in plan.verbs}

    def verb(self, verb: Verb, on: RowRef | None, arguments: dict[str, Any]) -> dict[str, Any]:
        """Run a verb; gives its outputs."""
        known: Locals = {}
        if verb.binding:
            known[verb.binding.row] = on
        for parameter in verb.inputs:
            if parameter.name in arguments:
                known[parameter.name] = arguments[parameter.name]
            elif parameter.default is not None:
                known[parameter.name] = values.fitted(self.default(parameter.default), parameter.type)
        try:
            self.block(verb.steps, known, verb)
        except Ended as ended:
            return ended.outputs
        return {output.name: None for output in verb.outputs}

    def default(self, default: Default) -> Any:
        return getattr(self.moment, default.function) if default.function else exact(default.value)

    # ------------------------------------------------------------------------------------------------------------ steps

    def block(self, steps: Iterable[s.Step], known: Locals, verb: Verb) -> None:
        for step in steps:
            getattr(self, f"do_{_snake(step)}")(step, known, verb)

    def do_let(self, step: s.Let, known: Locals, verb: Verb) -> None:
        known[step.name] = self.value(step.value, known)

    def do_require(self, step: s.Require, known: Locals, verb: Verb) -> None:
        if not self.value(step.condition, known):
            if step.message is not None:
                self.value(step.message, known)
            raise Failed("E0701")

    def do_fail(self, step: s.Fail, known: Locals, verb: Verb) -> None:
        self.value(step.message, known)
        raise Failed("E0701")

    def do_return(self, step: s.Return, known: Locals, verb: Verb) -> None:
        types = {output.name: output.type for output in verb.outputs}
        raise Ended({name: values.fitted(self.value(node, known), types[name]) for name, node in step.values})

    def do_stage(self, step: s.Stage, known: Locals, verb: Verb) -> None:
        self.block(step.body, known, verb)

    def do_if(self, step: s.If, known: Locals, verb: Verb) -> None:
        for branch in step.branches:
            if self.value(branch.condition, known):
                self.block(branch.body, known, verb)
                return
        self.block(step.otherwise, known, verb)

    def do_for_each_item(self, step: s.ForEachItem, known: Locals, verb: Verb) -> None:
        for item in self.value(step.items, known):
            known[step.item] = item
            self.block(step.body, known, verb)

    def do_for_each_row(self, step: s.ForEachRow, known: Locals, verb: Verb) -> None:
        limit = None if step.query.limit is None else self.value(step.query.limit, known)
        if limit is not None and limit < 0:
            raise Failed("E0721")
        for row in self.rows(step.query, known, limit):
            known[step.query.row] = row
            self.block(step.body, known, verb)

    def do_find(self, step: s.Find, known: Locals, verb: Verb) -> None:
        found = self.rows(step.query, known, 1)
        if not found and not step.optional:
            if step.message is not None:
                self.value(step.message, known)
            raise Failed("E0702")
        known[step.query.row] = found[0] if found else None

    def do_attempt(self, step: s.Attempt, known: Locals, verb: Verb) -> None:
        before = deepcopy(self.world)
        try:
            self.block(step.body, known, verb)
        except Failed:
            self.world = before
            self.block(step.otherwise, known, verb)

    def do_expect(self, step: s.Expect, known: Locals, verb: Verb) -> None:
        before = deepcopy(self.world)
        try:
            self.block(step.body, known, verb)
        except Failed:
            self.world = before
        else:
            raise Failed("E0722")

    def do_perform(self, step: s.Perform, known: Locals, verb: Verb) -> None:
        target = self.verbs[step.verb]
        on = None if step.on is None else self.value(step.on, known)
        types = {parameter.name: parameter.type for parameter in target.inputs}
        given = {name: values.fitted(self.value(node, known), types[name]) for name, node in step.arguments}
        outputs = self.verb(target, on, given)
        if step.result is not None:
            known[step.result] = outputs

    def do_create(self, step: s.Create, known: Locals, verb: Verb) -> None:
        table = self.tables[step.table]
        new = {name: self.new_value(table.by_name[name], node, known) for name, node in step.values}
        for column in table.columns:
            if column.name in new or column.readonly or column.primary:
                continue
            if column.default is not None:
                new[column.name] = values.fitted(self.default(column.default), column.type)
            elif column.moves is not None:
                new[column.name] = column.moves[0].state
            elif column.optional:
                new[column.name] = None
            else:
                raise Failed("E0710")
        key = self.new_id()
        self.store(table, key, new)
        if step.row is not None:
            known[step.row] = RowRef(table.name, key)

    def do_update(self, step: s.Update, known: Locals, verb: Verb) -> None:
        row = self.value(step.row, known)
        table = self.tables[row.table]
        new = {name: self.new_value(table.by_name[name], node, known) for name, node in step.values}
        self.store(table, row.key, new)

    def do_assign(self, step: s.Assign, known: Locals, verb: Verb) -> None:
        row = self.value(step.row, known)
        self.store(self.tables[row.table], row.key, {"owner": self.value(step.owner, known)})

    def do_move(self, step: s.Move, known: Locals, verb: Verb) -> None:
        row = self.value(step.row, known)
        table = self.tables[row.table]
        assert table.status is not None
        assert table.status.moves is not None
        current = self.world[row.table][row.key][table.status.name]
        if not any(moves.state == current and step.state in moves.targets for moves in table.status.moves):
            raise Failed("E0714")
        self.store(table, row.key, {table.status.name: step.state})

    def new_value(self, column: Column, node: e.Expression, known: Locals) -> Any:
        value = values.fitted(self.value(node, known), column.type)
        if value is None and not column.optional:
            raise Failed("E0710")
        return value

    def store(self, table: Table, key: str, new: dict[str, Any]) -> None:
        """Put values into a row, new or old, unless a unique set of columns says no."""
        row = {**self.world[table.name].get(key, {}), **new}
        for columns in (*table.keys, *table.uniques):
            wanted = [row.get(name) for name in columns]
            for other, there in self.world[table.name].items():
                if other != key and None not in wanted and [there.get(name) for name in columns] == wanted:
                    raise Failed("E0711")
        self.world[table.name][key] = row

    # ---------------------------------------------------------------------------------------------------------- queries

    def matching(self, query: e.Query, known: Locals) -> Iterator[RowRef]:
        """Rows for which the condition holds, by key, one at a time: what is not asked for is not tested."""
        inner = dict(known)
        for key in sorted(self.world[query.table]):
            row = inner[query.row] = RowRef(query.table, key)
            if query.where is None or self.value(query.where, inner):
                yield row

    def rows(self, query: e.Query, known: Locals, most: int | None) -> list[RowRef]:
        """The query's rows in its order, so many of them."""
        found: list[tuple[RowRef, list[Any]]] = []
        if most == 0 and not query.order:
            return []
        for row in self.matching(query, known):
            inner = {**known, query.row: row}
            found.append((row, [self.place(each.value, self.value(each.value, inner)) for each in query.order]))
            if len(found) == most and not query.order:
                break
        for position in reversed(range(len(query.order))):
            descending = query.order[position].descending
            found.sort(key=lambda entry: entry[1][position], reverse=descending)
        return [row for row, _ in found][:most]

    def place(self, node: e.Expression, value: Any) -> Any:
        """Where a value comes in an order: empty first, numbered choices by number."""
        if value is None:
            return (False,)
        return (True, self.ordered(node.type, value))

    def ordered(self, type_: t.Type, value: Any) -> Any:
        if isinstance(type_, t.Choice) and self.choices[type_.name].numbered:
            return self.choices[type_.name].by_name[value].number
        return value

    # ------------------------------------------------------------------------------------------------------ expressions

    def value(self, node: e.Expression, known: Locals) -> Any:
        return getattr(self, f"of_{_snake(node)}")(node, known)

    def of_literal(self, node: e.Literal, known: Locals) -> Any:
        return exact(node.value)

    def of_local(self, node: e.Local, known: Locals) -> Any:
        return known[node.name]

    def of_caller(self, node: e.Caller, known: Locals) -> Any:
        return self.caller

    def of_narrow(self, node: e.Narrow, known: Locals) -> Any:
        return self.value(node.operand, known)

    def of_convert(self, node: e.Convert, known: Locals) -> Any:
        value = self.value(node.operand, known)
        return Fraction(value) if isinstance(node.type, t.Decimal) and value is not None else value

    def of_output_of(self, node: e.OutputOf, known: Locals) -> Any:
        return self.value(node.result, known)[node.output]

    def of_column(self, node: e.Column, known: Locals) -> Any:
        row = self.value(node.row, known)
        if row is None:
            return None
        return row.key if node.column == "id" else self.world[row.table][row.key].get(node.column)

    def of_row_by_key(self, node: e.RowByKey, known: Locals) -> Any:
        wanted = [self.value(each, known) for each in node.values]
        for key, row in self.world[node.table].items():
            if [key if name == "id" else row.get(name) for name in node.columns] == wanted and None not in wanted:
                return RowRef(node.table, key)
        raise Failed("E0702")

    def of_not(self, node: e.Not, known: Locals) -> Any:
        return not self.value(node.operand, known)

    def of_and(self, node: e.And, known: Locals) -> Any:
        return all(self.value(operand, known) for operand in node.operands)

    def of_or(self, node: e.Or, known: Locals) -> Any:
        return any(self.value(operand, known) for operand in node.operands)

    def of_compare(self, node: e.Compare, known: Locals) -> Any:
        left, right = self.value(node.left, known), self.value(node.right, known)
        if node.operator in ("=", "!="):
            return (left == right) is (node.operator == "=")
        left, right = self.ordered(node.left.type, left), self.ordered(node.left.type, right)
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[node.operator]

    def of_is_empty(self, node: e.IsEmpty, known: Locals) -> Any:
        return self.value(node.operand, known) is None

    def of_is_table(self, node: e.IsTable, known: Locals) -> Any:
        row = self.value(node.operand, known)
        return row is not None and row.table == node.table

    def of_in(self, node: e.In, known: Locals) -> Any:
        item, items = self.value(node.item, known), self.value(node.collection, known)
        return item is not None and item in items

    def of_under(self, node: e.Under, known: Locals) -> Any:
        row, ancestor = self.value(node.row, known), self.value(node.ancestor, known)
        above = []
        while row is not None and row not in above:
            above.append(row)
            row = self.world[row.table][row.key].get(node.column)
        return ancestor in above

    def of_otherwise(self, node: e.Otherwise, known: Locals) -> Any:
        value = self.value(node.operand, known)
        return self.value(node.fallback, known) if value is None else value

    def of_arithmetic(self, node: e.Arithmetic, known: Locals) -> Any:
        left, right = self.value(node.left, known), self.value(node.right, known)
        return values.arithmetic(node.operator, left, right, node.left.type, node.right.type)

    def of_negate(self, node: e.Negate, known: Locals) -> Any:
        return values.negated(self.value(node.operand, known))

    def of_template(self, node: e.Template, known: Locals) -> Any:
        return "".join(each if isinstance(each, str) else self.shown(self.value(each, known)) for each in node.parts)

    def shown(self, value: Any) -> str:
        if not isinstance(value, RowRef):
            return values.shown(value)
        key, row = self.tables[value.table].keys[:1], self.world[value.table][str(value.key)]
        known_as = [row.get(name) for name in key[0]] if key else [None]
        return str(value.key) if None in known_as else ", ".join(map(values.shown, known_as))

    def of_list_literal(self, node: e.ListLiteral, known: Locals) -> Any:
        return tuple(self.value(item, known) for item in node.items)

    def of_call_function(self, node: e.CallFunction, known: Locals) -> Any:
        return values.called(node.function, self.moment, *[self.value(each, known) for each in node.arguments])

    def of_aggregate(self, node: e.Aggregate, known: Locals) -> Any:
        matching = self.matching(node.query, known)
        if node.kind == "exists":
            return any(True for _ in matching)
        if node.kind == "count":
            return len(list(matching))
        assert node.value is not None
        found = [self.value(node.value, {**known, node.query.row: row}) for row in matching]
        filled = [value for value in found if value is not None]
        if node.kind == "sum":
            return values.fitted(sum(filled, Fraction()), node.value.type)
        if not filled:
            return None
        return {"min": min, "max": max}[node.kind](filled)


def without_messages(node: Any) -> Any:
    """A plan, or a part of it, in which no value depends on what a failure says."""
    if isinstance(node, tuple):
        return tuple(without_messages(each) for each in node)
    if isinstance(node, e.FailureMessage):
        return e.Literal(t.Text(), False, "what the failure said")
    if not isinstance(node, StepPlan | Verb | s.Step | s.Branch | e.Expression | e.Query | e.Ordering):
        return node
    changed = {field.name: without_messages(getattr(node, field.name)) for field in attrs.fields(type(node))}
    if isinstance(node, s.Expect):
        changed["message"] = None
    return type(node)(**changed)
