"""Parameters and outputs that were there before a change and still are."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from actionlang.contracts.rule import Comparison, Finding, Pair
from actionlang.diagnostics.diagnostic import Code
from actionlang.plan.plan import Parameter


@attrs.frozen
class Kept:
    """One as it was and as it is, and the verb that has it."""

    pair: Pair
    old: Parameter
    new: Parameter
    is_output: bool = False

    def finding(self, code: Code, message: str, hint: str) -> Finding:
        """What is found about it."""
        parameter, output = (None, self.new.name) if self.is_output else (self.new.name, None)
        return Finding(code, self.pair.new.name, message, hint, parameter, output)

    @property
    def named(self) -> str:
        """It in a sentence: `level of Escalate`."""
        return f"{self.new.name} of {self.pair.new.short_name}"


def inputs(comparison: Comparison) -> Iterator[Kept]:
    """What verbs took and take."""
    for pair in comparison.pairs:
        new = {parameter.name: parameter for parameter in pair.new.inputs}
        yield from (Kept(pair, old, new[old.name]) for old in pair.old.inputs if old.name in new)


def outputs(comparison: Comparison) -> Iterator[Kept]:
    """What verbs returned and return."""
    for pair in comparison.pairs:
        new = {output.name: output for output in pair.new.outputs}
        yield from (Kept(pair, old, new[old.name], is_output=True) for old in pair.old.outputs if old.name in new)
