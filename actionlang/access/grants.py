"""A user's rights, read from the database in one statement, in whatever transaction is open.

All that the database says of them is one text, in an order of its own: so a statement can see by itself, in the database, whether
they are still what they were (`Unchanged`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import attrs

from actionlang.access.caller import roles_of, user_of
from actionlang.access.people import MEMBERSHIPS, TEAMS, USERS
from actionlang.access.rights import DEPTHS, Given, Grant, Rights
from actionlang.access.tables import GRANTS, MEMBERS, ROLES
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.store import RowRef

MOST_KNOWN = 1000

AS_TEXT = {
    "postgresql": "json_agg(json_build_array(role, word, subject, depth, team))::text",
    "sqlite": "json_group_array(json_array(role, word, subject, depth, team))",
}
"""Rows as one text, by the database's name."""

TRUE = ("true", "1")
"""What databases say for yes."""


@attrs.frozen
class Unchanged:
    """Sees on PostgreSQL whether a user's rights are still `rights`. `kind` is the same for all whose condition looks the same;
    `values` are those of its parameters."""

    rights: Rights
    kind: tuple[bool, int]
    values: tuple[bytes, ...]
    _dialect: Dialect

    def condition(self, first: int) -> str:
        """What holds as long as nothing has changed, as SQL whose parameters are numbered from `first` on."""
        numbers = count(first)
        by_id, roles = self.kind
        told = _statement(self._dialect, lambda: f"${next(numbers)}", roles, by_id=by_id)
        return f"({told}) = ${next(numbers)}"


class RightsReader:
    """Reads rights by one cursor. What the database says is read each time; what follows from it is worked out anew only when
    that is something else than the last time: rights that are one object are the same."""

    def __init__(self, cursor: Cursor, dialect: Dialect) -> None:
        self._cursor = cursor
        self._dialect = dialect
        self._known: dict[tuple[str, tuple[str, ...]], tuple[str, Rights]] = {}
        self._unchanged: dict[str, Unchanged] = {}
        self._statement = cache(lambda by_id, roles: _statement(dialect, lambda: dialect.parameter, roles, by_id=by_id))

    def announce(self, caller: object) -> None:
        """Tell PostgreSQL, for the transaction that is open, who calls, so that row security lets their rights be read. Raises
        the driver's errors."""
        by_id, value = _named(caller)
        if value is not None:
            sign = self._dialect.parameter
            user = sign if by_id else f"actionlang_user({sign})"
            self._cursor.execute(f"SELECT set_config('actionlang.caller', {user}, true)", (value,))
            self._cursor.fetchall()

    def read(self, caller: object) -> Rights | None:
        """The rights of a user, given by email, by id, as an object with one of them, as a row, or as a Caller, whose roles then
        count, too; None when there is no such user. Raises the driver's errors."""
        by_id, value = _named(caller)
        if value is None:
            return None
        roles = roles_of(caller)
        self._cursor.execute(self._statement(by_id, len(roles)), (value, value, value, *roles))
        (told,) = self._cursor.fetchone()
        known = self._known.get((value, roles))
        if known is not None and known[0] == told:
            return known[1]
        rights = _rights(json.loads(told or "[]"))
        if rights is None:
            return None
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[value, roles] = told, rights
        return rights

    def unchanged(self, caller: object, name: str, rights: Rights) -> Unchanged | None:
        """What sees whether a caller's rights are still those that were read last; None where they are others already. `name` is
        the same for the same caller only."""
        made = self._unchanged.get(name)
        if made is None or made.rights is not rights:
            made = self._sees(caller, rights)
            if made is None:
                return None
            if len(self._unchanged) >= MOST_KNOWN:
                self._unchanged.clear()
            self._unchanged[name] = made
        return made

    def _sees(self, caller: object, rights: Rights) -> Unchanged | None:
        by_id, value = _named(caller)
        roles = roles_of(caller)
        told, known = self._known.get((value or "", roles), (None, None))
        if known is not rights or value is None or told is None:
            return None
        texts = (value, value, value, *roles, told)
        return Unchanged(rights, (by_id, len(roles)), tuple(text.encode() for text in texts), self._dialect)


def _rights(rows: Sequence[Sequence[Any]]) -> Rights | None:
    """Rights from what the statement gives; None where the user is not there."""
    user = next((row for row in rows if row[3] is None), None)
    if user is None:
        return None
    key, name, active = user[:3]
    given = {
        Given(Grant(role, word, subject, DEPTHS[depth]), team) for role, word, subject, depth, team in rows if depth
    }
    in_order = sorted(given, key=lambda each: (each.grant.word, each.grant.subject, each.grant.role, each.team or ""))
    return Rights(RowRef(USERS.name, key), name, tuple(in_order), active in TRUE)


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


def _statement(dialect: Dialect, sign: Callable[[], str], roles: int, *, by_id: bool) -> str:
    """All that is known of a user's rights, as one text: what the user's roles and those of the user's teams grant, and a row
    without depth for the user. `sign` gives the parameters in turn: the user three times, by id or by email, then so many roles
    that count for this once."""
    quoted = dialect.quoted
    users, teams, memberships = (quoted(table.stored) for table in (USERS, TEAMS, MEMBERSHIPS))
    grants, members = quoted(GRANTS.name), quoted(MEMBERS.name)

    def user() -> str:
        return sign() if by_id else f"(SELECT id FROM {users} WHERE email = {sign()})"

    def granted(role: str, held: str, team: str = "NULL") -> str:
        return f"SELECT g.role, g.word, g.subject, g.depth, {team} FROM {held} JOIN {grants} g ON g.role = {role}"

    who = "CAST(u.id AS text) AS role, u.name AS word, CAST(u.active AS text) AS subject, NULL AS depth, NULL AS team"
    in_teams = f"{memberships} m JOIN {teams} t ON t.id = m.team JOIN {members} h ON h.member = CAST(t.id AS text)"
    arms = [
        f"SELECT {who} FROM {users} u WHERE u.id = {user()}",
        f"{granted('h.role', f'{members} h')} WHERE h.member = CAST({user()} AS text)",
        f"{granted('h.role', in_teams, 't.name')} WHERE m.{quoted('user')} = {user()}",
    ]
    if roles:
        named = ", ".join(sign() for _ in range(roles))
        arms.append(f"{granted('o.name', f'{quoted(ROLES.name)} o')} WHERE o.name IN ({named})")
    return f"SELECT {AS_TEXT[dialect.name]} FROM ({' UNION ALL '.join(arms)} ORDER BY 1, 2, 3, 5) told"
