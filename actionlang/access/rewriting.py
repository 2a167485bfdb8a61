"""Going through the steps and expressions of a verb that runs with the caller's rights: what it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from actionlang.access.functions import Functions
from actionlang.access.reach import Reach, Reached
from actionlang.access.rights import Depth
from actionlang.access.rules import owned_within, within
from actionlang.access.system import SystemVerbs
from actionlang.engine.interpreter.constants import bare
from actionlang.metadata.tables import Table
from actionlang.metadata.types import OWNER, Row
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.guards import Guarded, Permit
from actionlang.plan.membership import BOOLEAN, asked_of, exists, same, team_of, user_of
from actionlang.plan.walk import BASES

WORDS = {s.Update: "update", s.Delete: "delete", s.Assign: "assign", s.Move: "move"}

Changing = s.Update | s.Delete | s.Assign | s.Move


class Rewriting:
    """Rewrites verbs for one caller. `touched` says whether anything became another thing; `functions` are those that the
    rewritten verbs call in addition."""

    def __init__(self, reach: Reach, tables: Mapping[str, Table], system: SystemVerbs) -> None:
        self.reach = reach
        self.tables = tables
        self.functions = Functions(reach, tables)
        self.touched = False
        self._callers = {verb.name: verb for verb in system.callers}

    # --------------------------------------------------------------------------------------------------------- steps

    def steps(self, steps: tuple[s.Step, ...], reached: Reached) -> tuple[tuple[s.Step, ...], Reached]:
        """The steps of a block, and what is known to be within reach behind them."""
        found: list[s.Step] = []
        for step in steps:
            made, reached = self._step(step, reached)
            found += made
        same = len(found) == len(steps) and all(new is old for new, old in zip(found, steps, strict=True))
        return (steps if same else tuple(found)), reached

    def _step(self, step: s.Step, reached: Reached) -> tuple[list[s.Step], Reached]:
        """What a step becomes, and what is known behind it."""
        if isinstance(step, Changing):
            return self._change(step, reached)
        if isinstance(step, s.Create):
            return self._create(step, reached)
        if isinstance(step, s.Perform):
            return [self._call(step, reached)], reached
        if isinstance(step, s.Find):
            made = self._mapped(step, reached)
            return [made], reached.with_row(step.query.row, self.reach.reading(step.query.table))
        if isinstance(step, s.ForEachRow):
            inside = reached.with_row(step.query.row, self.reach.reading(step.query.table))
            query, body = self._query(step.query, reached), self._block(step.body, inside)
            return [_evolved(step, query=query, body=body)], reached
        if isinstance(step, s.ForEachItem):
            body = self._block(step.body, reached.with_row(step.item, None))
            return [_evolved(step, items=self.expression(step.items, reached), body=body)], reached
        if isinstance(step, s.Stage):
            body, reached = self.steps(step.body, reached)
            return [_evolved(step, body=body)], reached
        if isinstance(step, s.Let):
            made = self._mapped(step, reached)
            return [made], reached.with_row(step.name, reached.depth(step.value))
        return [self._mapped(step, reached)], reached

    def _block(self, steps: tuple[s.Step, ...], reached: Reached) -> tuple[s.Step, ...]:
        return self.steps(steps, reached)[0]

    def _change(self, step: Changing, reached: Reached) -> tuple[list[s.Step], Reached]:
        """A step that changes a row, behind one that sees that it may."""
        assert isinstance(step.row.type, Row)
        table = self.tables[step.row.type.tables[0]]
        word = WORDS[type(step)]
        words = [word]
        if isinstance(step, s.Update) and table.owner is not None and table.owner.name in dict(step.values):
            words.append("assign")
        depth = self.reach.writing(table.name, *words)
        made = self._mapped(step, reached)
        if depth is Depth.ALL or reached.is_within(step.row, depth):
            return [made], reached
        self.touched = True
        condition = within(depth, made.row, table)
        message = f"The caller may {word} a {table.short_name} {_whose(depth)} only, and this one is not."
        return [Permit(step.place, condition, message, None), made], reached.after(step.row, depth)

    def _create(self, step: s.Create, reached: Reached) -> tuple[list[s.Step], Reached]:
        """A step that makes a row, behind one that sees that the caller may make rows for its owner."""
        table = self.tables[step.table]
        depth = self.reach.creating(table.name)
        made = self._mapped(step, reached)
        if depth is Depth.ALL:
            return [made], reached.with_row(step.row, None)
        self.touched = True
        name = "" if table.owner is None else table.owner.name
        owner = dict(made.values).get(name, e.Literal(OWNER, True, None))
        if owner.type != OWNER:
            owner = e.Convert(OWNER, owner.optional, owner)
        message = f"The caller may create a {table.short_name} {_whose(depth)} only, and this one would not be."
        permit = Permit(step.place, owned_within(depth, owner), message, None)
        return [permit, made], reached.with_row(step.row, depth if depth <= self.reach.reading(table.name) else None)

    # --------------------------------------------------------------------------------------------------- expressions

    def expression(self, node: Any, reached: Reached) -> Any:
        """An expression, or whatever may stand in its place, that reads only what is within reach."""
        if not isinstance(node, BASES):
            return node
        if isinstance(node, e.Column):
            return _evolved(node, row=self._readable(node.row, reached))
        if isinstance(node, e.Template):
            parts = tuple(
                self._readable(part, reached)
                if isinstance(part, e.Expression) and isinstance(part.type, Row)
                else self.expression(part, reached)
                for part in node.parts
            )
            return _evolved(node, parts=_same_or(node.parts, parts))
        if isinstance(node, e.RowByKey):
            made: e.RowByKey = self._mapped(node, reached)
            if self.reach.reading(node.table) is Depth.ALL:
                return made
            self.touched = True
            return self.functions.row_by_key(made)
        if isinstance(node, e.CallVerb):
            return self._call(node, reached)
        if isinstance(node, e.Query):
            return self._query(node, reached)
        if isinstance(node, e.Aggregate):
            if (named := self._callers_team(node, reached)) is not None:
                return named
            inside = reached.with_row(node.query.row, self.reach.reading(node.query.table))
            return _evolved(
                node, query=self._query(node.query, reached), value=self.expression(node.value, inside)
            )  # fmt: skip
        return self._mapped(node, reached)

    def _callers_team(self, node: e.Aggregate, reached: Reached) -> e.Expression | None:
        """Whether the caller is in a team that is named by a key, asked of the caller's own teams: one that they may not read is
        none of these. None where that is not what is asked."""
        user, team = asked_of(node) or (None, None)
        if user is None or team is None or not isinstance(bare(user), e.Caller):
            return None
        named, name = bare(team), node.query.row
        if not isinstance(named, e.RowByKey) or self.reach.reading(named.table) is Depth.ALL:
            return None
        self.touched = True
        columns = [self.tables[named.table].by_name[column] for column in named.columns]
        of_team = (
            same(e.Column(column.type, column.optional, team_of(name), column.name), self.expression(value, reached))
            for column, value in zip(columns, named.values, strict=True)
        )
        return exists(name, same(user_of(name), user), *of_team)

    def _readable(self, row: e.Expression, reached: Reached) -> e.Expression:
        """A row of which something is read."""
        made: e.Expression = self.expression(row, reached)
        if not self.reach.restricted(row) or reached.depth(row) is not None:
            return made
        if isinstance(bare(row), e.RowByKey | e.Caller):
            return made
        self.touched = True
        assert isinstance(row.type, Row)
        names = " or ".join(table.rpartition(".")[2] for table in row.type.tables)
        message = f"The caller may not read the {names} that is asked for here."
        return Guarded(made.type, made.optional, self.functions.may_read(made), message)

    def _query(self, query: e.Query, reached: Reached) -> e.Query:
        """A query for rows within reach only; that comes first, so that no other condition meets a row that is not."""
        depth = self.reach.reading(query.table)
        inside = reached.with_row(query.row, depth)
        where = None if query.where is None else self.expression(query.where, inside)
        if depth is not Depth.ALL:
            self.touched = True
            rule = within(depth, e.Local(Row((query.table,)), False, query.row), self.tables[query.table])
            others = where.operands if isinstance(where, e.And) else () if where is None else (where,)
            where = e.And(BOOLEAN, False, (rule, *others)) if others else rule
        order = tuple(self._mapped(each, inside) for each in query.order)
        made: e.Query = _evolved(
            query,
            where=where,
            order=_same_or(query.order, order),
            limit=None if query.limit is None else self.expression(query.limit, reached),
        )
        return made

    def _call(self, call: Any, reached: Reached) -> Any:
        """A verb that is performed or called. One that runs with the caller's rights is handed only rows within reach."""
        made = self._mapped(call, reached)
        target = self._callers.get(call.verb)
        if target is None or target.system:
            return made
        rows = {each.name for each in target.inputs if isinstance(each.type, Row)}
        arguments = tuple(
            (name, self._readable(old, reached) if name in rows and isinstance(old.type, Row) else new)
            for (name, old), (_, new) in zip(call.arguments, made.arguments, strict=True)
        )
        on = None if call.on is None else self._readable(call.on, reached)
        return _evolved(made, on=on, arguments=arguments if arguments != made.arguments else made.arguments)

    def _mapped(self, node: Any, reached: Reached) -> Any:
        """A node with everything in it rewritten: the same object where nothing became another."""
        changed = {}
        for field in attrs.fields(type(node)):
            value = getattr(node, field.name)
            new = self._part(value, reached)
            if new is not value:
                changed[field.name] = new
        return attrs.evolve(node, **changed) if changed else node

    def _part(self, value: Any, reached: Reached) -> Any:
        if isinstance(value, tuple):
            if value and isinstance(value[0], s.Step):
                return self._block(value, reached)
            return _same_or(value, tuple(self._part(each, reached) for each in value))
        if isinstance(value, e.Expression | e.Query):
            return self.expression(value, reached)
        return self._mapped(value, reached) if isinstance(value, BASES) else value


def _evolved(node: Any, **parts: Any) -> Any:
    """A node with other parts: the same object where none is another."""
    changed = {name: part for name, part in parts.items() if part is not getattr(node, name)}
    return attrs.evolve(node, **changed) if changed else node


def _same_or(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    return old if all(one is other for one, other in zip(old, new, strict=True)) else new


def _whose(depth: Depth) -> str:
    return {Depth.OWN: "of their own", Depth.TEAM: "of their own teams"}.get(depth, "of nobody")
