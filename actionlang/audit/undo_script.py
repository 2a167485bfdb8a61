"""What undoes a run, as a script: to be read before it is run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from actionlang.audit.net_changes import CREATED, DELETED, MASKED, NetChange
from actionlang.audit.undoing import UNWRITABLE, Undoing
from actionlang.diagnostics.display import safe
from actionlang.engine.interpreter.rows import key_text
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan.expression_text import constant_text, escaped

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

RowName = Callable[[RowRef], str]


def undo_script(undoing: Undoing, schema: Schema, row_name: RowName) -> str:
    """An action that undoes a run when nothing has happened to its rows since, and fails otherwise. `row_name` tells what
    people call a row."""
    return "\n".join(_Script(undoing, schema, row_name).lines()) + "\n"


class _Script:
    def __init__(self, undoing: Undoing, schema: Schema, row_name: RowName) -> None:
        self._undoing = undoing
        self._schema = schema
        self._name = row_name
        self._locals: dict[RowRef, str] = {}
        self._counts: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        run = self._undoing.run
        yield f"## Undoes run {run.id} of {run.verb}, made on {run.started:%Y-%m-%d %H:%M} UTC."
        yield "action Undo (run text) <"
        rows = self._undoing.rows
        there = [row for row in rows if row.what != DELETED]
        for row in there:
            yield from self._guarded(row)
        if there:
            yield ""
        for row in rows:
            yield from self._restored(row)
        yield ">"

    def _guarded(self, row: NetChange) -> Iterator[str]:
        """The row under a name, as the run left it."""
        local = self._local(row)
        yield from self._comment(row)
        yield f"  let {local} = {self._row(row.row)};"
        conditions = [
            f"{local}.{_name(name)} = {self._value(row.table.by_name[name], value)}"
            for name, value in row.after.items()
            if self._can_be_compared(row.table.by_name[name], value)
        ]
        if conditions:
            message = escaped(f"{self._name(row.row)} is not as the run left it.")
            yield f'  require ({" and ".join(conditions)}) else "{message}";'

    def _restored(self, row: NetChange) -> Iterator[str]:
        """What undoes what became of the row."""
        if row.what == CREATED:
            yield f"  delete {self._local(row)};"
            return
        status, owner = row.table.status, row.table.owner
        apart = {column.name for column in (status, owner) if column is not None}
        if row.what == DELETED:
            yield from self._made_again(row)
            apart -= {owner.name} if owner is not None else set()
        else:
            plain = [name for name in row.before if name not in apart]
            if plain:
                yield f"  update {self._local(row)} set {self._values(row.table, row.before, plain)};"
            if owner is not None and owner.name in row.before:
                yield f"  assign {self._local(row)} to {self._value(owner, row.before[owner.name])};"
        if status is not None and status.name in row.before:
            assert status.moves is not None
            if row.what != DELETED or row.before[status.name] != status.moves[0].state:
                yield f"  move {self._local(row)} to {_name(str(row.before[status.name]))};"

    def _made_again(self, row: NetChange) -> Iterator[str]:
        """The row, created with the key it had."""
        table = row.table
        parts = row.key if len(table.primary) > 1 and isinstance(row.key, tuple) else (row.key,)
        key = dict(zip((column.name for column in table.primary), parts, strict=True))
        status = None if table.status is None else table.status.name
        names = [
            name
            for name, value in row.before.items()
            if value is not None and name != status and not table.by_name[name].readonly and name not in key
        ]
        values = {**key, **row.before}
        yield from self._comment(row)
        yield f"  create {_name(table.short_name)} as {self._local(row)} set {self._values(table, values, [*key, *names])};"

    # ------------------------------------------------------------------------------------------------------------- words

    def _comment(self, row: NetChange) -> Iterator[str]:
        """What people call the row, where that is not its primary key."""
        name = self._name(row.row)
        if name != f"{row.table.short_name} {key_text(row.key)}":
            yield f"  # {safe(name).replace(chr(10), ' ')}"

    def _local(self, row: NetChange) -> str:
        known = self._locals.get(row.row)
        if known is None:
            word = row.table.short_name if PLAIN.fullmatch(row.table.short_name) else "row"
            self._counts[word] = self._counts.get(word, 0) + 1
            known = self._locals[row.row] = f"{word}_{self._counts[word]}"
        return known

    def _values(self, table: Table, values: Mapping[str, Any], names: Sequence[str]) -> str:
        return ", ".join(f"{_name(name)} = {self._value(table.by_name[name], values[name])}" for name in names)

    def _can_be_compared(self, column: Column, value: object) -> bool:
        return (
            value is not MASKED
            and not isinstance(column.type, UNWRITABLE)
            and not column.readonly
            and not column.primary
        )

    def _value(self, column: Column, value: object) -> str:
        """A value as the language writes it."""
        if value is None:
            return "empty"
        if isinstance(value, RowRef):
            return self._row(value)
        if isinstance(column.type, t.Choice):
            return _name(str(value))
        return constant_text(column.type, value)

    def _row(self, row: RowRef) -> str:
        """A row by its primary key, or under the name it has already."""
        known = self._locals.get(row)
        if known is not None and any(each.row == row and each.what == DELETED for each in self._undoing.rows):
            return known
        table = self._schema.tables[row.table]
        parts = row.key if len(table.primary) > 1 and isinstance(row.key, tuple) else (row.key,)
        values = (
            f"{_name(column.name)}: {self._value(column, part)}"
            for column, part in zip(table.primary, parts, strict=True)
        )
        return f"{_name(table.short_name)}({', '.join(values)})"


def _name(name: str) -> str:
    """A name; in backticks where it is none that can stand by itself."""
    return name if PLAIN.fullmatch(name) else f"`{name}`"
