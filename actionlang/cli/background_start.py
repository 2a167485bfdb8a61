"""`actionlang background start`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli import completing
from actionlang.cli.background_show import WORKERS
from actionlang.cli.help import Told
from actionlang.cli.options import RUNNING, db_option, json_option
from actionlang.cli.output import write

if TYPE_CHECKING:
    from datetime import datetime

    from actionlang.durable.background import Background
    from actionlang.registry.active import Active
    from actionlang.runtime.result import Result


@click.command(
    cls=Told,
    examples=(
        'background start Chase --on CAS-0042 text="Still there?"',
        "background start Remind --on CAS-0042 --at 2026-11-24T09:30:00Z",
        "background start Chase --on CAS-42 text=Hi --as ann@example.com",
    ),
)
@click.argument("verb", shell_complete=completing.verbs_of_registry)
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=completing.arguments_of_active)
@click.option("--on", metavar="ROW", help='The row that the verb is on, by a key: CAS-0042, or "case CAS-0042".')
@db_option
@click.option("--dry-run", is_flag=True, help="See whether the call is right, and start nothing.")
@click.option("--caller", metavar="USER", help="For whom it runs, by a key. What they may do is not asked now.")
@click.option("--as", "as_user", metavar="USER", help="For whom it runs, by email, who must be allowed to.")
@click.option("--at", metavar="MOMENT", help="When it begins, such as 2026-11-24T09:30:00Z. Otherwise at once.")
@click.option("--key", metavar="TEXT", help="A name for this call: called again with it, nothing is started twice.")
@json_option
@click.pass_context
def start(  # noqa: PLR0913, PLR0917 - one parameter an option
    ctx: click.Context,
    verb: str,
    arguments: tuple[str, ...],
    on: str | None,
    db: str | None,
    dry_run: bool,
    caller: str | None,
    as_user: str | None,
    at: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Start the active version of a verb in the background.

    VERB is a verb of the database's registry (see "actionlang activate"): a background action, or
    any other action, which then is one unit. Its arguments follow by name, as for "actionlang run".
    Whether the call is right is seen at once. The id that is told is the one by which "background
    show" tells what becomes of it.

    With --as it is held to what the user may do, at its start and then unit by unit.

    Exit codes: 0 it is started, 2 the command or an argument does not fit, 3 the call failed.
    """
    ctx.meta[RUNNING] = True
    from actionlang.cli.arguments import read_arguments, read_row
    from actionlang.cli.background_opening import opened
    from actionlang.cli.calling import hosting_for, moment_of, who_calls
    from actionlang.cli.recording import recording
    from actionlang.compile.project import find_project

    project = find_project(Path.cwd())
    who, moment = who_calls(caller, as_user), None if at is None else moment_of(at)
    with opened(db, project, hosting_for(as_user, project)) as background:
        active = background.verbs.find(verb)
        given = read_arguments(arguments, active.plan.verb, active.plan.schema)
        with recording(background.verbs.database, trace=None):
            result = background.start(
                active.name,
                on=None if on is None else read_row(on),
                caller=None if who is None else read_row(who),
                at=moment,
                key=key,
                dry_run=dry_run,
                arguments=given,
            )
        _show(background, active, result, moment, on=on, as_json=as_json)


def _show(
    background: Background, active: Active, result: Result, moment: datetime | None, *, on: str | None, as_json: bool
) -> None:
    import sys
    from datetime import UTC, datetime

    from actionlang.engine.times import iso_datetime

    begins = None if moment is None else iso_datetime(moment)
    state = None if result.run is None else background.find(result.run).state
    if as_json:
        told = {
            "run": result.run,
            "verb": active.name,
            "version": active.version,
            "state": state,
            "begins": begins,
            "dry_run": result.dry_run,
            "replayed": result.replayed,
            "warnings": list(result.warnings),
        }
        write(json.dumps(told, indent=2, ensure_ascii=False))
        return
    what = f"{active.plan.verb.short_name}{'' if on is None else f' on {on}'}"
    if result.dry_run:
        write(f"The call of {what} is right. Nothing was started: it was a dry run.")
    elif result.replayed:
        write(f"{what} was started by an earlier call with this key, and is {state}.\nRun {result.run}")
    else:
        when = "at once" if moment is None or moment <= datetime.now(UTC) else f"at {begins}"
        write(f"{what} begins {when}: {WORKERS}.\nRun {result.run}")
    sys.stdout.flush()
    for warning in result.warnings:
        print(f"warning: {warning}", file=sys.stderr)
