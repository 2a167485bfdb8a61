"""`actionlang import`."""

from __future__ import annotations

from importlib import import_module

import click

from actionlang.cli.help import ToldGroup

SOURCES = {
    "database": "Write the tables of a database as a script, or bring one up to date.",
    "dataverse": "Write the tables and contracts of a Dataverse as a script.",
    "dataverse-action": "Turn an exported process action of Dataverse into a script.",
}
"""Where metadata comes from. Each is a module `import_NAME` of this package that has a command of that name."""


class Sources(ToldGroup):
    """Finds commands by the table; a command's module is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the table's order."""
        return list(SOURCES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command, imported now."""
        if cmd_name not in SOURCES:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(import_module(f"actionlang.cli.import_{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with their help from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SOURCES.items()))


@click.group(
    name="import",
    cls=Sources,
    examples=(
        "import database sqlite:///desk.db -o verbs/tables.act",
        "import database postgresql://me@localhost/shop --tables 'sales.*'",
        "import dataverse metadata.xml -o verbs/tables.act",
    ),
)
def import_() -> None:
    """Bring in tables from where they already are.

    What is written is a script like any other: read it, change it, keep it with the others. Importing into a
    script that is there brings it up to date, and keeps what people wrote into it.
    """
