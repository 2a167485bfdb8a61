"""Parameters that carry what must never be logged, and do not say so."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Span
from actionlang.lint.script import Script
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from actionlang.plan.walk import nodes


def logged_secrets(script: Script) -> Iterator[Diagnostic]:
    """Parameters that fill sensitive columns and are not sensitive themselves: the record of a run shows its arguments."""
    for node, verb in script.actions():
        filled: dict[str, tuple[str, Span]] = {}
        for name, column, span in _fillings(script, verb):
            filled.setdefault(name, (column, span))
        for parameter, known in zip(node.parameters, verb.inputs, strict=False):
            if known.sensitive or known.name not in filled:
                continue
            column, span = filled[known.name]
            message = (
                f"`{known.name}` fills {column}, which is sensitive, and every record of a run shows its arguments."
            )
            hint = "Make the parameter sensitive, too; then the records hide it."
            end = parameter.type.end
            fix = Fix(f"Make {known.name} sensitive", (Edit(Span(end, end), " sensitive"),))
            because = ((span, "it is filled here"),)
            yield script.diagnostic(codes.LOGGED_SECRET, parameter.name, message, hint, because=because, fixes=(fix,))


def _fillings(script: Script, verb: Verb) -> Iterator[tuple[str, str, Span]]:
    """Names of which the value goes into a sensitive column as it is, with that column and the step."""
    tables = script.checked.universe.tables
    for step in nodes(verb.steps):
        if isinstance(step, s.Create):
            table = tables[step.table]
        elif isinstance(step, s.Update) and isinstance(step.row.type, t.Row):
            table = tables[step.row.type.tables[0]]
        else:
            continue
        for name, value in step.values:
            if table.by_name[name].sensitive:
                for local in _carried(value):
                    yield local.name, f"{table.short_name}.{name}", script.span(step.place)


def _carried(value: e.Expression) -> Iterator[e.Local]:
    """The names whose value can be read in a value."""
    if isinstance(value, e.Local):
        yield value
    elif isinstance(value, e.Narrow | e.Convert):
        yield from _carried(value.operand)
    elif isinstance(value, e.Otherwise):
        yield from _carried(value.operand)
        yield from _carried(value.fallback)
    elif isinstance(value, e.Template):
        for part in value.parts:
            if isinstance(part, e.Expression):
                yield from _carried(part)
