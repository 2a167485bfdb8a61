"""The registry's tables: versions of verbs, which of them is active, and who made it so, when and why.

Versions, scripts and activations are never changed or deleted: triggers refuse it, on both databases. What changes is one row a
verb in `actionlang_active`, and the generation, which rises with every activation. Whoever knows a generation knows all that
is active; whoever publishes raises it first, which on every database makes the next one wait.
"""

from __future__ import annotations

import sqlalchemy as sa

from actionlang.registry.immutable import refusing
from actionlang.runtime.audit import METADATA, TEXT

SCHEMA = 1
"""The version of these tables that this program reads and writes."""

REGISTRY = sa.Table(
    "actionlang_registry",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="actionlang_registry.one_row"),
)
"""One row. `generation` rises with each activation, deactivation and rollback."""

ACTIVATIONS = sa.Table(
    "actionlang_activation",
    METADATA,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("who", TEXT, nullable=False),
    sa.Column("moment", TEXT, nullable=False),
    sa.Column("why", TEXT),
    sa.Column("allowed", TEXT, nullable=False),
    sa.CheckConstraint("kind IN ('activate', 'deactivate', 'rollback')", name="actionlang_activation.kind"),
)
"""What was done to the registry, in order: the number is the generation that it made. `allowed` is a JSON array of the rules
whose breaking was let pass."""

VERSIONS = sa.Table(
    "actionlang_version",
    METADATA,
    sa.Column("verb", TEXT, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("plan_hash", TEXT, nullable=False, unique=True),
    sa.Column("plan", TEXT, nullable=False),
    sa.Column("performs", TEXT, nullable=False),
    sa.Column("scripts", TEXT, nullable=False),
    sa.Column("activation", sa.BigInteger, sa.ForeignKey(ACTIVATIONS.c.number), nullable=False),
)
"""Versions of verbs (by full name), counted from 1. `plan` is the plan as the text of its file, `performs` a JSON array of the
verbs that are in it besides its own, `scripts` a JSON object of the names of the scripts that these were written in, each with
the digest of its text, `activation` the one that brought the version in."""

SCRIPTS = sa.Table(
    "actionlang_script",
    METADATA,
    sa.Column("digest", TEXT, primary_key=True),
    sa.Column("text", TEXT, nullable=False),
)
"""Texts of scripts by the SHA-256 of their bytes, each kept once."""

ACTIVE = sa.Table(
    "actionlang_active",
    METADATA,
    sa.Column("verb", TEXT, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["verb", "number"], [VERSIONS.c.verb, VERSIONS.c.number]),
)
"""The version that callers of a verb get; no row for a verb that is not active."""

MOVES = sa.Table(
    "actionlang_activated",
    METADATA,
    sa.Column("activation", sa.BigInteger, sa.ForeignKey(ACTIVATIONS.c.number), primary_key=True),
    sa.Column("verb", TEXT, primary_key=True),
    sa.Column("before", sa.Integer),
    sa.Column("after", sa.Integer),
    sa.Column("because", TEXT, nullable=False),
)
"""Which version of a verb an activation made active, and which was before; NULL where none. `because` is `asked`, or the full
name of the verb on whose account it had to be."""

EXAMPLES = sa.Table(
    "actionlang_example",
    METADATA,
    sa.Column("plan_hash", TEXT, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("test", TEXT, nullable=False),
    sa.Column("call", TEXT, nullable=False),
)
"""How verbs are called, for their documentation: calls that the tests made when the plan with this hash was last activated.
`call` is a JSON object (see `registry.examples`). Nothing depends on them, and a database made before there were any goes on
without."""

TABLES = (REGISTRY, ACTIVATIONS, VERSIONS, SCRIPTS, ACTIVE, MOVES, EXAMPLES)

NEVER_CHANGED = (ACTIVATIONS, VERSIONS, SCRIPTS, MOVES)


def ddl(dialect: str) -> tuple[str, ...]:
    """The triggers that keep what is never changed from being changed, for `sqlite` or `postgresql`."""
    return tuple(statement for table in NEVER_CHANGED for statement in refusing(table, dialect))
