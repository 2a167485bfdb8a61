"""Columns that the tool did not make, on real databases: what reads, what is written, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.schema import Schema
from actionlang.engine.sql.existing import shortest_single
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import ConstraintError, StoredValueError
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Member, Table
from actionlang.runtime.audit import METADATA
from actionlang.runtime.database import Database
from actionlang.runtime.drift import check_tables
from actionlang.runtime.session import Session
from tests.engine.building import column
from tests.postgres import fresh_database

COLOUR = Choice("x.Colour", (Member("red"), Member("green")))
LEVEL = Choice("x.Level", (Member("low", 1), Member("high", 2)))
KEY = "00000000-0000-7000-8000-00000000000a"
MOMENT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
HALF_A_SECOND = MOMENT.replace(microsecond=500_000)


@attrs.frozen
class Case:
    """A column's type in a database and in the language; literals that read as values; values that are written and read back;
    values that the column refuses; literals that are no value of the type."""

    sql: str
    type: t.Type
    reads: dict[str, Any] = attrs.field(factory=dict)
    writes: tuple[Any, ...] = ()
    refuses: tuple[Any, ...] = ()
    wrong: tuple[str, ...] = ()


MONEY = Decimal("12.5")
POSTGRES = (
    Case("smallint", t.Integer(), {"7": 7}, (-5, 32767), (32768,)),
    Case("integer", t.Integer(), {"7": 7}, (2**31 - 1,), (2**31,)),
    Case("bigint", t.Integer(), {"7": 7}, (2**63 - 1, -(2**63))),
    Case("numeric(10,0)", t.Integer(), {"7": 7}, (9_999_999_999,), (10_000_000_000,)),
    Case("numeric", t.Integer(), {"7.0": 7}, (2**63 - 1,), (), ("1.5", "1e30", "'NaN'")),
    Case("numeric(10,2)", t.Money(), {"12.5": MONEY}, (MONEY,), (Decimal("0.001"), Decimal("1e8"))),
    Case(
        "numeric", t.Money(), {"12.50000": MONEY}, (Decimal("0.0001"),), (), ("0.00001", "1e30", "'NaN'", "'Infinity'")
    ),
    Case("numeric(30,4)", t.Decimal(9, 2), {"12.5": MONEY}, (Decimal("-9999999.99"),), (), ("0.001", "10000000")),
    Case("real", t.Float(), {"0.1": 0.1}, (0.5, 0.1, 1e10), (1 / 3, 1e300), ("'NaN'", "'Infinity'")),
    Case("double precision", t.Float(), {"0.1": 0.1}, (1 / 3, 1e300), (), ("'NaN'", "'-Infinity'")),
    Case("numeric(20,10)", t.Float(), {"0.1": 0.1}, (0.5,), (1 / 3,), ("12345678.0123456789",)),
    Case(
        "double precision",
        t.Money(),
        {"12.5": MONEY},
        (Decimal("0.1"),),
        (Decimal("123456789012345.6789"),),
        ("1e-7", "'NaN'"),
    ),
    Case("real", t.Decimal(5, 2), {"12.5": MONEY}, (Decimal("0.1"),), (), ("0.001",)),
    Case("varchar(5)", t.Text(), {"'añb'": "añb"}, ("", "a b  "), ("123456",)),
    Case("char(5)", t.Text(), {"'ab'": "ab"}, ("ab", " b"), ("ab ", "123456")),
    Case("text", t.Text(3), {"'abc'": "abc"}, ("ab ",), (), ("'abcd'",)),
    Case("mood", t.Choice("x.Colour"), {"'red'": "red"}, ("green",), (), ("'blue'",)),
    Case("mood", t.Text(), {"'blue'": "blue"}, ("red",), ("black",)),
    Case("varchar(9)", t.Choice("x.Colour"), {"'red'": "red"}, ("green",), (), ("'Red'",)),
    Case("smallint", t.Choice("x.Level"), {"2": "high"}, ("low",), (), ("3",)),
    Case("short", t.Text(), {"'ab'": "ab"}, ("abc",), ("abcd",)),
    Case("boolean", t.Boolean(), {"true": True}, (False, True)),
    Case("smallint", t.Boolean(), {"1": True}, (False, True), (), ("2",)),
    Case(
        "date",
        t.Date(),
        {"'2026-02-28'": date(2026, 2, 28)},
        (date(1, 1, 1), date(9999, 12, 31)),
        (),
        ("'infinity'", "'0044-03-15 BC'", "'10000-01-01'"),
    ),
    Case(
        "timestamp",
        t.DateTime(),
        {"'2026-11-24 09:30'": MOMENT},
        (HALF_A_SECOND, datetime(1, 1, 1, tzinfo=UTC)),
        (),
        ("'infinity'", "'0044-03-15 BC'"),
    ),
    Case("timestamp(0)", t.DateTime(), {"'2026-11-24 09:30'": MOMENT}, (MOMENT,), (HALF_A_SECOND,)),
    Case(
        "timestamptz",
        t.DateTime(),
        {"'2026-11-24 12:30+03'": MOMENT},
        (HALF_A_SECOND, datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
        (),
        ("'-infinity'",),
    ),
    Case(
        "interval",
        t.Duration(),
        {"'36:00'": timedelta(1.5), "'1 day -1 hour'": timedelta(hours=23)},
        (timedelta(days=-1, microseconds=1), timedelta(days=99999)),
        (),
        ("'1 month'", "'2 years'"),
    ),
    Case("uuid", t.Id(), {f"'{KEY.upper()}'": KEY}, (KEY,)),
    Case("char(36)", t.Id(), {f"'{KEY}'": KEY}, (KEY,), (), (f"'{KEY.upper()}'",)),
    Case("char(32)", t.Id(), {f"'{KEY.replace('-', '')}'": KEY}, (KEY,), (), ("'x'",)),
    Case("json", t.Json(), {'\'{"b":1, "a": 2.50}\'': '{"a":2.5,"b":1}'}, ('{"a":1}',)),
    Case("jsonb", t.Json(), {'\'{"b":1, "a": 2}\'': '{"a":2,"b":1}'}, ('{"a":1}', '"x"')),
)
SQLITE = (
    Case("INTEGER", t.Integer(), {"7": 7}, (2**63 - 1,), (), ("'x'", "1.5")),
    Case("BIGINT", t.Boolean(), {"1": True}, (False,), (), ("2",)),
    Case(
        "NUMERIC(10,2)",
        t.Money(),
        {"12.5": MONEY, "12": Decimal(12), "0.1": Decimal("0.1")},
        (MONEY, Decimal("0.0001"), Decimal(3)),
        (Decimal("123456789012345.6789"),),
        ("0.00001", "'x'", "1e300"),
    ),
    Case("DECIMAL(5,1)", t.Decimal(5, 1), {"12.5": MONEY}, (Decimal("9999.9"),), (), ("0.25", "10000")),
    Case("REAL", t.Decimal(9, 2), {"12.5": MONEY, "3": Decimal(3)}, (Decimal("0.1"), Decimal(7)), (), ("0.001",)),
    Case("DOUBLE", t.Float(), {"0.1": 0.1, "3": 3.0}, (1 / 3, 2.0), (), ("'x'",)),
    Case("NUMERIC", t.Float(), {"0.1": 0.1, "3": 3.0}, (1 / 3, 2.0), (), ("'x'", "9007199254740993")),
    Case("NVARCHAR(20)", t.Text(), {"'ab'": "ab"}, ("", "ab "), (), ("x'00'",)),
    Case(
        "DATETIME",
        t.DateTime(),
        {
            "'2026-11-24 09:30:00'": MOMENT,
            "'2026-11-24T09:30:00.500000Z'": HALF_A_SECOND,
            "'2026-11-24 09:30:00.000'": MOMENT,
        },
        (HALF_A_SECOND, MOMENT),
        (),
        ("'2026-11-24'", "'2026-11-24 25:00:00'", "7"),
    ),
    Case("TIMESTAMP", t.DateTime(), {"'2026-11-24 09:30:00'": MOMENT}, (MOMENT,)),
    Case("DATE", t.Date(), {"'2026-02-28'": date(2026, 2, 28)}, (date(1, 1, 1),), (), ("'28.02.2026'", "20260228")),
    Case("BOOLEAN", t.Boolean(), {"1": True}, (False,), (), ("2", "'true'")),
    Case("CHAR(32)", t.Id(), {f"'{KEY.replace('-', '')}'": KEY}, (KEY,), (), ("'x'",)),
    Case("UUID", t.Id(), {f"'{KEY}'": KEY}, (KEY,), (), ("'x'",)),
    Case("VARCHAR(36)", t.Id(), {f"'{KEY}'": KEY}, (KEY,), (), ("7",)),
    Case("JSON", t.Json(), {'\'{"b":1, "a": 2}\'': '{"a":2,"b":1}'}, ('{"a":1}',), (), ("'{'",)),
    Case("TEXT", t.Choice("x.Colour"), {"'red'": "red"}, ("green",), (), ("'Red'",)),
    Case("INT", t.Choice("x.Level"), {"2": "high"}, ("low",), (), ("3",)),
    Case("", t.Integer(), {"7": 7}, (8,), (), ("'x'",)),
)
CASES = [("postgres", case) for case in POSTGRES] + [("sqlite", case) for case in SQLITE]
TYPES_OF_ITS_OWN = (
    "CREATE TYPE mood AS ENUM ('green', 'blue', 'red')",
    "CREATE DOMAIN short AS varchar(3)",
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Database]:
    with fresh_database() as url, Database.connect(url) as database:
        execute(database, *TYPES_OF_ITS_OWN)
        with database.engine.begin() as connection:
            METADATA.create_all(connection)
        yield database


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path: Path = tmp_path_factory.mktemp("existing") / "data.db"
    with Database.connect(f"sqlite:///{path}", create=True, synchronous="off") as database:
        with database.engine.begin() as connection:
            METADATA.create_all(connection)
        yield database


def execute(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def holding(type_: t.Type) -> Table:
    """A table with a whole number for a key and a column of a type."""
    return Table("x.one", "one", (column("k", t.Integer(), primary=True), attrs.evolve(column("c", type_))))


@contextmanager
def opened(database: Database, sql: str, table: Table) -> Iterator[SqlStore]:
    """A store on a new table, in a transaction that is not kept."""
    execute(database, 'DROP TABLE IF EXISTS "one"', f'CREATE TABLE "one" ("k" integer PRIMARY KEY, "c" {sql})')
    schema = Schema.of((table,), (COLOUR, LEVEL))
    with database.engine.connect() as connection:
        storage = check_tables(schema, connection, database.dialect)
        yield SqlStore(Session.on(connection).cursor, database.dialect, schema, storage)
        connection.rollback()


@pytest.mark.parametrize(
    ("name", "case"), CASES, ids=lambda each: f"{each.sql} as {each.type}" if isinstance(each, Case) else each
)
def test_what_a_column_holds(name: str, case: Case, request: pytest.FixtureRequest) -> None:
    database: Database = request.getfixturevalue(name)
    table = holding(case.type)
    with opened(database, case.sql, table) as store:
        read, insert = store.prepare_read(table, ("c",)), store.prepare_insert(table, ("c",))
        find = store.prepare_scan(table, (), ("c",))
        for number, (literal, value) in enumerate(case.reads.items(), 1):
            store._cursor.execute(f'INSERT INTO "one" VALUES ({number}, {literal})', ())
            assert read(number) == [value]
            assert number in [row.key for row in find([value])]
        for number, value in enumerate(case.writes, 101):
            insert(number, [value])
            assert read(number) == [value]
            assert type((read(number) or [None])[0]) is type(value)
            assert number in [row.key for row in find([value])]
        for value in case.refuses:
            with pytest.raises(ConstraintError) as refused:
                insert(999, [value])
            assert refused.value.kind == "check"
            assert read(999) is None
            assert list(find([value])) == []
        insert(500, [None])
        assert [row.key for row in find([None])] == [500]
        for number, literal in enumerate(case.wrong, 201):
            store._cursor.execute(f'INSERT INTO "one" VALUES ({number}, {literal})', ())
            with pytest.raises(StoredValueError) as wrong:
                read(number)
            assert (wrong.value.table, wrong.value.key, wrong.value.column) == ("x.one", number, "c")


UNFIT = [
    ("postgres", "bytea", t.Text(), "BYTEA"),
    ("postgres", "integer[]", t.Integer(), "ARRAY"),
    ("postgres", "xml", t.Text(), "of an unknown type"),
    ("postgres", "time", t.Text(), "TIME"),
    ("postgres", "text", t.Integer(), "TEXT"),
    ("postgres", "integer", t.Money(), "INTEGER"),
    ("postgres", "uuid", t.Text(), "UUID"),
    ("postgres", "date", t.DateTime(), "DATE"),
    ("postgres", "mood", t.Choice("x.Level"), "VARCHAR(5)"),
    ("sqlite", "BLOB", t.Text(), "BLOB"),
    ("sqlite", "TEXT", t.Integer(), "TEXT"),
    ("sqlite", "INTEGER", t.Text(), "INTEGER"),
    ("sqlite", "DATE", t.DateTime(), "DATE"),
]


@pytest.mark.parametrize(("name", "sql", "type_", "shown"), UNFIT)
def test_a_column_that_can_not_hold_a_type_is_refused(
    name: str, sql: str, type_: t.Type, shown: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(ActionLangError) as caught, opened(request.getfixturevalue(name), sql, holding(type_)):
        pass
    first = caught.value.diagnostics[0]
    assert first.code.id == "E0806"
    assert f"one.c is {shown}" in first.message
    assert "can not hold" in first.message


def test_a_moment_spelt_in_several_ways_is_no_key(sqlite: Database) -> None:
    table = Table("x.one", "one", (column("k", t.Integer()), column("c", t.DateTime(), primary=True)))
    with pytest.raises(ActionLangError, match="can be no key"), opened(sqlite, "DATETIME", table):
        pass


def test_a_unique_moment_is_looked_up_however_it_is_spelt(sqlite: Database) -> None:
    table = Table(
        "x.one",
        "one",
        (column("k", t.Integer(), primary=True), column("c", t.DateTime(), unique=True, key=True)),
        keys=(("c",),),
    )
    with opened(sqlite, "DATETIME", table) as store:
        store._cursor.execute("INSERT INTO one VALUES (1, '2026-11-24 09:30:00.000000')", ())
        assert store.prepare_look_up(table, ("c",))([MOMENT]) == 1
        assert store.prepare_look_up(table, ("c",))([HALF_A_SECOND]) is None


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_the_shortest_text_of_a_single(value: float) -> None:
    import struct

    shortest = shortest_single(value)
    assert struct.pack("f", shortest) == struct.pack("f", value)
    assert shortest_single(shortest) == shortest


# --------------------------------------------------------------------------------------- what is made is what is found

EVERY_TYPE: tuple[t.Type, ...] = (
    t.Text(), t.Text(5), t.Integer(), t.Money(), t.Decimal(9, 2), t.Decimal(38, 10), t.Float(), t.Boolean(), t.Date(), t.DateTime(),
    t.Duration(), t.Id(), t.Json(), t.File(), t.Choice("x.Colour"), t.Choice("x.Level"), t.Choices("x.Colour"),
)  # fmt: skip


@pytest.mark.parametrize("name", ["postgres", "sqlite"])
def test_what_we_make_is_stored_as_we_make_it(name: str, request: pytest.FixtureRequest) -> None:
    database: Database = request.getfixturevalue(name)
    columns: list[Column] = [column("k", t.Id(), primary=True)]
    columns += [column(f"c{number}", type_) for number, type_ in enumerate(EVERY_TYPE)]
    schema = Schema.of((Table("x.all", "every", tuple(columns)),), (COLOUR, LEVEL))
    database.tables.create(schema)
    with database.engine.connect() as connection:
        storage = check_tables(schema, connection, database.dialect)
    for cell in storage.table("x.all").cells:
        made = database.dialect.codec_of(cell.type, schema)
        assert (cell.codec.kind, cell.codec.ordered, cell.codec.exact, cell.codec.compared) == (
            made.kind, made.ordered, made.exact, made.compared,
        ), cell  # fmt: skip
        assert (cell.codec.write is None) == (made.write is None), cell
    assert isinstance(database.engine, sa.Engine)
