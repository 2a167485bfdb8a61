"""What a caller gives a verb, from JSON, from a command line or from Python, as language values.

A row may be given as people name it: by an alternate key (`"CAS-0042"`), with its table before it (`"case
CAS-0042"`), as an object of a key's columns (`{"number": "CAS-0042"}`), by its primary key, or as a RowRef.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.interpreter.rows import key_text
from actionlang.engine.json_form import Reader, reader_of
from actionlang.engine.schema import Schema
from actionlang.engine.store import Read, RowRef, Store
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row, Type
from actionlang.plan.plan import Parameter, StepPlan

LONGEST_SHOWN = 60
"""Characters of what was given that a message shows."""


class _Key(NamedTuple):
    """One of a table's keys: its columns, what reads their values, what finds the row that has them."""

    columns: tuple[str, ...]
    readers: tuple[Reader, ...]
    find: Callable[[list[Any]], RowRef | None]

    def values(self, data: object) -> list[Any] | None:
        """The key's values, if the data can be values of these columns."""
        columns = self.columns
        parts: list[object] = []
        if isinstance(data, dict):
            parts = [data.get(name) for name in columns] if data.keys() == set(columns) else []
        elif len(columns) == 1:
            parts = [data]
        elif isinstance(data, str):
            parts = [part.strip() for part in data.split(",")]
        elif isinstance(data, list | tuple):
            parts = list(data)
        if len(parts) != len(columns) or None in parts:
            return None
        try:
            return [read(part) for read, part in zip(self.readers, parts, strict=True)]
        except ValueError:
            return None


