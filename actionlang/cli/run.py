"""`actionlang run`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import RUNNING, db_option, json_option

if TYPE_CHECKING:
    from actionlang.runtime.plans import Plan


@click.command(
    cls=Told,
    examples=(
        'run Escalate --on "case CAS-0042" reason="No reply" level=2',
        'run Escalate --on CAS-0042 reason="No reply" --dry-run',
        "run Notify to=Ada to=Grace text=Hello --json",
        "run plans/helpdesk.Resolve.plan.json --on CAS-0042 --db desk.db",
    ),
)
@click.argument("verb", shell_complete=completing.verbs_and_plans)
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=completing.arguments)
@click.option("--on", metavar="ROW", help='The row that the verb is on, by a key: CAS-0042, or "case CAS-0042".')
@db_option
@click.option("--dry-run", is_flag=True, help="Do all of it, show what changed, and keep nothing.")
@click.option("--caller", metavar="USER", help="The user who calls, by a key.")
@click.option("--at", metavar="MOMENT", help="What now() gives, such as 2026-11-24T09:30:00Z.")
@json_option
@click.pass_context
def run(  # noqa: PLR0913, PLR0917 - one parameter an option
    ctx: click.Context,
    verb: str,
    arguments: tuple[str, ...],
    on: str | None,
    db: str | None,
    dry_run: bool,
    caller: str | None,
    at: str | None,
    as_json: bool,
) -> int:
    """Run a verb as one unit: all that it does is kept, or nothing is.

    VERB is a verb of the project or of the standard library, or a plan that
    "actionlang compile" wrote. Its arguments follow by name, and what they mean follows from
    their types. A list is given by naming it several times, or as a JSON array.

    Exit codes: 0 it ran, 1 the scripts have errors, 2 the command or an argument does not fit,
    3 the run failed and nothing was changed.
    """
    ctx.meta[RUNNING] = True
    from actionlang.cli.arguments import read_arguments, read_row
    from actionlang.cli.databases import open_database
    from actionlang.cli.failed import shown_in_script
    from actionlang.cli.plans import is_plan_file
    from actionlang.cli.ran import show_result
    from actionlang.compile.project import find_project
    from actionlang.runtime.result import RunFailed

    plan = _plan(verb)
    given = read_arguments(arguments, plan.verb, plan.schema)
    moment = None if at is None else _moment(at)
    project = find_project(Path.cwd())
    with open_database(db, project) as database:
        try:
            result = plan.run(
                database,
                on=None if on is None else read_row(on),
                caller=None if caller is None else read_row(caller),
                at=moment,
                dry_run=dry_run,
                arguments=given,
            )
        except RunFailed as failed:
            raise failed if is_plan_file(verb) else shown_in_script(failed, project) from None
        show_result(plan, result, database, on=on, as_json=as_json)
    return 0


def _plan(word: str) -> Plan:
    """The plan to run; one that was compiled just now is verified all the same."""
    from actionlang.cli.plans import is_plan_file, plan_bytes
    from actionlang.runtime.plans import Plan

    return Plan.load(word) if is_plan_file(word) else Plan.loads(plan_bytes(word))


def _moment(text: str) -> datetime:
    from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
    from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
    from actionlang.engine.times import parse_datetime

    try:
        return parse_datetime(text)
    except ValueError:
        message = f'--at takes a moment with its offset, not "{text}".'
        raise ActionLangError(
            Diagnostic(WRONG_ARGUMENT, message, hint="for example --at 2026-11-24T09:30:00Z")
        ) from None
