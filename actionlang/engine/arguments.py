"""What a caller gives a verb, from JSON, from a command line or from Python, as language values.

A row may be given as people name it: by an alternate key (`"CAS-0042"`), with its table before it (`"case
CAS-0042"`), as an object of a key's columns (`{"number": "CAS-0042"}`), by its primary key, or as a RowRef.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple

from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.interpreter.rows import key_text, required_positions
from actionlang.engine.json_form import Reader, reader_of
from actionlang.engine.schema import Schema
from actionlang.engine.store import Read, RowRef, Store, StoredValueError
from actionlang.metadata.tables import Table
from actionlang.metadata.types import ListOf, Row, Type
from actionlang.plan.plan import Parameter, StepPlan

LONGEST_SHOWN = 60
"""Characters of what was given that a message shows."""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


class _Key(NamedTuple):
    """One of a table's keys: its columns, what reads their values, of how many parts the text of each consists, what finds the
    row that has them."""

    columns: tuple[str, ...]
    readers: tuple[Reader, ...]
    widths: tuple[int, ...]
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
            parts = self._parted([part.strip() for part in data.split(",")])
        elif isinstance(data, list | tuple):
            parts = list(data)
        if len(parts) != len(columns) or None in parts:
            return None
        try:
            return [read(part) for read, part in zip(self.readers, parts, strict=True)]
        except ValueError:
            return None

    def _parted(self, parts: list[str]) -> list[object]:
        """A text's parts by columns: a lookup takes as many as the key that it refers to has."""
        if len(parts) != sum(self.widths):
            return []
        found: list[object] = []
        for width in self.widths:
            found.append(",".join(parts[:width]))
            parts = parts[width:]
        return found


