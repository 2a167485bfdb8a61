"""A program's database has the tables that the program uses: core's only as far as they are among them."""

from __future__ import annotations

import pytest

from actionlang.compile.link import Linker
from actionlang.compile.own_tables import own_tables
from tests.check.checking import NAME, loader_with

CASES = {
    "table box < number integer primary >": ["script.box"],
    "table user < login text primary; boss user >": ["script.user"],
    "table box < number integer primary; owner owner >": ["core.team", "core.user", "script.box"],
    "table box < number integer primary; who core.user >": ["core.user", "script.box"],
    "function who() returns (name text) < return name: caller.name >": ["core.user"],
    'action Tell(to user) < perform Notify(to: to, text: "Hello") >': [
        "core.membership",
        "core.notification",
        "core.team",
        "core.user",
    ],
    'action Outer(to user) < perform Inner(to: to) > action Inner(to user) < perform Annotate(regarding: "x", body: "y", author: to) >': [
        "core.note",
        "core.user",
    ],
}


@pytest.mark.parametrize("script", CASES)
def test_tables(script: str) -> None:
    loader = loader_with(**{NAME: script})
    mine = {name: module for name, module in loader.checked.items() if name in (NAME, "core", "prelude")}
    assert sorted(table.name for table in own_tables(Linker(mine))) == CASES[script]
