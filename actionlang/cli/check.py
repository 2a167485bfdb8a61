"""`actionlang check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from actionlang.cli.failures import PROBLEMS, tell
from actionlang.cli.help import Told
from actionlang.cli.options import format_option, no_cache_option, paths_argument
from actionlang.cli.output import diagnostics_text, wants_color, write
from actionlang.compile.compiled import Compiled
from actionlang.compile.compiled import check as find_problems
from actionlang.compile.seen_from import seen_from
from actionlang.compile.selection import select
from actionlang.diagnostics.diagnostic import ActionLangError


@click.command(
    cls=Told, examples=("check", "check verbs/escalate.act --watch", "check --format sarif > actionlang.sarif")
)
@paths_argument
@format_option
@click.option("--watch", is_flag=True, help="Check again whenever a script changes, until Ctrl-C.")
@no_cache_option
@click.pass_context
def check(ctx: click.Context, paths: tuple[Path, ...], form: str, watch: bool, no_cache: bool) -> int:
    """Find what is wrong with scripts, without running them.

    PATHS are scripts or folders of them; without any, the whole project is checked. What was found out about unchanged
    scripts is kept, so that a second check takes no time.

    Exit codes: 0 no errors, 1 errors were found, 2 wrong usage.
    """
    if not watch:
        return _check(paths, form, cached=not no_cache)
    from actionlang.cli.watching import changes_of

    for _ in changes_of(paths):
        try:
            _check(paths, form, cached=not no_cache)
        except ActionLangError as error:
            tell(error, ctx)
        sys.stdout.flush()
    return 0


def _check(paths: tuple[Path, ...], form: str, *, cached: bool) -> int:
    selection = select(paths).needed()
    found = find_problems(selection, cached=cached)
    if form != "human" or found.diagnostics:
        diagnostics = seen_from(Path.cwd(), found.diagnostics, found.root)
        text = diagnostics_text(diagnostics, form, color=wants_color(sys.stdout))
        if text:
            write(text)
    if form == "human":
        write(("\n" if found.diagnostics else "") + _summary(found))
    return PROBLEMS if found.errors else 0


def _summary(found: Compiled) -> str:
    """The last line."""
    scripts = f"{found.scripts} script{'' if found.scripts == 1 else 's'}"
    errors = len(found.errors)
    warnings = len(found.diagnostics) - errors
    told = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    return f"{scripts} checked: {' and '.join(told) or 'no problems found'}."
