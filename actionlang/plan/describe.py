"""A plan in words: the verb's contract, what it may do and needs, and its steps as a tree. Plain text, the same for the
same plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from actionlang.diagnostics.display import safe
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.expression_text import (
    arguments_text,
    condition_text,
    constant_text,
    expression_text,
    query_text,
    short,
    source_text,
)
from actionlang.plan.guards import Permit
from actionlang.plan.plan import Effects, Parameter, StepPlan, Verb
from actionlang.plan.woven import is_hook


def describe(plan: StepPlan) -> str:
    """The description of a plan's verb, ending in a line end. It has nothing that a terminal would obey."""
    verb = plan.verb
    parts = [_signature(verb), *_contract(verb), *_effects(verb.effects), *_steps(verb), *_hooks(plan)]
    return safe("\n".join(parts)) + "\n"


# ------------------------------------------------------------------------------------------------------------ contract


def _signature(verb: Verb) -> str:
    each = "each " if verb.binding and verb.binding.each else ""
    on = f" on {each}{short(verb.binding.table)}" if verb.binding else ""
    at = "" if verb.at is None else f' at datetime "{verb.at}"'
    return f"{KIND_WORDS.get(verb.kind, verb.kind)} {verb.name}{on}{at}"


KIND_WORDS = {"background": "background action"}


def _contract(verb: Verb) -> Iterator[str]:
    for line in verb.doc.splitlines():
        yield f"  {line}".rstrip()
    if verb.deprecated is not None:
        yield f"  Deprecated: {verb.deprecation}"
    yield ""
    yield from _parameters("inputs", verb.inputs)
    yield from _parameters("outputs", verb.outputs)
    if verb.requires:
        yield f"  requires    {', '.join(verb.requires)}"
    if verb.system:
        yield "  runs        as system, with the verb's own rights"
    if verb.private:
        yield "  private     to its module"
    yield f"  written in  {verb.source}, line {verb.line}"


def _parameters(title: str, parameters: tuple[Parameter, ...]) -> Iterator[str]:
    if not parameters:
        return
    yield f"  {title}"
    names = max(len(parameter.name) for parameter in parameters)
    words = [_parameter_words(parameter) for parameter in parameters]
    width = max(map(len, words))
    for parameter, word in zip(parameters, words, strict=True):
        doc = " ".join(parameter.doc.split())
        yield f"    {parameter.name:{names}}  {word:{width}}  {doc}".rstrip()


def _parameter_words(parameter: Parameter) -> str:
    words = [type_text(parameter.type)]
    if parameter.optional:
        words.append("optional")
    if parameter.default is not None:
        default = parameter.default
        if default.function is not None:
            words.append(f"default {default.function}()")
        elif default.value is not None:
            words.append(f"default {constant_text(parameter.type, default.value)}")
    if parameter.sensitive:
        words.append("sensitive")
    if parameter.deprecation is not None:
        words.append(f"deprecated ({parameter.deprecation})")
    return ", ".join(words)


def type_text(type_: t.Type) -> str:
    """A type as a script writes it."""
    if type_ == t.OWNER:
        return "owner"
    if isinstance(type_, t.Row):
        return " | ".join(short(table) for table in type_.tables)
    if isinstance(type_, t.ListOf):
        return f"list of {type_text(type_.item)}"
    if isinstance(type_, t.Choice):
        return short(type_.name)
    return f"choices of {short(type_.name)}" if isinstance(type_, t.Choices) else str(type_)


# ------------------------------------------------------------------------------------------------------------- effects


def _effects(effects: Effects) -> Iterator[str]:
    lines = [
        *_listed("reads", (_columns(table, columns) for table, columns in effects.reads)),
        *_listed("updates", (_columns(table, columns) for table, columns in effects.updates)),
        *_listed("assigns", (short(table) for table, _ in effects.assigns)),
        *_listed("moves", (short(table) for table, _ in effects.moves)),
        *_listed("creates", map(short, effects.creates)),
        *_listed("deletes", map(short, effects.deletes)),
        *_listed("performs", map(short, effects.performs)),
        *_listed("emits", map(short, effects.emits)),
        *_listed("starts", map(short, effects.starts)),
    ]
    yield ""
    yield "effects"
    yield from lines or ["  none"]
    if effects.writes_nothing:
        yield "  changes nothing"
    if not effects.deterministic:
        yield "  may give another result each time: the host implements a part of it"
    yield ""
    yield "privileges"
    privileges = [f"{word} {short(table)}" for word, _, table in (text.partition(" ") for text in effects.privileges)]
    yield f"  {', '.join(privileges) or 'none'}"


def _columns(table: str, columns: tuple[str, ...]) -> str:
    return f"{short(table)} ({', '.join(columns)})" if columns else short(table)


def _listed(word: str, items: Iterable[str]) -> Iterator[str]:
    """Items, a line each, under one word."""
    for item in items:
        yield f"  {word:9} {item}"
        word = ""


# --------------------------------------------------------------------------------------------------------------- steps


def _steps(verb: Verb) -> Iterator[str]:
    yield ""
    yield "steps"
    rows = list(_tree(verb.steps, ""))
    width = max((len(str(line)) for line, _ in rows if line is not None), default=0)
    if not rows:
        yield "  none"
    for line, text in rows:
        yield f"  {'' if line is None else line:>{width}}  {text}".rstrip()


