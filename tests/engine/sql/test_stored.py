"""What a database holds or refuses that the language would not: said with the row, the column and the step."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import attrs
import pytest

from actionlang.diagnostics.catalogue import database as database_codes
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.schema import Schema
from actionlang.engine.sql import sqlite
from actionlang.engine.sql.dialect import Refusal
from actionlang.engine.sql.refusals import constraint_error
from actionlang.engine.sql.sqlite import SQLITE
from actionlang.engine.sql.storage import Storage
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef, StoredValueError, StoreError
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from tests.engine.building import (
    BY_NAME,
    CASE,
    CHOICES,
    TABLES,
    aggregate,
    by_key,
    col,
    column,
    create,
    known,
    let,
    lit,
    local,
    number,
    place,
    plan,
    query,
    table,
    unit,
    update,
    verb,
)
from tests.engine.stores import key, make_tables, opened

THIS = local("this", CASE)
ONE, TWO = RowRef("desk.case", key(1)), RowRef("desk.case", key(2))


@attrs.frozen
class Tables:
    """A helpdesk in SQLite."""

    driver: sqlite3.Connection
    store: SqlStore

    def run(self, entry: Verb, on: RowRef | None = None, **arguments: object) -> dict[str, object]:
        return bind(plan(entry), self.store).run(unit(), arguments, on)

    def failure(self, *steps: s.Step, on: RowRef | None = ONE) -> Failure:
        with pytest.raises(Failure) as caught:
            self.run(verb(*steps, on=CASE if on else None), on)
        return caught.value


@pytest.fixture
def tables() -> Iterator[Tables]:
    """Two cases, a team, an account."""
    with opened() as driver:
        make_tables(driver, Schema.of(TABLES, CHOICES))
        for number_, text in ((1, "CAS-1"), (2, "CAS-2")):
            driver.execute(
                "INSERT INTO \"case\" (id, number, title, priority, status, done, amount) VALUES (?, ?, 'T', 1, 'open', 0, 5)",
                (key(number_), text),
            )
        driver.execute("INSERT INTO team VALUES (?, 'Tier 2')", (key(3),))
        driver.execute("INSERT INTO account (id, name) VALUES (?, 'ACME')", (key(4),))
        yield Tables(driver, SqlStore(driver.cursor(), SQLITE, Schema.of(TABLES, CHOICES)))


def told(failure: Failure) -> tuple[str, str, str | None, str | None]:
    """Code, message, row, column."""
    assert failure.site is not None
    assert (failure.site.verb, failure.site.place.line) == ("desk.Do", 1)
    return failure.code.id, failure.message, failure.row_name, failure.column


# ------------------------------------------------------------------------------- values that are none of their type's


SPOILT: dict[str, tuple[str, object, str]] = {
    "status": ("status", "closed", "'closed'"),
    "choice": ("priority", 7, "7"),
    "moment": ("opened_on", "yesterday", "'yesterday'"),
    "day": ("due", 20260102, "'20260102'"),
    "amount": ("amount", 1.5, "1.5"),
    "flag": ("done", 5, "5"),
    "required": ("title", None, "nothing"),
    "bytes": ("title", b"\xff\xfe", "b'\\xff\\xfe'"),
    "long": ("number", "x" * 300, f"{repr('x' * 300)[:60]}..."),
    "zero": ("title", "a\x00b", "'a\\x00b'"),
}


def spoil(driver: sqlite3.Connection, name: str, value: object) -> None:
    """Store what the table's checks would refuse."""
    driver.executescript("PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON;")
    driver.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'case'")
    driver.execute("PRAGMA writable_schema = RESET")
    driver.execute(f"UPDATE \"case\" SET {name} = ? WHERE number = 'CAS-1'", (value,))


@pytest.mark.parametrize("case", SPOILT.values(), ids=SPOILT)
def test_a_stored_value_that_does_not_conform_names_the_row(tables: Tables, case: tuple[str, object, str]) -> None:
    name, value, found = case
    spoil(tables.driver, name, value)
    message = f"The case {key(1)} has {found} stored in `{name}`, which is no value of that column."
    failure = tables.failure(let("x", col(THIS, name)))
    assert (failure.code.id, failure.message, failure.column) == ("E0715", message, name)
    assert failure.row == ONE
    found_by_scan = tables.failure(
        let("n", aggregate("count", query(CASE, "each", filled(col(local("each", CASE), name))))), on=None
    )
    assert (found_by_scan.code.id, found_by_scan.message) == ("E0715", message)
    assert found_by_scan.row == ONE


