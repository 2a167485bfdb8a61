"""A scene made of the sample plans' tables and verbs."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.check.names import Found, HostFunction, Names, Universe
from actionlang.metadata import types as t
from actionlang.repl.scene import Scene
from tests.plan.samples import CASE, CHOICES, ESCALATE_PLAN, TABLES, USER


def _short(names: Iterable[str]) -> Found:
    return {name.rpartition(".")[2]: (name,) for name in names}


UNIVERSE = Universe(
    {table.name: table for table in TABLES},
    {choice.name: choice for choice in CHOICES},
    {verb.name: verb for verb in ESCALATE_PLAN.verbs},
    {"now": (HostFunction("now", (), t.DateTime(), False, ""),)},
)
NAMES = Names(
    _short(UNIVERSE.tables),
    {"Priority": ("helpdesk.Priority",), "Tag": ("helpdesk.Tag",)},
    _short(UNIVERSE.verbs),
    frozenset({"now"}),
    {"helpdesk": Names(_short(UNIVERSE.tables), {}, _short(UNIVERSE.verbs))},
)
SCENE = Scene(UNIVERSE, NAMES, {"c": CASE, "who": USER, "c2": CASE}, {"c": "open"}.get)
"""`c` and `c2` are cases, `c` one whose status is known to be open; `who` is a user."""
