"""The statements of a verb, each with the comments above it, before they are laid out."""

from __future__ import annotations

import attrs

from actionlang.compile.dataverse_action.values import Alias


@attrs.frozen
class Statement:
    """A statement; `comments` are lines without their `#`."""

    comments: tuple[str, ...]


@attrs.frozen
class Setting(Statement):
    """`create task as ticket set a = b, ...` or `update case set ...`."""

    head: str
    assignments: tuple[tuple[str, str], ...]
    alias: Alias | None = None


@attrs.frozen
class Calling(Statement):
    """`perform Verb(a: b) on row as done`, or `start ...`."""

    head: str
    arguments: tuple[tuple[str, str], ...]
    on: str = ""
    alias: Alias | None = None


@attrs.frozen
class Plain(Statement):
    """A statement of one line: `assign`, `move`, `require`, `let`."""

    text: str
    writes: bool


@attrs.frozen
class Output(Statement):
    """An output that is set; `optional` where its value may be empty, `fixed` where no later step can change the value."""

    name: str
    text: str
    optional: bool
    fixed: bool


@attrs.frozen
class Returned(Statement):
    """The end of the verb, well, with the outputs that are set: `return a: b`, or `stop`."""

    outputs: tuple[tuple[str, str], ...] = ()


@attrs.frozen
class Failed(Statement):
    """The end of the verb, badly."""

    text: str


@attrs.frozen
class Way:
    """One branch: its condition (empty: otherwise), its statements, and the comments that stand first in it."""

    condition: str
    statements: tuple[Statement, ...]
    comments: tuple[str, ...] = ()


@attrs.frozen
class Choice(Statement):
    """`if`, `else if` and `else`. Inert: it stands in the script as comments, because what decides it could not be
    translated."""

    ways: tuple[Way, ...]
    inert: bool = False


@attrs.frozen
class Staged(Statement):
    """Steps under a heading."""

    title: str
    statements: tuple[Statement, ...]


@attrs.frozen
class Notice(Statement):
    """Comments alone: what could not be translated."""
