"""`actionlang run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import RUNNING, db_option, json_option

if TYPE_CHECKING:
    from actionlang.compile.project import Project
    from actionlang.registry.versions import Version
    from actionlang.runtime.database import Database
    from actionlang.runtime.hosting import FindVerb
    from actionlang.runtime.plans import Plan

ENGINES = ("auto", "interpreter", "relational", "server")


@click.command(
    cls=Told,
    examples=(
        'run Escalate --on "case CAS-0042" reason="No reply" level=2',
        'run Escalate --on CAS-0042 reason="No reply" --dry-run',
        'run Escalate --on CAS-0042 reason="No reply" --key mail-4711',
        "run Notify to=Ada to=Grace text=Hello --json",
        "run plans/helpdesk.Resolve.plan.json --on CAS-0042 --db desk.db",
        'run Escalate --where "(case.due < today())" reason=Overdue',
        'run Escalate --on CAS-0042 reason="No reply" --as ann@example.com',
    ),
)
@click.argument("verb", shell_complete=completing.verbs_and_plans)
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=completing.arguments)
@click.option("--on", metavar="ROW", help='The row that the verb is on, by a key: CAS-0042, or "case CAS-0042".')
@click.option("--where", metavar="CONDITION", help='All rows for which a condition holds: "(case.status = open)".')
@click.option("--per-row", is_flag=True, help="With --where: leave out the rows on which it fails, and tell which.")
@click.option("--chunk", type=int, metavar="N", help="With --where: keep what was done after each N rows.")
@click.option("--resume", metavar="SERIES", help="Go on with a run in chunks that was ended before its end.")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", help="Who runs it; the outcome is the same.")
@db_option
@click.option("--dry-run", is_flag=True, help="Do all of it, show what changed, and keep nothing.")
@click.option("--caller", metavar="USER", help="The user who calls, by a key. What they may do is not asked.")
@click.option("--as", "as_user", metavar="USER", help="Run it as this user, by email, who must be allowed to.")
@click.option("--at", metavar="MOMENT", help="What now() gives, such as 2026-11-24T09:30:00Z.")
@click.option("--key", metavar="TEXT", help="A name for this call: called again with it, nothing is done twice.")
@click.option("--active", is_flag=True, help="Run the version that is active in the registry, whatever scripts say.")
@click.option("--trace/--no-trace", default=None, help="Record each step with its time, for log; that is the default.")
@click.option("--expected", metavar="VERSION", help="Fail if the row was changed since it had this version.")
@click.option("--show-version", is_flag=True, help="Do nothing but show the version of the row, for --expected.")
@click.option("--wait", metavar="SECONDS", type=click.FloatRange(0, 86_400), help="How long to wait for other writers.")
@json_option
@click.pass_context
def run(  # noqa: PLR0913, PLR0917 - one parameter an option
    ctx: click.Context,
    verb: str,
    arguments: tuple[str, ...],
    on: str | None,
    where: str | None,
    per_row: bool,
    chunk: int | None,
    resume: str | None,
    engine: str,
    db: str | None,
    dry_run: bool,
    caller: str | None,
    as_user: str | None,
    at: str | None,
    key: str | None,
    expected: str | None,
    show_version: bool,
    active: bool,
    trace: bool | None,
    wait: float | None,
    as_json: bool,
) -> int:
    """Run a verb as one unit: all that it does is kept, or nothing is.

    VERB is a verb of the project or of the standard library, or a plan that
    "actionlang compile" wrote. Its arguments follow by name, and what they mean follows from
    their types. A list is given by naming it several times, or as a JSON array.

    With --active, or where there are no scripts, it is a verb of the database's registry
    (see "actionlang activate").

    With --where it runs on all rows for which a condition holds, as if on one after another in the
    order of their keys, still as one unit.

    Exit codes: 0 it ran, 1 the scripts have errors, 2 the command or an argument does not fit,
    3 the run failed and nothing was changed, 4 it ran, but --per-row left rows out.
    """
    ctx.meta[RUNNING] = True
    from actionlang.cli.arguments import read_arguments, read_row
    from actionlang.cli.calling import hosting_for, moment_of, who_calls, wrong
    from actionlang.cli.databases import open_database
    from actionlang.cli.failed import shown_in_script
    from actionlang.cli.plans import is_plan_file
    from actionlang.cli.ran import show_result
    from actionlang.cli.recording import recording
    from actionlang.compile.project import find_project
    from actionlang.runtime.result import RunFailed

    project = find_project(Path.cwd())
    in_use = _in_use(verb, active, db, project)
    plan = _plan(verb) if in_use is None else in_use.plan
    given = {} if show_version else read_arguments(arguments, plan.verb, plan.schema)
    moment = None if at is None else moment_of(at)
    many = where is not None or chunk is not None or resume is not None or per_row
    if many:
        _see_which_rows(on, where, resume)
    caller, hosting = who_calls(caller, as_user, is_run=not show_version), hosting_for(as_user, project)
    with open_database(db, project, busy_timeout=wait, hosting=hosting) as database, recording(database, trace=trace):
        database.find_verb = _finding(database, in_use)
        try:
            if many:
                asked = {"caller": None if caller is None else read_row(caller), "at": moment, "dry_run": dry_run}
                options = {
                    "per_row": per_row,
                    "chunk": chunk,
                    "resume": resume,
                    "key": key,
                    "engine": engine,
                    "arguments": given,
                }
                if expected is not None or show_version:
                    raise wrong(
                        "--expected and --show-version are for one row.", "leave them out, or name a row by --on"
                    )
                return _run_many(plan, database, where, {**asked, **options}, as_json=as_json)
            row = None if on is None else read_row(on)
            if show_version:
                from actionlang.cli.ran import show_row_version

                show_row_version(plan.version_of(database, on=row), as_json=as_json)
                return 0
            result = plan.run(
                database,
                on=row,
                caller=None if caller is None else read_row(caller),
                at=moment,
                dry_run=dry_run,
                key=key,
                engine=engine,
                expected=expected,
                arguments=given,
            )
        except RunFailed as failed:
            if in_use is not None:
                from actionlang.cli.in_use import shown_in_version

                raise shown_in_version(failed, in_use) from None
            raise failed if is_plan_file(verb) else shown_in_script(failed, project) from None
        show_result(plan, result, database, on=on, as_json=as_json)
    return 0


def _see_which_rows(on: str | None, where: str | None, resume: str | None) -> None:
    """See that it is said on which rows a run on many is."""
    from actionlang.cli.calling import wrong

    if on is not None:
        raise wrong(
            "--on is for one row; --where, --per-row, --chunk and --resume are for many.", "leave one of them out"
        )
    if where is None and resume is None:
        raise wrong("--per-row and --chunk need to know which rows.", 'add a condition; --where "(true)" is all rows')


def _finding(database: Database, in_use: Version | None) -> FindVerb:
    """Where the verbs are that plug-ins perform: where the verb itself comes from."""

    def find(name: str) -> Plan:
        if in_use is None:
            return _plan(name)
        from actionlang.registry.verbs import Verbs

        return Verbs.open(database).find(name).plan

    return find


def _run_many(plan: Plan, database: Database, where: str | None, options: dict[str, Any], *, as_json: bool) -> int:
    from actionlang.cli.progress import progress_line
    from actionlang.cli.ran_many import show_many
    from actionlang.runtime.many import Condition

    condition = None
    if where is not None:
        from actionlang.compile.condition import read_condition

        condition = Condition(read_condition(where, plan.steps), where)
    with progress_line() as progress:
        result = plan.run_many(database, where=condition, progress=progress, **options)
    return show_many(plan, result, database, as_json=as_json)


def _in_use(word: str, active: bool, db: str | None, project: Project) -> Version | None:
    """The active version, where it is to be run: it is asked for, or there are no scripts."""
    from actionlang.cli.plans import is_plan_file

    if not active and is_plan_file(word):
        return None
    from actionlang.cli.in_use import active_version, is_where_verbs_are

    return active_version(word, db, project) if active or is_where_verbs_are(db, project) else None


def _plan(word: str) -> Plan:
    """The plan to run; one that was compiled just now is verified all the same."""
    from actionlang.cli.plans import is_plan_file, plan_bytes
    from actionlang.runtime.plans import Plan

    return Plan.load(word) if is_plan_file(word) else Plan.loads(plan_bytes(word))
