"""Rows that a function keeps in variables are read again whenever they may have become others: each trap, by both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.runtime.answer import Answer
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from tests.conformance.scripts import compiled
from tests.postgres import fresh_database

TABLES = """
table box < code text(20) required key; size integer required default 1; note text; inside box >
action Double on box < update box set size = box.size * 2 >
function twice (it box) returns (size integer) < return size: it.size * 2 >
"""
TRAPS = {
    "another name of the row": """
        update box set size = 5; let other = box("B-1"); update other set size = other.size + 1; let seen = box.size""",
    "the row a lookup leads to": """
        update box set inside = box; let before = box.inside.size; update box set size = 9;
        let seen = (box.inside.size otherwise 0) + (before otherwise 0)""",
    "a lookup that leads elsewhere": """
        let before = box.inside.size otherwise 0; update box set inside = box("B-3");
        let seen = (box.inside.size otherwise 0) * 100 + before""",
    "a performed verb": "let first = box.size; perform Double() on box; let seen = box.size * 10 + first",
    "a performed verb on another name": """
        let first = box.size; perform Double() on box("B-1"); let seen = box.size * 10 + first""",
    "a function of the row": "update box set size = 4; let seen = twice(box)",
    "an attempt that is undone": """
        attempt < update box set size = 50; update box set note = "a"; require (box.size < 10) > else < update box set note = "b" >
        let seen = box.size""",
    "an attempt in a loop": """
        for each one in box < attempt < update one set size = one.size + 10; require (one.size < 20) > else < let nothing = 0 > >
        let seen = box.size""",
    "a loop over changed rows": """
        for each one in box where (one.size < 100) < update box set size = box.size + one.size >
        let seen = box.size""",
    "a loop that changes what it reads next": """
        for each one in box < update box("B-3") set size = one.size + 1; update one set note = "{one.size}" >
        let seen = box("B-3").size""",
    "branches": """
        if (box.size = 2) < update box("B-1") set size = 7 > else < update box set size = 8 >
        let seen = box.size""",
    "a created row": """
        create box as made set code = "B-9", size = box.size; update made set size = made.size + 1;
        update box("B-9") set size = 40; let seen = made.size""",
    "a swap": """
        let spare = box("B-2"); update box set size = spare.size, note = "{box.size}"; let seen = box.size""",
    "neighbours": """
        update box set size = box.size + 1; update box set note = "{box.size}", size = box.size * 3; let seen = box.size""",
    "neighbours between which the row is looked at": """
        update box set size = 30; update box set size = sum(other.size from box as other); let seen = box.size""",
}


def script(name: str) -> str:
    """The script of a trap; every condition is about the row by then."""
    number = list(TRAPS).index(name)
    return f"{TABLES}\naction Trap{number} on box returns (seen integer) <{TRAPS[name]}; return seen: seen >"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    made = compiled(script("a swap"))
    with fresh_database() as url, Database.connect(url) as opened:
        opened.tables.create(made.schema)
        with opened.connection() as connection, connection.begin():
            ids = [f"0191e2b0-0000-7000-8000-00000000000{n}" for n in range(1, 4)]
            rows = ", ".join(f"('{row}', 'B-{n}', {n * 2}, '{ids[1]}')" for n, row in enumerate(ids, 1))
            connection.exec_driver_sql(f"INSERT INTO box (id, code, size, inside) VALUES {rows}")
        yield opened


@pytest.mark.parametrize("name", TRAPS)
def test_trap(name: str, database: Database) -> None:
    plan = Plan.of(compiled(script(name)).plan(f"Trap{list(TRAPS).index(name)}"))
    wanted = plan.run(database, on="B-1", dry_run=True, engine="interpreter")
    found = plan.run(database, on="B-1", dry_run=True, engine="server")
    assert isinstance(found, Answer)
    assert found.outputs == wanted.outputs
    told = [
        [(each.operation, each.key, each.line, each.columns, each.before, each.after) for each in run.changes]
        for run in (found, wanted)
    ]
    if name != "a created row":
        assert told[0] == told[1]
    assert len(told[0]) == len(told[1])
