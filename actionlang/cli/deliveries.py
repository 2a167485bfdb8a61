"""`actionlang deliveries`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from actionlang.cli.databases import open_database
from actionlang.cli.delivery_lines import moment_text, row_object, shown_row
from actionlang.cli.help import Told, ToldGroup
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import width_of, write
from actionlang.compile.project import find_project
from actionlang.delivery.deliveries import Deliveries, Delivery
from actionlang.delivery.tables import DEAD, STATES
from actionlang.diagnostics.display import safe
from actionlang.engine.times import parse_date
from actionlang.repl.grid import Heading, grid

UNLIMITED = 10_000
"""Cells of a line that nobody has to see whole."""

HEADINGS = ("id", "event", "about", "to", "state", "attempts", "when", "why")

subscription_option = click.option("--subscription", metavar="NAME", help="Only those to this subscription.")
all_dead_option = click.option("--all-dead", is_flag=True, help="All that are dead.")
ids_argument = click.argument("ids", nargs=-1, type=int, metavar="[ID]...")


@click.group(
    cls=ToldGroup,
    invoke_without_command=True,
    examples=(
        "deliveries",
        "deliveries --dead --subscription chat",
        "deliveries replay 17",
        "deliveries replay --all-dead",
    ),
)
@db_option
@click.option("--dead", is_flag=True, help="Only those that were given up.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@subscription_option
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, the last one first.")
@json_option
@click.pass_context
def deliveries(
    ctx: click.Context,
    db: str | None,
    dead: bool,
    state: str | None,
    subscription: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show which events are on their way, have arrived, or are dead.

    A delivery is one event on its way to one subscription. One that failed too often is dead: it waits for somebody to send it
    again (replay) or to drop it.
    """
    ctx.obj = db
    if ctx.invoked_subcommand is not None:
        return
    with _opened(db) as found:
        latest = found.latest(state=DEAD if dead else state, subscription=subscription, limit=limit)
    if as_json:
        write(json.dumps([_to_object(each) for each in latest], indent=2, ensure_ascii=False))
        return
    rows = [_cells(each) for each in latest]
    write(
        "\n".join(grid([Heading(each) for each in HEADINGS], rows, width_of(sys.stdout) or UNLIMITED))
        if rows
        else "None."
    )


@deliveries.command(cls=Told, examples=("deliveries replay 17 18", "deliveries replay --all-dead --subscription chat"))
@ids_argument
@all_dead_option
@subscription_option
@db_option
@json_option
@click.pass_context
def replay(
    ctx: click.Context, ids: tuple[int, ...], all_dead: bool, subscription: str | None, db: str | None, as_json: bool
) -> None:
    """Send dead deliveries again, as if they had never been tried.

    They are sent by the deliverer, with the same event id as before.
    """
    _see_which(ids, all_dead, subscription)
    with _opened(db or ctx.obj) as found:
        count = found.replay_all(subscription) if all_dead else found.replay(ids)
    _tell(count, "replayed", "will be sent again", as_json)


@deliveries.command(cls=Told, examples=("deliveries drop 17", "deliveries drop --all-dead --subscription chat"))
@ids_argument
@all_dead_option
@subscription_option
@db_option
@json_option
@click.pass_context
def drop(
    ctx: click.Context, ids: tuple[int, ...], all_dead: bool, subscription: str | None, db: str | None, as_json: bool
) -> None:
    """Delete dead deliveries: nobody wants them any more."""
    _see_which(ids, all_dead, subscription)
    with _opened(db or ctx.obj) as found:
        count = found.drop_all(subscription) if all_dead else found.drop(ids)
    _tell(count, "dropped", "dropped", as_json)


@deliveries.command(cls=Told, examples=("deliveries prune --before 2026-01-01",))
@click.option("--before", metavar="DATE", required=True, help="The first day that stays, like 2026-01-01 (in UTC).")
@db_option
@json_option
@click.pass_context
def prune(ctx: click.Context, before: str, db: str | None, as_json: bool) -> None:
    """Delete what arrived long ago, and the events that are on no way to anybody any more.

    What is pending or dead stays, with its events.
    """
    try:
        day = parse_date(before)
    except ValueError:
        raise click.BadParameter(f"{before} is no date like 2026-01-01.", param_hint="--before") from None
    assert isinstance(day, date)
    with _opened(db or ctx.obj) as found:
        done = found.prune(datetime.combine(day, time(), UTC))
    if as_json:
        write(json.dumps({"deliveries": done.deliveries, "events": done.events}))
        return
    write(f"{_counted(done.deliveries)} and {done.events} event{'' if done.events == 1 else 's'} deleted.")


@contextmanager
def _opened(db: str | None) -> Iterator[Deliveries]:
    with open_database(db, find_project(Path.cwd())) as database:
        yield Deliveries(database)


def _see_which(ids: tuple[int, ...], all_dead: bool, subscription: str | None) -> None:
    if bool(ids) == all_dead:
        raise click.UsageError("Which deliveries? Name their ids, or --all-dead.")
    if subscription is not None and not all_dead:
        raise click.UsageError("--subscription goes with --all-dead.")


def _tell(count: int, name: str, told: str, as_json: bool) -> None:
    write(json.dumps({name: count}) if as_json else f"{_counted(count)} {told}." if count else "None was dead.")


def _counted(count: int) -> str:
    return f"{count} deliver{'y' if count == 1 else 'ies'}"


def _cells(each: Delivery) -> tuple[str, ...]:
    when = each.due or each.settled
    return (
        str(each.id),
        each.name,
        shown_row(each.row),
        each.subscription,
        each.state,
        str(each.attempts),
        "" if when is None else f"{when:%Y-%m-%d %H:%M}",
        safe(each.error or ""),
    )


def _to_object(each: Delivery) -> dict[str, object]:
    return {
        "id": each.id,
        "event": each.event,
        "name": each.name,
        "row": row_object(each.row),
        "emitted": moment_text(each.emitted),
        "subscription": each.subscription,
        "state": each.state,
        "attempts": each.attempts,
        "due": moment_text(each.due),
        "settled": moment_text(each.settled),
        "error": each.error,
    }
