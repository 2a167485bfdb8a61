"""`actionlang breaking`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from actionlang.cli import completing
from actionlang.cli.failures import PROBLEMS
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, format_option, paths_argument
from actionlang.cli.output import diagnostics_text, wants_color, write
from actionlang.compile.selection import Selection, select
from actionlang.contracts.choosing import Chosen
from actionlang.diagnostics.diagnostic import Diagnostic


def _known(_: click.Context, parameter: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    """Rules and categories as given on the command line."""
    if words:
        from difflib import get_close_matches

        from actionlang.contracts.rules import WORDS

        for word in words:
            if word not in WORDS:
                close = get_close_matches(word, WORDS, n=1)
                meant = f"Did you mean {close[0]}?" if close else "actionlang breaking --rules lists them."
                raise click.BadParameter(f"There is no rule or category {word}. {meant}", param=parameter)
    return words


def _list_rules(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """List the rules, and end."""
    if wanted and not ctx.resilient_parsing:
        from actionlang.cli.rule_list import write_rules

        write_rules()
        ctx.exit()


@click.command(
    cls=Told,
    examples=(
        "breaking --against main",
        "breaking --against registry --use call",
        "breaking --against released/plans --except effect-widened",
        "breaking --against origin/main --format sarif > breaking.sarif",
    ),
)
@paths_argument
@click.option(
    "--against",
    required=True,
    metavar="REF|FOLDER|registry",
    help="What to compare with: a git branch, tag or commit; a folder of scripts or plans; the verbs in use.",
)
@format_option
@click.option(
    "--use",
    metavar="RULE|CATEGORY",
    multiple=True,
    callback=_known,
    shell_complete=completing.rules,
    help="Look for this only, whatever the project says. May be given several times.",
)
@click.option(
    "--except",
    "without",
    metavar="RULE|CATEGORY",
    multiple=True,
    callback=_known,
    shell_complete=completing.rules,
    help="Let this pass as well. May be given several times.",
)
@click.option(
    "--rules",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_rules,
    help="List the rules there are, and compare nothing.",
)
@db_option
def breaking(
    paths: tuple[Path, ...], against: str, form: str, use: tuple[str, ...], without: tuple[str, ...], db: str | None
) -> int:
    """Find changes of verbs that those who call them would notice.

    The scripts under PATHS, by default all of the project, are compared with what they were: steps may change freely, what
    a verb is on, takes, returns, needs and does only so that nobody notices.

    Rules are in categories: source has all of them, call those that callers by name notice, wire those that spoil what is
    written down already. [breaking] in actionlang.toml says which count.

    Exit codes: 0 nothing found, 1 somebody would notice, or the scripts have errors, 2 wrong usage or nothing to compare with.
    """
    from actionlang.cli.against import before
    from actionlang.compile.around_selection import scripts_to_load
    from actionlang.compile.contracted import contracts_of
    from actionlang.compile.declared import Declared
    from actionlang.compile.loaded import loaded
    from actionlang.compile.seen_from import seen_from
    from actionlang.contracts.comparing import compare
    from actionlang.contracts.rules import chosen_rules

    selection = _without_those_of_then(select(paths), against).needed()
    agreed = selection.project.breaking
    rules = chosen_rules(Chosen(use or agreed.use, (*agreed.without, *without)))
    # What other scripts hang on these verbs, or replace of them, is theirs, too.
    around = attrs.evolve(selection, scripts=scripts_to_load(selection))
    loader = loaded(_without_those_of_then(around, against))
    new = contracts_of(loader, selection.scripts, selection.project.layers)
    old = before(against, paths, new, selection.project, db)
    found = compare(old.contracts, new, rules=rules)
    places = Declared(loader)
    diagnostics = seen_from(Path.cwd(), [places.diagnostic(finding) for finding in found], loader.root)
    if form == "human":
        _show(diagnostics, len(old.contracts.entries), old.named)
    elif text := diagnostics_text(diagnostics, form):
        write(text)
    return PROBLEMS if found else 0


def _without_those_of_then(selection: Selection, against: str) -> Selection:
    """The scripts of today: those in a folder to compare with, which may lie inside the project, are not."""
    then = Path(against).resolve()
    if selection.project.root.resolve().is_relative_to(then) or not then.is_dir():
        return selection
    return attrs.evolve(
        selection, scripts=tuple(script for script in selection.scripts if not script.is_relative_to(then))
    )


def _show(diagnostics: Sequence[Diagnostic], verbs: int, named: str) -> None:
    """The findings as people read them, and how many there are."""
    if diagnostics:
        write(diagnostics_text(diagnostics, "human", color=wants_color(sys.stdout)) + "\n")
    compared = f"{verbs} verb{'' if verbs == 1 else 's'} compared with {named}"
    many = f"{len(diagnostics)} change{'' if len(diagnostics) == 1 else 's'} that callers would notice"
    write(f"{compared}: {many if diagnostics else 'nothing that callers would notice'}.")
