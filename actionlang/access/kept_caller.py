"""Whoever calls, as JSON data, for what is done later: a row is told from what stands for one, and both from a `Caller`."""

from __future__ import annotations

from typing import Any

from actionlang.access.caller import Caller
from actionlang.engine.store import RowRef


def write_caller(caller: object) -> dict[str, Any]:
    """A caller, as a run takes one, as JSON data."""
    if isinstance(caller, Caller):
        by = None if caller.called_by is None else write_caller(caller.called_by)
        return {"user": write_caller(caller.user), "roles": list(caller.roles), "called_by": by}
    if isinstance(caller, RowRef):
        key = list(caller.key) if isinstance(caller.key, tuple) else caller.key
        return {"row": [caller.table, key]}
    return {"given": caller}


def read_caller(kept: dict[str, Any]) -> object:
    """The caller of such data."""
    if "user" in kept:
        by = None if kept["called_by"] is None else read_caller(kept["called_by"])
        return Caller(read_caller(kept["user"]), tuple(kept["roles"]), by if isinstance(by, RowRef) else None)
    if "row" not in kept:
        return kept["given"]
    table, key = kept["row"]
    return RowRef(table, tuple(key) if isinstance(key, list) else key)
