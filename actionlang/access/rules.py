"""Which rows are whose, as conditions of a plan.

A row is a user's *own* when the user owns it. It is one of the user's *teams* when it is the user's own, when a team of the user
owns it, or when somebody does who shares a team with the user. The tables that say who somebody is have no owner: a user's own
are the user, the user's teams and the user's memberships; of the user's teams are, besides, the users who share a team with the
user, and the memberships in the user's teams. A row that nobody owns is nobody's. Other tables without an owner have no rows that
are somebody's: there a privilege reaches all rows or none.

The depths are those of Dataverse's security roles, with teams in the place of business units
(https://learn.microsoft.com/power-platform/admin/security-roles-privileges).
"""

from __future__ import annotations

from collections.abc import Mapping

from actionlang.access.rights import PERSONAL, Depth
from actionlang.metadata.tables import Table
from actionlang.metadata.types import OWNER, USER, Row
from actionlang.plan import expressions as e
from actionlang.plan.membership import BOOLEAN, TEAM, exists, member_of, same, team_of, user_of

CALLER = e.Caller(USER, False)

MEMBER, MATE = " member", " mate"
"""Names of the queries' rows; none that a script has."""


def truth(value: bool) -> e.Expression:
    """True or false."""
    return e.Literal(BOOLEAN, False, value)


def within(depth: Depth, row: e.Expression, table: Table) -> e.Expression:
    """The condition that a row of a table, never empty, is within a depth of the caller's."""
    if depth is Depth.ALL:
        return truth(True)
    if depth is Depth.NONE:
        return truth(False)
    if table.name in PERSONAL:
        return PERSONAL_RULES[table.name](depth, row)
    if table.owner is None:
        return truth(False)
    return owned_within(depth, e.Column(OWNER, table.owner.optional, row, table.owner.name))


def owned_within(depth: Depth, owner: e.Expression) -> e.Expression:
    """The condition that what this owner has, who may be empty, is within a depth of the caller's."""
    own = same(owner, _as_owner(CALLER))
    if depth is not Depth.TEAM:
        return own if depth is Depth.OWN else truth(depth is Depth.ALL)
    of_team = exists(MEMBER, same(user_of(MEMBER), CALLER), same(_as_owner(team_of(MEMBER)), owner))
    of_mate = exists(MEMBER, same(_as_owner(user_of(MEMBER)), owner), _caller_is_in(team_of(MEMBER)))
    return _either(own, of_team, of_mate)


def any_within(depths: Mapping[str, Depth], row: e.Expression, tables: Mapping[str, Table]) -> e.Expression:
    """The condition that a row of one of several tables, or an empty one, is within the depth that its table has; the others are
    all within."""
    assert isinstance(row.type, Row)
    conditions = []
    for name in row.type.tables:
        if name in depths:
            known = row
            if row.optional or len(row.type.tables) > 1:
                known = e.Narrow(Row((name,)), False, row)
            condition = within(depths[name], known, tables[name])
            conditions.append(condition if known is row else _either(_is_another(row, name), condition))
    return conditions[0] if len(conditions) == 1 else e.And(BOOLEAN, False, tuple(conditions))


def _user(depth: Depth, row: e.Expression) -> e.Expression:
    own = same(row, CALLER)
    if depth is Depth.OWN:
        return own
    return _either(own, exists(MEMBER, same(user_of(MEMBER), row), _caller_is_in(team_of(MEMBER))))


def _team(depth: Depth, row: e.Expression) -> e.Expression:
    return _caller_is_in(row)


def _membership(depth: Depth, row: e.Expression) -> e.Expression:
    own = same(e.Column(USER, False, row, "user"), CALLER)
    return own if depth is Depth.OWN else _either(own, _caller_is_in(e.Column(TEAM, False, row, "team")))


PERSONAL_RULES = {"core.user": _user, "core.team": _team, "core.membership": _membership}


def _is_another(row: e.Expression, table: str) -> e.Expression:
    """That a row is none of this table, or empty."""
    assert isinstance(row.type, Row)
    if len(row.type.tables) == 1:
        return e.IsEmpty(BOOLEAN, False, row)
    return e.Not(BOOLEAN, False, e.IsTable(BOOLEAN, False, row, table))


def _caller_is_in(team: e.Expression) -> e.Expression:
    return member_of(CALLER, team, MATE)


def _as_owner(row: e.Expression) -> e.Expression:
    return e.Convert(OWNER, row.optional, row)


def _either(*conditions: e.Expression) -> e.Expression:
    return e.Or(BOOLEAN, False, conditions)