class NoSuchRow(ActionLangError):
    """The row that a verb was to be on is not there, or its caller may not read it: nobody is told which. `table` is the short
    name of its table."""

    def __init__(self, table: str, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.table = table


class ArgumentReader:
    """Reads arguments for a plan's verb, looking rows up in a store. With `columns`, which says how the run keeps a table's rows,
    a row is read whole where it is looked up, into `ahead` when that is set."""

    def __init__(self, plan: StepPlan, store: Store, columns: Callable[[str], tuple[str, ...]] | None = None) -> None:
        self.ahead: dict[RowRef, list[object]] | None = None
        self._columns = columns
        self._verb = plan.verb
        self._schema = Schema.of_plan(plan)
        self._store = store
        self._parameters = {parameter.name: parameter for parameter in plan.verb.inputs}
        self._readers = {each.name: reader_of(each.type, self._schema, self.row) for each in plan.verb.inputs}
        self._gone: AbstractSet[RowRef] = frozenset()
        self._keys: dict[str, tuple[_Key, ...]] = {}
        self._reads: dict[str, Read] = {}
        self._whole: dict[str, Read] = {}
        self._required: dict[str, tuple[tuple[int, str], ...]] = {}

    @contextmanager
    def without(self, rows: AbstractSet[RowRef]) -> Iterator[None]:
        """While this lasts, these rows are not there."""
        self._gone = rows
        try:
            yield
        finally:
            self._gone = frozenset()

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
            raise NoSuchRow(short, self._problem(f"{name} is on {error}, not {shown}.")) from None

    def rows_named(self, targets: Iterable[object], given: Mapping[str, object]) -> Iterator[RowRef]:
        """The rows that are given and are there, whatever is wrong with what else is given."""
        if self._verb.binding is not None:
            yield from self._rows_there((self._verb.binding.table,), (row for row in targets if row is not None))
        for parameter in self._verb.inputs:
            data, type_ = given.get(parameter.name), parameter.type
            if isinstance(type_, ListOf) and isinstance(type_.item, Row):
                several = isinstance(data, list | tuple) and not isinstance(data, RowRef)
                yield from self._rows_there(type_.item.tables, data if several else ())  # type: ignore[arg-type]
            elif isinstance(type_, Row) and data is not None:
                yield from self._rows_there(type_.tables, (data,))

    def _rows_there(self, tables: tuple[str, ...], given: Iterable[object]) -> Iterator[RowRef]:
        for data in given:
            with suppress(ValueError):
                yield self.row(tables, data)

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
        if isinstance(type_, ListOf):
            if isinstance(data, list | tuple):
                return _shortened(f"({', '.join(self._shown(type_.item, each) for each in data[:LONGEST_SHOWN])})")
            type_ = type_.item
        names = type_.tables if isinstance(type_, Row) else ()
        for table in (self._schema.tables[name] for name in names):
            keys = {*(name for key in table.keys for name in key), *(column.name for column in table.primary)}
            if any(table.by_name[name].sensitive for name in keys):
                return "what was given"
        if isinstance(data, RowRef):
            return f"{data.table.rpartition('.')[2]} {key_text(data.key)}"
        if isinstance(data, dict) and data.keys() == {"table", "key"} and isinstance(data["key"], dict):
            data = f"{str(data['table']).rpartition('.')[2]} {', '.join(map(str, data['key'].values()))}"
        return _shortened(f'"{data}"' if isinstance(data, str) else str(data))

    def _problem(self, message: str, hint: str | None = None) -> Diagnostic:
        return Diagnostic(WRONG_ARGUMENT, message, hint=hint)

    # --------------------------------------------------------------------------------------------------- rows

    def row(self, tables: tuple[str, ...], data: object) -> RowRef:
        """The row of one of these tables that data stands for.

        Raises ValueError, with what could stand there as its text, when there is none.
        """
        if isinstance(data, RowRef):
            if data.table in tables and data not in self._gone and self._is_there(data):
                return data
            raise ValueError(self._expected(tables))
        if len(tables) == 1 and type(data) is str and " " not in data:
            only = self._find(self._schema.tables[tables[0]], data)
            if only is not None:
                return only
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
            if found is not None and found not in self._gone:
                return found
        return None

    def _keys_of(self, table: Table) -> tuple[_Key, ...]:
        """The keys by which a row of a table may be named: alternate ones first, then the primary one."""
        primary = tuple(column.name for column in table.primary)
        keys = [self._key(table, columns, self._finder(table, columns)) for columns in table.keys if columns != primary]
        return (*keys, self._key(table, primary, partial(self._by_primary_key, table)))

    def _key(self, table: Table, columns: tuple[str, ...], find: Callable[[list[Any]], RowRef | None]) -> _Key:
        readers = tuple(reader_of(table.by_name[name].type, self._schema, self.row) for name in columns)
        widths = tuple(self._width(table.by_name[name].type) for name in columns)
        return _Key(columns, readers, widths, find)

    def _width(self, type_: Type) -> int:
        """Of how many parts the text of a value consists."""
        if not isinstance(type_, Row) or len(type_.tables) > 1:
            return 1
        return sum(self._width(column.type) for column in self._schema.tables[type_.tables[0]].primary)

    def _finder(self, table: Table, columns: tuple[str, ...]) -> Callable[[list[Any]], RowRef | None]:
        look_up, name = self._store.prepare_look_up(table, columns), table.name
        scan = None if self._columns is None else self._store.prepare_scan(table, self._columns(name), columns)

        def find(values: list[Any]) -> RowRef | None:
            if self.ahead is not None and scan is not None:
                try:
                    found = next(scan(values), None)
                except StoredValueError:
                    # The run will tell when it gets there.
                    pass
                else:
                    return None if found is None else self._keep(table, *found)
            key = look_up(values)
            return None if key is None else RowRef(name, key)

        return find

    def _by_primary_key(self, table: Table, values: list[Any]) -> RowRef | None:
        row = RowRef(table.name, values[0] if len(values) == 1 else tuple(values))
        return row if self._is_there(row) else None

    def _keep(self, table: Table, key: object, values: Sequence[object]) -> RowRef:
        """A row that was found, kept for the run if there is nothing wrong with it."""
        row = RowRef(table.name, key)
        assert self.ahead is not None
        if None in values:
            assert self._columns is not None
            required = self._required.get(table.name)
            if required is None:
                required = self._required[table.name] = required_positions(table, self._columns(table.name))
            for at, _ in required:
                if values[at] is None:
                    return row
        self.ahead[row] = list(values)
        return row

    def _is_there(self, row: RowRef) -> bool:
        if self.ahead is not None and self._columns is not None and (there := self._read_ahead(row)) is not None:
            return there
        read = self._reads.get(row.table)
        if read is None:
            read = self._reads[row.table] = self._store.prepare_read(self._schema.tables[row.table], ())
        return read(row.key) is not None

    def _read_ahead(self, row: RowRef) -> bool | None:
        """Whether a row is there; None where it can not be read whole."""
        assert self._columns is not None
        table = self._schema.tables[row.table]
        read = self._whole.get(row.table)
        if read is None:
            read = self._whole[row.table] = self._store.prepare_read(table, self._columns(row.table))
        try:
            values = read(row.key)
        except StoredValueError:
            return None
        if values is None:
            return False
        self._keep(table, row.key, values)
        return True

    def _expected(self, tables: tuple[str, ...]) -> str:
        return " or ".join(self._wanted(self._schema.tables[name]) for name in tables)

    def _wanted(self, table: Table) -> str:
        columns = table.keys[0] if table.keys else tuple(column.name for column in table.primary)
        return f"an existing {table.short_name}, by its {' and '.join(columns)}"
