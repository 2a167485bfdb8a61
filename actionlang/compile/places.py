"""Places of plans, which know lines and columns, as labels in the scripts that they come from."""

from __future__ import annotations

from collections.abc import Mapping

from actionlang.check.program import CheckedModule
from actionlang.diagnostics.diagnostic import Label
from actionlang.diagnostics.source import Source, Span
from actionlang.plan.plan import Verb
from actionlang.plan.steps import Place


def source_of(verb: Verb, modules: Mapping[str, CheckedModule]) -> Source:
    """The script that a verb is written in."""
    return next(module.source for module in modules.values() if module.source.name == verb.source)


def place_of(verb: Verb, place: Place, modules: Mapping[str, CheckedModule], words: str = "") -> Label:
    """A step's place in the script of its verb."""
    source = source_of(verb, modules)
    starts = source.line_starts
    span = Span(starts[place.line - 1] + place.column - 1, starts[place.end_line - 1] + place.end_column - 1)
    return Label(source, span, words)


def line_of(verb: Verb, modules: Mapping[str, CheckedModule], words: str = "") -> Label:
    """The line on which a verb is declared, up to where its steps or its contract go on."""
    source = source_of(verb, modules)
    start = source.line_starts[verb.line - 1]
    text = source.line(verb.line)
    end = start + len(text[: text.find("<")].rstrip() if "<" in text else text.rstrip())
    return Label(source, Span(start + len(text) - len(text.lstrip()), end), words)