def _hooks(plan: StepPlan) -> Iterator[str]:
    """The hooks that the verb sets off, by itself or through what it performs, and where they are written."""
    hooks = [verb for verb in plan.verbs if is_hook(verb.name)]
    if hooks:
        yield ""
        yield "hooks"
    width = max((len(verb.name) for verb in hooks), default=0)
    for verb in hooks:
        yield f"  {verb.name:{width}}  {verb.source}, line {verb.line}"


Block = tuple[int | None, str, tuple[s.Step, ...]]
"""What begins a line of its own: its line in the script if it has one, its text, the steps under it."""


def _tree(steps: tuple[s.Step, ...], indent: str) -> Iterator[tuple[int | None, str]]:
    """Each line of the tree with the script's line it stands for."""
    blocks = [block for step in steps for block in _blocks(step)]
    for number, (line, text, inside) in enumerate(blocks, 1):
        last = number == len(blocks)
        yield line, f"{indent}{'└─' if last else '├─'} {text}"
        yield from _tree(inside, indent + ("   " if last else "│  "))


def step_text(step: s.Step) -> str:
    """A step by itself, without the steps in it."""
    _, text, _ = next(_blocks(step))
    return text


def lines_of(step: s.Step) -> tuple[Block, ...]:
    """A step as the lines that stand for it, each with its text and the steps under it: `if`, `else if`, `else` are three."""
    return tuple(_blocks(step))


def _blocks(step: s.Step) -> Iterator[Block]:
    line = step.place.line
    if isinstance(step, s.If):
        for word, branch in zip(["if", *["else if"] * len(step.branches)], step.branches, strict=False):
            yield (line if word == "if" else None), f"{word} {condition_text(branch.condition)}", branch.body
    else:
        inside: tuple[s.Step, ...] = getattr(step, "body", ())
        yield line, TEXTS[type(step)](step), inside
    if isinstance(step, s.If | s.Attempt) and step.otherwise:
        yield None, "else", step.otherwise


def _create(step: s.Create) -> str:
    row = "" if step.row is None else f" as {step.row}"
    return f"create {short(step.table)}{row}{_set(step.values)}"


def _set(values: tuple[tuple[str, e.Expression], ...]) -> str:
    return f" set {arguments_text(values, ' = ')}" if values else ""


def _perform(step: s.Perform) -> str:
    arguments = f"({arguments_text(step.arguments)})" if step.arguments else ""
    on = "" if step.on is None else f" on {expression_text(step.on)}"
    word = "set off" if is_hook(step.verb) else "perform"
    return f"{word} {short(step.verb)}{arguments}{on}{'' if step.result is None else f' as {step.result}'}"


def _start(step: s.Start) -> str:
    arguments = f"({arguments_text(step.arguments)})" if step.arguments else ""
    on = "" if step.on is None else f" on {expression_text(step.on)}"
    when = "" if step.after is None else f" after {expression_text(step.after)}"
    when = when if step.at is None else f" at {expression_text(step.at)}"
    return f"start {short(step.verb)}{arguments}{on}{when}"


def _otherwise(message: e.Expression | None) -> str:
    return "" if message is None else f" else {expression_text(message)}"


def _for_each_row(step: s.ForEachRow) -> str:
    table = short(step.query.table)
    return f"for each {step.query.row} in {table}{query_text(step.query).removeprefix(source_text(step.query))}"


TEXTS: dict[type, Callable[[Any], str]] = {
    s.Create: _create,
    s.Update: lambda step: f"update {expression_text(step.row)}{_set(step.values)}",
    s.Delete: lambda step: f"delete {expression_text(step.row)}",
    s.Assign: lambda step: f"assign {expression_text(step.row)} to {expression_text(step.owner)}",
    s.Move: lambda step: f"move {expression_text(step.row)} to {step.state}",
    s.Perform: _perform,
    s.Find: lambda step: (
        f"find {'optional ' if step.optional else ''}{query_text(step.query)}{_otherwise(step.message)}"
    ),
    s.ForEachRow: _for_each_row,
    s.ForEachItem: lambda step: f"for each {step.item} in {expression_text(step.items)}",
    s.Attempt: lambda _: "attempt",
    s.Let: lambda step: f"let {step.name} = {expression_text(step.value)}",
    Permit: lambda step: f"permit {condition_text(step.condition)}",
    s.Require: lambda step: f"require {condition_text(step.condition)}{_otherwise(step.message)}",
    s.Fail: lambda step: f"fail {expression_text(step.message)}",
    s.Stop: lambda _: "stop",
    s.Return: lambda step: f"return {arguments_text(step.values)}".rstrip(),
    s.Emit: lambda step: f"emit {short(step.event)}({arguments_text(step.values)})",
    s.Start: _start,
    s.Wait: lambda step: (
        f"wait {'until ' if isinstance(step.until.type, t.DateTime) else ''}{expression_text(step.until)}"
    ),
    s.Stage: lambda step: f"stage {constant_text(t.Text(), step.title)}",
    s.Expect: lambda step: f"expect failure{'' if step.message is None else f' {expression_text(step.message)}'}",
    s.Unavailable: lambda step: (
        f"{step.feature} {step.text.removeprefix(f'{step.feature} ')} (not available in this host yet)"
    ),
}
