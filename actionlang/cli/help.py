"""Commands whose help ends in examples, each on a line of its own."""

from __future__ import annotations

from typing import Any

import click


class Told(click.Command):
    """A command with `examples`: each what follows `actionlang`, or a whole line with that in it."""

    def __init__(self, *parameters: Any, examples: tuple[str, ...], **more: Any) -> None:
        super().__init__(*parameters, **more)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, then what the command has to say besides."""
        write_examples(formatter, self.examples)
        super().format_epilog(ctx, formatter)


class ToldGroup(click.Group):
    """The same, for a command that has commands of its own."""

    def __init__(self, *parameters: Any, examples: tuple[str, ...], **more: Any) -> None:
        super().__init__(*parameters, **more)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, then what the command has to say besides."""
        write_examples(formatter, self.examples)
        super().format_epilog(ctx, formatter)


def write_examples(formatter: click.HelpFormatter, examples: tuple[str, ...]) -> None:
    """A section of examples."""
    with formatter.section("Example" if len(examples) == 1 else "Examples"):
        for example in examples:
            line = example if "actionlang " in example else f"actionlang {example}"
            formatter.write(f"{'':{formatter.current_indent}}$ {line}\n")
