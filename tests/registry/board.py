"""A notice board's verbs in a registry: a small project, whose verbs perform one another, as drafts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from actionlang.compile.compiled import compile_scripts
from actionlang.compile.project import Project
from actionlang.compile.selection import Selection
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.plan.codec import decode
from actionlang.registry.history import history
from actionlang.registry.installing import install
from actionlang.registry.publishing import Order, Published, deactivate, publish, roll_back
from actionlang.registry.settlement import Draft
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan

SCRIPT = """
table note < number integer required key; text text(200) required >

## Leave a note.
action Note (text text(200)) returns (note note) <
  create note as made set number = count(note) + 1, text = text;
  return note: made
>

## Leave two.
action Twice (text text(100)) <
  perform Note(text: text);
  perform Note(text: "{text}!")
>

## Leave a great many.
action Often (text text(100)) <
  perform Twice(text: text);
  perform Twice(text: "{text}?")
>

action Clear < for each old in note < delete old > >
"""

BY_ADA = Order("ada", "because")


@cache
def _compiled(script: str, name: str) -> tuple[tuple[Draft, ...], Schema]:
    with TemporaryDirectory() as folder:
        root = Path(os.path.realpath(folder))
        file = root / f"{name}.act"
        file.write_text(script, "utf-8")
        selection = Selection(Project(root, (root,)), (file,), (root,))
        compiled = compile_scripts(selection, cached=False).needed()
        drafts = tuple(Draft(Plan.loads(compiled.plan(verb)), {file.name: script}) for verb in compiled.verbs)
        return drafts, Schema.of_plan(decode(compiled.schema_plan()))


def drafts(script: str = SCRIPT, *verbs: str, name: str = "board") -> list[Draft]:
    """The drafts of a script's verbs, or of some of them by their short names."""
    found, _ = _compiled(script, name)
    return [draft for draft in found if not verbs or draft.plan.verb.short_name in verbs]


def schema_of(script: str, name: str = "board") -> Schema:
    """The tables and choices of a script."""
    return _compiled(script, name)[1]


def changed(old: str, new: str, script: str = SCRIPT) -> str:
    """A script with something else in it, at one place."""
    assert script.count(old) == 1, old
    return script.replace(old, new)


LOUD = changed("text = text;", 'text = "{text}!!";')
"""Notes are louder."""


@contextmanager
def board(url: str, *, registry: bool = True) -> Iterator[Database]:
    """A database with the board's table, and an empty registry."""
    with Database.connect(url, create=True, synchronous="off") as database:
        database.tables.create(_compiled(SCRIPT, "board")[1])
        if registry:
            install(database)
        yield database


def activate(
    database: Database, script: str = SCRIPT, *verbs: str, order: Order = BY_ADA, name: str = "board"
) -> Published:
    """Publish a script's verbs, or some of them."""
    return publish(database, drafts(script, *verbs, name=name), order)


def back(database: Database, verb: str, number: int, order: Order = BY_ADA) -> Published:
    """Roll a verb back."""
    return roll_back(database, verb, number, order)


def out(database: Database, verb: str) -> Published:
    """Take a verb out of use."""
    return deactivate(database, verb, BY_ADA)


def moves(published: Published) -> dict[str, tuple[int | None, int | None, str]]:
    """What became of verbs, by short name: the version before and after, and on whose account."""
    return {
        move.verb.removeprefix("board."): (move.before, move.after, move.because.removeprefix("board."))
        for move in published.moves
    }


def active(database: Database) -> dict[str, int]:
    """The active versions, by short name."""
    found = ask(database, "SELECT verb, number FROM actionlang_active")
    return {str(verb).removeprefix("board."): number for verb, number in found}  # type: ignore[misc]


def numbers(database: Database, verb: str) -> list[tuple[str, int | None]]:
    """The history of a verb, the first first: what was done and which version was active then."""
    return [(event.entry.kind, event.move.after) for event in reversed(history(database, verb))]


def ask(database: Database, statement: str) -> list[tuple[object, ...]]:
    """Rows of a database."""
    with database.connection() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def do(database: Database, statement: str) -> None:
    """Somebody writes by hand."""
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text(statement))


def notes(database: Database) -> list[str]:
    """The texts on the board, in order."""
    return [str(text) for (text,) in ask(database, "SELECT text FROM note ORDER BY number")]


def refusal(error: ActionLangError) -> Diagnostic:
    """The one thing that was complained of."""
    (first,) = error.diagnostics
    return first
