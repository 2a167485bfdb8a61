"""The tables that say who somebody is, as `stdlib/core.act` declares them: a plan that is held to rights asks them, whether or
not its verbs do. A test holds these to the library."""

from __future__ import annotations

from actionlang.metadata.tables import Column, Default, Table
from actionlang.metadata.types import USER, Boolean, Id, Row, Text

TEAM = Row(("core.team",))

_ID = Column("id", Id(), "id", primary=True)

USERS = Table(
    "core.user",
    "user",
    (
        _ID,
        Column("name", Text(200), "name", required=True),
        Column("email", Text(320), "email", required=True, key=True),
        Column("active", Boolean(), "active", required=True, default=Default(True)),
    ),
    keys=(("email",),),
    label="User",
)

TEAMS = Table(
    "core.team",
    "team",
    (
        _ID,
        Column("name", Text(100), "name", required=True, key=True),
        Column("description", Text(), "description"),
    ),
    keys=(("name",),),
    label="Team",
)

MEMBERSHIPS = Table(
    "core.membership",
    "membership",
    (
        _ID,
        Column("team", TEAM, "team", required=True),
        Column("user", USER, "user", required=True),
    ),
    uniques=(("team", "user"),),
    label="Membership",
)

PEOPLE = {table.name: table for table in (USERS, TEAMS, MEMBERSHIPS)}
"""The tables by full name."""
