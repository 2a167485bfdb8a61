"""What a plan's function on the server is called with: texts in the server's canonical form, in the order of its parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from actionlang.engine.decimals import plain
from actionlang.engine.ids import IdBlock
from actionlang.engine.sql.codecs import write_moment
from actionlang.engine.store import RowRef
from actionlang.engine.times import MICROSECOND
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.metadata.types import USER
from actionlang.plan.plan import Parameter, StepPlan
from actionlang.runtime.json_text import json_member, json_text, object_text
from actionlang.runtime.masking import names_sensitive_rows

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.session_function import SessionFunction
    from actionlang.engine.schema import Schema

Text = Callable[[Any], str]
Cells = Callable[[Any], list[str | None]]

CLOCK = 3
"""The place of the one value that is no text: the moment of the run, as microseconds since 2000, which the server reads at once
where it would pick a text to pieces."""

SERVERS_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Asked(NamedTuple):
    """What is asked for, read: by which key the row is named and the values of that key, the caller, the arguments."""

    how: int
    key: tuple[object, ...]
    row: RowRef | None
    caller: RowRef | None
    arguments: Mapping[str, object]


class CallValues:
    """Writes the values of a function's parameters."""

    def __init__(self, plan: StepPlan, function: SessionFunction, schema: Schema) -> None:
        self._schema = schema
        self._caller_json = json_text(USER)
        self._caller_cells = self._row_cells(USER) if function.caller else None
        self._members = {
            each.name: json_member(
                each.name, each.type, each.sensitive or names_sensitive_rows(each.type, schema.tables)
            )
            for each in plan.verb.inputs
        }
        self._arguments: dict[tuple[str, ...], Text] = {}
        binding = plan.verb.binding
        columns = {} if binding is None else schema.tables[binding.table].by_name
        self._keys = self._ways([[columns[name].type for name in key] for key in function.keys])
        self._inputs = [(each.name, _left_out(each), *self._cells(each.type)) for each in plan.verb.inputs]

    def of(self, run: str, started: datetime, ids: IdBlock, unit: Unit, asked: Asked) -> list[bytes | None]:
        """The values of one call."""
        now, given, caller = write_moment(unit.now), asked.arguments, asked.caller
        texts: list[str | None] = [
            run,
            now if started is unit.now else write_moment(started),
            now,
            None,
            str(unit.zone),
            unit.today.isoformat(),
            None if caller is None else self._caller_json(caller),
            self._arguments_json(given),
            ids.prefix,
            str(ids.base),
            str(ids.stride),
        ]
        if self._caller_cells is not None:
            texts += self._caller_cells(caller)
        if self._keys:
            before, cells, behind = self._keys[asked.how]
            texts += before
            for several, value in zip(cells, asked.key, strict=True):
                texts += several(value)
            texts += behind
        for name, left_out, one, several in self._inputs:
            value = given[name] if name in given else left_out(unit)
            if one is None:
                texts += several(value)
            else:
                texts.append(None if value is None else one(value))
        values = [None if text is None else text.encode() for text in texts]
        values[CLOCK] = ((unit.now - SERVERS_EPOCH) // MICROSECOND).to_bytes(8, "big", signed=True)
        return values

    def _arguments_json(self, given: Mapping[str, object]) -> str:
        names = tuple(given)
        write = self._arguments.get(names)
        if write is None:
            write = self._arguments[names] = object_text([self._members[name] for name in names])
        return write(tuple(given.values()))

    def _ways(self, keys: list[list[t.Type]]) -> list[tuple[list[str | None], list[Cells], list[str | None]]]:
        """For each key by which a row may be named: what stands before the values of that key, what makes their cells, and what
        stands behind them: nothing, where the others' would be."""
        writers = [[self._cells(type_)[1] for type_ in types] for types in keys]
        nothing = [[cell for write in key for cell in write(None)] for key in writers]
        return [
            (
                [str(number), *(cell for cells in nothing[:number] for cell in cells)],
                key,
                [cell for cells in nothing[number + 1 :] for cell in cells],
            )
            for number, key in enumerate(writers)
        ]

    def _cells(self, type_: t.Type) -> tuple[Text | None, Cells]:
        """What makes the text of a value that has one cell and is not empty, and what makes the cells of any."""
        if isinstance(type_, t.Row):
            return None, self._row_cells(type_)
        write = self._text(type_)
        return write, lambda value: [None if value is None else write(value)]

    def _row_cells(self, type_: t.Row) -> Cells:
        parts = []
        for name in type_.tables:
            primary = self._schema.tables[name].primary
            writers = [self._cells(column.type)[1] for column in primary]
            nothing = [cell for write in writers for cell in write(None)]
            parts.append((name, writers, nothing))

        def cells(row: object) -> list[str | None]:
            found: list[str | None] = []
            for name, writers, nothing in parts:
                if isinstance(row, RowRef) and row.table == name:
                    key = row.key if isinstance(row.key, tuple) and len(writers) > 1 else (row.key,)
                    found += [cell for write, part in zip(writers, key, strict=True) for cell in write(part)]
                else:
                    found += nothing
            return found

        return cells

    def _text(self, type_: t.Type) -> Text:
        if isinstance(type_, t.Choice) and self._schema.choices[type_.name].numbered:
            numbers = {member.name: str(member.number) for member in self._schema.choices[type_.name].members}
            return numbers.__getitem__
        if isinstance(type_, t.ListOf):
            _, cells = self._cells(type_.item)
            return lambda values: _array([cell for value in values for cell in cells(value)])
        if isinstance(type_, t.Choices):
            return lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return TEXTS.get(type(type_), str)


def _left_out(parameter: Parameter) -> Callable[[Unit], object]:
    """What stands in for an argument that is left out."""
    from actionlang.engine.interpreter.calls import RUN_FIXED
    from actionlang.engine.values import fitting

    default = parameter.default
    if default is None:
        return lambda unit: None
    if default.function is not None:
        return RUN_FIXED[default.function]
    fit = fitting(t.Empty(), parameter.type)
    value = default.value if fit is None or default.value is None else fit(default.value)
    return lambda unit: value


def _array(items: list[str | None]) -> str:
    """Texts as the literal of an array."""
    quoted = ('"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items)
    return "{" + ",".join(quoted) + "}"


def _boolean(value: bool) -> str:
    return "t" if value else "f"


def _microseconds(value: timedelta) -> str:
    return str(value // MICROSECOND)


TEXTS: dict[type[t.Type], Text] = {
    t.Decimal: plain,
    t.Money: plain,
    t.Float: repr,
    t.Boolean: _boolean,
    t.Date: date.isoformat,
    t.DateTime: write_moment,
    t.Duration: _microseconds,
}
