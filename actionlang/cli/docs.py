"""`actionlang docs`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from actionlang.cli.help import Told
from actionlang.cli.options import paths_argument
from actionlang.cli.output import write

LIBRARIES = ("jinja2", "markdown_it", "pygments")
EXTRA = "docs"


@click.command(cls=Told, examples=("docs -o site", "docs verbs -o site --run-tests"))
@paths_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where the pages go. The folder is replaced if this command made it.",
)
@click.option("--run-tests", is_flag=True, help="Run the tests, and tell how they went.")
@click.option("--force", is_flag=True, help="Replace the folder, whoever made it.")
def docs(paths: tuple[Path, ...], output: Path, run_tests: bool, force: bool) -> int:
    """Write a reference of your verbs and tables, as pages to browse.

    Each verb has a page with what it takes, does and needs, a picture of its steps, its script and its tests; each table one
    with its columns and the verbs that touch it. The pages need no server and ask nothing of the network.
    """
    from actionlang.cli.failures import missing
    from actionlang.diagnostics.diagnostic import ActionLangError

    for library in LIBRARIES:
        if find_spec(library) is None:
            raise ActionLangError(missing(EXTRA, library))
    from actionlang.compile.selection import select
    from actionlang.documentation.site import site_of
    from actionlang.documentation.subject import read_subject
    from actionlang.documentation.writing import refuse_what_is_not_ours, write_site

    refuse_what_is_not_ours(output, force=force)
    subject = read_subject(select(paths), with_outcomes=run_tests)
    write_site(site_of(subject), output, force=force)
    failed = [why for why in (subject.outcomes or {}).values() if why is not None]
    verbs, tables = _counted(len(subject.verbs), "verb"), _counted(len(subject.tables), "table")
    write(f"{verbs} and {tables} in {(output / 'index.html').as_posix()}.")
    if failed:
        write(f"{_counted(len(failed), 'test')} failed; the pages say why.")
    return 0


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
