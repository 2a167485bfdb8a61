"""The language's functions as PostgreSQL works them out inside a verb's function: what the interpreter gives, or its failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import psycopg
import pytest

from actionlang.engine.failure import Failure
from actionlang.engine.functions.registry import FUNCTIONS
from actionlang.engine.json_form import to_json
from actionlang.plan.host_functions import host_functions
from actionlang.runtime.database import Database
from tests.conformance.scripts import compiled
from tests.engine.plpgsql.running import HOME, script_of
from tests.postgres import connect, fresh_database

NUMBERS = [
    *(
        "",
        "0",
        "-0",
        "+7",
        "007",
        " 12 ",
        "\u00a012\u2003",
        "1.50",
        "1.",
        ".5",
        "1e3",
        "\u0663",
        "12a",
        "1 2",
        "--1",
        "\uff11",
        "1\n",
    ),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1" * 19, "1" * 20),
    *("0" * 50 + "5", "1" * 38, "1" * 39, "0." + "0" * 37 + "1", "0." + "0" * 38 + "1", "-1.5" + "0" * 60, "00.00"),
    *("x" * 40, "x" * 41, "it's \\ %s"),
]
DAYS = [
    *(
        "2026-11-24",
        "\t2024-02-29 ",
        "2026-02-29",
        "1900-02-29",
        "2000-02-29",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
    ),
    *(
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "2026-1-1",
        "2026-04-31",
        "24.11.2026",
        "2026-11-24x",
        "",
        "99999-01-01",
    ),
]
TEXTS = ["", "a", "aaa", "abcabc", "bc", "a\u0308b", "\U0001f600x\U0001f600", "x", "%s\\'"]
INTEGERS = [0, 1, -1, 2, 3, -3, 5, -5, 6, 7, -7, 29, 30, 31, 2026, 9999, 1_000_001, -(2**63), 2**63 - 1]
COUNTS = [*range(-8, 9), 100, -100, 2_607, 3_000_000, -3_000_000, -(2**63), 2**63 - 1]
DATES = [
    *(date.min, date(1, 1, 5), date(1, 1, 6), date(1, 1, 7), date(2024, 2, 28), date(2024, 2, 29), date(2023, 2, 28)),
    *(date(2026, 11, day) for day in range(18, 27)),
    *(date(2026, 1, 31), date(2026, 12, 31), date(9999, 12, 24), date(9999, 12, 30), date.max),
]
DECIMALS = [
    *map(Decimal, ("0", "1", "-1", "0.5", "-0.5", "2.5", "-7.25", "7.25", "0.000000000001", "1e30", "-1e37", "3"))
]

HALVES = (
    "0.05",
    "0.15",
    "-0.25",
    "1.5",
    "-2.5",
    "2.675",
    "-0.004",
    "99999999999999999999999999999999999999",
    "0.1234567890125",
)

CASES: dict[tuple[str, str], Sequence[Sequence[Any]]] = {
    ("number_of", "text"): [NUMBERS],
    ("is_number", "text"): [NUMBERS],
    ("integer_of", "text"): [NUMBERS],
    ("date_of", "text"): [DAYS],
    ("is_date", "text"): [DAYS],
    ("make_date", "integer,integer,integer"): [
        INTEGERS[-9:],
        [*range(-1, 14), 2**63 - 1],
        [-1, 0, 1, 28, 29, 30, 31, 32],
    ],
    ("text_of", "decimal,integer"): [[*DECIMALS, *map(Decimal, HALVES)], [-1, 0, 1, 2, 12, 13]],
    ("replace", "text,text,text"): [[*TEXTS, "ab" * 500_000], TEXTS[:7], ["", "aa", "bca", "\\1&"]],
    ("position", "text,text,integer"): [TEXTS, TEXTS, [-1, 0, 1, 2, 3, 4, 7, 2**63 - 1]],
    ("repeat", "text,integer"): [TEXTS, [-1, 0, 1, 3, 1_000_000, 1_000_001, 2**63 - 1]],
    ("pad_left", "text,integer"): [TEXTS, [-1, 0, 1, 3, 5, 1_000_001]],
    ("pad_left", "text,integer,text"): [TEXTS, [-1, 0, 2, 5], ["", "-", "\U0001f600", "ab"]],
    ("pad_right", "text,integer"): [TEXTS, [-1, 0, 1, 3, 5, 1_000_001]],
    ("pad_right", "text,integer,text"): [TEXTS, [-1, 0, 2, 5], ["", "-", "\U0001f600", "ab"]],
    ("modulo", "integer,integer"): [INTEGERS, INTEGERS],
    ("modulo", "decimal,decimal"): [DECIMALS, DECIMALS],
    ("quotient", "integer,integer"): [INTEGERS, INTEGERS],
    ("add_months", "date,integer"): [DATES, COUNTS],
    ("add_years", "date,integer"): [DATES, COUNTS],
    ("add_workdays", "date,integer"): [DATES, COUNTS],
    ("end_of_month", "date"): [DATES],
    ("months_between", "date,date"): [DATES, DATES],
    ("years_between", "date,date"): [DATES, DATES],
    ("workdays_between", "date,date"): [DATES, DATES],
}


def _verb(number: int, name: str, overload: str) -> str:
    types = overload.split(",")
    given = ", ".join(f"a{at} {type_}" for at, type_ in enumerate(types))
    called = ", ".join(f"a{at}" for at, _ in enumerate(types))
    gives = host_functions()[name, overload].result
    return f"action V{number} ({given}) returns (found {gives}) < return found: {name}({called}); >"


MADE = compiled("\n".join(_verb(number, *each) for number, each in enumerate(CASES)))


@pytest.fixture(scope="module")
def client() -> Iterator[psycopg.Connection]:
    """A client of a database with a function for each verb."""
    with fresh_database() as url:
        plans = [MADE.plan(f"V{number}") for number, _ in enumerate(CASES)]
        with Database.connect(url) as database:
            database.tables.create(MADE.schema_for(plans[0]))
        with connect(url) as driver:
            for plan in plans:
                driver.execute(script_of(plan))
            yield driver


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{name}({overload})" for name, overload in CASES])
def test_the_same(client: psycopg.Connection, number: int) -> None:
    (name, overload), values = [*CASES.items()][number]
    type_ = host_functions()[name, overload].result
    wanted, given = [], [*product(*values)]
    for arguments in given:
        try:
            wanted.append(to_json(FUNCTIONS[name, overload].call(*arguments), type_))
        except Failure as failure:
            wanted.append((failure.code.id, failure.message, failure.hint))
    with client.transaction(force_rollback=True):
        statement = f'SELECT {HOME}."example.V{number}"({", ".join("%s" for _ in values)})'
        found = [_told(client.execute(statement, arguments).fetchone()) for arguments in given]
    assert [*zip(given, found, strict=True)] == [*zip(given, wanted, strict=True)]


def _told(row: Any) -> object:
    (result,) = row
    if result["outcome"] == "done":
        return result["outputs"]["found"]
    return (result["code"], result["message"], result["hint"])
