"""Options and arguments that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from actionlang.cli.output import FORMATS

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

FORM = "actionlang.form"
RUNNING = "actionlang.running"
"""Keys of a context's `meta`: the form in which errors are told, whether the command runs a verb."""


def _told_in(ctx: click.Context, _: click.Parameter, value: Any) -> Any:
    """Remember in which form errors are to be told."""
    if value:
        ctx.meta[FORM] = value if isinstance(value, str) else "json"
    return value


paths_argument: Decorator = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...")

json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, callback=_told_in, help="Write JSON, also where something is wrong."
)

format_option: Decorator = click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="human",
    callback=_told_in,
    show_default=True,
    help="How problems are written.",
)

db_option: Decorator = click.option(
    "--db",
    metavar="URL",
    help="The database: sqlite:///file.db, or just the file. The default is the project's.",
)

no_cache_option: Decorator = click.option(
    "--no-cache", is_flag=True, help="Work everything out anew, and keep nothing of it."
)
