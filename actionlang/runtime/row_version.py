"""The version of a row: a short digest of all its columns, by which a caller says which state of the row it has seen.

Any table has versions, with no column for them: whoever changes the row, with ActionLang or without, changes its version. See
decision 17.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.display import display_of
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.rows import key_text
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.sql.rows import key_writer
from actionlang.engine.sql.statements import Statements
from actionlang.engine.sql.storage import Storage
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef
from actionlang.metadata.tables import Table
from actionlang.metadata.types import File
from actionlang.plan.plan import StepPlan
from actionlang.runtime.json_text import json_key, json_member, json_object

DIGITS = 16
"""Hexadecimal digits of a version."""

WRITTEN = re.compile(f"[0-9a-f]{{{DIGITS}}}")


def check_expected(expected: object, plan: StepPlan) -> None:
    """See that a run of a plan may expect a version.

    Raises ActionLangError when it may not.
    """
    if not isinstance(expected, str) or not WRITTEN.fullmatch(expected):
        _refuse(
            f"{expected!r} is no version of a row.", "give what Plan.version_of, Result.version or --show-version gave"
        )
    if plan.verb.binding is None:
        _refuse(f"{plan.verb.short_name} is on no row, so there is no version to expect.", "leave it out")


def _refuse(message: str, hint: str) -> None:
    raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint=hint))


class Versioning:
    """Works versions out of what rows hold. `names` are the columns whose values it wants, in this order."""

    def __init__(self, table: Table) -> None:
        columns = sorted(
            (each for each in table.columns if not each.primary and not isinstance(each.type, File)),
            key=lambda each: each.name,
        )
        self.names = tuple(each.name for each in columns)
        self._key = json_key([(each.type, False) for each in table.primary])
        self._members = [json_member(each.name, each.type, sensitive=False) for each in columns]
        # Whoever is shown a version must not find out a sensitive value by trying all that there may be.
        self.slow = any(each.sensitive for each in table.columns)

    def version(self, row: RowRef, values: Sequence[object]) -> str:
        """The version of a row that holds these values."""
        name = f"{row.table} {self._key(row.key)}"
        text = f"{name} {json_object(self._members, values)}".encode()
        if self.slow:
            salt = hashlib.sha256(name.encode()).digest()
            return hashlib.scrypt(text, salt=salt, n=2**14, r=8, p=1, dklen=DIGITS // 2).hex()
        return hashlib.sha256(text).hexdigest()[:DIGITS]


class RowVersions:
    """The versions of the rows of the table that a plan's verb is on, in whatever transaction is open on the cursor."""

    def __init__(self, plan: StepPlan, cursor: Cursor, dialect: Dialect, storage: Storage, store: SqlStore) -> None:
        assert plan.verb.binding is not None
        self._table = table = storage.schema.tables[plan.verb.binding.table]
        self._versioning = Versioning(table)
        self._names = self._versioning.names
        self._read = store.prepare_read(table, self._names)
        self._cursor = cursor
        self._lock: str | None = None
        self._cells = key_writer(storage.table(table.name))
        if dialect.name == "postgresql":
            self._lock = f"{Statements(dialect, storage.table(table.name)).select_by_key(())} FOR UPDATE"

    def of(self, row: RowRef) -> str | None:
        """The version of a row; None when there is no such row.

        Raises StoreError and the driver's errors.
        """
        return self._version(row, self._values(row, lock=False))

    def see(self, row: RowRef, expected: str) -> None:
        """See that a row has this version, and lock it.

        Raises Failure when it has another one, StoreError and the driver's errors.
        """
        values = self._values(row, lock=True)
        found = self._version(row, values)
        if found is None or found == expected:
            return
        name = f"{self._table.short_name} {_known_by(self._table, row, dict(zip(self._names, values or (), strict=False)))}"
        failure = Failure(
            codes.ROW_CHANGED,
            f"The {name} was changed since its version was {expected}.",
            hint=f"look at it again, and call with its present version, {found}",
            row=row,
        )
        failure.row_name = name
        raise failure

    def _values(self, row: RowRef, *, lock: bool) -> tuple[object, ...] | None:
        if lock and self._lock is not None:
            self._cursor.execute(self._lock, self._cells(row.key))
            self._cursor.fetchall()
        found = self._read(row.key)
        return None if found is None else tuple(found)

    def _version(self, row: RowRef, values: tuple[object, ...] | None) -> str | None:
        return None if values is None else self._versioning.version(row, values)


def _known_by(table: Table, row: RowRef, values: dict[str, object]) -> str:
    """A row as people call it: by its first alternate key, else its primary one; not by what is sensitive."""
    names = table.keys[0] if table.keys else ()
    columns = [table.by_name[name] for name in names]
    if columns and not any(each.sensitive or values.get(each.name) is None for each in columns):
        shown = [values[each.name] for each in columns]
        return ", ".join(
            key_text(value.key) if isinstance(value, RowRef) else display_of(each.type)(value)
            for each, value in zip(columns, shown, strict=True)
        )
    return "***" if any(each.sensitive for each in table.primary) else key_text(row.key)
