"""Alembic revisions that add to a database what the metadata has and it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import attrs
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.engine.sql.definition import define
from actionlang.engine.sql.dialect import Dialect
from actionlang.runtime.differences import ONLY_HERE, Difference, Kind
from actionlang.runtime.tables import OF_RUNS

TEMPLATE = '''"""{message}

Revision ID: {revision}
Revises: {revises}
Create Date: {when}
"""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down_revision!r}
branch_labels = None
depends_on = None
{by_hand}

def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


@attrs.frozen
class Revision:
    """A revision's file: its id, its name, its text."""

    id: str
    file: str
    text: str


def revision_for(
    schema: Schema,
    differences: Iterable[Difference],
    connection: sa.Connection,
    dialect: Dialect,
    *,
    message: str,
    folder: Path,
) -> Revision | None:
    """The revision that follows those in `folder` and makes what is missing: tables, columns, keys and indexes; None when nothing
    is. What the database has beyond the metadata is left alone; what has to be done by hand stands in comments.

    Raises ActionLangError when the folder's revisions have several heads or can not be read, or the last one has not been run on
    this database: it may add the same.
    """
    operations = _missing(schema, connection, dialect)
    if operations is None:
        return None
    down = _head(folder)
    _see_that_it_was_run(down, connection, folder)
    id_, now = uuid4().hex[:12], datetime.now(UTC)
    by_hand = [f"To be converted by hand: {each}." for each in to_be_converted(differences)]
    by_hand += [
        f"{each} must not be empty: fill it where there are rows, then make it NOT NULL." for each in operations.to_fill
    ]
    text = TEMPLATE.format(
        message=message.replace("\\", "\\\\").replace('"""', "'''"),
        revision=id_,
        revises=down or "",
        down_revision=down,
        when=now.isoformat(" ", "seconds"),
        upgrade=operations.upgrade,
        downgrade=operations.downgrade,
        by_hand="".join(f"\n# {each}" for each in by_hand) + ("\n" if by_hand else ""),
    )
    words = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:40] or "revision"
    return Revision(id_, f"{id_}_{words}.py", text)


def to_be_converted(differences: Iterable[Difference]) -> list[str]:
    """What no revision does: columns that can not hold what the metadata says, each as a part of a sentence."""
    return [
        difference.text
        for difference in differences
        if difference.kind is Kind.NARROWER or (difference.stops and difference.kind not in ONLY_HERE)
    ]


@attrs.frozen
class _Operations:
    """The bodies of `upgrade` and `downgrade`, and the columns that are added to tables that may have rows and then must not be
    empty."""

    upgrade: str
    downgrade: str
    to_fill: tuple[str, ...]


def _missing(schema: Schema, connection: sa.Connection, dialect: Dialect) -> _Operations | None:
    """What is to be done; None when nothing is missing."""
    wanted = define(schema, dialect)
    for table in OF_RUNS:
        table.to_metadata(wanted)
    spaces = {dialect.namespace_of(table.stored)[0] for table in schema.tables.values()}

    def ours(thing: Any, name: str | None, type_: str, reflected: bool, compare_to: object) -> bool:
        return not (reflected and compare_to is None)

    context = MigrationContext.configure(
        connection,
        opts={
            "include_object": ours,
            "include_schemas": spaces != {None},
            "compare_type": False,
            "compare_server_default": False,
            "target_metadata": wanted,
        },
    )
    found = produce_migrations(context, wanted)
    upgrades, downgrades = found.upgrade_ops, found.downgrade_ops
    assert upgrades is not None
    assert downgrades is not None
    _only_additions(upgrades)
    if upgrades.is_empty():
        return None
    to_fill = tuple(_let_be_empty(upgrades))
    downgrades.ops[:] = upgrades.reverse().ops
    return _Operations(_body(upgrades), _body(downgrades), to_fill)


def _only_additions(container: ops.OpContainer) -> None:
    """Leave out what would change or drop something that is there."""
    kept: list[ops.MigrateOperation] = []
    for operation in container.ops:
        if isinstance(operation, ops.ModifyTableOps):
            _only_additions(operation)
            if operation.ops:
                kept.append(operation)
        elif isinstance(operation, ops.CreateTableOp | ops.AddColumnOp | ops.AddConstraintOp | ops.CreateIndexOp):
            kept.append(operation)
    container.ops[:] = kept


def _let_be_empty(container: ops.OpContainer) -> Iterator[str]:
    """Add required columns as such that may be empty: rows that are there have nothing in them, and no database would add the
    column. Gives their names."""
    for operation in container.ops:
        if isinstance(operation, ops.ModifyTableOps):
            yield from _let_be_empty(operation)
        elif isinstance(operation, ops.AddColumnOp) and not operation.column.nullable:
            operation.column.nullable = True
            yield f"{operation.table_name}.{operation.column.name}"


def _body(operations: ops.UpgradeOps | ops.DowngradeOps) -> str:
    return (
        render_python_code(operations)
        .replace("# ### commands auto generated by Alembic - please adjust! ###\n    ", "")
        .replace("\n    # ### end Alembic commands ###", "")
    )


def _head(folder: Path) -> str | None:
    """The revision that the new one follows."""
    if not any(folder.glob("*.py")):
        return None
    try:
        return ScriptDirectory(str(folder.parent), version_locations=[str(folder)]).get_current_head()
    except (CommandError, SyntaxError, ImportError, KeyError) as error:
        hint = "merge their heads with alembic merge, or name another folder with --output"
        raise _not_to_be_followed(folder, str(error), hint) from error


def _see_that_it_was_run(head: str | None, connection: sa.Connection, folder: Path) -> None:
    if head is not None and head not in MigrationContext.configure(connection).get_current_heads():
        hint = "run alembic upgrade head first; if it has been run by other means, alembic stamp head"
        raise _not_to_be_followed(folder, f"the last one, {head}, has not been run on this database", hint)


def _not_to_be_followed(folder: Path, why: str, hint: str) -> ActionLangError:
    return ActionLangError(
        Diagnostic(codes.REVISIONS_UNREADABLE, f"The revisions in {folder} can not be followed: {why}.", hint=hint)
    )
