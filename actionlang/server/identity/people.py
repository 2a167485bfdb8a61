"""Users of the database by what credentials say of them."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from actionlang.access.people import USERS
from actionlang.runtime.database import Database
from actionlang.server.identity.challenges import unknown_user

ID = "id"


class People:
    """Finds users. Where there are no rules of access, there need not be users."""

    def __init__(self, database: Database, *, has_rules: bool) -> None:
        self._database = database
        self.has_rules = has_rules

    def find(self, column: str, value: str) -> str | None:
        """The id of the one active user who has this value in a column; None where the database has no users and needs none.

        Raises Refusal with 403 where there is no such user, and ActionLangError where the database fails.
        """
        if "\0" in value or (column == ID and not _is_id(value)):
            raise unknown_user()
        with self._database.connection() as connection:
            if not self.has_rules and not sa.inspect(connection).has_table(USERS.stored):
                return None
            # Without a type of its own the value is read as whatever the column holds, and found by the column's index.
            same = sa.column(column) == sa.literal(value, sa.types.NULLTYPE)
            table = sa.table(USERS.stored, sa.column("id"), sa.column("active"))
            found = connection.execute(sa.select(table.c.id, table.c.active).where(same).limit(2)).all()
        if len(found) != 1 or not found[0].active:
            raise unknown_user()
        return str(found[0].id)


def _is_id(value: str) -> bool:
    """Whether a text is an id as it is stored."""
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
