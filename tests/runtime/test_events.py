"""Events: written with the run that emits them and only then, in order, whoever runs the verb."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.events import event_id
from actionlang.engine.schema import Schema
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import RunFailed
from tests.conformance.scripts import compiled
from tests.postgres import fresh_database
from tests.runtime.desk import refused

SCRIPT = """
table ticket < number integer primary; title text(40); pin text(9) sensitive >
table part < ticket ticket primary; place integer primary >

action Open (number integer, parts integer optional) <
  create ticket set number = number, title = "No. {number}", pin = "4711";
  emit Opened(number: number);
>
action Close on ticket (word text optional) returns (told integer) <
  require (ticket.number != 13) else "Not that one.";
  emit Closing(ticket: ticket, pin: ticket.pin, word: word);
  for each part in part where (part.ticket = ticket) < emit Part(place: part.place) >
  attempt < emit Lost(); fail "no" > else < emit Found(title: ticket.title) >
  perform Tell(text: "closed");
  return told: 4;
>
action Tell (text text) < emit Told(text: text) >
action Fail on ticket < emit Lost(); fail "No." >
action Quiet on ticket < update ticket set title = "quiet" >
"""
COLUMNS = "position, id, run, sequence, name, verb, row_table, row_key, payload, emitted, dispatched"
NAMES = ["example.Closing", "example.Part", "example.Part", "example.Found", "example.Told"]
ENGINES = ("interpreter", "relational", "server")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of each kind with the script's tables."""
    with ExitStack() as stack:
        if request.param == "postgres":
            url = stack.enter_context(fresh_database())
        else:
            url = f"sqlite:///{tmp_path_factory.mktemp('events') / 'desk.db'}"
        database = stack.enter_context(Database.connect(url, create=True))
        database.tables.create(Schema.of_plan(plan("Close").steps))
        yield database


@pytest.fixture
def database(home: Database) -> Database:
    """Tickets 1 and 2, the first of two parts."""
    with home.connection() as connection, connection.begin():
        for table in ("part", "ticket", "actionlang_event", "actionlang_change", "actionlang_run", "actionlang_key"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
        connection.execute(sa.text("INSERT INTO ticket VALUES (1, 'One', '4711'), (2, 'Two', NULL)"))
        connection.execute(sa.text("INSERT INTO part VALUES (1, 1), (1, 2)"))
    return home


@cache
def plan(verb: str) -> Plan:
    return Plan.of(compiled(SCRIPT).plan(verb))


def stored(database: Database) -> list[dict[str, Any]]:
    """The events in the order in which they are delivered."""
    with database.connection() as connection:
        found = connection.execute(sa.text(f"SELECT {COLUMNS} FROM actionlang_event ORDER BY position"))
        return [dict(row) for row in found.mappings()]


def names(database: Database) -> list[str]:
    return [event["name"] for event in stored(database)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_writes_its_events_and_gives_them(database: Database, engine: str) -> None:
    result = plan("Close").run(database, on=1, word="w", engine=engine)
    events = stored(database)
    assert [event.name for event in result.events] == names(database) == NAMES
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5]
    assert {event["run"] for event in events} == {result.run}
    assert [event["id"] for event in events] == [event_id(str(result.run), number) for number in range(1, 6)]
    assert all(UUID(event["id"]).version == 7 for event in events)
    assert {(event["row_table"], event["row_key"], event["dispatched"]) for event in events} == {
        ("example.ticket", "1", None)
    }
    assert [json.loads(event["payload"]) for event in events] == [
        {"ticket": 1, "pin": "***", "word": "w"}, {"place": 1}, {"place": 2}, {"title": "One"}, {"text": "closed"}
    ]  # fmt: skip
    assert [(event.verb, event.line, event.row and event.row.key) for event in result.events] == [
        ("example.Close", line, 1) for line in (11, 12, 12, 13)
    ] + [("example.Tell", 17, 1)]
    first = {each.name: each.value for each in result.events[0].members}
    assert first["pin"] == "***"


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_undone_was_not_emitted(database: Database, engine: str) -> None:
    with pytest.raises(RunFailed):
        plan("Fail").run(database, on=1, engine=engine)
    tried = plan("Close").run(database, on=1, dry_run=True, engine=engine)
    assert [event.name for event in tried.events] == NAMES
    with database.engine.connect() as connection:
        plan("Close").run(connection, on=1, engine=engine)
        connection.rollback()
    assert stored(database) == []


def test_a_repeated_call_emits_nothing_again(database: Database) -> None:
    first = plan("Close").run(database, on=1, key="k")
    again = plan("Close").run(database, on=1, key="k")
    assert (len(first.events), again.events) == (5, ())
    assert names(database) == NAMES


@pytest.mark.parametrize("engine", ["auto", "interpreter"])
def test_many_rows_emit_one_after_another(database: Database, engine: str) -> None:
    result = plan("Close").run_many(database, engine=engine)
    assert result.engine == ("interpreter" if engine == "interpreter" else "relational")
    assert result.events == 8
    events = stored(database)
    assert [event["name"] for event in events] == [*NAMES, NAMES[0], *NAMES[3:]]
    assert [event["sequence"] for event in events] == list(range(1, 9))
    assert [event["row_key"] for event in events] == ["1"] * 5 + ["2"] * 3


def test_chunks_count_their_own_events(database: Database) -> None:
    result = plan("Close").run_many(database, where=None, chunk=1)
    assert result.events == 8
    assert [event["sequence"] for event in stored(database)] == [1, 2, 3, 4, 5, 1, 2, 3]


def test_rows_that_are_left_out_emit_nothing(database: Database) -> None:
    plan("Open").run(database, number=13)
    result = plan("Close").run_many(database, per_row=True)
    assert (len(result.failures), result.events) == (1, 8)
    assert "13" not in {event["row_key"] for event in stored(database)}


def test_more_events_than_one_statement_writes(database: Database) -> None:
    with database.connection() as connection, connection.begin():
        rows = ", ".join(f"(1, {number})" for number in range(3, 200))
        connection.execute(sa.text(f"INSERT INTO part VALUES {rows}"))
    plan("Close").run(database, on=1, engine="interpreter")
    events = stored(database)
    assert [event["sequence"] for event in events] == list(range(1, 203))
    assert [json.loads(event["payload"])["place"] for event in events[1:-2]] == list(range(1, 200))


def test_a_database_of_an_earlier_version_is_told_what_it_lacks(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    with Database.connect(url, create=True) as database:
        database.tables.create(Schema.of_plan(plan("Close").steps))
        with database.connection() as connection, connection.begin():
            connection.execute(sa.text("DROP TABLE actionlang_event"))
            connection.execute(sa.text("INSERT INTO ticket VALUES (1, 'One', NULL)"))
        assert plan("Quiet").run(database, on=1).changes
        for verb in ("Close", "Fail"):
            with pytest.raises(ActionLangError) as caught:
                plan(verb).run(database, on=1)
            assert refused(caught.value) == (
                "E0806",
                f"The database has no table actionlang_event, which the events that {verb} emits need.",
            )
            assert caught.value.diagnostics[0].hint == "make it with actionlang registry init"