class ArgumentReader:
    """Reads arguments for a plan's verb, looking rows up in a store."""

    def __init__(self, plan: StepPlan, store: Store) -> None:
        self._verb = plan.verb
        self._schema = Schema.of_plan(plan)
        self._store = store
        self._parameters = {parameter.name: parameter for parameter in plan.verb.inputs}
        self._readers = {each.name: reader_of(each.type, self._schema, self.row) for each in plan.verb.inputs}
        self._keys: dict[str, tuple[_Key, ...]] = {}
        self._reads: dict[str, Read] = {}

    def arguments(self, given: Mapping[str, object]) -> dict[str, object]:
        """The arguments as language values; defaults are left to the run.

        Raises ActionLangError with a diagnostic for each wrong, unknown or missing one, which says what it
        takes.
        """
        problems: list[Diagnostic] = []
        read: dict[str, object] = {}
        for name, data in given.items():
            parameter = self._parameters.get(name)
            if parameter is None:
                problems.append(self._unknown(name))
                continue
            try:
                read[name] = self._argument(parameter, data)
            except ValueError as error:
                problems.append(self._wrong(parameter, data, error))
        for parameter in self._verb.inputs:
            if parameter.name not in given and not parameter.optional and parameter.default is None:
                hint = f"it takes a value of type {parameter.type}"
                problems.append(self._problem(f"{self._verb.short_name} needs `{parameter.name}`.", hint))
        if problems:
            raise ActionLangError(*problems)
        return read

    def target(self, given: object) -> RowRef | None:
        """The row that the verb is to be on, None for a verb without one.

        Raises ActionLangError when it is not there, is needed, or is too much.
        """
        name, binding = self._verb.short_name, self._verb.binding
        if binding is None:
            if given is not None:
                raise ActionLangError(self._problem(f"{name} is not on a row.", "leave the row out"))
            return None
        short = binding.table.rpartition(".")[2]
        if given is None:
            raise ActionLangError(self._problem(f"{name} is on a {short}.", f"say which {short}"))
        try:
            return self.row((binding.table,), given)
        except ValueError as error:
            shown = self._shown(Row((binding.table,)), given)
            raise ActionLangError(self._problem(f"{name} is on {error}, not {shown}.")) from None

    def _argument(self, parameter: Parameter, data: object) -> Any:
        if data is not None:
            return self._readers[parameter.name](data)
        if parameter.optional:
            return None
        raise ValueError("a value")

    def _unknown(self, name: str) -> Diagnostic:
        known = ", ".join(parameter.name for parameter in self._verb.inputs)
        hint = f"it takes {known}" if known else "it takes no arguments"
        return self._problem(f"{self._verb.short_name} has no parameter `{name}`.", hint)

    def _wrong(self, parameter: Parameter, data: object, error: ValueError) -> Diagnostic:
        """What to say of a wrong argument. A sensitive one is not repeated."""
        if parameter.sensitive:
            return self._problem(f"`{parameter.name}` takes a value of type {parameter.type}; what was given is none.")
        return self._problem(f"`{parameter.name}` takes {error}, not {self._shown(parameter.type, data)}.")

    def _shown(self, type_: Type, data: object) -> str:
        """What was given, shortened. What may be a sensitive key is not repeated."""
        names = type_.tables if isinstance(type_, Row) else ()
        for table in (self._schema.tables[name] for name in names):
            keys = {*(name for key in table.keys for name in key), *(column.name for column in table.primary)}
            if any(table.by_name[name].sensitive for name in keys):
                return "what was given"
        if isinstance(data, RowRef):
            return f"{data.table.rpartition('.')[2]} {key_text(data.key)}"
        text = f'"{data}"' if isinstance(data, str) else str(data)
        return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."

    def _problem(self, message: str, hint: str | None = None) -> Diagnostic:
        return Diagnostic(WRONG_ARGUMENT, message, hint=hint)

    # --------------------------------------------------------------------------------------------------- rows

    def row(self, tables: tuple[str, ...], data: object) -> RowRef:
        """The row of one of these tables that data stands for.

        Raises ValueError, with what could stand there as its text, when there is none.
        """
        if isinstance(data, RowRef):
            if data.table in tables and self._is_there(data):
                return data
            raise ValueError(self._expected(tables))
        for table, key in self._readings(tables, data):
            found = self._find(table, key)
            if found is not None:
                return found
        raise ValueError(self._expected(tables))

    def _readings(self, tables: tuple[str, ...], data: object) -> Iterator[tuple[Table, object]]:
        """Every way to take the data as a table and a key of it, the likelier ones first."""
        known = [self._schema.tables[name] for name in tables]
        if isinstance(data, dict) and data.keys() == {"table", "key"}:
            yield from ((table, data["key"]) for table in known if data["table"] in (table.name, table.short_name))
        if isinstance(data, str) and " " in data:
            word, _, rest = data.partition(" ")
            yield from ((table, rest.strip()) for table in known if word in (table.name, table.short_name))
        yield from ((table, data) for table in known)

    def _find(self, table: Table, data: object) -> RowRef | None:
        keys = self._keys.get(table.name)
        if keys is None:
            keys = self._keys[table.name] = self._keys_of(table)
        for key in keys:
            values = key.values(data)
            found = None if values is None else key.find(values)
            if found is not None:
                return found
        return None

    def _keys_of(self, table: Table) -> tuple[_Key, ...]:
        """The keys by which a row of a table may be named: alternate ones first, then the primary one."""
        primary = tuple(column.name for column in table.primary)
        keys = [self._key(table, columns, self._finder(table, columns)) for columns in table.keys if columns != primary]
        return (*keys, self._key(table, primary, partial(self._by_primary_key, table)))

    def _key(self, table: Table, columns: tuple[str, ...], find: Callable[[list[Any]], RowRef | None]) -> _Key:
        readers = tuple(reader_of(table.by_name[name].type, self._schema, self.row) for name in columns)
        return _Key(columns, readers, find)

    def _finder(self, table: Table, columns: tuple[str, ...]) -> Callable[[list[Any]], RowRef | None]:
        look_up, name = self._store.prepare_look_up(table, columns), table.name

        def find(values: list[Any]) -> RowRef | None:
            key = look_up(values)
            return None if key is None else RowRef(name, key)

        return find

    def _by_primary_key(self, table: Table, values: list[Any]) -> RowRef | None:
        row = RowRef(table.name, values[0] if len(values) == 1 else tuple(values))
        return row if self._is_there(row) else None

    def _is_there(self, row: RowRef) -> bool:
        read = self._reads.get(row.table)
        if read is None:
            read = self._reads[row.table] = self._store.prepare_read(self._schema.tables[row.table], ())
        return read(row.key) is not None

    def _expected(self, tables: tuple[str, ...]) -> str:
        return " or ".join(self._wanted(self._schema.tables[name]) for name in tables)

    def _wanted(self, table: Table) -> str:
        columns = table.keys[0] if table.keys else tuple(column.name for column in table.primary)
        return f"an existing {table.short_name}, by its {' and '.join(columns)}"
