"""`actionlang check`."""

from __future__ import annotations

import sys
from pathlib import Path

import attrs
import click

from actionlang.cli import completing
from actionlang.cli.failures import PROBLEMS, tell
from actionlang.cli.help import Told
from actionlang.cli.options import format_option, no_cache_option, paths_argument
from actionlang.cli.output import diagnostics_text, wants_color, write
from actionlang.compile.compiled import Compiled
from actionlang.compile.compiled import check as find_problems
from actionlang.compile.seen_from import seen_from
from actionlang.compile.selection import select
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.lint.levels import ALL, with_denied


@attrs.frozen
class Wish:
    """How a check is to be made: in which form it tells, which lints are errors, whether it mends, whether it uses the cache."""

    form: str
    denied: tuple[str, ...]
    fix: bool
    cached: bool


def _known_lints(_: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of lints as given on the command line."""
    if names:
        from difflib import get_close_matches

        from actionlang.diagnostics.catalogue import all_codes

        known = [ALL, *(code.id for code in all_codes() if code.is_lint)]
        for name in names:
            if name not in known:
                close = get_close_matches(name, known, n=1)
                meant = f"Did you mean {close[0]}?" if close else "actionlang check --lints lists them."
                raise click.BadParameter(f"There is no lint {name}. {meant}", param=parameter)
    return names


def _list_lints(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """List the lints, and end."""
    if wanted and not ctx.resilient_parsing:
        from actionlang.cli.lint_list import write_lints

        write_lints()
        ctx.exit()


@click.command(
    cls=Told,
    examples=(
        "check",
        "check verbs/escalate.act --watch",
        "check --fix",
        "check --deny all --format sarif > actionlang.sarif",
    ),
)
@paths_argument
@format_option
@click.option("--fix", is_flag=True, help="Mend in the scripts what can be mended safely, and tell the rest.")
@click.option(
    "--deny",
    "denied",
    metavar="LINT|all",
    multiple=True,
    callback=_known_lints,
    shell_complete=completing.lints,
    help="Take what a lint finds for an error. May be given several times.",
)
@click.option("--agree", is_flag=True, help="Write down what the verbs may do now, in actionlang.effects.")
@click.option(
    "--lints",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_lints,
    help="List the lints there are, and check nothing.",
)
@click.option("--watch", is_flag=True, help="Check again whenever a script changes, until Ctrl-C.")
@no_cache_option
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[Path, ...],
    form: str,
    fix: bool,
    denied: tuple[str, ...],
    agree: bool,
    watch: bool,
    no_cache: bool,
) -> int:
    """Find what is wrong with scripts, without running them.

    PATHS are scripts or folders of them; without any, the whole project is checked. What was found out about unchanged
    scripts is kept, so that a second check takes no time.

    Errors keep a script from being used. Lints are warnings: a comment # allow: NAME, or [lints] in actionlang.toml,
    suppresses one.

    Exit codes: 0 no errors, 1 errors were found, 2 wrong usage.
    """
    if watch and (fix or agree):
        raise click.UsageError("--watch only looks: it does not go together with --fix or --agree.")
    if agree:
        return _agree(paths)
    wish = Wish(form, denied, fix, not no_cache)
    if not watch:
        return _check(paths, wish)
    from actionlang.cli.watching import changes_of

    for _ in changes_of(paths):
        try:
            _check(paths, wish)
        except ActionLangError as error:
            tell(error, ctx)
        sys.stdout.flush()
    return 0


def _agree(paths: tuple[Path, ...]) -> int:
    if paths:
        raise click.UsageError("--agree is about the project as a whole: leave PATHS out.")
    from actionlang.cli.agreeing import agree

    agree(select().needed())
    return 0


def _check(paths: tuple[Path, ...], wish: Wish) -> int:
    selection = select(paths).needed()
    mended = 0
    if wish.fix:
        from actionlang.cli.fixing import mend_scripts

        mended = mend_scripts(selection, cached=wish.cached, told=wish.form == "human")
    found = find_problems(selection, cached=wish.cached)
    found = attrs.evolve(found, diagnostics=with_denied(found.diagnostics, selection.project.lints, wish.denied))
    if wish.form != "human" or found.diagnostics:
        diagnostics = seen_from(Path.cwd(), found.diagnostics, found.root)
        text = diagnostics_text(diagnostics, wish.form, color=wants_color(sys.stdout))
        if text:
            write(("\n" if mended and wish.form == "human" else "") + text)
    if wish.form == "human":
        write(("\n" if found.diagnostics or mended else "") + _summary(found, mended))
    return PROBLEMS if found.errors else 0


def _summary(found: Compiled, mended: int) -> str:
    """The last line."""
    errors = len(found.errors)
    warnings = len(found.diagnostics) - errors
    told = [_counted(count, word) for count, word in ((errors, "error"), (warnings, "warning")) if count]
    fixed = f"{_counted(mended, 'problem')} fixed. " if mended else ""
    return f"{fixed}{_counted(found.scripts, 'script')} checked: {' and '.join(told) or 'no problems found'}."


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
