"""The digest of a run's record: SHA-256 over one JSON text of all that was written about it.

The text is an object with the members `changes`, `events`, `run` and `steps`, in this order. `run` is an object of the columns
of `actionlang_run` by name, in alphabetical order, those left out that are NULL; the other three are arrays of such objects by
`sequence`, without `run`. Columns that are no part of the record (an event's `position` and `dispatched`) are left out. It is
written as UTF-8 without blanks, characters as they are (`json.dumps(..., ensure_ascii=False, separators=(",", ":"))`). A
column that a later version adds is NULL in older records, and so changes none of their digests. Bytes, which SQLite lets
somebody put where a text stands, and which no record holds by itself, count as an array of their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from actionlang.runtime.audit import CHANGES, RUNS, STEPS
from actionlang.runtime.outbox import EVENTS

AT_ONCE = 500
"""Runs that are read by one statement."""

LEFT_OUT = {EVENTS.name: ("position", "dispatched")}

Rows = dict[str, list[dict[str, Any]]]
"""Rows by run."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=list).encode


def record_digest(
    run: Mapping[str, Any],
    changes: Sequence[Mapping[str, Any]],
    steps: Sequence[Mapping[str, Any]],
    events: Sequence[Mapping[str, Any]],
) -> str:
    """The digest, in hexadecimal digits. All mappings are in the order that is told above."""
    return sha256(_encode({"changes": changes, "events": events, "run": run, "steps": steps}).encode()).hexdigest()


class RecordReader:
    """Reads records on a connection, to work their digests out. A database of an earlier version may lack some tables."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        there = set(sa.inspect(connection).get_table_names())
        self._sign = "?" if connection.dialect.name == "sqlite" else "%s"
        self._details = [table if table.name in there else None for table in (CHANGES, STEPS, EVENTS)]

    def digests(self, runs: Sequence[str]) -> dict[str, str]:
        """The digests of those of these runs that have a record, by id. Raises SQLAlchemy's errors."""
        found: dict[str, str] = {}
        for start in range(0, len(runs), AT_ONCE):
            some = runs[start : start + AT_ONCE]
            records = {row["id"]: row for row in self._read(RUNS, "id", some, "")}
            changes, steps, events = (self._by_run(table, some) for table in self._details)
            for run in some:
                if run in records:
                    found[run] = record_digest(
                        records[run], changes.get(run, ()), steps.get(run, ()), events.get(run, ())
                    )
        return found

    def _by_run(self, table: sa.Table | None, runs: Sequence[str]) -> Rows:
        found: Rows = {}
        if table is not None:
            for row in self._read(table, "run", runs, " ORDER BY sequence"):
                found.setdefault(row.pop("run"), []).append(row)
        return found

    def _read(self, table: sa.Table, column: str, runs: Sequence[str], order: str) -> Iterable[dict[str, Any]]:
        """Rows as objects whose members are in order, without those that are NULL."""
        signs = ", ".join([self._sign] * len(runs))
        statement = f"SELECT * FROM {table.name} WHERE {column} IN ({signs}){order}"
        result = self._connection.exec_driver_sql(statement, tuple(runs))
        known = set(table.columns.keys()).difference(LEFT_OUT.get(table.name, ()))
        places = sorted((name, place) for place, name in enumerate(result.keys()) if name in known)
        for row in result:
            yield {name: row[place] for name, place in places if row[place] is not None}
