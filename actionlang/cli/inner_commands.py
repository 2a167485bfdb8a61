"""A command that has commands of its own besides what it does by itself: `log verify` beside `log` and `log RUN`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from actionlang.cli.help import Told


class WithCommands(Told):
    """`commands` are the inner commands' names with their help. Each is in the module that `module` gives for its name, which is
    imported when it is called."""

    def __init__(self, *parameters: Any, commands: dict[str, str], module: str, **more: Any) -> None:
        super().__init__(*parameters, **more)
        self.commands = commands
        self._module = module

    def inner(self, name: str) -> click.Command:
        """One of the inner commands."""
        command = getattr(import_module(self._module.format(name)), name)
        assert isinstance(command, click.Command)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the command line: that of an inner command when it begins with its name."""
        if args and args[0] in self.commands:
            return self.inner(args[0]).make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the inner commands."""
        super().format_options(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl(list(self.commands.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Inner commands, and the options."""
        names = [CompletionItem(name, help=text) for name, text in self.commands.items() if name.startswith(incomplete)]
        return [*names, *super().shell_complete(ctx, incomplete)]
