"""`actionlang activate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actionlang.cli.changing import allow_option, author, by_option, dry_run_option, reason
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option, no_cache_option, paths_argument
from actionlang.cli.output import diagnostics_text, wants_color, write

if TYPE_CHECKING:
    from actionlang.activation.activating import Activated

MOST_NAMED = 10


@click.command(
    cls=Told,
    examples=(
        'activate --why "first release"',
        "activate verbs/escalate.act --dry-run",
        'activate --allow parameter-removed --why "nobody uses it"',
    ),
)
@paths_argument
@click.option("--why", metavar="TEXT", help="Why it is done; the history shows it.")
@by_option
@allow_option
@dry_run_option
@db_option
@no_cache_option
@json_option
def activate(
    paths: tuple[Path, ...],
    why: str | None,
    who: str | None,
    allowed: tuple[str, ...],
    dry_run: bool,
    db: str | None,
    no_cache: bool,
    as_json: bool,
) -> int:
    """Put verbs into use: check, test, compile, compare and publish them.

    PATHS are scripts or folders, or verbs of the standard library by name; without any, all verbs of the project are
    activated. All of them become active at once, as new versions, or none does. A verb that is active as it is gets no new
    version. Active verbs that perform a changed one change with it.

    It is refused when a test fails, when callers would break (see "actionlang breaking"), when an active verb that performs
    one of them could not run any more, or when the database does not have their tables.

    Exit codes: 0 done, or nothing was to be done, 1 refused, 2 wrong usage.
    """
    from actionlang.activation.activating import activate as make_active
    from actionlang.activation.drafts import project_of
    from actionlang.cli.databases import open_database
    from actionlang.cli.published import published_object, show_published, write_object
    from actionlang.compile.seen_from import seen_from

    by, because = author(who), reason(why, allowed)
    with open_database(db, project_of(paths)) as database:
        done = make_active(database, paths, who=by, why=because, allowed=allowed, dry_run=dry_run, cached=not no_cache)
    if as_json:
        write_object({**published_object(done.published), **_checked(done)})
        return 0
    if done.drafts.warnings:
        told = seen_from(Path.cwd(), done.drafts.warnings, done.drafts.project.root)
        print(f"{diagnostics_text(told, 'human', color=wants_color(sys.stderr))}\n", file=sys.stderr)
    write(_summary(done))
    if done.drafts.plans:
        write("")
    show_published(done.published, color=wants_color(sys.stdout))
    if done.left:
        write(f"\nActive, and not in this project: {_listed(done.left)}. actionlang deactivate takes one out of use.")
    return 0


def _checked(done: Activated) -> dict[str, Any]:
    return {
        "scripts": done.drafts.scripts,
        "tests": done.tests.passed,
        "warnings": len(done.drafts.warnings),
        "left": list(done.left),
    }


def _summary(done: Activated) -> str:
    scripts, tests = done.drafts.scripts, done.tests.passed
    if not scripts:
        return "Nothing was checked: there are no scripts here."
    checked = f"{scripts} script{'' if scripts == 1 else 's'} checked"
    if not done.drafts.plans:
        return f"{checked}; there is no verb in {'it' if scripts == 1 else 'them'}."
    if not tests:
        return f"{checked}; no test performs these verbs."
    return f"{checked}, {tests} test{'' if tests == 1 else 's'} passed."


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