def filled(node: Any) -> Any:
    """A condition on a column that no store looks for by itself."""
    return e.Not(t.Boolean(), False, e.IsEmpty(t.Boolean(), False, node))


def test_text_that_is_no_utf8_names_the_row(tables: Tables) -> None:
    tables.driver.execute("UPDATE \"case\" SET title = CAST(x'ff41' AS TEXT) WHERE number = 'CAS-2'")
    message = f"The case {key(2)} has bytes that are not UTF-8 stored in `title`, which is no value of that column."
    failure = tables.failure(let("x", col(THIS, "title")), on=TWO)
    assert (failure.code.id, failure.message, failure.column) == ("E0715", message, "title")
    scanned = tables.failure(
        s.ForEachRow(place(), query(CASE, "each"), (let("x", col(local("each", CASE), "title")),)), on=None
    )
    assert (scanned.code.id, scanned.message, scanned.row) == ("E0715", message, TWO)


def test_a_key_that_is_no_utf8_is_said(tables: Tables) -> None:
    tables.driver.execute("INSERT INTO team VALUES (CAST(x'ff' AS TEXT), 'Tier 3')")
    teams = BY_NAME["core.team"]
    with pytest.raises(StoredValueError) as caught:
        list(tables.store.prepare_scan(teams, (), ())(()))
    assert (caught.value.table, caught.value.column, caught.value.found) == (
        "core.team",
        "id",
        "bytes that are not UTF-8",
    )
    with pytest.raises(StoredValueError):
        tables.store.prepare_look_up(teams, ("name",))(["Tier 3"])


def test_a_key_that_does_not_conform_names_itself(tables: Tables) -> None:
    tables.driver.execute("INSERT INTO team VALUES ('three', 'Tier 3')")
    tables.driver.execute("INSERT INTO line (\"order\", position) VALUES (1, 'one')")
    failure = tables.failure(let("x", by_key("core.team", name=lit("Tier 3"))), on=None)
    assert (failure.code.id, failure.row) == ("E0715", RowRef("core.team", "three"))
    assert failure.message == "The team three has 'three' stored in `id`, which is no value of that column."
    with pytest.raises(StoredValueError) as caught:
        list(tables.store.prepare_scan(BY_NAME["desk.line"], (), ())(()))
    assert (caught.value.key, caught.value.column) == ((1, "one"), "order")


def test_a_lookup_that_is_filled_twice_or_in_part_does_not_conform(tables: Tables) -> None:
    tables.driver.execute("PRAGMA ignore_check_constraints = ON")
    tables.driver.execute("INSERT INTO contact (id, name) VALUES (?, 'Bo')", (key(5),))
    tables.driver.execute(
        'UPDATE "case" SET customer_account = ?, customer_contact = ? WHERE id = ?', (key(4), key(5), key(1))
    )
    failure = tables.failure(let("x", col(THIS, "customer")))
    assert (failure.code.id, failure.column) == ("E0715", "customer")
    assert failure.message.startswith(f"The case {key(1)} has ('{key(4)}', '0000")


def test_a_sensitive_value_that_does_not_conform_is_masked(tables: Tables) -> None:
    tables.driver.execute("INSERT INTO contact (id, secret) VALUES (?, x'00')", (key(5),))
    with pytest.raises(StoredValueError) as caught:
        tables.store.prepare_read(BY_NAME["desk.contact"], ("secret",))(key(5))
    assert caught.value.found == "***"


# ------------------------------------------------------------------------------------------------ what is not allowed


def test_what_the_database_refuses_names_step_row_and_column(tables: Tables) -> None:
    taken = tables.failure(update(THIS, number=lit("CAS-2")))
    assert told(taken) == ("E0711", "There is already a case with number CAS-2.", "case CAS-1", "number")
    tables.driver.execute("CREATE TRIGGER never BEFORE UPDATE ON \"case\" BEGIN SELECT RAISE(ABORT, 'never'); END")
    assert told(tables.failure(update(THIS, title=lit("x")))) == (
        "E0720",
        "The database has a check that refuses this case.",
        "case CAS-1",
        None,
    )


