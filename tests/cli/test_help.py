"""The help of every command: it says what the table says, has an example that parses, and fits 80 columns."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from actionlang.cli.group import COMMANDS, actionlang
from tests.golden import compare


def _commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(actionlang, info_name="actionlang")
    for name in COMMANDS:
        command = actionlang.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            inside = click.Context(command, info_name=name, parent=context)
            for inner in command.list_commands(inside):
                found = command.get_command(inside, inner)
                assert found is not None
                yield f"{name} {inner}", found


ALL = dict(_commands())


def _help(name: str) -> str:
    result = CliRunner().invoke(actionlang, [*name.split(), "--help"], terminal_width=80)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    assert (ALL[name].help or "").split("\n\n")[0].replace("\n", " ") == COMMANDS[name]


@pytest.mark.parametrize("name", ALL)
def test_every_help_has_an_example_that_parses(name: str) -> None:
    text = _help(name)
    lines = [line for line in text.splitlines() if line.startswith(("  $ ", "  Example: "))]
    examples = [line.partition("actionlang ")[2] for line in lines]
    assert examples
    for example in examples:
        words = shlex.split(example.partition(" > ")[0])
        group: click.Command = actionlang
        context = click.Context(actionlang, info_name="actionlang")
        while isinstance(group, click.Group) and words and not words[0].startswith("-"):
            found = group.get_command(context, words.pop(0))
            assert found is not None, example
            group = found
        group.make_context(group.name, words, parent=context)


@pytest.mark.parametrize("name", ALL)
def test_every_help_fits_80_columns(name: str) -> None:
    assert [line for line in _help(name).splitlines() if len(line) > 80] == []


def test_every_option_has_a_help() -> None:
    for name, command in ALL.items():
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, f"{name} {parameter.name}"


def test_help_of_all() -> None:
    compare("cli/help.txt", CliRunner().invoke(actionlang, ["--help"], terminal_width=80).output)


def test_a_command_that_is_not_there_is_told_with_the_one_that_was_meant() -> None:
    result = CliRunner().invoke(actionlang, ["exlain"])
    assert result.exit_code == 2
    assert "There is no command exlain. Did you mean explain?" in result.output


@pytest.mark.parametrize("word", ["--version", "-h"])
def test_short_answers(word: str) -> None:
    result = CliRunner().invoke(actionlang, [word])
    assert result.exit_code == 0
    assert result.output.startswith(("actionlang 0.", "Usage:"))
