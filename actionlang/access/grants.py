"""A user's rights, read from the database in one statement, in whatever transaction is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from actionlang.access.caller import roles_of, user_of
from actionlang.access.people import MEMBERSHIPS, TEAMS, USERS
from actionlang.access.rights import DEPTHS, Given, Grant, Rights
from actionlang.access.tables import GRANTS, MEMBERS, ROLES
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.store import RowRef

MOST_KNOWN = 1000


class RightsReader:
    """Reads rights by one cursor. What the database says is read each time; what follows from it is worked out anew only when
    that is something else than the last time: rights that are one object are the same."""

    def __init__(self, cursor: Cursor, dialect: Dialect) -> None:
        self._cursor = cursor
        self._parameter = dialect.parameter
        self._known: dict[tuple[str, tuple[str, ...]], tuple[Sequence[Sequence[Any]], Rights]] = {}
        email = f"(SELECT id FROM {dialect.quoted(USERS.stored)} WHERE email = {dialect.parameter})"
        self._by_id = cache(lambda roles: _statement(dialect, dialect.parameter, roles))
        self._by_email = cache(lambda roles: _statement(dialect, email, roles))

    def announce(self, caller: object) -> None:
        """Tell PostgreSQL, for the transaction that is open, who calls, so that row security lets their rights be read. Raises
        the driver's errors."""
        by_id, value = _named(caller)
        if value is not None:
            user = self._parameter if by_id else f"actionlang_user({self._parameter})"
            self._cursor.execute(f"SELECT set_config('actionlang.caller', {user}, true)", (value,))
            self._cursor.fetchall()

    def read(self, caller: object) -> Rights | None:
        """The rights of a user, given by email, by id, as an object with one of them, as a row, or as a Caller, whose roles then
        count, too; None when there is no such user. Raises the driver's errors."""
        by_id, value = _named(caller)
        if value is None:
            return None
        roles = roles_of(caller)
        statement = (self._by_id if by_id else self._by_email)(len(roles))
        self._cursor.execute(statement, (value, value, *roles, value))
        rows = self._cursor.fetchall()
        if not rows:
            return None
        known = self._known.get((value, roles))
        if known is not None and known[0] == rows:
            return known[1]
        rights = _rights(rows)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[value, roles] = rows, rights
        return rights


def _rights(rows: Sequence[Sequence[Any]]) -> Rights:
    key, name, active = rows[0][:3]
    given = [
        Given(Grant(role, word, subject, DEPTHS[depth]), team)
        for *_, role, word, subject, depth, team in rows
        if word is not None
    ]
    given.sort(key=lambda each: (each.grant.word, each.grant.subject, each.grant.role, each.team or ""))
    return Rights(RowRef(USERS.name, str(key)), str(name), tuple(given), bool(active))


def _named(caller: object) -> tuple[bool, str | None]:
    """Whether a caller is named by id, and the id or the email; None for what can be neither."""
    caller = user_of(caller)
    if isinstance(caller, Mapping):
        if len(caller) != 1:
            return False, None
        ((column, named),) = caller.items()
        if column == "id":
            return True, _id(named)
        return False, named if column == "email" and isinstance(named, str) and "\0" not in named else None
    if isinstance(caller, RowRef):
        return True, _id(caller.key) if caller.table == USERS.name else None
    text = str(caller).removeprefix("user ").strip()
    by_id = _id(text)
    return (True, by_id) if by_id is not None else (False, None if "\0" in text else text)


def _id(given: object) -> str | None:
    """An id as it is stored; None for what is none."""
    try:
        return str(UUID(str(given)))
    except ValueError:
        return None


def _statement(dialect: Dialect, user: str, roles: int) -> str:
    """All that is known of a user's rights; `user` gives the id: two times, then so many roles are named that count for this
    once, then a third time."""
    quoted = dialect.quoted
    users, teams, memberships = (quoted(table.stored) for table in (USERS, TEAMS, MEMBERSHIPS))
    grants, members = quoted(GRANTS.name), quoted(MEMBERS.name)
    held = (
        f"SELECT h.role, NULL AS team FROM {members} h WHERE h.member = CAST({user} AS text) UNION "
        f"SELECT h.role, t.name FROM {memberships} m JOIN {teams} t ON t.id = m.team "
        f"JOIN {members} h ON h.member = CAST(t.id AS text) WHERE m.{quoted('user')} = {user}"
    )
    if roles:
        signs = ", ".join([dialect.parameter] * roles)
        held += f" UNION SELECT o.name, NULL FROM {quoted(ROLES.name)} o WHERE o.name IN ({signs})"
    return (
        f"SELECT u.id, u.name, u.active, g.role, g.word, g.subject, g.depth, r.team FROM {users} u "
        f"LEFT JOIN ({held}) r ON 1 = 1 LEFT JOIN {grants} g ON g.role = r.role WHERE u.id = {user}"
    )
