"""The user who calls, as a run is told of them where no rules of access find out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.store import RowRef
from actionlang.metadata.types import USER
from actionlang.runtime.session import ReadyPlan


def read_caller(ready: ReadyPlan, given: object) -> RowRef:
    """The user who calls. Where the plan does not know users, whoever calls is believed. Raises ActionLangError."""
    user = USER.tables[0]
    try:
        if any(table.name == user for table in ready.bound.plan.tables):
            return ready.reader.row(USER.tables, given)
        if isinstance(given, RowRef) and given.table == user:
            return given
        named = given["id"] if isinstance(given, Mapping) and given.keys() == {"id"} else given
        if isinstance(named, str | UUID):
            return RowRef(user, str(named))
        raise ValueError("a user, by id")
    except ValueError as error:
        raise ActionLangError(Diagnostic(WRONG_ARGUMENT, f"The caller is {error}, not {shown(given)}.")) from None


def shown(given: object) -> str:
    """A caller as messages tell of one: an object as JSON has it."""
    return json.dumps(dict(given), default=str) if isinstance(given, Mapping) else str(given)
