"""A run by one function on the server: one round trip, where a plan has such a function.

The function is made in the session, among its temporary objects, when a plan is run there for the second time. Whatever is not
plain success (a failure of the verb, a row that is not there, a function that is gone) leaves nothing behind, and the interpreter
runs the plan as if nothing had been tried: so what is told of it is the same everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.changes import Change
from actionlang.engine.decimals import plain
from actionlang.engine.ids import IdBlock
from actionlang.engine.json_form import from_json, key_from_json
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.sql.codecs import write_moment
from actionlang.engine.sql.storage import Storage
from actionlang.engine.store import LookUp, Read, RowRef
from actionlang.engine.times import MICROSECOND
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.metadata.types import USER
from actionlang.plan.plan import Parameter, StepPlan
from actionlang.runtime.json_text import json_member, json_object, json_text
from actionlang.runtime.masking import names_sensitive_rows
from actionlang.runtime.result import OutcomeUnknown, Result

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.session_function import SessionFunction
    from actionlang.engine.sql.dialect import Cursor, Dialect
    from actionlang.runtime.prepared_call import PreparedCall

Text = Callable[[Any], Any]

DECIDED_BY_INTERPRETER = ("AL", "22", "23", "44", "42", "0A", "3F", "P0")
"""Classes of SQLSTATE after which the interpreter runs the plan: failures, refusals, a function or a table that is gone."""

MOST_MADE = 3
"""How often a function that is gone is made anew on one session, which is often shared with someone else then."""


class AnswerLost(OutcomeUnknown):
    """The run was kept, but the connection was lost before its answer came."""

    def __init__(self, verb: str, run: str) -> None:
        message = f"{verb} was kept, but the connection was lost before its answer came."
        ActionLangError.__init__(self, Diagnostic(codes.OUTCOME_UNKNOWN, message, hint=f"see the log for {run}"))
        self.run = run


class _Named(Exception):
    """A row is named by an alternate key, which the server has to look up."""

    def __init__(self, table: str, columns: tuple[str, ...], values: Sequence[object]) -> None:
        super().__init__()
        self.table = table
        self.columns = columns
        self.values = values


class _Unseen:
    """A store that believes that every row is there: the server sees to it."""

    def prepare_read(self, table: Table, columns: tuple[str, ...]) -> Read:
        """See `Store`."""
        return lambda key: ()

    def prepare_look_up(self, table: Table, columns: tuple[str, ...]) -> LookUp:
        """See `Store`."""

        def look_up(values: Sequence[object]) -> object:
            raise _Named(table.name, columns, values)

        return look_up


class Asked(NamedTuple):
    """What is asked for, read: by which key the row is named and the values of that key, the caller, the arguments."""

    how: int
    key: tuple[object, ...]
    row: RowRef | None
    caller: RowRef | None
    arguments: Mapping[str, object]


class ServerPlan:
    """A plan's function on one session."""

    def __init__(self, plan: StepPlan, plan_hash: str, cursor: Cursor, dialect: Dialect, storage: Storage) -> None:
        self.plan = plan
        self.schema = storage.schema
        self._plan_hash = plan_hash
        self._cursor = cursor
        self._dialect = dialect
        self._storage = storage
        self._made = 0
        self._runs = 0
        self._is_there = False
        self.why_not: str | None = None if dialect.name == "postgresql" else f"{dialect.name} runs no functions"

    # ------------------------------------------------------------------------------------------------- making it

    def make(self, *, at_once: bool = False) -> bool:
        """Whether the function is there, made if need be. Not for the first run, which is often the only one, unless `at_once`.

        Raises StoreError for what is wrong with the database.
        """
        if self._is_there:
            return True
        self._runs += 1
        if self.why_not is not None or (self._runs < 2 and not at_once):
            return False
        try:
            function = self.function
        except NotRelational as refused:
            self.why_not = str(refused)
            return False
        if self._made == MOST_MADE:
            self.why_not = "its function does not stay on the server"
            return False
        self._made += 1
        try:
            self._send(function.statements)
        except self._dialect.error as error:
            if not _is_for_interpreter(error):
                raise self._dialect.trouble(error) from error
            self.why_not = f"the server does not take its function: {error}"
            return False
        self._is_there = True
        return True

    def _send(self, statements: tuple[str, ...]) -> None:
        """Execute statements so that a caller's transaction lives on if one of them fails. Raises the driver's errors."""
        driver = self._cursor.connection
        if not self._dialect.in_transaction(driver):
            for statement in statements:
                driver.execute(statement)
            return
        driver.execute("SAVEPOINT actionlang_make")
        try:
            for statement in statements:
                driver.execute(statement)
        except self._dialect.error:
            driver.execute("ROLLBACK TO SAVEPOINT actionlang_make")
            raise
        finally:
            driver.execute("RELEASE SAVEPOINT actionlang_make")

    @cached_property
    def function(self) -> SessionFunction:
        """The function. Raises NotRelational when the plan has none."""
        from actionlang.engine.plpgsql.session_function import session_function

        return session_function(self.plan, self._plan_hash, self._storage)

    @cached_property
    def is_transaction(self) -> bool:
        """Whether a statement by itself is a serializable transaction on this session."""
        driver = self._cursor.connection
        if not driver.autocommit:
            return False
        found = driver.execute("SHOW default_transaction_isolation").fetchone()
        return next(iter(found)) == "serializable" if not isinstance(found, dict) else False

    # -------------------------------------------------------------------------------------------------- asking

    @cached_property
    def _reader(self) -> ArgumentReader:
        return ArgumentReader(self.plan, _Unseen())  # type: ignore[arg-type]

    def read(self, on: object, caller: object, arguments: Mapping[str, object]) -> Asked | None:
        """What is asked for; None when the server can not find the rows that it names.

        Raises ActionLangError for what does not fit the contract, whatever rows there are.
        """
        try:
            how, key, row = self._target(on)
            user = self._user(caller)
            given = self._reader.arguments(arguments)
        except _Named:
            return None
        return Asked(how, key, row, user, given)

    def _target(self, on: object) -> tuple[int, tuple[object, ...], RowRef | None]:
        try:
            row = self._reader.target(on)
        except _Named as named:
            keys = self.function.keys
            if named.columns not in keys:
                raise
            return keys.index(named.columns), tuple(named.values), None
        if row is None:
            return 0, (), None
        return 0, row.key if isinstance(row.key, tuple) else (row.key,), row

    def _user(self, caller: object) -> RowRef | None:
        if caller is None:
            return None
        if isinstance(caller, RowRef) and caller.table == USER.tables[0]:
            return caller
        if self.function.caller:
            return self._reader.row(USER.tables, caller)
        raise _Named(USER.tables[0], (), ())

    # -------------------------------------------------------------------------------------------------- calling

    @cached_property
    def _prepared(self) -> PreparedCall:
        from actionlang.runtime.prepared_call import PreparedCall

        function = self.function
        values = ", ".join(f"${number}::{type_}" for number, type_ in enumerate(function.parameters, 1))
        return PreparedCall(self._cursor.connection, f"SELECT {function.name}({values})")

    def call(
        self, run: str, started: datetime, ids: IdBlock, unit: Unit, asked: Asked, *, dry_run: bool
    ) -> Answer | None:
        """Call the function in whatever transaction is open, or in one of its own; None when the interpreter has to decide.

        Raises StoreError for what is wrong with the database.
        """
        values = self._values(run, started, ids, unit, asked)
        try:
            text = self._prepared.ask(values)
        except self._dialect.error as error:
            if not _is_for_interpreter(error):
                raise self._dialect.trouble(error) from error
            if getattr(error, "sqlstate", "")[:2] in ("42", "0A", "3F"):
                self._is_there = False
            return None
        return Answer(None if dry_run else run, text, self, dry_run)

    def _values(self, run: str, started: datetime, ids: IdBlock, unit: Unit, asked: Asked) -> list[str | None]:
        """The arguments of a call, as texts."""
        now = write_moment(unit.now)
        values: list[str | None] = [
            run,
            now if started is unit.now else write_moment(started),
            now,
            now,
            str(unit.zone),
            unit.today.isoformat(),
            None if asked.caller is None else self._caller_json(asked.caller),
            self._arguments_json(asked.arguments),
            ids.prefix,
            str(ids.base),
            str(ids.stride),
        ]
        function = self.function
        if function.caller:
            values += self._caller_cells(asked.caller)
        if function.keys:
            values.append(str(asked.how))
            for number, cells in enumerate(self._keys):
                if number == asked.how:
                    for write, value in zip(cells, asked.key, strict=True):
                        values += write(value)
                else:
                    values += self._no_key[number]
        given = asked.arguments
        for name, left_out, write in self._inputs:
            values += write(given[name] if name in given else left_out(unit))
        return values

    @cached_property
    def _caller_json(self) -> Text:
        return json_text(USER)

    @cached_property
    def _members(self) -> dict[str, Any]:
        tables = self.schema.tables
        return {
            each.name: json_member(each.name, each.type, each.sensitive or names_sensitive_rows(each.type, tables))
            for each in self.plan.verb.inputs
        }

    def _arguments_json(self, arguments: Mapping[str, object]) -> str:
        members = self._members
        return json_object([members[name] for name in arguments], arguments.values())

    @cached_property
    def _caller_cells(self) -> Callable[[object], list[str | None]]:
        return self._cells(USER)

    @cached_property
    def _keys(self) -> list[list[Callable[[object], list[str | None]]]]:
        binding = self.plan.verb.binding
        assert binding is not None
        table = self.schema.tables[binding.table]
        return [[self._cells(table.by_name[name].type) for name in key] for key in self.function.keys]

    @cached_property
    def _no_key(self) -> list[list[str | None]]:
        return [[cell for write in key for cell in write(None)] for key in self._keys]

    @cached_property
    def _inputs(self) -> list[tuple[str, Callable[[Unit], object], Callable[[object], list[str | None]]]]:
        return [(each.name, _left_out(each), self._cells(each.type)) for each in self.plan.verb.inputs]

    def _cells(self, type_: t.Type) -> Callable[[object], list[str | None]]:
        """What makes the cells of a value, as texts in the server's canonical form."""
        if isinstance(type_, t.Row):
            return self._row_cells(type_)
        write = self._text(type_)
        return lambda value: [None if value is None else write(value)]

    def _row_cells(self, type_: t.Row) -> Callable[[object], list[str | None]]:
        parts = []
        for name in type_.tables:
            primary = self.schema.tables[name].primary
            writers = [self._cells(column.type) for column in primary]
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
        if isinstance(type_, t.Choice) and self.schema.choices[type_.name].numbered:
            numbers = {member.name: str(member.number) for member in self.schema.choices[type_.name].members}
            return numbers.__getitem__
        if isinstance(type_, t.ListOf):
            cells = self._cells(type_.item)
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


