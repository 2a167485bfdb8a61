"""The files of a new project: small, but with all that a team begins with, and comments for whoever reads the language first."""

from __future__ import annotations

PROJECT = """\
# What `actionlang` reads in this folder and below it.

# Folders or scripts, relative to this file. Every .act file in them belongs to the project.
sources = ["."]

# Where rows live, unless a command is given another database with --db.
database = "sqlite:///{name}.db"

# What today() goes by.
time_zone = "UTC"
"""

TABLES = """\
# Tables are what verbs work on. `actionlang tables create` makes them in the database.

choice Priority < low = 1; normal = 2; high = 3 >

## Something that somebody asks us to do.
table request "Request" <
  # A key: request("R-1") is the request with this number.
  number text(20) required key;
  title text(200) required;
  priority Priority required default normal;
  # The moves that are allowed; the first state is where a request begins.
  status < open -> done; done -> open >
  # Neither required nor with a default: it may be empty.
  due date;
  note text;
>
"""

VERBS = """\
# Verbs are what the team does, under the names the team has for it. Everything that a verb does happens, or nothing does.
# `actionlang check` finds mistakes, `actionlang explain Escalate` tells what a verb does and needs.

import "tables.act";

## Take a new request in.
action Ask(number text, title text, priority Priority default normal) returns (asked request) <
  create request as made set number = number, title = title, priority = priority;
  return asked: made;
>

## Put a request before the others, and have an answer in two days.
action Escalate on request (reason text) <
  require (request.status = open) else "Only an open request can be escalated.";
  update request set priority = high, due = today() + 2 days, note = reason;
>

## Say that a request is dealt with.
action Finish on request <
  move request to done;
>
"""

TESTS = """\
# Tests run on an empty database in memory: `actionlang test`.

import "verbs.act";

test "an escalated request is due in two days" at datetime "2026-11-24T09:00:00Z" <
  perform Ask(number: "R-1", title: "Printer on fire") as it;
  perform Escalate(reason: "It smokes") on it.asked;
  require (it.asked.priority = high);
  require (it.asked.due = date "2026-11-26");
>

test "only an open request can be escalated" <
  perform Ask(number: "R-1", title: "Printer on fire") as it;
  perform Finish() on it.asked;
  expect failure "Only an open request can be escalated." <
    perform Escalate(reason: "It smokes") on it.asked;
  >
>
"""

IGNORED = """\
# Databases and compiled plans are made from what is in this folder.
*.db
*.db-shm
*.db-wal
/plans/
"""

FILES = {
    "actionlang.toml": PROJECT,
    "tables.act": TABLES,
    "verbs.act": VERBS,
    "tests.act": TESTS,
    ".gitignore": IGNORED,
}
"""What to write; `{name}` in the project file stands for the project's name."""

NEXT = (
    "actionlang test",
    "actionlang tables create",
    'actionlang run Ask number=R-1 title="Printer on fire"',
)
"""What to type next, in the project's folder."""
