"""`actionlang subscriptions`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from actionlang.cli.databases import open_database
from actionlang.cli.delivery_lines import moment_text
from actionlang.cli.help import Told, ToldGroup
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import width_of, write
from actionlang.compile.project import find_project
from actionlang.delivery.events import EMAIL
from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.subscription import SECURITIES, SMTP_PORTS, Smtp, Subscription, Target, Webhook, settings
from actionlang.delivery.subscriptions import EMAIL_NAME, Counted, Subscriptions
from actionlang.diagnostics.display import safe
from actionlang.repl.grid import Heading, grid

UNLIMITED = 10_000
"""Cells of a line that nobody has to see whole."""

HEADINGS = ("name", "kind", "events", "to", "state", "pending", "dead")

name_argument = click.argument("name")


@click.group(
    cls=ToldGroup,
    examples=(
        "subscriptions list",
        "subscriptions add hub --event '*' --url URL --secret-env HUB_KEY",
        "subscriptions email --smtp HOST --from ADDRESS",
        "subscriptions pause hub",
    ),
)
def subscriptions() -> None:
    """Say who gets the events that verbs emit: web servers, or a mail server for SendEmail.

    actionlang deliver sends them. Functions in Python subscribe by themselves (see docs/how-to/subscribe-to-events.md).
    """


secret_env_option = click.option(
    "--secret-env", metavar="VARIABLE", help="The environment variable that holds the secret."
)
secret_file_option = click.option(
    "--secret-file", metavar="FILE", type=click.Path(), help="The file that holds the secret."
)


@subscriptions.command(
    cls=Told,
    examples=(
        "subscriptions add hub --event '*' --url URL --secret-env HUB_KEY",
        "subscriptions add hub --event a.B --url URL --secret-file FILE",
    ),
)
@name_argument
@click.option(
    "--event", "events", multiple=True, required=True, metavar="NAME", help="An event; * stands for anything in a name."
)
@click.option("--url", required=True, help="The web server to post events to.")
@secret_env_option
@secret_file_option
@click.option("--allow-private", is_flag=True, help="The web server may be in your own network, and use plain http.")
@db_option
@json_option
def add(
    name: str,
    events: tuple[str, ...],
    url: str,
    secret_env: str | None,
    secret_file: str | None,
    allow_private: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Add a web server that gets events, signed.

    It gets those that no deliverer has looked at yet, and all that follow. The secret that they are signed with is kept nowhere:
    it is read, each time, from where you say. It is written whsec_ and then 24 to 64 random bytes in base64.
    """
    secret = _secret(secret_env, secret_file)
    if secret is None:
        raise click.UsageError("Where is the secret that events are signed with? Give --secret-env or --secret-file.")
    _add(Subscription(name, events, Webhook(url, secret, allow_private), datetime.now(UTC)), db, as_json)


@subscriptions.command(
    cls=Told,
    examples=(
        "subscriptions email --smtp H --from A@H --user A --secret-env PW",
        "subscriptions email --smtp localhost --security none --from A@B.C",
    ),
)
@click.option("--smtp", required=True, metavar="HOST[:PORT]", help="The mail server.")
@click.option("--from", "sender", required=True, metavar="ADDRESS", help="The address that mail comes from.")
@click.option("--user", help="The user of the mail server. The secret is the password.")
@secret_env_option
@secret_file_option
@click.option(
    "--security",
    type=click.Choice(SECURITIES),
    default="starttls",
    show_default=True,
    help="How the line to the mail server is secured.",
)
@db_option
@json_option
def email(
    smtp: str,
    sender: str,
    user: str | None,
    secret_env: str | None,
    secret_file: str | None,
    security: str,
    db: str | None,
    as_json: bool,
) -> None:
    """Say which mail server sends what SendEmail asks for.

    Until then, mail is kept. The subscription is named email. The password is kept nowhere: it is read, each time, from where you
    say.
    """
    host, port = _host_and_port(smtp, security)
    target = Smtp(host, sender, security, port, user, _secret(secret_env, secret_file))
    _add(Subscription(EMAIL_NAME, (EMAIL,), target, datetime.now(UTC)), db, as_json)


