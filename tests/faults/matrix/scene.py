"""The database on which faults are tried: tickets, a registry with verbs in use, events that wait to be delivered."""

from __future__ import annotations

from functools import cache

from actionlang.engine.schema import Schema
from actionlang.registry.installing import install
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from tests.conformance.scripts import compiled
from tests.registry import board

SCRIPT = """
table ticket < number integer primary; closed integer required default 0 >
table trail < ticket ticket primary; place integer primary >

action Open (number integer) < create ticket set number = number >

## Three rows are written, and two events.
action Close on ticket returns (times integer) <
  update ticket set closed = ticket.closed + 1;
  create trail set ticket = ticket, place = ticket.closed;
  create trail set ticket = ticket, place = 100 + ticket.closed;
  emit Closed(number: ticket.number, times: ticket.closed);
  perform Tell(text: "ticket {ticket.number}");
  return times: ticket.closed;
>

action Tell (text text) < emit Told(text: text) >
"""
WAITING = 4
"""Events that nobody has sent yet."""


@cache
def plan(verb: str) -> Plan:
    """A verb of the scene's."""
    return Plan.of(compiled(SCRIPT).plan(verb))


def make(url: str) -> None:
    """Make it, in an empty database."""
    with board.board(url) as database:
        database.tables.create(Schema.of_plan(plan("Close").steps))
        install(database)
        board.activate(database)
        for number in (1, 2):
            plan("Open").run(database, number=number)
        for number in (1, 2):
            plan("Close").run(database, on=number)


def opened(url: str) -> Database:
    """The scene's database, for whoever looks at it."""
    return Database.connect(url)
