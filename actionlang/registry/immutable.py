"""Tables whose rows are never changed and never deleted: the database itself refuses it, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

FUNCTION = "actionlang_never_changed"


def refusing(table: sa.Table, dialect: str) -> Iterator[str]:
    """Statements that make the triggers of a table on `sqlite` or `postgresql`; run again they change nothing."""
    if dialect == "sqlite":
        yield _sqlite(table.name, "changed", "UPDATE")
        yield _sqlite(table.name, "deleted", "DELETE")
        yield _sqlite(
            table.name, "replaced", "INSERT", f"WHEN EXISTS (SELECT 1 FROM {table.name} WHERE {_same(table)})"
        )
        return
    yield _FUNCTION
    yield _postgres(table.name, "is_not_changed", "UPDATE OR DELETE", "ROW")
    yield _postgres(table.name, "is_not_emptied", "TRUNCATE", "STATEMENT")


_FUNCTION = f"""CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are never changed or deleted', ERRCODE = 'restrict_violation';
END $$"""


def _postgres(table: str, name: str, operation: str, level: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER {table}_{name} BEFORE {operation} ON {table} "
        f"FOR EACH {level} EXECUTE FUNCTION {FUNCTION}()"
    )


def _sqlite(table: str, word: str, operation: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_is_not_{word} BEFORE {operation} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never {word}'); END"
    )


def _same(table: sa.Table) -> str:
    """The condition for a row that is there and that INSERT OR REPLACE would take the new one for: SQLite's triggers on DELETE
    do not see that (sqlite.org/lang_conflict.html)."""
    keys = [tuple(table.primary_key.columns), *((column,) for column in table.columns if column.unique)]
    return " OR ".join(" AND ".join(f'"{column.name}" = NEW."{column.name}"' for column in key) for key in keys)