def test_a_row_that_others_refer_to_stays(tables: Tables) -> None:
    tables.driver.execute("INSERT INTO task (id, subject, regarding_case) VALUES (?, 'S', ?)", (key(9), key(1)))
    failure = tables.failure(s.Delete(place(), THIS))
    assert told(failure) == (
        "E0713",
        "The case can not be deleted: task rows refer to it.",
        "case CAS-1",
        None,
    )


def test_a_row_that_unknown_tables_refer_to_stays(tables: Tables) -> None:
    tables.driver.execute('CREATE TABLE other (c TEXT REFERENCES "case" (id))')
    tables.driver.execute("INSERT INTO other VALUES (?)", (key(1),))
    assert told(tables.failure(s.Delete(place(), THIS)))[:2] == (
        "E0713",
        "The case can not be deleted: other rows refer to it.",
    )


def test_values_are_stored_in_their_column_s_form(tables: Tables) -> None:
    tables.run(
        verb(
            update(
                THIS,
                amount=known(number(col(THIS, "amount"))),
                rating=lit(Decimal("2.345")),
                due=lit(date(2026, 1, 2), t.Date()),
                done=lit(True),
                customer=by_key("desk.account", name=lit("ACME")),
            ),
            on=CASE,
        ),
        ONE,
    )
    stored = "SELECT amount, rating, due, done, customer_account, customer_contact FROM \"case\" WHERE number = 'CAS-1'"
    assert tables.driver.execute(stored).fetchone() == (5, 234, "2026-01-02", 1, key(4), None)


# ------------------------------------------------------------------------------------------------- checks in the tables


CHECKED = table(
    "x.checked",
    column("short", t.Text(2)),
    column("flag", t.Boolean()),
    column("level", t.Choice("desk.Priority")),
    column("state", t.Choice("desk.case.status")),
    column("party", t.Row(("core.user", "core.team")), required=True),
    column("line", t.Row(("desk.line",))),
    column("must", t.Integer(), required=True),
)
REFUSED_BY_CHECK: dict[str, tuple[str, tuple[str, ...]]] = {
    "short = 'abc'": ("check", ("short",)),
    "flag = 2": ("check", ("flag",)),
    "level = 9": ("check", ("level",)),
    "state = 'gone'": ("check", ("state",)),
    "party_user = NULL": ("check", ("party",)),
    "party_team = 'x'": ("check", ("party",)),
    "line_order = 1": ("check", ("line",)),
    "must = NULL": ("required", ("must",)),
}


@pytest.mark.parametrize("change", REFUSED_BY_CHECK)
def test_tables_refuse_what_other_programs_do_wrong(change: str) -> None:
    known_tables = (CHECKED, BY_NAME["core.user"], BY_NAME["core.team"], BY_NAME["desk.line"])
    schema = Schema.of(known_tables, CHOICES)
    with opened() as driver:
        make_tables(driver, schema)
        driver.execute("INSERT INTO user (id, name) VALUES ('u', 'U')")
        driver.execute("INSERT INTO checked (id, party_user, must) VALUES ('c', 'u', 1)")
        with pytest.raises(sqlite3.IntegrityError) as caught:
            driver.execute(f"UPDATE checked SET {change}")
        refusal = sqlite.refusal(caught.value)
        assert refusal is not None
        error = constraint_error(refusal, Storage(schema, SQLITE).table("x.checked"))
        assert (error.kind, error.columns) == REFUSED_BY_CHECK[change]


# -------------------------------------------------------------------------------------------------- when SQLite fails


def error(name: str, message: str = "told") -> sqlite3.OperationalError:
    """An error as the driver raises it."""
    made = sqlite3.OperationalError(message)
    made.sqlite_errorname = name
    return made


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (
            error("SQLITE_BUSY_SNAPSHOT"),
            database_codes.LOCKED,
            "The database is locked: another program is writing to it.",
        ),
        (error("SQLITE_FULL"), database_codes.DISK_FULL, "There is no room left for the database."),
        (error("SQLITE_READONLY_DBMOVED"), database_codes.READ_ONLY, "The database can only be read."),
        (error("SQLITE_CORRUPT_INDEX"), database_codes.DAMAGED, "The database is damaged."),
        (
            error("SQLITE_IOERR_WRITE", "disk I/O error"),
            database_codes.DATABASE_FAILED,
            "The database's disk failed: disk I/O error.",
        ),
        (
            error("SQLITE_ERROR", "no such table: case"),
            database_codes.DATABASE_DIFFERS,
            "The database's tables are not the plan's: no such table: case.",
        ),
        (error("SQLITE_ERROR", "odd"), database_codes.DATABASE_FAILED, "The database failed: odd."),
        (
            sqlite3.ProgrammingError("Cannot operate on a closed database."),
            database_codes.DATABASE_FAILED,
            "The database failed: Cannot operate on a closed database..",
        ),
    ],
    ids=str,
)
def test_errors_of_the_driver_have_codes(raised: Exception, code: Any, message: str) -> None:
    trouble = sqlite.trouble(raised)
    assert (trouble.code, trouble.message) == (code.id, message)
    assert sqlite.refusal(raised) is None
    assert sqlite.undecodable(raised) is None


