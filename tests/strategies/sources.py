"""Generated programs written as scripts: valid sources, of which it is known what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.describe import step_text, type_text
from actionlang.plan.expression_text import condition_text, constant_text, expression_text, short
from actionlang.plan.plan import Parameter, StepPlan, Verb
from tests.strategies.shop import SCRIPT, schema

TABLES = SCRIPT[: SCRIPT.index("action Everything")].strip() + "\n"


def source_of(plan: StepPlan) -> str:
    """A script with the shop's tables and the verbs of a plan; the plan of its verb is that plan, but for places."""
    order = sorted(plan.verbs, key=lambda verb: verb.name == plan.entry)
    return "\n".join([TABLES, *("\n".join(_verb(verb)) + "\n" for verb in order)])


def _verb(verb: Verb) -> Iterator[str]:
    each = "each " if verb.binding and verb.binding.each else ""
    on = f" on {each}{short(verb.binding.table)}" if verb.binding else ""
    inputs = f" ({', '.join(map(_parameter, verb.inputs))})" if verb.inputs else ""
    outputs = f" returns ({', '.join(map(_parameter, verb.outputs))})" if verb.outputs else ""
    yield f"{verb.kind} {short(verb.name)}{on}{inputs}{outputs}"
    yield from _block(as_written(verb.steps), "")


def as_written(node: Any) -> Any:
    """Steps and expressions with what people read in them as what a script takes: the description of a plan leaves out what is
    clear to them. Text that stands for an expression goes as the name of a local."""
    if isinstance(node, tuple):
        return tuple(as_written(each) for each in node)
    if isinstance(node, e.Literal) and node.value is not None:
        text = _constant(node.type, node.value)
        return node if text is None else e.Local(node.type, False, text)
    if isinstance(node, e.RowByKey) and len(node.columns) == 1 and node.columns != schema().tables[node.table].keys[:1]:
        (column,), (value,) = node.columns, node.values
        if schema().tables[node.table].keys:
            return e.Local(node.type, False, f"{short(node.table)}({column}: {expression_text(as_written(value))})")
    if isinstance(node, e.Expression | s.Step | e.Query | e.Ordering | s.Branch):
        return attrs.evolve(node, **{
            field.name: as_written(getattr(node, field.name))
            for field in attrs.fields(type(node))
            if field.name not in ("place", "type", "optional", "columns")
        })  # fmt: skip
    return node


def _constant(type_: t.Type, value: Any) -> str | None:
    """A constant that its place does not tell the type of."""
    if isinstance(type_, t.Choice):
        # A status belongs to its table: example.item.status.
        return f"{'.'.join(type_.name.split('.')[1:])}.{value}"
    return f"to_float({Decimal(repr(value)):f})" if isinstance(type_, t.Float) else None


def _parameter(parameter: Parameter) -> str:
    words = [parameter.name, type_text(parameter.type)]
    if parameter.optional:
        words.append("optional")
    if parameter.sensitive:
        words.append("sensitive")
    if parameter.default is not None:
        words.append(f"default {constant_text(parameter.type, parameter.default.value)}")
    return " ".join(words)


def _block(steps: tuple[s.Step, ...], indent: str) -> Iterator[str]:
    yield f"{indent}<"
    for step in steps:
        yield from _step(step, indent + "  ")
    yield f"{indent}>"


def _step(step: s.Step, indent: str) -> Iterator[str]:
    if isinstance(step, s.If):
        for number, branch in enumerate(step.branches):
            yield f"{indent}{'else ' if number else ''}if {condition_text(branch.condition)}"
            yield from _block(branch.body, indent)
    elif isinstance(step, s.Update):
        values = ", ".join(f"{name} = {expression_text(value)}" for name, value in step.values)
        yield f"{indent}update {expression_text(step.row)} set {values};"
    else:
        body: tuple[s.Step, ...] | None = getattr(step, "body", None)
        yield f"{indent}{step_text(step)}{';' if body is None else ''}"
        if body is not None:
            yield from _block(body, indent)
    if isinstance(step, s.If | s.Attempt) and step.otherwise:
        yield f"{indent}else"
        yield from _block(step.otherwise, indent)
