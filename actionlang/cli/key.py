"""`actionlang key`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from actionlang.cli.help import Told, ToldGroup
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import width_of, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from actionlang.access.api_keys import ApiKey

DAYS = 90


@click.group(
    cls=ToldGroup,
    examples=(
        "key create nightly --as ann@example.com --scope 'verb:helpdesk.*'",
        "key list",
        "key revoke 3fJ9aK2mQx",
    ),
)
def key() -> None:
    """Make, list and revoke API keys, with which programs call the server.

    A key has the rights of a user, and no more of them than its scopes say. It is shown once; the
    database keeps only what it takes to know it again.
    """


@key.command(
    cls=Told,
    examples=(
        "key create nightly --as ann@example.com --scope 'verb:helpdesk.*'",
        "key create portal --as ann@example.com --scope read --days 30",
    ),
)
@click.argument("name")
@click.option("--as", "user", metavar="USER", help="The user whose rights the key has, by email.")
@click.option(
    "--scope",
    "scopes",
    metavar="SCOPE",
    multiple=True,
    required=True,
    help="What the key is for: read, verb:NAME, verb:MODULE.*, verb:*, act-for. May be given several times.",
)
@click.option(
    "--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True, help="For how many days it counts."
)
@click.option("--never-expires", is_flag=True, help="It counts until it is revoked.")
@click.option("--by", "who", metavar="WHO", help="Who makes it. The default is the user of the operating system.")
@db_option
@json_option
def create(
    name: str,
    user: str | None,
    scopes: tuple[str, ...],
    days: int,
    never_expires: bool,
    who: str | None,
    db: str | None,
    as_json: bool,
) -> None:
    """Make a key and show it, this once.

    NAME says what it is for. Without --as it is nobody's: only servers without rules of access
    take such a key for calls.
    """
    from actionlang.access.api_keys import ApiKey, add, new_key
    from actionlang.cli.changing import author
    from actionlang.cli.databases import open_database
    from actionlang.compile.project import find_project

    _see_name(name)
    now = datetime.now(UTC)
    expires = None if never_expires else now + timedelta(days=days)
    with open_database(db, find_project(Path.cwd())) as database, database.connection() as connection:
        _see_keys(connection)
        _see_scopes(connection, scopes)
        id_, text = new_key()
        made = ApiKey(id_, name, _user(connection, user), frozenset(scopes), now, author(who), expires)
        connection.rollback()
        with connection.begin():
            add(connection, text, made)
    if as_json:
        write(json.dumps({**_told(made, user), "key": text}, indent=2, ensure_ascii=False))
        return
    until = "until it is revoked" if expires is None else f"until {expires:%Y-%m-%d}"
    whose = "nobody" if user is None else user
    click.echo(
        f"The key {id_} of {whose}, for {', '.join(sorted(made.scopes))}, {until}. It is not shown again.", err=True
    )
    write(text)


@key.command("list", cls=Told, examples=("key list", "key list --json"))
@db_option
@json_option
def list_(db: str | None, as_json: bool) -> None:
    """List all keys, the newest first: whose they are, what for, until when, who made them, and when they were last used."""
    import sys

    from actionlang.access.api_keys import all_keys
    from actionlang.cli.databases import open_database
    from actionlang.compile.project import find_project
    from actionlang.repl.grid import Heading, grid

    with open_database(db, find_project(Path.cwd())) as database, database.connection() as connection:
        _see_keys(connection)
        keys = all_keys(connection)
        emails = _emails(connection, {each.user for each in keys if each.user is not None})
    if as_json:
        told = [_told(each, emails.get(each.user or "")) for each in keys]
        write(json.dumps({"keys": told}, indent=2, ensure_ascii=False))
        return
    if not keys:
        write("There are no keys: actionlang key create makes one.")
        return
    now = datetime.now(UTC)
    rows = [
        (
            each.id,
            each.name,
            "" if each.user is None else emails.get(each.user, each.user),
            ", ".join(sorted(each.scopes)),
            each.why_not(now) or ("never expires" if each.expires is None else f"until {each.expires:%Y-%m-%d}"),
            f"{each.created:%Y-%m-%d} {each.created_by}",
            "never" if each.used is None else f"{each.used:%Y-%m-%d %H:%M}",
        )
        for each in keys
    ]
    headings = [Heading(name) for name in ("key", "name", "user", "scopes", "state", "made", "last used")]
    write("\n".join(grid(headings, rows, width_of(sys.stdout) or 10_000)))


@key.command(cls=Told, examples=("key revoke 3fJ9aK2mQx", "key revoke 3fJ9aK2mQx --by ann"))
@click.argument("named", metavar="KEY")
@click.option("--by", "who", metavar="WHO", help="Who revokes it. The default is the user of the operating system.")
@db_option
@json_option
def revoke(named: str, who: str | None, db: str | None, as_json: bool) -> None:
    """Revoke a key: all servers refuse it within a second.

    KEY is what "actionlang key list" calls it, or the key itself, where it has turned up somewhere.
    """
    from actionlang.access import api_keys
    from actionlang.cli.changing import author
    from actionlang.cli.databases import open_database
    from actionlang.compile.project import find_project
    from actionlang.delivery.writing import writing

    id_ = api_keys.name_of(named.strip()) or named.strip()
    with open_database(db, find_project(Path.cwd())) as database, database.connection() as connection:
        _see_keys(connection)
        connection.rollback()
        # Whoever notes at this moment that it was used is waited for.
        with writing(database) as shared:
            before = api_keys.revoke(shared, id_, author(who), datetime.now(UTC))
    if before is None:
        _refuse("There is no such key.", "actionlang key list shows them all")
    was = before.revoked is not None
    if as_json:
        write(json.dumps({"id": id_, "name": before.name, "revoked": not was}, ensure_ascii=False))
    else:
        write(f"The key {id_} ({before.name}) {'was revoked already' if was else 'is revoked'}.")


def _see_name(name: str) -> None:
    if not name.strip() or not name.isprintable() or name.startswith("al_live_"):
        _refuse("The name of the key says nothing.", "say in a word or two what the key is for")


def _see_keys(connection: sa.Connection) -> None:
    from actionlang.access.api_keys import KEYS
    from actionlang.runtime.own_tables import see_table

    see_table(connection, KEYS, "API keys")


def _see_scopes(connection: sa.Connection, scopes: Iterable[str]) -> None:
    """See that each scope is one, and of a verb that is active. Raises ActionLangError."""
    from actionlang.access.rights import matches
    from actionlang.registry.store import active_heads
    from actionlang.server.identity.identity import VERB, is_scope

    active = tuple(active_heads(connection))
    for scope in scopes:
        name = scope.removeprefix(VERB)
        if not is_scope(scope):
            _refuse(f"{scope} is no scope.", "scopes are read, verb:NAME, verb:MODULE.*, verb:* and act-for")
        if name in (scope, "*") or any(matches(name, each) for each in active):
            continue
        meant = [each for each in active if each.rpartition(".")[2] == name]
        hint = (
            f"the full name is needed: {VERB}{meant[0]}" if meant else "actionlang verbs lists them; activate it first"
        )
        _refuse(f"{scope} is for no active verb.", hint)


def _user(connection: sa.Connection, email: str | None) -> str | None:
    from actionlang.access.roster import member_id

    if email is None:
        return None
    found = member_id(connection, "user", email)
    if found is None:
        _refuse(f"There is no user {email}.", "a user is named by email, as in core.user")
    return found


def _emails(connection: sa.Connection, ids: set[str]) -> dict[str, str]:
    """Emails of users by id."""
    import sqlalchemy as sa

    from actionlang.access.people import USERS

    if not ids or not sa.inspect(connection).has_table(USERS.stored):
        return {}
    table = sa.table(USERS.stored, sa.column("id"), sa.column("email"))
    found = connection.execute(sa.select(sa.cast(table.c.id, sa.Text), table.c.email))
    return {id_: email for id_, email in found if id_ in ids}


def _told(each: ApiKey, email: str | None) -> dict[str, object]:
    """A key as JSON data."""
    from actionlang.engine.times import iso_datetime

    def moment(value: datetime | None) -> str | None:
        return None if value is None else iso_datetime(value)

    return {
        "id": each.id,
        "name": each.name,
        "user": email or each.user,
        "scopes": sorted(each.scopes),
        "state": each.why_not(datetime.now(UTC)) or "active",
        "created": moment(each.created),
        "created_by": each.created_by,
        "expires": moment(each.expires),
        "revoked": moment(each.revoked),
        "revoked_by": each.revoked_by,
        "used": moment(each.used),
    }


def _refuse(message: str, hint: str) -> NoReturn:
    from actionlang.diagnostics.catalogue.server import NO_SUCH_KEY
    from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

    raise ActionLangError(Diagnostic(NO_SUCH_KEY, message, hint=hint))
