"""Tables to which rows are only added: the database itself refuses to change or delete any, but for retention, which says so
in its own transaction. Whoever may drop triggers can still do it; then the chain tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

FUNCTION = "actionlang_only_added"
SETTING = "actionlang.retention"
NOT_DELETED = "deleted by nothing but retention"


def refusing(table: sa.Table, dialect: str, *, changed: Sequence[str] = (), pruned: bool = True) -> Iterator[str]:
    """Statements that make the triggers of a table on `sqlite` or `postgresql`; run again they change nothing. The columns
    `changed` may be changed all the same; with `pruned`, retention may delete rows."""
    name, columns = table.name, ""
    if changed:
        columns = " OF " + ", ".join(f'"{column.name}"' for column in table.columns if column.name not in changed)
    if dialect == "sqlite":
        when = " WHEN NOT EXISTS (SELECT 1 FROM actionlang_retention)" if pruned else ""
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {name}_is_not_changed BEFORE UPDATE{columns} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {name} are never changed'); END"
        )
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {name}_is_not_deleted BEFORE DELETE ON {name}{when} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {name} are {NOT_DELETED if pruned else 'never deleted'}'); END"
        )
        return
    yield _FUNCTION
    for suffix, operation, level in (
        ("is_not_changed", f"UPDATE{columns}", "ROW"),
        ("is_not_deleted", "DELETE", "ROW"),
        ("is_not_emptied", "TRUNCATE", "STATEMENT"),
    ):
        argument = "'pruned'" if pruned and operation == "DELETE" else ""
        yield (
            f"CREATE OR REPLACE TRIGGER {name}_{suffix} BEFORE {operation} ON {name} "
            f"FOR EACH {level} EXECUTE FUNCTION {FUNCTION}({argument})"
        )


_FUNCTION = f"""CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_NARGS = 1 AND current_setting('{SETTING}', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION USING
    MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are never changed, and deleted by nothing but retention',
    ERRCODE = 'restrict_violation';
END $$"""


def begin_retention(connection: sa.Connection) -> None:
    """Let this transaction delete records. Raises SQLAlchemy's errors."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO actionlang_retention (moment) VALUES ('now')")
    else:
        connection.exec_driver_sql(f"SELECT set_config('{SETTING}', 'on', true)")


def end_retention(connection: sa.Connection) -> None:
    """Before the transaction ends. Raises SQLAlchemy's errors."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DELETE FROM actionlang_retention")
