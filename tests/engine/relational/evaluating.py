"""Expressions about a case, worked out by the interpreter and by a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import Any

from actionlang.engine.failure import Failure
from actionlang.engine.ids import CountedIds
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.relational.expressions import RULES
from actionlang.engine.relational.hosted import reader
from actionlang.engine.relational.postgres import PostgresSpelling
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.spelling import Spelling
from actionlang.engine.relational.sqlite import SqliteSpelling
from actionlang.engine.relational.value import Sql
from actionlang.engine.schema import Schema
from actionlang.engine.sql.postgres import POSTGRES
from actionlang.engine.sql.sqlite import SQLITE
from actionlang.engine.sql.storage import Storage
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter
from tests.engine.stores import on_postgres, on_sqlite
from tests.plan.running import CASE, NOW, ROWS, USER, filled_store
from tests.plan.samples import BY_NAME, CHOICES, ON_CASE, TABLES, at, plan_of, verb

SCHEMA = Schema.of(TABLES, CHOICES)
REFUSED = "refused"
"""What stands for any failure."""


class CaseScope(Scope):
    """`case` is the row that the alias `c` stands for."""

    def local(self, node: e.Local) -> Sql:
        assert node.name == "case"
        return self.key_of("c", self.schema.tables["helpdesk.case"])

    def caller(self) -> Sql:
        return Sql((self.spelling.constant_text(USER, t.Id()),), t.USER, simple=True, fixed=True)

    def of_the_run(self, function: str) -> Sql:
        if function == "now":
            return self.spelling.literal(NOW, t.DateTime())
        return self.spelling.literal(NOW.date(), t.Date())


class OnDatabase:
    """A database with the sample's rows."""

    def __init__(self, store: SqlStore, name: str) -> None:
        self.cursor: Any = store._cursor
        self.name = name
        for table, key, values in ROWS:
            store.prepare_insert(BY_NAME[table], tuple(values))(key, tuple(values.values()))

    def scope(self) -> CaseScope:
        dialect = SQLITE if self.name == "sqlite" else POSTGRES
        spelling: Spelling = SqliteSpelling(SCHEMA) if self.name == "sqlite" else PostgresSpelling(SCHEMA)
        return CaseScope(spelling, Storage(SCHEMA, dialect), RULES)

    def value(self, node: e.Expression) -> Any:
        """What the database works out; REFUSED when it raises. Raises NotRelational."""
        scope = self.scope()
        sql = scope.translate(node)
        if isinstance(scope.spelling, SqliteSpelling):
            unit = Unit(NOW, UTC)
            for function in scope.spelling.functions.values():
                self.cursor.connection.create_function(function.name, function.arity, function.make(unit))
        case = scope.named(BY_NAME["helpdesk.case"], "c")
        key = scope.spelling.constant_text(CASE, t.Id())
        statement = f'SELECT {", ".join(sql.cells)} FROM {case} WHERE c."id" = {key}'
        self.cursor.execute("SAVEPOINT asked")
        try:
            self.cursor.execute(statement)
            found = self.cursor.fetchone()
        except scope_errors(self.name):
            self.cursor.execute("ROLLBACK TO SAVEPOINT asked")
            return REFUSED
        return self._read(found, sql, scope)

    def _read(self, found: tuple[Any, ...], sql: Sql, scope: Scope) -> Any:
        type_ = sql.type
        if isinstance(type_, t.Row):
            return next((str(cell) for cell in found if cell is not None), None)
        if found[0] is None:
            return None
        if self.name == "sqlite":
            read = reader(type_, sql.scale, SCHEMA)
            return read(found[0]) if read else found[0]
        if isinstance(type_, t.Duration) or scope.spelling.numbered(type_):
            read = reader(type_, 0, SCHEMA)
            assert read is not None
            return read(found[0])
        return str(found[0]) if isinstance(type_, t.Id) else found[0]


def scope_errors(name: str) -> type[Exception]:
    return (SQLITE if name == "sqlite" else POSTGRES).error


@contextmanager
def on(name: str) -> Iterator[OnDatabase]:
    """A database by name, in a transaction that is not kept."""
    opened = on_sqlite if name == "sqlite" else on_postgres
    with opened(TABLES, CHOICES) as store:
        assert isinstance(store, SqlStore)
        yield OnDatabase(store, name)


def interpreted(node: e.Expression) -> Any:
    """What the interpreter works out; REFUSED when it fails."""
    outputs = (Parameter("value", node.type, node.optional),)
    entry = verb("Ask", s.Return(at(1), (("value", node),)), binding=ON_CASE, outputs=outputs)
    bound = bind(plan_of(entry), filled_store())
    unit = Unit(NOW, UTC, caller=RowRef("core.user", USER), new_id=CountedIds(NOW))
    try:
        value = bound.run(unit, {}, RowRef("helpdesk.case", CASE))["value"]
    except Failure:
        return REFUSED
    return value.key if isinstance(value, RowRef) else value
