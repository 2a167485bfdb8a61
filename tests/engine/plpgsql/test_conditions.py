"""Conditions of queries: what is the same at all rows is worked out before the query, in a session's function."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.plpgsql.session_function import session_function
from actionlang.engine.schema import Schema
from actionlang.engine.sql.postgres import POSTGRES
from actionlang.engine.sql.storage import Storage
from actionlang.runtime.answer import Answer
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from tests.conformance.scripts import compiled
from tests.engine.plpgsql.running import script_of
from tests.postgres import fresh_database

MADE = compiled("""
table box < code text(20) required key; size integer required; since date required >

action Larger on box (by integer) returns (count integer) <
  return count: count(box as other where other.size > 0 and other.size > box.size - by)
>

action Older on box (days integer) returns (count integer) <
  return count: count(box as other where other.since < add_workdays(box.since, days) and other.size > 2)
>

action Nobody on box (by integer) returns (count integer) <
  return count: count(box as other where other.size > 1000 and other.size > box.size - by)
>

action Caught on box (by integer) returns (count integer) <
  attempt < return count: count(box as other where other.size > 1000 and other.size > box.size - by) >
  else < return count: -1 >
>

action Each on box (by integer) returns (count integer) <
  return count: count(box as other where other.size - by > 0 and other.size > box.size - by)
>
""")
LEAST = -(2**63)
CALLS = [
    *(("Larger", {"by": by}) for by in (0, 1, 3, LEAST)),
    *(("Older", {"days": days}) for days in (-3, 0, 1, 2, 2**63 - 1)),
    *(("Nobody", {"by": by}) for by in (0, LEAST)),
    *(("Caught", {"by": by}) for by in (0, LEAST)),
    *(("Each", {"by": by}) for by in (0, 1, LEAST)),
]


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with fresh_database() as url, Database.connect(url) as opened:
        opened.tables.create(MADE.schema)
        with opened.connection() as connection, connection.begin():
            rows = ", ".join(f"(gen_random_uuid(), 'B-{n}', {n}, DATE '2026-11-24' + {n})" for n in range(1, 8))
            connection.exec_driver_sql(f"INSERT INTO box (id, code, size, since) VALUES {rows}")
        yield opened


@pytest.mark.parametrize(("verb", "given"), CALLS)
def test_the_same(database: Database, verb: str, given: dict[str, int]) -> None:
    plan = Plan.of(MADE.plan(verb))
    wanted, found = (_outcome(plan, database, given, engine) for engine in ("interpreter", "server"))
    assert found == wanted


def _outcome(plan: Plan, database: Database, given: dict[str, int], engine: str) -> object:
    try:
        result = plan.run(database, on="B-4", engine=engine, arguments=given)
    except ActionLangError as error:
        return error.diagnostics[0].code.id
    if LEAST not in given.values():
        assert isinstance(result, Answer) == (engine == "server")
    return result["count"]


@pytest.mark.parametrize(
    ("verb", "loops"), [("Larger", False), ("Older", False), ("Nobody", False), ("Caught", True), ("Each", True)]
)
def test_only_what_differs_from_row_to_row_takes_a_loop(verb: str, loops: bool) -> None:
    plan = MADE.plan(verb)
    *_, text = session_function(plan, "hash", Storage(Schema.of_plan(plan), POSTGRES)).statements
    assert ("END LOOP;" in text) == loops
    # A script tells of its failures itself: it fails where the first row asks, and not before.
    assert "END LOOP;" in script_of(plan)
