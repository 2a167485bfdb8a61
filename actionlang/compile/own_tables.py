"""The tables that a program needs in its database.

Every program has core's verbs and tables at hand. In a database that was there before, which may well have a table `user` of its
own, only those of them are wanted that the program uses.
"""

from __future__ import annotations

from actionlang.compile.link import Linker
from actionlang.metadata.tables import Table
from actionlang.plan.walk import type_tables

CORE = "core."
"""How the full names of core's tables and verbs begin."""


def own_tables(linker: Linker) -> tuple[Table, ...]:
    """The tables that a program's modules declare, without those of core that neither its verbs nor its tables use."""
    used = linker.tables_of(name for name in linker.verbs if not name.startswith(CORE))
    used.update(name for name in linker.tables if not name.startswith(CORE))
    pending = list(used)
    while pending:
        for column in linker.tables[pending.pop()].columns:
            new = set(type_tables(column.type)) - used
            used |= new
            pending += new
    return tuple(table for name, table in linker.tables.items() if name in used)