@subscriptions.command(name="list", cls=Told, examples=("subscriptions list", "subscriptions list --json"))
@db_option
@json_option
def list_(db: str | None, as_json: bool) -> None:
    """Show all subscriptions, and how much is on the way to each."""
    with open_database(db, find_project(Path.cwd())) as database:
        found = Subscriptions(database).all()
    if as_json:
        write(json.dumps([_to_object(each) for each in found], indent=2, ensure_ascii=False))
        return
    rows = [_cells(each) for each in found]
    lines = grid([Heading(each) for each in HEADINGS], rows, width_of(sys.stdout) or UNLIMITED)
    write("\n".join(lines) if rows else "No subscriptions.")


@subscriptions.command(cls=Told, examples=("subscriptions remove hub", "subscriptions remove hub --yes"))
@name_argument
@db_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(name: str, db: str | None, yes: bool, as_json: bool) -> int:
    """Remove a subscription, with what has not arrived there."""
    with open_database(db, find_project(Path.cwd())) as database:
        known = Subscriptions(database)
        if not yes:
            left = sum(each.pending + each.dead for each in known.all() if each.subscription.name == name)
            if left and not click.confirm(f"Remove {name}, with {left} that did not arrive?", err=True):
                print("Nothing was removed.", file=sys.stderr)
                return 1
        dropped = known.remove(name)
    if as_json:
        write(json.dumps({"removed": name, "dropped": dropped}, ensure_ascii=False))
        return 0
    write(f"Removed {name}{f', with {dropped} that did not arrive' if dropped else ''}.")
    return 0


@subscriptions.command(cls=Told, examples=('subscriptions pause hub --why "moving to a new server"',))
@name_argument
@click.option("--why", metavar="TEXT", help="Shown by subscriptions list.")
@db_option
@json_option
def pause(name: str, why: str | None, db: str | None, as_json: bool) -> None:
    """Send nothing to a subscription for now. Its events are kept."""
    with open_database(db, find_project(Path.cwd())) as database:
        Subscriptions(database).pause(name, why)
    write(json.dumps({"paused": name}, ensure_ascii=False) if as_json else f"Paused {name}. Its events are kept.")


@subscriptions.command(cls=Told, examples=("subscriptions resume hub",))
@name_argument
@db_option
@json_option
def resume(name: str, db: str | None, as_json: bool) -> None:
    """Send to a paused subscription again, first what was kept."""
    with open_database(db, find_project(Path.cwd())) as database:
        Subscriptions(database).resume(name)
    write(json.dumps({"resumed": name}, ensure_ascii=False) if as_json else f"Resumed {name}.")


def _add(made: Subscription, db: str | None, as_json: bool) -> None:
    with open_database(db, find_project(Path.cwd())) as database:
        Subscriptions(database).add(made)
    if as_json:
        write(json.dumps(_to_object(Counted(made, 0, 0)), indent=2, ensure_ascii=False))
        return
    write(f"Added {made.name}: {', '.join(made.events)} to {_where(made.target)}.")


def _secret(variable: str | None, file: str | None) -> SecretPlace | None:
    if variable is not None and file is not None:
        raise click.UsageError("Give --secret-env or --secret-file, not both.")
    if variable is not None:
        return SecretPlace("env", variable)
    # The deliverer may be started in another folder.
    return None if file is None else SecretPlace("file", str(Path(file).absolute()))


def _host_and_port(text: str, security: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon:
        return text, SMTP_PORTS[security]
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise click.UsageError(f"{port} is no port of a mail server.")
    return host.strip("[]"), int(port)


def _where(target: Target) -> str:
    match target:
        case Webhook():
            return target.url
        case Smtp():
            return f"{target.host}:{target.port}"
        case _:
            return "the program"


def _cells(each: Counted) -> tuple[str, ...]:
    made = each.subscription
    state = "active" if made.paused is None else f"paused{f': {safe(made.pause_reason)}' if made.pause_reason else ''}"
    return (
        made.name,
        made.kind,
        ", ".join(made.events),
        _where(made.target),
        state,
        str(each.pending),
        str(each.dead),
    )


def _to_object(each: Counted) -> dict[str, object]:
    made = each.subscription
    return {
        "name": made.name,
        "kind": made.kind,
        "events": list(made.events),
        "settings": settings(made.target),
        "created": moment_text(made.created),
        "paused": moment_text(made.paused),
        "pause_reason": made.pause_reason,
        "pending": each.pending,
        "dead": each.dead,
    }
