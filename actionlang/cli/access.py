"""`actionlang access`: roles, who has them, and why somebody may do something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from actionlang.cli.access_explain import explain
from actionlang.cli.access_policies import policies
from actionlang.cli.databases import open_database
from actionlang.cli.help import Told, ToldGroup
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import write
from actionlang.compile.project import find_project

if TYPE_CHECKING:
    import sqlalchemy as sa

    from actionlang.access.roster import Change, Role
    from actionlang.runtime.database import Database

FILE = "roles.toml"


@click.group(
    cls=ToldGroup,
    examples=(
        "access apply roles.toml --dry-run",
        "access give ann@example.com agent",
        "access explain ann@example.com Escalate CAS-0042",
    ),
)
def access() -> None:
    """Say who may run which verb on which rows, and tell why.

    Roles are written in a file, roles.toml, that stands beside the scripts; who has them is kept in the database.
    "actionlang run --as USER" runs a verb with that user's rights.
    """


@access.command(cls=Told, examples=("access apply", "access apply roles.toml --dry-run"))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@db_option
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@json_option
def apply(file: Path | None, db: str | None, dry_run: bool, as_json: bool) -> int:
    """Make the roles of FILE those of the database.

    FILE is the whole truth of roles: what it does not have is removed, and those who had such a role lose it. Tables,
    verbs and privileges in it must be those of the project. Without FILE it is roles.toml beside the project file.
    """
    from actionlang.access.people import PEOPLE
    from actionlang.access.roles import read_roles
    from actionlang.cli.access_known import known_of, source_of
    from actionlang.engine.schema import Schema

    project = find_project(Path.cwd())
    wanted = read_roles(source_of(file or project.root / FILE), known_of())
    with open_database(db, project) as database:
        if not dry_run:
            # Roles are of no use without users.
            database.tables.create(Schema.of(PEOPLE.values(), ()))
        changes = _applied(database, wanted, dry_run=dry_run)
    if as_json:
        told = [{"operation": each.operation, "role": each.role, "what": each.what} for each in changes]
        write(json.dumps({"changes": told, "applied": not dry_run}, indent=2, ensure_ascii=False))
        return 0
    for each in changes:
        write(f"{each.operation:6}  {each.role:12}  {each.what}")
    if not changes:
        write("The database has these roles already.")
    else:
        many = f"{len(changes)} change{'' if len(changes) == 1 else 's'}"
        write(f"{many}; nothing was done (--dry-run)." if dry_run else f"{many} made.")
    return 0


def _applied(database: Database, wanted: dict[str, Role], *, dry_run: bool) -> tuple[Change, ...]:
    """Make these the roles of a database; gives what that changes."""
    from actionlang.access import roster

    with database.connection() as connection, connection.begin() as unit:
        roster.make_tables(connection)
        changes = roster.changes_to(roster.roles_of(connection), wanted)
        if changes and not dry_run:
            roster.replace_roles(connection, wanted)
        if dry_run:
            unit.rollback()
    return changes


@access.command(cls=Told, examples=("access give ann@example.com agent", 'access give "team Tier 2" agent'))
@click.argument("member")
@click.argument("role")
@db_option
@json_option
def give(member: str, role: str, db: str | None, as_json: bool) -> int:
    """Give a role to a user, by email, or to a team and so to all its members: "team Tier 2"."""
    from actionlang.access import roster

    kind, name = _member(member)
    project = find_project(Path.cwd())
    with open_database(db, project) as database, database.connection() as connection, connection.begin():
        key = _key(connection, kind, name, role)
        done = roster.give(connection, kind, key, role)
    _tell({"member": name, "kind": kind, "role": role, "given": done}, f"{name} has the role {role}"
          f"{'' if done else ' already'}.", as_json=as_json)  # fmt: skip
    return 0


@access.command(cls=Told, examples=("access take ann@example.com agent",))
@click.argument("member")
@click.argument("role")
@db_option
@json_option
def take(member: str, role: str, db: str | None, as_json: bool) -> int:
    """Take a role from a user or a team. The next run, begun a moment later, knows of it."""
    from actionlang.access import roster

    kind, name = _member(member)
    project = find_project(Path.cwd())
    with open_database(db, project) as database, database.connection() as connection, connection.begin():
        key = _key(connection, kind, name, role)
        done = roster.take(connection, key, role)
    _tell({"member": name, "kind": kind, "role": role, "taken": done}, f"{name} "
          f"{'has the role' if done else 'did not have the role'} {role}{' no more' if done else ''}.",
          as_json=as_json)  # fmt: skip
    return 0


@access.command(name="list", cls=Told, examples=("access list", "access list --json"))
@db_option
@json_option
def list_(db: str | None, as_json: bool) -> int:
    """List who has which role."""
    from actionlang.access import roster

    with open_database(db, find_project(Path.cwd())) as database, database.connection() as connection:
        roster.see_tables(connection)
        members = roster.members_of(connection)
    if as_json:
        told = [{"kind": each.kind, "member": each.name, "role": each.role} for each in members]
        write(json.dumps(told, indent=2, ensure_ascii=False))
        return 0
    wide = max((len(each.name) for each in members), default=0)
    for each in members:
        write(f"{each.kind:4}  {each.name:{wide}}  {each.role}")
    if not members:
        write("Nobody has a role: actionlang access give USER ROLE gives one.")
    return 0


@access.command(cls=Told, examples=("access roles", "access roles --json"))
@db_option
@json_option
def roles(db: str | None, as_json: bool) -> int:
    """List the roles that the database has, and what each gives."""
    from actionlang.access import roster

    with open_database(db, find_project(Path.cwd())) as database, database.connection() as connection:
        roster.see_tables(connection)
        found = roster.roles_of(connection)
    if as_json:
        told = [
            {
                "role": role.name,
                "doc": role.doc,
                "grants": [{"word": g.word, "subject": g.subject, "depth": str(g.depth)} for g in role.grants],
            }
            for role in found.values()
        ]
        write(json.dumps(told, indent=2, ensure_ascii=False))
        return 0
    for role in found.values():
        write(f"{role.name}{f': {role.doc}' if role.doc else ''}")
        for each in role.grants:
            depth = f" ({each.depth})" if each.word not in ("perform", "requires") else ""
            write(f"  {each.word:8}  {each.subject}{depth}")
    if not found:
        write("There are no roles: actionlang access apply roles.toml brings them in.")
    return 0


def _member(text: str) -> tuple[str, str]:
    """Whether a user or a team is meant, and its name."""
    word, _, rest = text.partition(" ")
    return (word, rest.strip()) if word in ("user", "team") and rest.strip() else ("user", text)


def _key(connection: sa.Connection, kind: str, name: str, role: str) -> str:
    """The id of whoever is to have a role, which has to be there. Raises ActionLangError."""
    from actionlang.access import roster

    roster.see_tables(connection)
    known = roster.roles_of(connection)
    if role not in known:
        names = ", ".join(known) or "none"
        _refuse(f"There is no role {role}.", f"the roles are {names}; actionlang access apply brings in others")
    key = roster.member_id(connection, kind, name)
    if key is None:
        by = "email" if kind == "user" else "name"
        _refuse(f"There is no {kind} {name}.", f'a {kind} is named by {by}; a team as "team NAME"')
    return key


def _refuse(message: str, hint: str) -> NoReturn:
    from actionlang.diagnostics.catalogue.access import NO_SUCH_ROLE
    from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

    raise ActionLangError(Diagnostic(NO_SUCH_ROLE, message, hint=hint))


def _tell(data: dict[str, object], text: str, *, as_json: bool) -> None:
    write(json.dumps(data, ensure_ascii=False) if as_json else text)


access.add_command(explain)
access.add_command(policies)
