"""A small project and its database, for the tests of commands that run verbs."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import actionlang

PROJECT = """\
sources = ["desk.act"]
database = "sqlite:///desk.db"
"""

SCRIPT = """\
choice Priority < low = 1; normal = 2; high = 3 >

table member "Member" < name text(50) required key; pin text(10) sensitive >

table request "Request" <
  number    text(20) required key;
  title     text(200) required;
  priority  Priority required default normal;
  status    < open -> done; done -> open >;
  due       date;
  cost      money;
  asked_by  member;
>

## Let someone ask for things.
action Admit (name text, pin text optional sensitive) returns (member member) <
  create member as made set name = name, pin = pin;
  return member: made
>

## Take a request in.
action Ask (number text, title text, asked_by member optional, cost money optional) <
  create request set number = number, title = title, asked_by = asked_by, cost = cost;
>

## Put a request before the others.
action Escalate on request (days integer default 2) <
  require (request.status = open) else "Only an open request can be escalated.";
  stage "Raise" < update request set priority = high, due = today() + 1 day * days; >
  update request set title = "Urgent: {request.title}";
>

## Say that requests are dealt with.
action Finish on request returns (days_left integer) <
  move request to done;
  return days_left: 3
>

## Take a request out.
action Drop on request requires desk.drop < delete request >

## A list of things.
action Tag (names list of text, ranks list of integer) <
  for each name in names < require (name != "") >
  for each rank in ranks < require (rank > 0) >
>
"""


def made(folder: Path) -> Path:
    """The project in a folder, with its tables, a member and a request in the database."""
    (folder / "actionlang.toml").write_text(PROJECT)
    (folder / "desk.act").write_text(SCRIPT)
    actionlang(folder, "tables", "create").fine()
    actionlang(folder, "run", "Admit", "name=Ada", "pin=4711").fine()
    actionlang(folder, "run", "Ask", "number=R-1", "title=Printer on fire", "asked_by=Ada", "cost=12.5").fine()
    return folder
