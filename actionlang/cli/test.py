"""`actionlang test`: runs the tests that scripts hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from actionlang.cli.help import Told
from actionlang.cli.options import json_option, paths_argument

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=Told, examples=("test", "test verbs -k escalate -v", "test --coverage --junit results.xml"))
@paths_argument
@click.option(
    "-k",
    "words",
    multiple=True,
    metavar="WORDS",
    help="Run only the tests in whose title, file name or performed verbs all these words are. With several -k, any of them.",
)
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="How many processes run the tests.")
@click.option("-v", "--verbose", is_flag=True, help="Tell of each test, not only of each script.")
@click.option("--coverage", is_flag=True, help="Tell which steps and branches of the verbs no test went through.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="Fail when less is covered.")
@click.option("--lcov", type=FILE, metavar="FILE", help="Write the coverage as LCOV.")
@click.option("--junit", type=FILE, metavar="FILE", help="Write the results as JUnit XML.")
@json_option
def test(paths: tuple[Path, ...], words: tuple[str, ...], jobs: int | None, **wanted: Any) -> int:
    """Run the tests that scripts hold.

    Each test runs by itself on an empty database in memory, with a fixed clock. PATHS are scripts or folders; without any,
    all scripts of the project are looked at.

    Exit codes: 0 all tests passed, 1 one failed, a script has errors or there are no tests, 2 wrong usage.
    """
    from actionlang.cli.testing import Wanted, perform

    return perform(paths, words, jobs, Wanted(**wanted))
