"""A run by one function on the server: one round trip, where a plan has such a function.

The function is made in the session, among its temporary objects, when a plan is run there for the second time. Whatever is not
plain success (a failure of the verb, a row that is not there, a function that is gone) leaves nothing behind, and the interpreter
runs the plan as if nothing had been tried: so what is told of it is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.ids import IdBlock
from actionlang.engine.json_form import Reader, reader_of
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.sql.storage import Storage
from actionlang.engine.store import LookUp, Read, RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table
from actionlang.metadata.types import USER
from actionlang.plan.plan import StepPlan
from actionlang.runtime.answer import Answer
from actionlang.runtime.call_values import CLOCK, Asked, CallValues
from actionlang.runtime.result import OutcomeUnknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actionlang.access.grants import Unchanged
    from actionlang.engine.plpgsql.session_function import SessionFunction
    from actionlang.engine.sql.dialect import Cursor, Dialect
    from actionlang.runtime.prepared_call import PreparedCall

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


class _Named:
    """Stands for the key of a row that is named by an alternate one, which the server has to look up."""

    def __init__(self, columns: tuple[str, ...], values: Sequence[object]) -> None:
        self.columns = columns
        self.values = values


class _Unseen:
    """A store that believes that every row is there: the server sees to it. `named` are the rows that it could not tell the
    primary keys of."""

    def __init__(self) -> None:
        self.named: list[_Named] = []

    def prepare_read(self, table: Table, columns: tuple[str, ...]) -> Read:
        """See `Store`."""
        return lambda key: ()

    def prepare_look_up(self, table: Table, columns: tuple[str, ...]) -> LookUp:
        """See `Store`."""

        def look_up(values: Sequence[object]) -> object:
            named = _Named(columns, values)
            self.named.append(named)
            return named

        return look_up


class ServerPlan:
    """A plan's function on one session."""

    def __init__(
        self,
        plan: StepPlan,
        plan_hash: str,
        cursor: Cursor,
        dialect: Dialect,
        storage: Storage,
        key: str | None = None,
    ) -> None:
        self.plan = plan
        self._key = key
        self.schema = storage.schema
        self._plan_hash = plan_hash
        self._cursor = cursor
        self._dialect = dialect
        self._storage = storage
        self._made = 0
        self._runs = 0
        self._is_there = False
        self._calls: dict[tuple[bool, int] | None, PreparedCall] = {}
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

        return session_function(self.plan, self._plan_hash, self._storage, self._key)

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
    def _unseen(self) -> _Unseen:
        return _Unseen()

    @cached_property
    def _reader(self) -> ArgumentReader:
        return ArgumentReader(self.plan, self._unseen)  # type: ignore[arg-type]

    def read(self, on: object, caller: object, arguments: Mapping[str, object]) -> Asked | None:
        """What is asked for; None when the server can not find the rows that it names.

        Raises ActionLangError for what does not fit the contract, whatever rows there are.
        """
        named = self._unseen.named
        named.clear()
        how = 0
        key: tuple[object, ...] = ()
        row = self._reader.target(on)
        if named:
            (one, *others), keys = named, self.function.keys
            if others or row is None or row.key is not one or one.columns not in keys:
                return None
            how, key, row = keys.index(one.columns), tuple(one.values), None
            named.clear()
        elif row is not None:
            key = row.key if isinstance(row.key, tuple) else (row.key,)
        user = None
        if caller is not None:
            user = self._user(caller)
            if user is None:
                return None
        given = self._reader.arguments(arguments)
        return None if named else Asked(how, key, row, user, given)

    def _user(self, caller: object) -> RowRef | None:
        if isinstance(caller, RowRef) and caller.table == USER.tables[0]:
            return caller
        return self._reader.row(USER.tables, caller) if self.function.caller else None

    # -------------------------------------------------------------------------------------------------- calling

    def _prepared(self, unchanged: Unchanged | None) -> PreparedCall:
        kind = None if unchanged is None else unchanged.kind
        known = self._calls.get(kind)
        if known is None:
            known = self._calls[kind] = self._prepare(unchanged)
        return known

    def _prepare(self, unchanged: Unchanged | None) -> PreparedCall:
        from actionlang.runtime.prepared_call import PreparedCall

        function = self.function
        values = ", ".join(f"${number}::{type_}" for number, type_ in enumerate(function.parameters, 1))
        formats = [int(at == CLOCK) for at, _ in enumerate(function.parameters)]
        call = f"{function.name}({values})"
        if unchanged is not None:
            call = f"CASE WHEN {unchanged.condition(len(formats) + 1)} THEN {call} END"
            formats += [0] * len(unchanged.values)
        return PreparedCall(self._cursor.connection, f"SELECT {call}", formats)

    @cached_property
    def _values(self) -> CallValues:
        return CallValues(self.plan, self.function, self.schema)

    @cached_property
    def output_readers(self) -> Mapping[str, Reader]:
        """What reads the outputs from JSON, by their names."""
        return {each.name: reader_of(each.type, self.schema) for each in self.plan.verb.outputs}

    def call(
        self,
        run: str,
        started: datetime,
        ids: IdBlock,
        unit: Unit,
        asked: Asked,
        *,
        dry_run: bool,
        unchanged: Unchanged | None = None,
    ) -> Answer | None:
        """Call the function in whatever transaction is open, or in one of its own; None when the interpreter has to decide, or
        when the caller's rights are not `unchanged`.

        Raises StoreError for what is wrong with the database.
        """
        values = self._values.of(run, started, ids, unit, asked)
        if unchanged is not None:
            values += unchanged.values
        try:
            text = self._prepared(unchanged).ask(values)
        except self._dialect.error as error:
            if not _is_for_interpreter(error):
                raise self._dialect.trouble(error) from error
            if getattr(error, "sqlstate", "")[:2] in ("42", "0A", "3F"):
                self._is_there = False
            return None
        if text is None:
            return None
        return Answer(None if dry_run else run, text, self, dry_run)


def _is_for_interpreter(error: Exception) -> bool:
    return (getattr(error, "sqlstate", None) or "")[:2] in DECIDED_BY_INTERPRETER
