"""`actionlang access explain`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli.databases import open_database
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import wants_color, write
from actionlang.compile.project import find_project
from actionlang.diagnostics.paint import BOLD, Painter

if TYPE_CHECKING:
    from actionlang.access.explaining import Explained, Explanation
    from actionlang.access.rights import Depth, Rights
    from actionlang.engine.store import RowRef
    from actionlang.plan.plan import StepPlan
    from actionlang.runtime.database import Database

ALLOWED, DENIED = 0, 3

REACHES = {0: "no row", 1: "rows of their own", 2: "rows of their own teams", 3: "all rows"}


@click.command(
    cls=Told,
    examples=(
        "access explain ann@example.com Escalate",
        "access explain ann@example.com Escalate CAS-0042",
        "access explain ann@example.com Escalate CAS-0042 --json",
    ),
)
@click.argument("user")
@click.argument("verb")
@click.argument("row", required=False)
@db_option
@json_option
def explain(user: str, verb: str, row: str | None, db: str | None, as_json: bool) -> int:
    """Tell why USER may run VERB, on ROW if one is named, or why not.

    Each privilege that the verb needs is listed with the roles that give it and how far it reaches.

    Exit codes: 0 allowed, 1 the scripts have errors, 2 wrong usage, 3 denied.
    """
    from actionlang.access.explaining import explain as explained
    from actionlang.cli.plans import read_plan

    plan = read_plan(verb)
    with open_database(db, find_project(Path.cwd())) as database:
        rights, name, found = _asked(database, plan, user, row)
    explanation = explained(plan, rights, found)
    if as_json:
        write(json.dumps(_to_object(explanation, row, name), indent=2, ensure_ascii=False))
    else:
        _show(explanation, row, name)
    return ALLOWED if explanation.is_allowed else DENIED


def _asked(
    database: Database, plan: StepPlan, user: str, row: str | None
) -> tuple[Rights, str | None, tuple[RowRef | None, Depth] | None]:
    """The user's rights; whose the row is, by name; its owner and how far away it is. Raises ActionLangError."""
    from actionlang.access import roster
    from actionlang.access.grants import RightsReader
    from actionlang.access.refusing import nobody
    from actionlang.cli.arguments import read_row
    from actionlang.diagnostics.diagnostic import ActionLangError
    from actionlang.runtime.troubles import told_as_codes

    with database.connection() as connection:
        roster.see_tables(connection)
    connection, session = database.take_turn()
    try:
        with told_as_codes(session.dialect):
            rights = RightsReader(session.cursor, session.dialect).read(read_row(user))
            if rights is None:
                raise ActionLangError(nobody(plan.verb, user).diagnostic())
            if row is None:
                return rights, None, None
            return rights, *_row(session, plan, rights, read_row(row))
    finally:
        database.end_turn(connection)


def _row(
    session: object, plan: StepPlan, rights: Rights, given: object
) -> tuple[str | None, tuple[RowRef | None, Depth]]:
    """The owner of a row by name, and the owner and how far away the row is. Raises ActionLangError."""
    from actionlang.access.explaining import distance_of
    from actionlang.access.people import PEOPLE
    from actionlang.engine.arguments import ArgumentReader
    from actionlang.engine.schema import Schema
    from actionlang.engine.sql.storage import Storage
    from actionlang.engine.sql.store import SqlStore
    from actionlang.runtime.session import Session

    assert isinstance(session, Session)
    tables = {**PEOPLE, **{table.name: table for table in plan.tables}}
    schema = Schema.of(tables.values(), plan.choices)
    store = SqlStore(session.cursor, session.dialect, schema, Storage(schema, session.dialect))
    target = ArgumentReader(plan, store).target(given)
    assert target is not None
    owner, distance = distance_of(plan, store, rights, target)
    return None if owner is None else _name(owner, store, tables), (owner, distance)


def _name(owner: RowRef, store: object, tables: object) -> str:
    """An owner as people call them."""
    from actionlang.engine.sql.store import SqlStore

    assert isinstance(store, SqlStore)
    assert isinstance(tables, dict)
    found = store.prepare_read(tables[owner.table], ("name",))(owner.key)
    word = owner.table.rpartition(".")[2]
    return f"{word} {owner.key if found is None else found[0]}"


def _show(found: Explanation, row: str | None, owner: str | None) -> None:
    painter = Painter(wants_color(sys.stdout))
    verb, rights = found.verb.short_name, found.rights
    on = "" if row is None else f" on {row}"
    may = "may" if found.is_allowed else "may not"
    write(painter.paint(f"{rights.name} {may} run {verb}{on}.", BOLD))
    if not rights.active:
        write("  The user is not active any more.")
    if found.verb.private:
        write("  The verb is private: only verbs of its own module perform it.")
    if found.verb.system:
        write("  The verb runs as the system: what it does needs no rights of the caller's.")
    if row is not None and found.distance is not None and found.has_depths:
        whose = "Nobody owns it" if owner is None else f"It belongs to {owner}"
        write(f"  {whose}: {_reach(found.distance)}.")
    for number, part in enumerate(found.parts, 1):
        last = number == len(found.parts)
        mark = "ok     " if part.is_enough else "MISSING" if not part.is_met else "OUT    "
        write(f"  {'└─' if last else '├─'} {mark}  {part.need}{_how_far(part)}")
        for line in _sources(part):
            write(f"  {'  ' if last else '│ '}            {line}")


def _reach(distance: Depth) -> str:
    return {1: "one of their own", 2: "one of their own teams'", 3: "neither their own nor of their teams"}[distance]


def _how_far(part: Explained) -> str:
    return f": {REACHES[part.depth]}" if part.need.is_of_table and part.is_met else ""


def _sources(part: Explained) -> list[str]:
    told = []
    for each in part.given:
        grant = each.grant
        through = f", through the team {each.team}" if each.team else ""
        depth = f" {grant.depth}" if part.need.is_of_table else ""
        told.append(f"role {grant.role}{through}: {grant.word} {grant.subject}{depth}")
    if not told and part.is_met:
        told.append("whoever may act at all")
    return told


def _to_object(found: Explanation, row: str | None, owner: str | None) -> dict[str, object]:
    return {
        "user": found.rights.name,
        "active": found.rights.active,
        "verb": found.verb.name,
        "private": found.verb.private,
        "as_system": found.verb.system,
        "allowed": found.is_allowed,
        "row": None if row is None else {"given": row, "owner": owner, "distance": str(found.distance)},
        "needs": [
            {
                "privilege": str(part.need),
                "word": part.need.word,
                "subject": part.need.subject,
                "depth": str(part.depth),
                "met": part.is_met,
                "reaches_row": part.reaches_row,
                "from": [
                    {
                        "role": each.grant.role,
                        "team": each.team,
                        "subject": each.grant.subject,
                        "depth": str(each.grant.depth),
                    }
                    for each in part.given
                ],
            }
            for part in found.parts
        ],
    }
