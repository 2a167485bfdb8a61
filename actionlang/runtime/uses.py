"""Which tables and columns a plan's verbs use, how, and at which line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row, Type
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.walk import nodes, type_tables


@attrs.frozen
class Use:
    """A verb (by full name) does something with a table, or with one of its columns: `how` is reads, changes, creates, deletes or
    names (a row of it is handed on)."""

    table: str
    column: str | None
    how: str
    verb: str
    line: int


def uses_of(plan: StepPlan) -> tuple[Use, ...]:
    """What the verbs of a plan use, each use at the first line where it is made, in the order written."""
    tables = {table.name: table for table in plan.tables}
    found: dict[tuple[str, str | None, str, str], Use] = {}
    for verb in plan.verbs:
        for use in (*_bound(verb), *_block(verb.steps, verb, tables)):
            found.setdefault((use.table, use.column, use.how, use.verb), use)
    return tuple(found.values())


def _bound(verb: Verb) -> Iterator[Use]:
    if verb.binding is not None:
        yield Use(verb.binding.table, None, "reads", verb.name, verb.line)
    for parameter in (*verb.inputs, *verb.outputs):
        for table in type_tables(parameter.type):
            yield Use(table, None, "names", verb.name, verb.line)


def _block(steps: tuple[s.Step, ...], verb: Verb, tables: Mapping[str, Table]) -> Iterator[Use]:
    for step in steps:
        line = step.place.line
        for table, column, how in _written(step, tables):
            yield Use(table, column, how, verb.name, line)
        blocks = []
        for field in attrs.fields(type(step)):
            value = getattr(step, field.name)
            if isinstance(value, tuple) and value and isinstance(value[0], s.Step):
                blocks.append(value)
            elif isinstance(value, tuple) and value and isinstance(value[0], s.Branch):
                for branch in value:
                    yield from _read(branch.condition, verb, line, tables)
                    blocks.append(branch.body)
            else:
                yield from _read(value, verb, line, tables)
        for block in blocks:
            yield from _block(block, verb, tables)


def _written(step: s.Step, tables: Mapping[str, Table]) -> Iterator[tuple[str, str | None, str]]:
    if isinstance(step, s.Create):
        yield step.table, None, "creates"
        for column in tables[step.table].columns:
            if not column.readonly:
                yield step.table, column.name, "creates"
    elif isinstance(step, s.Update | s.Assign | s.Move | s.Delete):
        table = tables[_one(step.row.type)]
        if isinstance(step, s.Update):
            written = tuple(name for name, _ in step.values)
        elif isinstance(step, s.Delete):
            written = tuple(column.name for column in table.columns)
        else:
            set_by_it = table.owner if isinstance(step, s.Assign) else table.status
            written = () if set_by_it is None else (set_by_it.name,)
        how = "deletes" if isinstance(step, s.Delete) else "changes"
        yield table.name, None, how
        for name in written:
            yield table.name, name, how


def _one(type_: Type) -> str:
    assert isinstance(type_, Row)
    return type_.tables[0]


def _read(value: object, verb: Verb, line: int, tables: Mapping[str, Table]) -> Iterator[Use]:
    for node in nodes(value):
        if isinstance(node, e.Query):
            yield Use(node.table, None, "reads", verb.name, line)
        elif isinstance(node, e.Column | e.Under) and isinstance(node.row.type, Row):
            for table in node.row.type.tables:
                yield Use(table, node.column, "reads", verb.name, line)
        elif isinstance(node, e.RowByKey):
            for column in node.columns:
                yield Use(node.table, column, "reads", verb.name, line)
        elif isinstance(node, e.Template):
            for part in node.parts:
                if isinstance(part, e.Expression):
                    yield from _shown(part.type, verb, line, tables, frozenset())


def _shown(type_: Type, verb: Verb, line: int, tables: Mapping[str, Table], within: frozenset[str]) -> Iterator[Use]:
    """A row in a text is written by its first key, whose rows are written likewise."""
    for name in type_tables(type_):
        keys = tables[name].keys
        for column in keys[0] if keys and name not in within else ():
            yield Use(name, column, "reads", verb.name, line)
            yield from _shown(tables[name].by_name[column].type, verb, line, tables, within | {name})
