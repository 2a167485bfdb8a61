"""`actionlang repl`."""

from __future__ import annotations

from pathlib import Path

import click

from actionlang.cli.help import Told
from actionlang.cli.options import paths_argument


@click.command(
    cls=Told, examples=("repl", "repl --db sqlite:///desk.db verbs", "echo 'case limit 5' | actionlang repl")
)
@paths_argument
@click.option(
    "--db", metavar="URL", help="The database: sqlite:///file.db, or just the file. The default is one in memory."
)
def repl(paths: tuple[Path, ...], db: str | None) -> int:
    """Try the language at a prompt, on a database that forgets.

    PATHS are scripts or folders whose tables and verbs are at hand; without any, the project's are. Without --db
    everything happens in memory; with it, nothing is kept until :commit. What comes through a pipe is answered without prompts,
    and the exit code is 1 if any of it failed.
    """
    from actionlang.cli.databases import tell_errors_only, url_of
    from actionlang.compile.selection import select
    from actionlang.repl.session import run_repl

    tell_errors_only()
    selection = select(paths)
    return run_repl(selection, None if db is None else url_of(db, selection.project))
