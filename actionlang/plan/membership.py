"""Whether a user belongs to a team, as an expression: what `USER in TEAM` in a script comes to."""

from __future__ import annotations

from actionlang.metadata.types import USER, Boolean, Row
from actionlang.plan import expressions as e

BOOLEAN = Boolean()
TEAM = Row(("core.team",))
MEMBERSHIP = "core.membership"
"""The table whose rows say who belongs to which team."""


def member_of(user: e.Expression, team: e.Expression, name: str) -> e.Expression:
    """The condition that a user belongs to a team; `name` is free for the row of the query that tells. Nobody who is empty
    belongs to a team."""
    return exists(name, same(user_of(name), user), same(team_of(name), team))


def asked_of(node: e.Aggregate) -> tuple[e.Expression, e.Expression] | None:
    """The user and the team, where an expression is `member_of` them."""
    name, where = node.query.row, node.query.where
    if node.query.table != MEMBERSHIP or not isinstance(where, e.And) or len(where.operands) != 2:
        return None
    of_user, of_team = where.operands
    if not isinstance(of_user, e.Compare) or not isinstance(of_team, e.Compare):
        return None
    user, team = of_user.right, of_team.right
    return (user, team) if node == member_of(user, team, name) else None


def exists(name: str, *conditions: e.Expression) -> e.Expression:
    """The condition that there is a membership, which goes by `name`, for which others hold."""
    return e.Aggregate(BOOLEAN, False, "exists", e.Query(MEMBERSHIP, name, e.And(BOOLEAN, False, conditions)), None)


def same(left: e.Expression, right: e.Expression) -> e.Expression:
    """The condition that two rows, or values, are the same."""
    return e.Compare(BOOLEAN, False, "=", left, right)


def user_of(membership: str) -> e.Expression:
    """The user of a membership that goes by this name."""
    return e.Column(USER, False, e.Local(Row((MEMBERSHIP,)), False, membership), "user")


def team_of(membership: str) -> e.Expression:
    """The team of a membership that goes by this name."""
    return e.Column(TEAM, False, e.Local(Row((MEMBERSHIP,)), False, membership), "team")
