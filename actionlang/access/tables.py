"""The tables of roles: what each gives, and who has it. `actionlang registry init` and `actionlang access apply` make them."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that compares by code point on every database."""

ROLES = sa.Table(
    "actionlang_role",
    METADATA,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("doc", TEXT, nullable=False),
)
"""Roles by name."""

GRANTS = sa.Table(
    "actionlang_grant",
    METADATA,
    sa.Column("role", TEXT, sa.ForeignKey("actionlang_role.name", ondelete="CASCADE"), primary_key=True),
    sa.Column("word", TEXT, primary_key=True),
    sa.Column("subject", TEXT, primary_key=True),
    sa.Column("depth", TEXT, nullable=False),
    sa.CheckConstraint("depth IN ('own', 'team', 'all')", name="actionlang_grant.depth"),
    sqlite_with_rowid=False,
)
"""What roles give: see `rights.Grant`."""

MEMBERS = sa.Table(
    "actionlang_role_member",
    METADATA,
    sa.Column("member", TEXT, primary_key=True),
    sa.Column("role", TEXT, sa.ForeignKey("actionlang_role.name", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", TEXT, nullable=False),
    sa.CheckConstraint("kind IN ('user', 'team')", name="actionlang_role_member.kind"),
    sqlite_with_rowid=False,
)
"""Who has a role: the id of a user, or of a team, all of whose members then have it."""

TABLES = (ROLES, GRANTS, MEMBERS)
