"""Verbs inside verbs: each is written out where it is performed, as a block that `stop` and `return` leave."""

from __future__ import annotations

from collections.abc import Mapping

from actionlang.engine.interpreter.verbs import OF_HOST
from actionlang.engine.plpgsql.fitting import fitted
from actionlang.engine.plpgsql.function import MOST_INLINED
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.metadata.tables import Default
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter, Verb


def perform(step: s.Perform, scope: ServerScope) -> None:
    """Run another verb inside this one's unit."""
    outputs = _inlined(step.verb, step.on, step.arguments, scope)
    if step.result is not None:
        scope.results[step.result] = outputs


def call_verb(node: e.CallVerb, scope: ServerScope) -> Sql:
    """A function of the script, which has one output."""
    if scope.scans:
        verb = scope.function.verbs[node.verb]
        return Sql(("NULL",), verb.outputs[0].type, fails=True)
    outputs = _inlined(node.verb, node.on, node.arguments, scope)
    scope.return_to()
    (output,) = outputs.values()
    return output


def _inlined(
    name: str, on: e.Expression | None, arguments: tuple[tuple[str, e.Expression], ...], scope: ServerScope
) -> Mapping[str, Sql]:
    """Write a verb out: the row first, then the arguments as written, then defaults."""
    function = scope.function
    function.inlined += 1
    if function.inlined > MOST_INLINED:
        raise NotRelational(f"more than {MOST_INLINED} verbs are performed inside each other")
    target = function.verbs[name]
    parameters = {parameter.name: parameter for parameter in target.inputs}
    values: dict[str, Sql] = {}
    if on is not None and target.binding is not None:
        values[target.binding.row] = scope.row_of(on, hint=target.binding.row).key
    for argument, value in arguments:
        parameter = parameters[argument]
        found = fitted(value, parameter.type, scope, parameter.sensitive)
        values[argument] = scope.kept(value, found, argument)
    for parameter in target.inputs:
        if parameter.name not in values:
            values[parameter.name] = left_out(parameter, scope)
    # Not before: whichever scope was made last is the one that is written in, and an argument may be a call, too.
    inner = ServerScope(function, target, scope.block, scope.rules)
    inner.values.update(values)
    write_verb(inner)
    function.spelling.scope = scope
    return inner.outputs


def left_out(parameter: Parameter, scope: ServerScope) -> Sql:
    """What stands in for an argument that is left out."""
    if parameter.default is not None:
        return default_value(parameter.default, parameter.type, scope)
    if isinstance(parameter.type, t.Row):
        from actionlang.engine.relational import rows

        return rows.empty(parameter.type, scope)
    return scope.spelling.literal(None, parameter.type)


def default_value(default: Default, type_: t.Type, scope: ServerScope) -> Sql:
    """A default, as its column or parameter holds it."""
    if default.function is not None:
        return scope.of_the_run(default.function)
    from actionlang.engine.values import fitting

    fit = fitting(t.Empty(), type_)
    value = default.value if fit is None or default.value is None else fit(default.value)
    return scope.spelling.literal(value, type_)


def write_verb(scope: ServerScope) -> None:
    """Write a verb's steps as a block of its own, its outputs in variables."""
    from actionlang.engine.plpgsql.steps import write_steps

    verb = scope.verb
    if verb.kind in OF_HOST:
        raise NotRelational(f"{verb.short_name} is no verb that a database runs")
    _make_outputs(verb, scope)
    scope.block.say(f"<<{scope.label}>>", "BEGIN")
    outer = scope.block
    with scope.within_block():
        write_steps(verb.steps, scope)
        if not scope.block:
            scope.block.say("NULL;")
    outer.say(f"END {scope.label};")


def _make_outputs(verb: Verb, scope: ServerScope) -> None:
    for output in verb.outputs:
        cells = scope.function.value_variables(output.name, output.type)
        if scope.function.repeats:
            scope.block.say(*(f"{cell} := NULL;" for cell in cells))
        scope.outputs[output.name] = scope.spelling.sized(
            Sql(cells, output.type, output.optional, simple=True), output.type
        )
