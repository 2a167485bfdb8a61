"""A verb that does not end by itself: in a desk, whoever touches a sample waits in the database for ever."""

from __future__ import annotations

from actionlang.runtime.database import Database

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"

MAKE = {
    "sqlite": (f'CREATE TRIGGER slow AFTER UPDATE OF ready ON "sample" WHEN NEW.ready BEGIN {ENDLESS}; END',),
    "postgresql": (
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END'",
        'CREATE TRIGGER slow AFTER UPDATE OF ready ON "sample" FOR EACH ROW WHEN (NEW.ready) EXECUTE FUNCTION slow()',
    ),
}
DROP = {"sqlite": "DROP TRIGGER slow", "postgresql": 'DROP TRIGGER slow ON "sample"'}


def make_touch_slow(database: Database) -> None:
    """From now on Touch does not end by itself."""
    with database.connection() as connection, connection.begin():
        for statement in MAKE[database.dialect.name]:
            connection.exec_driver_sql(statement)


def make_touch_quick(database: Database) -> None:
    """From now on it does."""
    with database.connection() as connection, connection.begin():
        connection.exec_driver_sql(DROP[database.dialect.name])
