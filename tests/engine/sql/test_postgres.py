"""What PostgreSQL's errors mean, each provoked on a real server."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from actionlang.engine.sql.dialect import Refusal
from actionlang.engine.sql.postgres import POSTGRES, refusal, trouble
from tests.postgres import connect, fresh_database

TABLES = """
CREATE TABLE one (
    id integer PRIMARY KEY,
    "Odd, (name)" text UNIQUE,
    small smallint,
    short varchar(3),
    CONSTRAINT positive CHECK (small > 0),
    required text NOT NULL DEFAULT 'x',
    UNIQUE (small, short)
);
CREATE UNIQUE INDEX of_lower ON one (lower(required));
CREATE TABLE two (id integer PRIMARY KEY REFERENCES one (id));
CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not you'; END $$;
CREATE TRIGGER fails BEFORE INSERT ON two FOR EACH ROW WHEN (NEW.id = 7) EXECUTE FUNCTION fails();
INSERT INTO one VALUES (1, 'a', 1, 'x', 'One');
INSERT INTO two VALUES (1);
"""


@pytest.fixture(scope="module")
def driver() -> Iterator[psycopg.Connection]:
    with fresh_database() as url, connect(url) as driver:
        driver.execute(TABLES)
        yield driver


def raised(driver: psycopg.Connection, statement: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught:
        driver.execute(statement)  # type: ignore[call-overload]
    return caught.value


REFUSALS = {
    "INSERT INTO one VALUES (1, 'b', 2, 'y', 'b')": Refusal("unique", ("id",), "one_pkey"),
    "INSERT INTO one VALUES (2, 'a', 2, 'y', 'b')": Refusal("unique", ("Odd, (name)",), "one_Odd, (name)_key"),
    "INSERT INTO one VALUES (2, 'b', 1, 'x', 'b')": Refusal("unique", ("small", "short"), "one_small_short_key"),
    "INSERT INTO one VALUES (2, 'b', 1, 'y', NULL)": Refusal("required", ("required",)),
    "INSERT INTO one VALUES (2, 'b', -1, 'y', 'b')": Refusal("check", (), "positive"),
    "INSERT INTO one VALUES (2, 'b', 99999, 'y', 'b')": Refusal("check"),
    "INSERT INTO one VALUES (2, 'b', 9, 'long', 'b')": Refusal("check"),
    "INSERT INTO two VALUES (2)": Refusal("foreign key", (), "two_id_fkey"),
    "DELETE FROM one": Refusal("foreign key", (), "two_id_fkey"),
    "INSERT INTO two VALUES (7)": Refusal("check"),
}


@pytest.mark.parametrize("statement", REFUSALS)
def test_refusals(driver: psycopg.Connection, statement: str) -> None:
    assert refusal(raised(driver, statement)) == REFUSALS[statement]


def test_a_unique_expression_has_no_column(driver: psycopg.Connection) -> None:
    found = refusal(raised(driver, "INSERT INTO one VALUES (2, 'b', 2, 'y', 'ONE')"))
    assert found is not None
    assert (found.kind, found.name) == ("unique", "of_lower")


TROUBLES = {
    "SELECT * FROM nowhere": (
        "E0806",
        "The database's tables are not the plan's: relation \"nowhere\" does not exist.",
    ),
    "SELECT nothing FROM one": (
        "E0806",
        "The database's tables are not the plan's: column \"nothing\" does not exist.",
    ),
    "SELECT * FROM nowhere.one": (
        "E0806",
        "The database's tables are not the plan's: relation \"nowhere.one\" does not exist.",
    ),
    "DO $$ BEGIN RAISE 'x' USING ERRCODE = '40001'; END $$": (
        "E0814",
        "Other runs were changing the same rows at the same time.",
    ),
    "DO $$ BEGIN RAISE 'x' USING ERRCODE = '40P01'; END $$": (
        "E0814",
        "Other runs were changing the same rows at the same time.",
    ),
    "DO $$ BEGIN RAISE 'x' USING ERRCODE = '53100'; END $$": ("E0803", "There is no room left for the database."),
    "DO $$ BEGIN RAISE 'x' USING ERRCODE = 'XX001'; END $$": ("E0805", "The database is damaged."),
    "DO $$ BEGIN RAISE 'more' USING ERRCODE = '53200'; END $$": ("E0808", "The database failed: more."),
    "SELECT pg_sleep(9)": ("E0807", "The database was told to stop in the middle of a statement."),
}


@pytest.mark.parametrize("statement", TROUBLES)
def test_troubles(driver: psycopg.Connection, statement: str) -> None:
    driver.execute("SET statement_timeout = 50")
    error = raised(driver, statement)
    driver.execute("RESET statement_timeout")
    assert refusal(error) is None
    assert (trouble(error).code, trouble(error).message) == TROUBLES[statement]


def test_a_closed_connection() -> None:
    with fresh_database() as url:
        driver = connect(url)
        driver.close()
        assert trouble(raised(driver, "SELECT 1")).code == "E0815"
        assert not POSTGRES.in_transaction(driver)
        assert not POSTGRES.usable(driver)


def test_percent_signs_in_names() -> None:
    assert POSTGRES.quoted('50% "off"') == '"50%% ""off"""'
    assert POSTGRES.quoted_table("a.b%") == '"a"."b%%"'
    assert POSTGRES.namespace_of("plain") == (None, "plain")
    assert POSTGRES.namespace_of(".odd") == (None, ".odd")
    assert POSTGRES.namespace_of("a.b.c") == ("a", "b.c")
