"""The work of a session: one transaction on a database, in which a statement that fails undoes only itself, and which nothing
but `:commit` keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

from actionlang.engine.changes import Change
from actionlang.engine.events import Event
from actionlang.engine.interpreter.bind import RULES, bind
from actionlang.engine.interpreter.frame import Execute, Frame
from actionlang.engine.interpreter.queries import bind_rows
from actionlang.engine.interpreter.rows import stored_value
from actionlang.engine.interpreter.scope import Rules, Scope
from actionlang.engine.json_form import to_json
from actionlang.engine.schema import Schema
from actionlang.engine.sql.definition import creating, define
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.starts import Started
from actionlang.engine.store import RowRef, StoredValueError
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan import steps as s
from actionlang.plan.expressions import Query
from actionlang.plan.plan import StepPlan
from actionlang.repl.rows import RowReader
from actionlang.runtime.background import BACKGROUND
from actionlang.runtime.database import Database
from actionlang.runtime.drift import check_tables
from actionlang.runtime.plans import Plan
from actionlang.runtime.reflection import find_tables
from actionlang.runtime.result import Result
from actionlang.runtime.session import Session
from actionlang.runtime.troubles import told_as_codes
from actionlang.runtime.uses import Use, uses_of

T = TypeVar("T")


class Work:
    """A session's transaction on a database. It is open only while there is something to keep or undo, so that somebody who looks
    at rows keeps nobody else from writing."""

    def __init__(self, database: Database, expected: Schema | None = None) -> None:
        """On a database that has the tables expected, if there are any.

        Raises ActionLangError when it does not, or when verbs can not run on it.
        """
        self.database = database
        self.changes: list[Change] = []
        self.events: list[Event] = []
        self.started: list[Started] = []
        self.made: list[str] = []
        self._statements = 0
        self._present: set[str] = set()
        with told_as_codes(database.dialect):
            self._connection = database.engine.connect()
            try:
                self._session = Session.on(self._connection)
                if expected is not None:
                    check_tables(expected, self._connection, database.dialect)
                    self._connection.rollback()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Undo what was not kept and let go of the database."""
        with told_as_codes(self.database.dialect):
            self._connection.close()

    @property
    def pending(self) -> bool:
        """Whether there is anything that only `:commit` keeps."""
        return bool(self._statements or self.made)

    def run(self, plan: StepPlan, arguments: Mapping[str, object], caller: RowRef | None = None) -> Result:
        """Run what may write: a unit inside the work, with a record of its own among the runs.

        Raises RunFailed or another ActionLangError when it fails; then it changed nothing, and what was done before is still
        there, unless the database itself undid it: see `lost`.
        """
        types = {parameter.name: parameter.type for parameter in plan.verb.inputs}
        given = {name: _handed(value, types[name]) for name, value in arguments.items()}
        with self._settled():
            result = Plan.of(plan).run(self._connection, zone=self.database.zone, caller=caller, arguments=given)
            self._statements += 1
            self.changes += result.changes
            self.events += result.events
            self.started += result.started
        return result

    def look(
        self, plan: StepPlan, arguments: Mapping[str, object], query: Query | None = None, caller: RowRef | None = None
    ) -> tuple[dict[str, object], list[RowRef]]:
        """The outputs of what only reads, which leaves no record, and the rows of its query, if it is one.

        Raises Failure when it fails, ActionLangError when the database does.
        """
        rows: list[RowRef] = []
        with self._settled():
            store = self._store(Schema.of_plan(plan), uses_of(plan))
            unit = Unit(datetime.now(UTC), self.database.zone, caller, self._session.new_ids())
            try:
                return bind(plan, store, rules=_collecting(query, rows)).run(unit, arguments), rows
            except StoredValueError as error:
                raise stored_value(error) from None

    def read(self, schema: Schema, look: Callable[[RowReader], T]) -> T:
        """What `look` finds in the rows, as they are within the work.

        Raises ActionLangError when the database fails, and what `look` raises.
        """
        with self._settled():
            return look(RowReader(self._store(schema, ()), schema))

    def _store(self, schema: Schema, uses: Iterable[Use]) -> SqlStore:
        """A store on what the database has for a schema, which is all that is used of it."""
        storage = check_tables(schema, self._connection, self.database.dialect, uses)
        return SqlStore(self._session.cursor, self.database.dialect, schema, storage)

    def make_tables(self, schema: Schema, wanted: Iterable[str], *, keep: bool) -> None:
        """Make those of the wanted tables (full names) that are not there, as part of the work; with `keep` they stay, unless
        there is something that may be undone.

        Raises ActionLangError when that can not be done.
        """
        missing = {schema.tables[name].stored for name in wanted} - self._present
        if not missing:
            return
        keep = keep and not self.pending
        with self._settled():
            dialect = self.database.dialect
            new = missing - set(find_tables(missing, self._connection, dialect))
            tables = [table for table in define(schema, dialect).tables.values() if table.fullname in new]
            for statement in creating(tables, dialect):
                self._connection.execute(statement)
            self.made += [str(table.fullname) for table in tables]
        self._present |= missing
        if keep and self.made:
            self.commit()

    def make_room_for_starts(self) -> None:
        """Make the table of background runs, where it is not there: nobody works on them in a database that forgets."""
        with self._settled():
            BACKGROUND.create(self._connection, checkfirst=True)
            if not self.pending:
                self._connection.commit()

    def drop_tables(self, schema: Schema, names: Iterable[str], *, keep: bool) -> None:
        """Drop tables (full names) that have no rows, as part of the work, so that they are made anew; with `keep` as in
        `make_tables`.

        Raises ActionLangError when that can not be done.
        """
        known = set(self._present if keep else self.made)
        keep = keep and not self.pending
        with self._settled():
            for name in names:
                stored = schema.tables[name].stored
                quoted = self.database.dialect.quoted_table(stored)
                if stored in known and not self._connection.exec_driver_sql(f"SELECT 1 FROM {quoted}").first():
                    self._connection.exec_driver_sql(f"DROP TABLE {quoted}")
                    self._present.discard(stored)
                    self.made = [made for made in self.made if made != stored]
            if keep:
                self.commit()

    def commit(self) -> None:
        """Keep everything. Raises ActionLangError when that is refused; then everything is still to be kept or undone."""
        with told_as_codes(self.database.dialect):
            self._connection.commit()
        self._forget()

    def rollback(self) -> None:
        """Undo everything since the last `commit`."""
        with told_as_codes(self.database.dialect):
            self._connection.rollback()
        self._present -= set(self.made)
        self._forget()

    def lost(self) -> bool:
        """Whether the database undid the work by itself, as some of its errors make it do; says so once."""
        if not self.pending or self._session.in_transaction:
            return False
        self.rollback()
        return True

    def _forget(self) -> None:
        self.changes = []
        self.events = []
        self.started = []
        self.made = []
        self._statements = 0

    @contextmanager
    def _settled(self) -> Iterator[None]:
        """While this lasts the database is used; afterwards its transaction is ended unless there is something to keep."""
        with told_as_codes(self.database.dialect):
            try:
                yield
            finally:
                if not self.pending:
                    self._connection.rollback()


def _handed(value: object, type_: t.Type) -> object:
    """A language value as an argument of a run."""
    return to_json(value, type_) if isinstance(type_, t.Json) else value


def _collecting(query: Query | None, rows: list[RowRef]) -> Rules:
    """The interpreter's rules, but that the rows of a query are listed rather than gone through."""

    def for_each_row(step: s.ForEachRow, scope: Scope) -> Execute:
        if step.query is not query:
            return RULES.steps[s.ForEachRow](step, scope)
        list_rows = bind_rows(step.query, scope)

        def collect(frame: Frame) -> None:
            rows.extend(list_rows(frame))

        return collect

    return Rules(RULES.expressions, {**RULES.steps, s.ForEachRow: for_each_row}, RULES.verb)
