"""An office under rules of access: users in teams, jobs and firms that somebody owns, and verbs on them."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.access import roster
from actionlang.access.people import PEOPLE
from actionlang.access.policy import Policy
from actionlang.access.rights import PERFORM, REQUIRES, TABLE_WORDS, Depth, Grant
from actionlang.engine.schema import Schema
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import Result
from tests.conformance.scripts import Script, compiled
from tests.postgres import admin, fresh_database

SCRIPT = """
table firm < name text(30) key; revenue integer required default 7; owner owner required >
table job <
  number text(10) key; title text(60) required default "new"; firm firm; parent job hierarchy;
  status < new -> open; open >; owner owner
>
table tick < count integer required >

action Fill() <
  create user as ann set name = "Ann", email = "ann@x.org";
  create user as bob set name = "Bob", email = "bob@x.org";
  create user as eve set name = "Eve", email = "eve@x.org";
  create user as off set name = "Off", email = "off@x.org", active = false;
  create team as red set name = "Red";
  create team as blue set name = "Blue";
  create membership set team = red, user = ann;
  create membership set team = red, user = bob;
  create firm as hers set name = "Hers", owner = ann;
  create firm as his set name = "His", owner = bob;
  create firm as theirs set name = "Theirs", owner = eve;
  create job set number = "ANN", owner = ann, firm = hers;
  create job set number = "BOB", owner = bob, firm = his;
  create job set number = "EVE", owner = eve, firm = theirs;
  create job set number = "RED", owner = red, firm = theirs;
  create job set number = "BLUE", owner = blue;
  create job set number = "NONE";
  create tick set count = 1;
>

action Rename on job (title text) < update job set title = title >
action Drop on job < delete job >
action Open on job < move job to open >
action Give on job (to owner) < assign job to to >
action Take on job < update job set owner = caller >
action New(number text, owner owner optional) returns (made job) <
  create job as made set number = number, owner = owner;
  return made: made;
>
function Count() returns (n integer) < return n: count(job) >
function Titles() returns (n integer) < return n: count(job where job.title != "x") >
function Revenue on job returns (n integer) <
  if (job.firm is not empty) < return n: job.firm.revenue >
  return n: 0;
>
function Shown on job returns (text text) < return text: "{job.firm otherwise firm("Hers")}" >
function Known(number text) returns (title text) < return title: job(number).title >
function Below on job returns (yes boolean) < return yes: (job under job) >
function Given(other job) returns (title text) < return title: other.title >
action Both on job (other job, n integer, some list of job optional) < update job set title = "{other.title} {n}" >
function Handed(some list of job) returns (n integer) < for each one in some < require (one.title != "") > return n: 1 >
action GiveAndRename on job (to owner) < assign job to to; update job set title = "given" >
action RenameAll() returns (n integer) <
  for each one in job < update one set title = "all" >
  return n: count(job);
>
action Through on job < if (job.firm is not empty) < update job.firm set revenue = 1 > >
action Tick() < for each one in tick < update one set count = one.count + 1 > >
action Guarded on job requires office.special < update job set title = "special" >
action Hidden on job private < update job set title = "hidden" >
action CallsHidden on job < perform Hidden() on job >
action CallsOpen on job < perform Open() on job >

function AllJobs() returns (n integer) as system < return n: count(job) >
action Bump on job < update job set title = "bumped {count(job as other)}" >
action BumpAsSystem on job as system < perform Bump() on job >
action BumpBoth on job < perform BumpAsSystem() on job; perform Bump() on job >
action BumpFirst() < for each one in job < perform BumpAsSystem() on one > >
action SystemNeeds on job requires office.special as system < update job set title = "sys" >
action CallsSystemNeeds on job < perform SystemNeeds() on job >
function Mine() returns (yes boolean) < return yes: (caller in team("Red")) >
function InTeam(name text) returns (yes boolean) < return yes: (caller in team(name)) >
function Me() returns (name text, email text, id id) < return name: caller.name, email: caller.email, id: caller.id >
"""

PLANS = tuple(
    line.split()[1].partition("(")[0] for line in SCRIPT.splitlines() if line.startswith(("action ", "function "))
)
FULL = "example."


@cache
def script() -> Script:
    """The script, checked."""
    return compiled(SCRIPT)


@cache
def plan(verb: str) -> Plan:
    """A verb's plan."""
    return Plan.of(script().plan(verb))


def schema() -> Schema:
    """All tables."""
    found = script().schema_for(plan("Fill").steps)
    return Schema({**PEOPLE, **found.tables}, found.choices)


def grants(**depths: object) -> tuple[Grant, ...]:
    """Grants of one role to perform every verb: `job="team"` for all words, `job={"read": "all"}` for some."""
    found = [Grant("role", PERFORM, f"{FULL}*")]
    for table, given in depths.items():
        words = given if isinstance(given, Mapping) else dict.fromkeys(TABLE_WORDS, str(given))
        name = f"core.{table}" if table in ("user", "team", "membership") else f"{FULL}{table}"
        found += [Grant("role", word, name, Depth[depth.upper()]) for word, depth in words.items()]
    return tuple(found)


SPECIAL = Grant("role", REQUIRES, "office.special")


@attrs.frozen
class Office:
    """A database with the office in it; `free` runs without rules."""

    database: Database
    free: Database

    def allow(self, given: tuple[Grant, ...], *, to: str = "ann@x.org", role: str = "role") -> None:
        """Give somebody a role with these grants, which no one had before."""
        with self.free.connection() as connection, connection.begin():
            roles = roster.roles_of(connection)
            grants_of_role = roster.sorted_grants(attrs.evolve(each, role=role) for each in given)
            roster.replace_roles(connection, {**roles, role: roster.Role(role, "", grants_of_role)})
            kind = "user" if "@" in to else "team"
            key = roster.member_id(connection, kind, to)
            assert key is not None
            roster.give(connection, kind, key, role)

    def run(self, verb: str, on: object = None, *, by: object = "ann@x.org", **more: Any) -> Result:
        """Run a verb under the rules."""
        return plan(verb).run(self.database, on=on, caller=by, **more)

    def look(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows as they are stored."""
        with self.free.connection() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    def title(self, number: str) -> str:
        """The title of a job."""
        found: str = self.look(f"SELECT title FROM job WHERE number = '{number}'")[0][0]
        return found


@contextmanager
def office(kind: str) -> Iterator[Office]:
    """A new office on `sqlite` or `postgres`, where runs are begun on connections of an engine of the host's own, or on `server`:
    PostgreSQL with connections of our own, where a run may be one statement."""
    if kind == "sqlite":
        with _filled("sqlite://") as made:
            yield made
        return
    with fresh_database(f"TEMPLATE {_template()}") as url, Database.connect(url) as free:
        if kind == "postgres":
            yield _ruled(free)
            return
        with Database.connect(url, hosting=Hosting(policy=Policy()), connections=2) as ruled:
            yield Office(ruled, free)


@cache
def _template() -> str:
    """The name of a database on the server that others are made after: it is filled once."""
    # Whoever comes later to be closed goes first.
    admin()
    kept = ExitStack()
    atexit.register(kept.close)
    url = kept.enter_context(fresh_database())
    with _filled(url):
        return str(sa.make_url(url).database)


@contextmanager
def _filled(url: str) -> Iterator[Office]:
    with Database.connect(url) as free:
        free.tables.create(schema())
        plan("Fill").run(free)
        with free.connection() as connection, connection.begin():
            roster.make_tables(connection)
        yield _ruled(free)


def _ruled(free: Database) -> Office:
    return Office(Database.of(free.engine, hosting=Hosting(policy=Policy())), free)
