"""What is written into the box of a step: a headline, and the particulars below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.describe import KIND_WORDS, type_text
from actionlang.plan.expression_text import (
    condition_text,
    constant_text,
    expression_text,
    query_text,
    short,
    source_text,
)
from actionlang.plan.plan import Parameter, Verb
from actionlang.plan.woven import is_hook

Words = tuple[str, tuple[str, ...]]
"""A headline and the lines below it."""


def step_words(step: s.Step) -> Words:
    """What to write for a step that has no steps in it."""
    return WORDS[type(step)](step)


def verb_words(verb: Verb) -> Words:
    """A verb's name, and below it whether it goes on in the background, and what it is on and takes."""
    kind = [KIND_WORDS[verb.kind]] if verb.kind in KIND_WORDS else []
    on = [bound_words(verb)] if verb.binding else []
    return verb.short_name, (*kind, *on, *map(_parameter, verb.inputs))


def bound_words(verb: Verb) -> str:
    """What a verb is on; nothing if it is on no row."""
    if verb.binding is None:
        return ""
    return f"on {'each ' if verb.binding.each else ''}{short(verb.binding.table)}"


def query_lines(query: e.Query) -> tuple[str, ...]:
    """A query's condition, order and limit, without its table."""
    where = () if query.where is None else (f"where {condition_text(query.where)}",)
    bare = e.Query(query.table, query.row, None, query.order, query.limit)
    rest = query_text(bare).removeprefix(source_text(query)).strip()
    return (*where, rest) if rest else where


def _parameter(parameter: Parameter) -> str:
    default = parameter.default
    word = " optional" if parameter.optional else ""
    if default is not None and default.function is not None:
        word = f" default {default.function}()"
    elif default is not None and default.value is not None:
        word = f" default {constant_text(parameter.type, default.value)}"
    return f"{parameter.name} {type_text(parameter.type)}{word}"


def _values(values: tuple[tuple[str, e.Expression], ...], sign: str) -> tuple[str, ...]:
    return tuple(f"{name}{sign}{expression_text(value)}" for name, value in values)


def _named(row: str | None) -> str:
    return "" if row is None else f" as {row}"


def _perform(step: s.Perform) -> Words:
    on = () if step.on is None else (f"on {expression_text(step.on)}",)
    word = "Set off" if is_hook(step.verb) else "Perform"
    return f"{word} {short(step.verb)}{_named(step.result)}", (*on, *_values(step.arguments, ": "))


def _start(step: s.Start) -> Words:
    on = () if step.on is None else (f"on {expression_text(step.on)}",)
    after = () if step.after is None else (f"after {expression_text(step.after)}",)
    at = () if step.at is None else (f"at {expression_text(step.at)}",)
    return f"Start {short(step.verb)}", (*on, *_values(step.arguments, ": "), *after, *at)


def _until(step: s.Wait) -> str:
    return "until " if isinstance(step.until.type, t.DateTime) else ""


def _unavailable(step: s.Unavailable) -> Words:
    return f"{step.feature} {step.text.removeprefix(f'{step.feature} ')}", ("not available in this host yet",)


WORDS: dict[type, Callable[[Any], Words]] = {
    s.Create: lambda step: (f"Create {short(step.table)}{_named(step.row)}", _values(step.values, " = ")),
    s.Update: lambda step: (f"Update {expression_text(step.row)}", _values(step.values, " = ")),
    s.Delete: lambda step: (f"Delete {expression_text(step.row)}", ()),
    s.Assign: lambda step: (f"Assign {expression_text(step.row)}", (f"to {expression_text(step.owner)}",)),
    s.Move: lambda step: (f"Move {expression_text(step.row)} to {step.state}", ()),
    s.Perform: _perform,
    s.Find: lambda step: (
        f"Find {'optional ' if step.optional else ''}{source_text(step.query)}",
        query_lines(step.query),
    ),
    s.Emit: lambda step: (f"Emit {short(step.event)}", _values(step.values, ": ")),
    s.Start: _start,
    s.Wait: lambda step: ("Wait", (f"{_until(step)}{expression_text(step.until)}",)),
    s.Let: lambda step: (f"Let {step.name}", (f"= {expression_text(step.value)}",)),
    s.Return: lambda step: ("Return", _values(step.values, " = ")),
    s.Stop: lambda _: ("Stop here", ()),
    s.Fail: lambda step: ("Fails", (expression_text(step.message),)),
    s.Unavailable: _unavailable,
}
