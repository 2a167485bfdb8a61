"""Sensitive values in what is told of a failure: none that the run read, wrote or was given stands in a message or a log.

A script's own messages are masked as well, so `fail "no {contact.secret}"` tells of `***`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from actionlang.engine import secret_texts
from actionlang.engine.failure import Failure
from actionlang.engine.secret_texts import masked, spellings
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table
from actionlang.metadata.types import ListOf, Row, Type
from actionlang.plan.plan import StepPlan

MASK = secret_texts.MASK


def mask(
    failure: Failure,
    plan: StepPlan,
    arguments: Mapping[str, object],
    unit: Unit,
    columns: Callable[[str], Sequence[str]],
) -> None:
    """Take the sensitive values that a run knows out of what its failure tells. `columns` says in which columns the unit keeps
    the rows of a table."""
    if not (unit.secrets or _has_sensitive(plan)):
        return
    tables = {table.name: table for table in plan.tables}
    row = failure.row
    of_key = set() if row is None or row.table not in tables else {*_of_key(tables[row.table], tables, row.key)}
    known = {
        *unit.secrets,
        *of_key,
        *_of_arguments(plan, tables, arguments),
        *_of_rows(tables, unit, columns),
        *_of_changes(tables, unit),
    }
    failure.message = masked(failure.message, known)
    failure.hint = failure.hint and masked(failure.hint, known)
    failure.row_name = failure.row_name and masked(failure.row_name, of_key)


def names_sensitive_rows(type_: Type, tables: Mapping[str, Table]) -> bool:
    """Whether values of a type are rows with a sensitive primary key, so that not even the key may be logged."""
    inner = type_.item if isinstance(type_, ListOf) else type_
    rows = inner.tables if isinstance(inner, Row) else ()
    return any(column.sensitive for name in rows if name in tables for column in tables[name].primary)


def _has_sensitive(plan: StepPlan) -> bool:
    columns = (column.sensitive for table in plan.tables for column in table.columns)
    return any(columns) or any(parameter.sensitive for parameter in plan.verb.inputs)


def _of_arguments(plan: StepPlan, tables: Mapping[str, Table], arguments: Mapping[str, object]) -> Iterator[str]:
    for parameter in plan.verb.inputs:
        if parameter.sensitive or names_sensitive_rows(parameter.type, tables):
            yield from spellings(parameter.type, arguments.get(parameter.name))


def _of_rows(tables: Mapping[str, Table], unit: Unit, columns: Callable[[str], Sequence[str]]) -> Iterator[str]:
    for row, values in unit.rows.items():
        table = tables[row.table]
        yield from _of_key(table, tables, row.key)
        yield from _of_columns(table, tables, columns(table.name), values)


def _of_changes(tables: Mapping[str, Table], unit: Unit) -> Iterator[str]:
    for change in unit.changes:
        yield from _of_key(change.table, tables, change.key)
        for values in (change.before, change.after):
            yield from _of_columns(change.table, tables, change.columns, values or ())


def _of_columns(
    table: Table, tables: Mapping[str, Table], names: Iterable[str], values: Iterable[object]
) -> Iterator[str]:
    for name, value in zip(names, values, strict=False):
        column = table.by_name[name]
        if column.sensitive or names_sensitive_rows(column.type, tables):
            yield from spellings(column.type, value)


def _of_key(table: Table, tables: Mapping[str, Table], key: object) -> Iterator[str]:
    parts = key if isinstance(key, tuple) and len(table.primary) > 1 else (key,)
    yield from _of_columns(table, tables, (column.name for column in table.primary), parts)
