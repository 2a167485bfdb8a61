"""Options of the commands that change what is active."""

from __future__ import annotations

from typing import Any

import click

from actionlang.cli import completing
from actionlang.cli.options import Decorator

dry_run_option: Decorator = click.option(
    "--dry-run", is_flag=True, help="Do all of it, tell what came of it, and keep nothing."
)

by_option: Decorator = click.option(
    "--by", "who", metavar="WHO", help="Who does it. The default is who is logged in here."
)


def _known_rules(_: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    if names:
        from difflib import get_close_matches

        from actionlang.contracts.rules import NAMES

        for name in names:
            if name not in NAMES:
                close = get_close_matches(name, NAMES, n=1)
                meant = f"Did you mean {close[0]}?" if close else "actionlang breaking --rules lists them."
                raise click.BadParameter(f"There is no rule {name}. {meant}", param=parameter)
    return names


allow_option: Decorator = click.option(
    "--allow",
    "allowed",
    metavar="RULE",
    multiple=True,
    callback=_known_rules,
    shell_complete=completing.rules,
    help="Let pass what breaks a rule of compatibility; --why is needed, and kept. May be given several times.",
)


def author(who: str | None) -> str:
    """Who does it: as given, else the user of the operating system."""
    if who is not None and who.strip():
        return who.strip()
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        raise click.UsageError("Nobody is logged in here. Say who does it: --by WHO") from None


def reason(why: str | None, allowed: tuple[str, ...]) -> str | None:
    """Why it is done; there has to be a reason for what is allowed."""
    why = why.strip() if why else None
    if allowed and not why:
        raise click.UsageError("--allow needs a reason, which is kept: --why TEXT")
    return why or None


def required_reason(_: click.Context, parameter: click.Parameter, why: Any) -> str:
    """A reason that has to be given, and is not blank."""
    if not isinstance(why, str) or not why.strip():
        raise click.BadParameter("A few words are needed: the history shows them.", param=parameter)
    return why.strip()
