"""The names bound at the prompt, and a checked input as a plan's verb that takes those it uses and returns the new ones.

What a performed verb returned is a name with several values. A plan can not take or return such a thing, so each output is handed
on as a value of its own, named `result__output`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from actionlang.check.fragment import CheckedFragment
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter, Verb
from actionlang.plan.walk import nodes


@attrs.frozen
class Bound:
    """A name: its type, whether it may be empty, and its value: for a performed verb's outputs their values by name."""

    parameter: Parameter
    value: Any

    @property
    def type(self) -> t.Type:
        """The name's type."""
        return self.parameter.type


Names = Mapping[str, Bound]
Verbs = Mapping[str, Verb]


def part(name: str, output: str) -> str:
    """The name of one of the values that a performed verb returned."""
    return f"{name}__{output}"


def runnable(fragment: CheckedFragment, names: Names, verbs: Verbs) -> tuple[Verb, dict[str, object]]:
    """The verb of a checked input with only the inputs that it uses, and their values."""
    assert fragment.verb is not None
    verb = fragment.verb
    results = {name for name, bound in names.items() if isinstance(bound.type, t.Outputs)}
    steps = _rewritten(verb.steps, lambda node: _outer_output(node, results))
    steps = _rewritten(steps, lambda node: _returned(node, verbs) if isinstance(node, s.Return) else node)
    used = {node.name for node in nodes(steps) if isinstance(node, e.Local)}
    inputs, values = [], {}
    for parameter, value in _handed(names, verbs):
        if parameter.name in used:
            inputs.append(parameter)
            values[parameter.name] = value
    outputs = tuple(each for output in verb.outputs for each in _spread(output, verbs))
    return attrs.evolve(verb, inputs=tuple(inputs), outputs=outputs, steps=steps), values


def bound_names(
    fragment: CheckedFragment, outputs: Mapping[str, object], verbs: Verbs, tables: Mapping[str, Table]
) -> dict[str, Bound]:
    """The names that an input bound, from what its verb returned. What was made of a sensitive value is sensitive, too: the
    records of what is done with it later mask it."""
    assert fragment.verb is not None
    sensitive = _sensitive(fragment.verb, tables)
    found = {}
    for parameter in fragment.bound:
        if isinstance(parameter.type, t.Outputs):
            value: object = {
                each.name: outputs[part(parameter.name, each.name)] for each in verbs[parameter.type.verb].outputs
            }
        else:
            value = outputs[parameter.name]
        found[parameter.name] = Bound(attrs.evolve(parameter, sensitive=parameter.name in sensitive), value)
    return found


def _sensitive(verb: Verb, tables: Mapping[str, Table]) -> set[str]:
    """Names that hold what was made of a sensitive column or name."""
    found = {parameter.name for parameter in verb.inputs if parameter.sensitive}
    for step in nodes(verb.steps):
        if isinstance(step, s.Let) and any(_tells(node, found, tables) for node in nodes(step.value)):
            found.add(step.name)
    return found


def _tells(node: Any, names: set[str], tables: Mapping[str, Table]) -> bool:
    if isinstance(node, e.Column) and isinstance(node.row.type, t.Row):
        return any(tables[name].by_name[node.column].sensitive for name in node.row.type.tables)
    return isinstance(node, e.Local) and node.name in names


def _handed(names: Names, verbs: Verbs) -> Iterator[tuple[Parameter, object]]:
    for name, bound in names.items():
        if isinstance(bound.type, t.Outputs):
            for output in verbs[bound.type.verb].outputs if bound.type.verb in verbs else ():
                if output.name in bound.value:
                    parameter = Parameter(part(name, output.name), output.type, output.optional)
                    yield parameter, bound.value[output.name]
        else:
            yield bound.parameter, bound.value


def _outer_output(node: Any, results: Iterable[str]) -> Any:
    """An output of a verb performed by an earlier input, as a value of its own."""
    if isinstance(node, e.OutputOf) and isinstance(node.result, e.Local) and node.result.name in results:
        return e.Local(node.type, node.optional, part(node.result.name, node.output))
    return node


def _returned(node: s.Return, verbs: Verbs) -> s.Return:
    values: list[tuple[str, e.Expression]] = []
    for name, value in node.values:
        if isinstance(value.type, t.Outputs):
            for output in verbs[value.type.verb].outputs:
                values.append((part(name, output.name), e.OutputOf(output.type, output.optional, value, output.name)))
        else:
            values.append((name, value))
    return attrs.evolve(node, values=tuple(values))


def _spread(output: Parameter, verbs: Verbs) -> Iterator[Parameter]:
    if isinstance(output.type, t.Outputs):
        for each in verbs[output.type.verb].outputs:
            yield Parameter(part(output.name, each.name), each.type, each.optional)
    else:
        yield output


def _rewritten(node: Any, change: Callable[[Any], Any]) -> Any:
    """A plan's node, or a tuple of them, with `change` made of each node in it, the innermost last."""
    if isinstance(node, tuple):
        return tuple(_rewritten(item, change) for item in node)
    if not attrs.has(type(node)) or isinstance(node, t.Type | s.Place):
        return node
    changed = change(node)
    parts = {field.name: getattr(changed, field.name) for field in attrs.fields(type(changed))}
    new = {name: _rewritten(value, change) for name, value in parts.items()}
    if all(new[name] is value for name, value in parts.items()):
        return changed
    return attrs.evolve(changed, **new)
