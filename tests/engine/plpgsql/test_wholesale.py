"""The wholesaler's transactions as functions: keys of several columns, rows that are deleted, texts taken to pieces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.json_form import to_json
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.runtime.answer import Answer
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from tests.engine.plpgsql.running import HOME, script_of
from tests.postgres import fresh_database

VERBS = Path(__file__).parents[3] / "examples" / "wholesale" / "verbs"
HARBOUR = RowRef("wholesale.district", (RowRef("wholesale.warehouse", 1), 1))
HILL = RowRef("wholesale.district", (RowRef("wholesale.warehouse", 1), 2))
ADA, BO, CLEO = (RowRef("wholesale.customer", key) for key in ((HARBOUR, 1), (HARBOUR, 2), (HILL, 1)))


def _plans() -> dict[str, Plan]:
    loader = Loader(VERBS)
    modules = [loader.load_file(VERBS / f"{name}.act") for name in ("wholesale", "opening")]
    linker = Linker(loader.program().modules)
    return {
        name.rpartition(".")[2]: Plan.of(linker.plan(verb))
        for module in modules
        if module is not None
        for name, verb in module.verbs.items()
        if not verb.private
    }


PLANS = _plans()
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("NewOrder", {"on": ADA, "lines": ["01 000001 0001 05", "02 000002 0002 15"], "line_count": 2, "all_local": False}),
    ("NewOrder", {"on": BO, "lines": ["01 000002 0001 20"], "line_count": 1, "all_local": True}),
    ("NewOrder", {"on": CLEO, "lines": ["01  00001 0001 01"], "line_count": 1, "all_local": True}),
    ("NewOrder", {"on": CLEO, "lines": ["01 00x001 0001 01"], "line_count": 1, "all_local": True}),
    ("NewOrder", {"on": CLEO, "lines": ["01 000001 0001 01", "02 000099 0001 01"], "line_count": 2, "all_local": True}),
    ("Pay", {"on": BO, "amount": "99.50", "through": HILL}),
    ("customer_named", {"home": HARBOUR, "last": "BARBAR"}),
    ("customer_named", {"home": HARBOUR, "last": "NOBODY"}),
    ("PayNamed", {"home": HARBOUR, "last": "BARBAR", "amount": "12.25", "through": HARBOUR}),
    ("order_status", {"customer": ADA}),
    ("Deliver", {"on": RowRef("wholesale.warehouse", 1), "carrier": 7}),
    ("Deliver", {"on": RowRef("wholesale.warehouse", 1), "carrier": 8}),
    ("order_status", {"customer": ADA}),
    ("Deliver", {"on": RowRef("wholesale.warehouse", 2), "carrier": 9}),
]


@pytest.fixture(scope="module")
def databases() -> Iterator[tuple[Database, Database]]:
    """Two databases with the same rows."""
    schemas = [Schema.of_plan(plan.steps) for plan in PLANS.values()]
    tables = {name: table for schema in schemas for name, table in schema.tables.items()}
    with ExitStack() as kept:
        opened = []
        for _ in range(2):
            database = kept.enter_context(Database.connect(kept.enter_context(fresh_database())))
            database.tables.create(Schema(dict(sorted(tables.items())), {}))
            PLANS["Open"].run(database)
            opened.append(database)
        yield opened[0], opened[1]


def test_the_same(databases: tuple[Database, Database]) -> None:
    one, other = databases
    for name, asked in CALLS:
        wanted = _outcome(PLANS[name], one, asked, "interpreter")
        assert _outcome(PLANS[name], other, asked, "server") == wanted, name
    assert _stored(other) == _stored(one)


def test_scripts_take_keys_of_several_columns(databases: tuple[Database, Database]) -> None:
    database, _ = databases
    calls = {
        "order_status": ({"customer": "[[1, 1], 1]"}, {"customer": ADA}),
        "customer_named": ({"home": "[1, 1]", "last": "BARBAR"}, {"home": HARBOUR, "last": "BARBAR"}),
    }
    with database.connection() as connection, connection.begin():
        driver: Any = connection.connection.driver_connection
        for name, (given, asked) in calls.items():
            plan = PLANS[name]
            driver.execute(script_of(plan.steps).replace("\nBEGIN;\n", "\n", 1).replace("\nCOMMIT;\n", "\n"))
            wanted = plan.run(connection, dry_run=True, engine="interpreter", **asked)
            listed = ", ".join(f"{each} => %s" for each in given)
            (found,) = driver.execute(f'SELECT {HOME}."wholesale.{name}"({listed})', list(given.values())).fetchone()
            assert found["outputs"] == {
                each.name: to_json(wanted.outputs[each.name], each.type) for each in plan.verb.outputs
            }
        (found,) = driver.execute(f'SELECT {HOME}."wholesale.order_status"(%s)', ["[[1, 9], 1]"]).fetchone()
        assert found["message"] == "`customer` takes an existing customer, by its district and number, not [[1, 9], 1]."
        connection.rollback()


def _outcome(plan: Plan, database: Database, asked: dict[str, Any], engine: str) -> object:
    try:
        result = plan.run(database, engine=engine, at=None, **asked)
    except ActionLangError as error:
        return [(each.code.id, each.message) for each in error.diagnostics]
    assert isinstance(result, Answer) == (engine == "server")
    outputs = {each.name: to_json(result.outputs[each.name], each.type) for each in plan.verb.outputs}
    changes = [(each.table.name, each.operation, each.verb, each.line, each.columns) for each in result.changes]
    return [{name: value for name, value in outputs.items() if name != "entered"}, changes]


def _stored(database: Database) -> list[object]:
    statements = (
        "SELECT warehouse, number, ytd, next_order FROM district ORDER BY 1, 2",
        "SELECT * FROM customer ORDER BY 1, 2, 3",
        "SELECT * FROM stock ORDER BY 1, 2",
        "SELECT district_warehouse, district_number, number, carrier, line_count FROM orders ORDER BY 1, 2, 3",
        "SELECT * FROM undelivered ORDER BY 1, 2, 3",
        "SELECT number, quantity, amount, delivered IS NULL FROM order_line ORDER BY 1, 2, 3",
        "SELECT amount, remark FROM payment ORDER BY 1, 2",
        "SELECT verb, outcome, error_code, message FROM actionlang_run ORDER BY id",
        (
            "SELECT c.sequence, c.operation, c.row_table, c.line FROM actionlang_change c JOIN actionlang_run r ON r.id = c.run "
            "ORDER BY r.id, c.sequence"
        ),
    )
    with database.connection() as connection:
        return [[tuple(row) for row in connection.exec_driver_sql(statement)] for statement in statements]
