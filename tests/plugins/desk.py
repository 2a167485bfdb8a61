"""A small help desk to hang plug-ins on: its verbs, and databases to run them on, in memory, in a file and on a server."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import RowRef
from actionlang.plugins import Plugins
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.outbox import EVENTS
from actionlang.runtime.plans import Plan
from tests.conformance.scripts import Script, compiled
from tests.postgres import fresh_database

SCRIPT = """
choice Priority < low = 1; normal = 2; high = 3 >

table customer < name text(50) required key; vip boolean required default false >

table case <
  number text(20) key required;
  title text(60) required;
  priority Priority required default normal;
  status < new -> open, cancelled; open -> resolved; resolved -> open; cancelled >;
  customer customer;
  amount money;
  note text;
  pin text(10) sensitive;
  owner owner
>

table task < subject text(100) required; regarding case >

action Open(number text(20), title text(60), amount money optional) returns (made case) <
  create case as c set number = number, title = title, amount = amount;
  return made: c
>

action Escalate on case (reason text, level integer default 2) returns (subject text, score integer optional) <
  require (case.status != cancelled) else "A cancelled case stays as it is.";
  update case set priority = high, note = reason;
  create task as t set subject = "Call back: {case.title} ({level})", regarding = case;
  return subject: t.subject
>

action Retitle on case (title text(60)) < update case set title = title >
action Hand on case (to user) < assign case to to >
action Advance on case < move case to open >
action Remove on case < delete case >

action Hire(name text(50)) returns (made user) <
  create user as u set name = name, email = "{name}@example.com";
  return made: u
>
action Note(text text) < create task set subject = text >
action Drop on case < perform Remove() on case >
action Lock on case (pin text(10) sensitive) < update case set pin = pin >
action Echo(text text) returns (told text) < return told: text >
action Empty on case < update case set amount = empty >
action Tell on case <
  if (case.amount is not empty) < perform Retitle(title: "Has an amount") on case >
  create task set subject = case.title
>
action Refuse < fail "Not today." >

action Careful(number text(20)) returns (told text) <
  attempt < create case set number = number, title = "Careful"; create task set subject = "kept" >
  else < create task set subject = "instead"; return told: failure.message >
  return told: "all well"
>

action Bonus on case returns (total money) <
  if (case.amount is not empty) <
    update case set title = "Bonus";
    return total: case.amount + 1
  >
  return total: 0
>

action Both on case (title text(60)) < update case set title = title; update case set note = "both" >

function Score(of case) returns (score integer) < return score: length(of.title) >
action Rate on case < update case set note = "{Score(of: case)}" >

extern action Geocode(address text) returns (latitude decimal, longitude decimal optional);
extern function Weather(town text) returns (text text);
action Locate on case (address text) returns (latitude decimal) <
  perform Geocode(address: address) as found;
  update case set note = address;
  return latitude: found.latitude
>
action Report(town text) < create task set subject = "It is {Weather(town: town)}" >
"""

CASE = "example.case"


@cache
def script() -> Script:
    """The verbs, compiled."""
    return compiled(SCRIPT)


@cache
def plan(verb: str) -> Plan:
    """The plan of one of them."""
    return Plan.of(script().plan(verb))


def find_verb(name: str) -> Plan | None:
    """The plan of a verb by its full name, as a registry finds it."""
    short = name.removeprefix("example.")
    return plan(short) if name in script().linker.verbs and short != name else None


@attrs.frozen
class Desk:
    """A database with two cases, `1` (new, 10 money) and `2`, and a user."""

    database: Database
    user: str

    def run(self, verb: str, on: object = None, /, **asked: Any) -> Any:
        """Run a verb."""
        return plan(verb).run(self.database, on=on, **asked)

    def refused(self, verb: str, on: object = None, /, **asked: Any) -> ActionLangError:
        """What a run is refused with."""
        try:
            self.run(verb, on, **asked)
        except ActionLangError as error:
            return error
        raise AssertionError(f"{verb} was not refused")

    def cell(self, column: str, number: str = "1") -> Any:
        """A column of a case."""
        return self.query(f"SELECT {column} FROM \"case\" WHERE number = '{number}'")[0][0]

    def tasks(self) -> list[str]:
        """What tasks there are."""
        return [subject for (subject,) in self.query("SELECT subject FROM task ORDER BY subject")]

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows."""
        with self.database.connection() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]

    def events(self) -> list[tuple[Any, ...]]:
        """Events in the outbox: name, verb, table, payload."""
        return self.query("SELECT name, verb, row_table, payload FROM actionlang_event ORDER BY position")

    def runs(self) -> list[tuple[Any, ...]]:
        """Runs in the log but those that made the desk: verb, outcome, code."""
        return self.query("SELECT verb, outcome, error_code FROM actionlang_run ORDER BY id")[3:]


@contextmanager
def open_desk(place: str, plugins: Plugins | None, **settings: Any) -> Iterator[Desk]:
    """A desk with these plug-ins. What made it knew of none."""
    settings = {"synchronous": "off", **settings}
    with PLACES[place]() as url, Database.connect(url, hosting=Hosting(plugins), **settings) as database:
        if place == "memory":
            with database.connection() as connection:
                driver: Any = connection.connection.driver_connection
                driver.deserialize(_file()[0])
        database.find_verb = find_verb
        yield Desk(database, _made(_template()) if place == "postgres" else _file()[1])


@contextmanager
def _in_memory() -> Iterator[str]:
    yield "sqlite://"


@contextmanager
def _in_a_file() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        Path(folder, "desk.db").write_bytes(_file()[0])
        yield f"sqlite:///{Path(folder, 'desk.db')}"


@contextmanager
def _on_a_server() -> Iterator[str]:
    _made(_template())
    with fresh_database(f'TEMPLATE "{sa.make_url(_template()).database}"') as url:
        yield url


PLACES: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "memory": _in_memory,
    "sqlite": _in_a_file,
    "postgres": _on_a_server,
}


@cache
def _file() -> tuple[bytes, str]:
    """A filled database as the bytes of its file, and the user in it."""
    with Database.connect("sqlite://") as database:
        user = _fill(database)
        with database.connection() as connection:
            driver: Any = connection.connection.driver_connection
            return driver.serialize(), user


@cache
def _template() -> str:
    """The URL of a database that others are copies of."""
    kept = ExitStack()
    url = kept.enter_context(fresh_database())
    atexit.register(kept.close)
    return url


@cache
def _made(url: str) -> str:
    """Fill a database; gives the user in it."""
    with Database.connect(url) as database:
        return _fill(database)


def _fill(database: Database) -> str:
    tables = {**script().schema.tables, **{table.name: table for table in plan("Hand").steps.tables}}
    database.tables.create(attrs.evolve(script().schema, tables=tables))
    with database.connection() as connection, connection.begin():
        EVENTS.create(connection, checkfirst=True)
    for number, title in (("1", "Printer on fire"), ("2", "No sound")):
        plan("Open").run(database, number=number, title=title, amount=10 if number == "1" else None)
    made = plan("Hire").run(database, name="Ada")["made"]
    assert isinstance(made, RowRef)
    return str(made.key)
