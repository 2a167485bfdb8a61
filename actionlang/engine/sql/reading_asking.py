"""Expressions of what is read from outside of runs, in SQL. Nobody works out here what SQL has no form of, so more has one.

Functions that never fail, whatever they are given, are called where the database does not have them itself: on SQLite the host's
own code, on PostgreSQL the same table of letters, spelt out. Parts of moments are those in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import attrs

from actionlang.engine.functions.case_table import TO_CAPITALS, TO_SMALL
from actionlang.engine.functions.casing import WHITE_SPACE, mapping
from actionlang.engine.relational.postgres import literal_text
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql, any_fails
from actionlang.engine.schema import Schema
from actionlang.engine.sql.asking import MARKER, Asking, Shape, SurePostgres, SureSqlite, is_writable
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.sql.storage import Storage
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan import expressions as e

TEXT, TEXTS = t.Text(), "text,text"

HOSTED = (
    *((name, "text", (TEXT,), TEXT) for name in ("upper", "lower", "trim")),
    *((name, TEXTS, (TEXT, TEXT), t.Boolean()) for name in ("contains", "starts_with", "ends_with")),
    ("position", TEXTS, (TEXT, TEXT), t.Integer()),
    *((name, "date", (t.Date(),), t.Integer()) for name in ("year", "month", "day")),
)
"""Functions that have an answer for everything that they can be given: name, overload, what they take, what they give."""

NEVER_FAIL = frozenset({(name, overload) for name, overload, _, _ in HOSTED} | {("length", "text")})

PARTS = {"year": (1, 4), "month": (6, 2), "day": (9, 2), "hour": (12, 2), "minute": (15, 2), "second": (18, 2)}
"""Where the parts of a moment begin in the text that SQLite stores, and how long they are."""

MOMENT = "datetime"


class ReadingSqlite(SureSqlite):
    """See `Spelling`."""

    def call(self, function: str, overload: str, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        """See `Spelling`."""
        if overload == MOMENT and function in PARTS:
            begin, length = PARTS[function]
            return _of_one(f"CAST(substr({arguments[0].text}, {begin}, {length}) AS INTEGER)", arguments[0], type_)
        if (function, overload) == ("date_of", MOMENT):
            return _of_one(f"substr({arguments[0].text}, 1, 10)", arguments[0], type_)
        found = super().call(function, overload, arguments, type_)
        return _sure(found, arguments) if (function, overload) in NEVER_FAIL else found


class ReadingPostgres(SurePostgres):
    """See `Spelling`."""

    def call(self, function: str, overload: str, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        """See `Spelling`."""
        if overload == MOMENT and (function in PARTS or function == "date_of"):
            utc = f"({arguments[0].text} AT TIME ZONE 'UTC')"
            text = f"({utc}::date)" if function == "date_of" else f"(trunc(extract({function} FROM {utc}))::bigint)"
            return _of_one(text, arguments[0], type_)
        if overload == "text" and function in ("upper", "lower"):
            return _of_one(_mapped(arguments[0].text, function), arguments[0], type_)
        if (function, overload) == ("trim", "text"):
            return _of_one(f"btrim({arguments[0].text}, {literal_text(WHITE_SPACE)})", arguments[0], type_)
        found = super().call(function, overload, arguments, type_)
        return _sure(found, arguments) if (function, overload) in NEVER_FAIL else found


def _of_one(text: str, argument: Sql, type_: t.Type) -> Sql:
    return Sql((text,), type_, argument.optional, argument.fails, fixed=argument.fixed)


def _sure(found: Sql, arguments: Sequence[Sql]) -> Sql:
    return attrs.evolve(found, fails=any_fails(*arguments))


def _mapped(text: str, function: str) -> str:
    """A text in capitals or in small letters, letter by letter."""
    several, one, other = _letters(TO_CAPITALS if function == "upper" else TO_SMALL)
    for letter, written in several:
        text = f"replace({text}, {letter}, {written})"
    return f"translate({text}, {one}, {other})"


@cache
def _letters(table: str) -> tuple[tuple[tuple[str, str], ...], str, str]:
    """The letters that become several, each with what it becomes, then those that become one and what these become, as SQL."""
    found = mapping(table)
    several = tuple(
        (literal_text(chr(code)), literal_text(written)) for code, written in found.items() if isinstance(written, str)
    )
    single = {code: written for code, written in found.items() if isinstance(written, int)}
    return several, literal_text("".join(map(chr, single))), literal_text("".join(map(chr, single.values())))


class ReadingAsking(Asking):
    """See `Asking`."""

    def __init__(self, dialect: Dialect, storage: Storage, shapes: Sequence[Shape] = ()) -> None:
        super().__init__(dialect, storage, shapes)
        self.spelling = _spelling_of(dialect, storage.schema)

    def surely(self, node: e.Expression) -> Sql:
        """See `Asking`. Functions of the host are called."""
        with self._as_before():
            sql = self.translate(node)
            if sql.fails:
                raise NotRelational("what is asked here may fail")
            if not all(is_writable(MARKER.sub("", text)) for text in sql.cells):
                raise NotRelational("a text here has a character that no database takes")
            return sql


def _spelling_of(dialect: Dialect, schema: Schema) -> ReadingSqlite | ReadingPostgres:
    return ReadingSqlite(schema) if dialect.name == "sqlite" else ReadingPostgres(schema)


def register_functions(cursor: Cursor, schema: Schema) -> None:
    """Have an SQLite connection know the functions of the host that are called here."""
    spelling = ReadingSqlite(schema)
    for name, overload, takes, gives in HOSTED:
        spelling.call(name, overload, [Sql(("x",), type_) for type_ in takes], gives)
    unit = Unit(datetime.now(UTC))
    for function in spelling.functions.values():
        cursor.connection.create_function(function.name, function.arity, function.make(unit), deterministic=True)
