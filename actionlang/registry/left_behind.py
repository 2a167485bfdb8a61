"""What fails once a verb is out of use: what is started is looked for by its name, among the verbs that are active by then."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.store import VersionHead, load_plan
from actionlang.runtime.background import BACKGROUND


def starters(connection: sa.Connection, active: Mapping[str, VersionHead], verb: str) -> tuple[str, ...]:
    """The active verbs that start a verb, themselves or in what they perform. One whose plan can not be read says nothing."""
    found = []
    for name, head in active.items():
        with suppress(ActionLangError):
            if name != verb and verb in load_plan(connection, head).verb.effects.starts:
                found.append(name)
    return tuple(found)


def not_begun(connection: sa.Connection, verb: str) -> int:
    """How many runs of a verb were started by verbs and have not begun; those that have keep their version."""
    if not sa.inspect(connection).has_table(BACKGROUND.name):  # A registry of an earlier release.
        return 0
    theirs = (BACKGROUND.c.verb == verb) & BACKGROUND.c.ended.is_(None) & BACKGROUND.c.plan_hash.is_(None)
    return connection.scalar(sa.select(sa.func.count()).select_from(BACKGROUND).where(theirs)) or 0
