"""Calling a script's function as any client of the database does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from actionlang.runtime.database import Database
from tests.conformance.scripts import compiled
from tests.engine.plpgsql.running import script_of
from tests.postgres import connect, fresh_database

SCRIPT = """
choice Colour < red = 1; green = 2; `it's "$$" %s` = 3 >
choice Tag < small; large >

table `o'wner` "Owner" stored as "o'w \\"$$n%er" < name text(30) required key; pin text(9) sensitive >

table thing <
  code    text(20) required key;
  colour  Colour required default red;
  note    text;
  weight  decimal(6,2);
  kept    duration;
  tags    choices of Tag;
  holder  `o'wner`;
  state   < new -> used; used >
>

action Paint on thing (
  colour Colour, note text(40) optional, weight decimal(6,2) optional, kept duration optional,
  tags choices of Tag optional, holder `o'wner` optional, times integer default 1, words list of text optional
)
  returns (seen text, colour Colour, holder `o'wner` optional)
<
  require (times < 5) else "{thing.code} can not be painted {times} times: $$ % \\\\ 'so'.";
  update thing set colour = colour, note = note, weight = weight, kept = kept, tags = tags, holder = holder;
  return seen: "{thing.code} ({times})", colour: thing.colour, holder: thing.holder;
>

action Copy (code text, at date, caller text default "me") returns (new thing) <
  create thing as made set code = code, note = "{at} {caller}";
  return new: made;
>

action Guess on `o'wner` (pin text(9) sensitive) < fail "{`o'wner`.name} has {`o'wner`.pin otherwise "none"}, not {pin}." >
"""
CODE = """it's "$$" %s \\ ü"""
MADE = compiled(SCRIPT)


@pytest.fixture(scope="module")
def client() -> Iterator[psycopg.Connection]:
    """A plain client, over a socket, of a database with the tables and the functions."""
    with fresh_database() as url:
        plans = [MADE.plan(name) for name in ("Paint", "Copy", "Guess")]
        schema = MADE.schema_for(plans[0])
        with Database.connect(url) as database:
            database.tables.create(schema)
        with connect(url) as driver:
            for plan in plans:
                driver.execute(script_of(plan, "the \"verbs\" 'of' $$ mine"))
            driver.execute('SET search_path = public, "the ""verbs"" \'of\' $$ mine"')
            yield driver


@contextmanager
def thing(client: psycopg.Connection) -> Iterator[str]:
    """A row to call a verb on; all is undone in the end."""
    with client.transaction(force_rollback=True):
        found = client.execute(
            "INSERT INTO thing (id, code, colour, state) VALUES (gen_random_uuid(), %s, 1, 'new') RETURNING id", (CODE,)
        )
        (key,) = _one(found)
        yield key


def _one(cursor: psycopg.Cursor) -> Any:
    found = cursor.fetchone()
    assert found is not None
    return found


def call(client: psycopg.Connection, text: str, *values: object) -> dict[str, Any]:
    (result,) = _one(client.execute(f"SELECT {text}", values))
    assert isinstance(result, dict)
    return result


def test_everything_given(client: psycopg.Connection) -> None:
    with thing(client) as key:
        owner = "0191e2b0-0000-7000-8000-000000000009"
        client.execute('INSERT INTO "o\'w ""$$n%%er" (id, name) VALUES (%s, \'x\')', (owner,))
        text = (
            "\"example.Paint\"(%s, %s, %s, 2.345, interval '2 days 3 hours', ARRAY['large', 'small'], %s, 4, ARRAY['a'],"
            " at => '2026-02-03T04:05:06+01', zone => 'Europe/Berlin')"
        )
        result = call(client, text, key, 'it\'s "$$" %s', CODE, owner)
        assert result["outcome"] == "done"
        assert result["outputs"] == {"seen": f"{CODE} (4)", "colour": 'it\'s "$$" %s', "holder": owner}
        stored = _one(client.execute("SELECT colour, note, weight::text, kept, tags FROM thing WHERE id = %s", (key,)))
        assert stored == (3, CODE, "2.34", 183600000000, '["small","large"]')
        arguments, clock, zone = _one(client.execute("SELECT arguments::json, clock, zone FROM actionlang_run"))
        assert list(arguments) == ["colour", "note", "weight", "kept", "tags", "holder", "times", "words"]
        assert (arguments["weight"], arguments["kept"], arguments["tags"]) == ("2.34", "P2DT3H", ["small", "large"])
        assert (clock, zone) == ("2026-02-03T03:05:06.000000Z", "Europe/Berlin")


