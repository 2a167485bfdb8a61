"""The commands there are. A command's module is imported when it is called, not before: help comes from the table below."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from actionlang.cli.main import Interruption, ReaderGone

COMMANDS = {
    "new": "Make a project that checks, tests and runs at once.",
    "check": "Find what is wrong with scripts, without running them.",
    "fmt": "Bring scripts into the one form in which they are written.",
    "compile": "Write a plan for each verb: all that a host needs to run it.",
    "test": "Run the tests that scripts hold.",
    "breaking": "Find changes of verbs that those who call them would notice.",
    "import": "Bring in tables from where they already are.",
    "tables": "Make, drop, show or compare the tables that scripts describe.",
    "registry": "Keep verbs in use in the database: their versions, which one is active.",
    "activate": "Put verbs into use: check, test, compile, compare and publish them.",
    "deactivate": "Take a verb out of use: calls of it are refused from then on.",
    "rollback": "Put an earlier version of a verb back into use, exactly as it was.",
    "history": "Show which versions of a verb were in use when, and why.",
    "diff": "Tell how two versions of a verb differ.",
    "run": "Run a verb as one unit: all that it does is kept, or nothing is.",
    "log": "Show which verbs ran, and what a run changed.",
    "keys": "Show the keys that runs have taken, or delete those that have expired.",
    "subscriptions": "Say who gets the events that verbs emit: web servers, or a mail server for SendEmail.",
    "serve": "Serve the verbs in use over HTTP, for any OData client, for OpenAPI and for assistants (MCP).",
    "mcp": "Serve the verbs in use to an assistant on this machine, as tools (MCP).",
    "background": "Start verbs that go on by themselves, look at them, and go on with them.",
    "deliver": "Send the events that verbs emitted to those who subscribed to them.",
    "deliveries": "Show which events are on their way, have arrived, or are dead.",
    "access": "Say who may run which verb on which rows, and tell why.",
    "key": "Make, list and revoke API keys, with which programs call the server.",
    "plugins": "List the Python code that is called when verbs run, and see that it fits them.",
    "verbs": "List the verbs that can be run.",
    "explain": "Tell what a verb does and needs, or what an error code means.",
    "graph": "Draw a verb as a flow of its steps, or the project as verbs and tables.",
    "openapi": "Write the OpenAPI document of your verbs, as a server shows it.",
    "client": "Write a typed client: a small package whose methods call verbs on a server.",
    "docs": "Write a reference of your verbs and tables, as pages to browse.",
    "repl": "Try the language at a prompt, on a database that forgets.",
    "lsp": "Serve an editor: problems as you type, completion, renaming and more.",
}
"""Commands in the order in which people meet them. Each is a module of this package that has a command of that name."""

OTHER_NAMES = {"import": "import_"}
"""Names of modules, and of the commands in them, where Python does not allow the command's own."""


class Commands(click.Group):
    """Finds commands by the table, and tells what goes wrong in any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        name = OTHER_NAMES.get(cmd_name, cmd_name)
        command = getattr(import_module(f"actionlang.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command asked for; a wrong name is told with the one that was perhaps meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(name, COMMANDS, n=1)
            meant = f" Did you mean {close[0]}?" if close else ""
            ctx.fail(f"There is no command {name}.{meant}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with their help from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names from the table, and the group's own options."""
        names = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Read the command line; help is printed here."""
        with _noticing_the_outside():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; gives its exit code. What it raises is told as coded errors."""
        with _noticing_the_outside():
            try:
                return super().invoke(ctx)
            except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
                raise
            except Exception as error:  # noqa: BLE001 - nobody is ever shown a traceback
                from actionlang.cli.failures import tell

                return tell(error, ctx)


@contextmanager
def _noticing_the_outside() -> Iterator[None]:
    """Keep click from dealing with Ctrl-C and closed pipes in its own way."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error
    except KeyboardInterrupt as interrupt:
        raise Interruption from interrupt


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"actionlang {version('actionlang')}")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="actionlang COMMAND --help tells more. To begin: actionlang new helpdesk",
)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
def actionlang() -> None:
    """Business operations as verbs: written once, checked, compiled, run as one unit."""
