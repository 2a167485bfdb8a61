"""Tests as they are run: each a plan of its own, together with the project that it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from pathlib import Path

import attrs

from actionlang.diagnostics.source import Source
from actionlang.plan.plan import StepPlan, Verb


@attrs.frozen(eq=False)
class Suite:
    """What the tests of one project share.

    `sources` are its scripts and `files` the paths of these, by the name that plans have for them; a source's own name leads
    there from where the reader is. `zone` is the time zone of `today()`, and `measured` are the verbs whose coverage counts.
    """

    sources: Mapping[str, Source] = attrs.field(factory=dict, repr=False)
    zone: tzinfo = UTC
    measured: tuple[Verb, ...] = attrs.field(default=(), repr=False)
    files: Mapping[str, Path] = attrs.field(factory=dict, repr=False)

    def shown(self, script: str) -> str:
        """The name to show for a script that a plan names."""
        source = self.sources.get(script)
        return script if source is None else source.name


@attrs.frozen(eq=False)
class Case:
    """One test."""

    plan: StepPlan = attrs.field(repr=False)
    suite: Suite = attrs.field(repr=False)
    verb: Verb = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "verb", self.plan.verb)

    @property
    def title(self) -> str:
        """What the test is called."""
        return self.verb.doc

    @property
    def file(self) -> str:
        """The name to show for the script that it stands in."""
        return self.suite.shown(self.verb.source)

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return self.verb.line

    @property
    def module(self) -> str:
        """The full name of its module."""
        return self.verb.name.rpartition(".")[0]