def test_references_that_dangle_are_counted_where_any_is_looked_at_late() -> None:
    with opened() as driver:
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.execute("CREATE TABLE a (x INTEGER PRIMARY KEY)")
        driver.execute("CREATE TABLE b (a REFERENCES a)")
        driver.execute("INSERT INTO b VALUES (1)")
        cursor = driver.cursor()
        assert sqlite.dangling(cursor) == Counter()
        driver.execute("CREATE TABLE c (a REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
        driver.execute("INSERT INTO c VALUES (1)")
        assert sum(sqlite.dangling(cursor).values()) == 2


TEAMS = BY_NAME["core.team"]
OPERATIONS: dict[str, Callable[[SqlStore], Callable[[], object]]] = {
    "read": lambda store: partial(store.prepare_read(TEAMS, ("name",)), key(1)),
    "look up": lambda store: partial(store.prepare_look_up(TEAMS, ("name",)), ["x"]),
    "scan": lambda store: partial(lambda scan: list(scan(())), store.prepare_scan(TEAMS, ("name",), ())),
    "insert": lambda store: partial(store.prepare_insert(TEAMS, ("name",)), key(1), ["x"]),
    "update": lambda store: partial(store.prepare_update(TEAMS, ("name",)), key(1), ["x"]),
    "delete": lambda store: partial(store.prepare_delete(TEAMS), key(1)),
    "savepoint": lambda store: store.savepoint,
}


@pytest.mark.parametrize("prepare", OPERATIONS.values(), ids=OPERATIONS)
def test_a_database_that_is_gone_is_trouble_for_every_operation(
    prepare: Callable[[SqlStore], Callable[[], object]],
) -> None:
    with opened() as driver:
        make_tables(driver, Schema.of(TABLES, CHOICES))
        operation = prepare(SqlStore(driver.cursor(), SQLITE, Schema.of(TABLES, CHOICES)))
        driver.close()
        with pytest.raises(StoreError) as caught:
            operation()
        assert caught.value.code == "E0808"


def test_a_delete_that_a_trigger_refuses_is_a_check(tables: Tables) -> None:
    tables.driver.execute("CREATE TRIGGER keep BEFORE DELETE ON \"case\" BEGIN SELECT RAISE(ABORT, 'kept'); END")
    assert told(tables.failure(s.Delete(place(), THIS)))[0] == "E0720"


def test_a_new_row_without_a_column_that_the_database_requires(tables: Tables) -> None:
    tables.driver.execute("CREATE TRIGGER odd BEFORE INSERT ON team BEGIN SELECT RAISE(ABORT, 'odd'); END")
    failure = tables.failure(create("core.team", name=lit("Tier 9")), on=None)
    assert (failure.code.id, failure.column) == ("E0720", None)


def test_names_of_a_database_may_be_odd() -> None:
    odd = Table(
        "x.odd", 'it"s; --', (Column("id", t.Id(), "i d", primary=True), Column("when", t.Text(), 'a"b:c %s ?'))
    )
    with opened() as driver:
        make_tables(driver, Schema.of((odd,)))
        store = SqlStore(driver.cursor(), SQLITE, Schema.of((odd,)))
        store.prepare_insert(odd, ("when",))(key(1), ["x"])
        store.prepare_update(odd, ("when",))(key(1), ["y"])
        assert [list(row.values) for row in store.prepare_scan(odd, ("when",), ("when",))(["y"])] == [["y"]]


def test_refusals_without_names() -> None:
    stored = Storage(Schema.of(TABLES, CHOICES), SQLITE).table("desk.case")
    for refusal, columns in ((Refusal("unique", ("NUMBER",)), ("number",)), (Refusal("check", name="unknown"), ())):
        assert constraint_error(refusal, stored).columns == columns