def _is_for_interpreter(error: Exception) -> bool:
    return (getattr(error, "sqlstate", None) or "")[:2] in DECIDED_BY_INTERPRETER


class Answer(Result):
    """A run's result as the server gave it: a text, looked into when it is asked for."""

    _text: str
    _plan: ServerPlan

    def __init__(self, run: str | None, text: str, plan: ServerPlan, dry_run: bool) -> None:
        put = object.__setattr__
        put(self, "run", run)
        put(self, "dry_run", dry_run)
        put(self, "replayed", False)
        put(self, "_text", text)
        put(self, "_plan", plan)

    def __repr__(self) -> str:
        return repr(self.plain)

    def __eq__(self, other: object) -> bool:
        return self.plain == (other.plain if isinstance(other, Answer) else other)

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def plain(self) -> Result:
        """The same, with nothing left to be looked into."""
        return Result(self.run, self.outputs, self.changes, self.dry_run)

    @cached_property
    def _data(self) -> list[Any]:
        found: list[Any] = json.loads(self._text, parse_float=Decimal)
        return found

    @cached_property
    def outputs(self) -> Mapping[str, object]:
        """See `Result`."""
        data, plan = self._data[0], self._plan
        return {each.name: from_json(data[each.name], each.type, plan.schema) for each in plan.plan.verb.outputs}

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """See `Result`."""
        function = self._plan.function
        _, single, *lists = self._data
        # Each is site, how many are before it in the lists, key, before and after, and the last two as they are, not masked.
        found = [(at + behind, site, key, *objects) for at, (site, behind, key, *objects) in enumerate(single[:-1], 1)]
        for number, site, key, *texts in zip(*lists, strict=True):
            found.append((number, site, json.loads(key), *map(_object, texts)))
        found.sort(key=itemgetter(0))
        first = 2 if function.has_clear else 0
        return tuple(self._change(site, key, *objects[first:]) for _, site, key, *objects in found)

    def _change(self, number: int, key: object, old: dict[str, object] | None, new: dict[str, object] | None) -> Change:
        function, schema = self._plan.function, self._plan.schema
        site, noted = function.sites[number - 1], function.noted[number]
        table = noted.table
        columns = tuple((old if new is None else new) or ())

        def values(data: dict[str, object] | None) -> tuple[object, ...] | None:
            if data is None:
                return None
            return tuple(from_json(data[name], table.by_name[name].type, schema) for name in columns)

        return Change(
            table,
            key_from_json(key, table.name, schema),
            noted.operation,
            site.verb,
            site.place.line,
            site.stage,
            columns,
            values(old),
            values(new),
        )


def _object(text: str | None) -> Any:
    return None if text is None else json.loads(text, parse_float=Decimal)
