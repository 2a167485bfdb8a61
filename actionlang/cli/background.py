"""`actionlang background`."""

from __future__ import annotations

import click

from actionlang.cli.background_changing import cancel, retry
from actionlang.cli.background_list import list_
from actionlang.cli.background_show import show
from actionlang.cli.background_start import start
from actionlang.cli.background_work import work
from actionlang.cli.help import ToldGroup


@click.group(
    cls=ToldGroup,
    examples=(
        'background start Chase --on CAS-0042 text="Still there?"',
        "background work",
        "background list --state failed",
        "background show 01a2186c",
    ),
)
def background() -> None:
    """Start verbs that go on by themselves, look at them, and go on with them.

    A run in the background is made unit by unit, each of them committed and never done twice. It
    outlives whoever started it: whenever somebody works (background work, or a server) it goes on
    where it stands.
    """


for each in (start, list_, show, cancel, retry, work):
    background.add_command(each)