def test_a_failure_is_told_and_recorded_and_nothing_else_is_kept(client: psycopg.Connection) -> None:
    with thing(client) as key:
        result = call(client, "\"example.Paint\"(%s, 'green', times => 7)", key)
        assert result["outcome"] == "failed"
        assert result["code"] == "E0701"
        assert result["message"] == f"{CODE} can not be painted 7 times: $$ % \\ 'so'."
        assert result["verb"] == "example.Paint"
        assert result["place"].startswith("example.act:24:")
        record = _one(client.execute("SELECT id, outcome, error_code, message, failed_verb, place FROM actionlang_run"))
        assert record == (result["run"], "failed", "E0701", result["message"], "example.Paint", result["place"])
        assert _one(client.execute("SELECT colour FROM thing")) == (1,)
        assert client.execute("SELECT 1 FROM actionlang_change").fetchall() == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("'blue'", '`colour` takes one of red, green, it\'s "$$" %s.'),
        ("NULL", "Paint needs `colour`."),
        ("'red', repeat('x', 41)", "`note` takes a value of type text(40)."),
        ("'red', weight => 12345", "`weight` takes a value of type decimal(6,2)."),
        ("'red', weight => 'NaN'", "`weight` takes a value of type decimal(6,2)."),
        ("'red', kept => interval '1 month'", "`kept` takes a length of time without months and years."),
        ("'red', tags => ARRAY['huge']", "`tags` takes any of small, large."),
        ("'red', words => ARRAY[NULL]", "`words` takes a list without empty items."),
        ("'red', zone => 'UTC+3'", "There is no time zone UTC+3."),
        ("'red', zone => 'Mars/Base'", "There is no time zone Mars/Base."),
        ("'red', at => 'infinity'", "The moment of a run is one of the years 1 to 9999."),
        (
            "'red', holder => '0191e2b0-0000-7000-8000-000000000001'",
            "`holder` takes an existing o'wner, by its id, not 0191e2b0-0000-7000-8000-000000000001.",
        ),
    ],
)
def test_what_does_not_fit_is_no_run(client: psycopg.Connection, given: str, message: str) -> None:
    with thing(client) as key:
        result = call(client, f'"example.Paint"(%s, {given.replace("%", "%%")})', key)
        assert result == {"outcome": "failed", "run": None, "code": "E0907", "message": message}
        assert client.execute("SELECT 1 FROM actionlang_run").fetchall() == []


def test_a_row_that_is_not_there(client: psycopg.Connection) -> None:
    result = call(client, "\"example.Paint\"('0191e2b0-0000-7000-8000-000000000001', 'red')")
    assert result["message"] == "Paint is on an existing thing, by its id, not 0191e2b0-0000-7000-8000-000000000001."


def test_parameters_with_names_of_ours(client: psycopg.Connection) -> None:
    with client.transaction(force_rollback=True):
        result = call(
            client,
            "\"example.Copy\"(code => 'c', at => '2026-01-02', run_at => '2026-03-04T00:00:00Z', run_caller => 'ada')",
        )
        assert result["outcome"] == "done"
        assert _one(client.execute("SELECT code, note FROM thing")) == ("c", "2026-01-02 me")
        assert _one(client.execute("SELECT clock, caller FROM actionlang_run")) == (
            "2026-03-04T00:00:00.000000Z",
            '"ada"',
        )


def test_a_value_that_is_there_already(client: psycopg.Connection) -> None:
    with client.transaction(force_rollback=True):
        assert call(client, "\"example.Copy\"('c', '2026-01-02')")["outcome"] == "done"
        result = call(client, "\"example.Copy\"('c', '2026-01-02')")
        assert (result["code"], result["message"]) == ("E0711", "There is already a thing with code c.")


def test_nothing_sensitive_is_told(client: psycopg.Connection) -> None:
    with client.transaction(force_rollback=True):
        client.execute(
            "INSERT INTO \"o'w \"\"$$n%er\" VALUES ('0191e2b0-0000-7000-8000-000000000009', 'Ada', 's3cret')"
        )
        result = call(client, "\"example.Guess\"('0191e2b0-0000-7000-8000-000000000009', '0000')")
        assert result["message"] == "Ada has ***, not ***."
        assert _one(client.execute("SELECT message, arguments FROM actionlang_run")) == (
            "Ada has ***, not ***.",
            '{"pin":"***"}',
        )


def test_the_script_again_and_with_another_contract(client: psycopg.Connection) -> None:
    with client.transaction(force_rollback=True):
        other = compiled("action Copy (code text) returns (size integer) < return size: length(code) >").plan("Copy")
        for plan in (other, other):
            text = script_of(plan, "the \"verbs\" 'of' $$ mine")
            client.execute(text.replace("\nBEGIN;\n", "\n", 1).replace("\nCOMMIT;\n", "\n"))
        assert call(client, "\"example.Copy\"('four')")["outputs"] == {"size": 4}
        found = client.execute("SELECT 1 FROM pg_proc WHERE proname = 'example.Copy'").fetchall()
        assert len(found) == 1
