"""What a lint is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from actionlang.diagnostics.diagnostic import Code, Diagnostic
from actionlang.lint.script import Script

Rule = Callable[[Script], Iterator[Diagnostic]]
"""Finds in a script what a lint is about."""


@attrs.frozen
class Lint:
    """A lint: its code, whose id is its name; what it is for, in one sentence; its rule. What is found on the way to
    something else (by the checker, by another lint's rule) has none."""

    code: Code
    purpose: str
    rule: Rule | None = None

    @property
    def name(self) -> str:
        """What it is called, in messages, comments and project files."""
        return self.code.id
