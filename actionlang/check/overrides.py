"""Whether an override can stand for the verb whose steps it replaces: callers of that one must not notice."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.check.body import Body, type_in_words
from actionlang.check.names import short
from actionlang.diagnostics.catalogue import metadata as metadata_codes
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.plan.flow import PERFORMABLE
from actionlang.plan.plan import Parameter, Verb
from actionlang.syntax import ast


def check_override(node: ast.Action, verb: Verb, body: Body) -> str | None:
    """The full name of the verb that an override replaces; None after a complaint."""
    full = body.resolve(node.name, "verbs", name_codes.UNKNOWN_VERB, "verb")
    if full is None:
        return None
    replaced = body.universe.verbs[full]
    if replaced.kind not in PERFORMABLE:
        message = f"{replaced.short_name} is a function, and only an action is overridden."
        body.report(codes.NOT_A_VERB, node.name, message, "Declare a function of another name.")
        return None
    for problem in _problems(replaced, verb):
        hint = f"Keep to what callers of {full} rely on: steps may change, the contract only where nobody notices."
        body.report(codes.INCOMPATIBLE_OVERRIDE, node.name, problem, hint)
    if verb.private and not replaced.private:
        message = f"{replaced.short_name} may be performed from outside, so its override can not be private."
        body.report(metadata_codes.WRONG_MODIFIER, node.name, message, "Leave private out.")
    return full


def _problems(replaced: Verb, verb: Verb) -> Iterator[str]:
    """What callers of the replaced verb would notice."""
    if replaced.binding != verb.binding:
        yield f"{replaced.short_name} is on {_binding(replaced)}, and its override on {_binding(verb)}."
    inputs = {parameter.name: parameter for parameter in verb.inputs}
    for parameter in replaced.inputs:
        mine = inputs.pop(parameter.name, None)
        if mine is None or mine.type != parameter.type:
            yield _difference("parameter", parameter, mine)
        else:
            yield from _input_problems(parameter, mine)
    for mine in inputs.values():
        if not mine.optional and mine.default is None:
            yield f"The override needs the parameter {mine.name}, which callers do not give."
    outputs = {output.name: output for output in verb.outputs}
    for output in replaced.outputs:
        mine = outputs.get(output.name)
        if mine is None or mine.type != output.type:
            yield _difference("output", output, mine)
        elif mine.optional and not output.optional:
            yield f"The output {output.name} is never empty, and may be in the override."


def _difference(what: str, theirs: Parameter, mine: Parameter | None) -> str:
    """That the override lacks a parameter or output, or has it with another type."""
    if mine is None:
        return f"The override lacks the {what} {theirs.name}."
    types = type_in_words(theirs.type), type_in_words(mine.type)
    if types[0] == types[1]:
        types = str(theirs.type), str(mine.type)
    return f"The {what} {theirs.name} is {types[0]}, and {types[1]} in the override."


def _input_problems(theirs: Parameter, mine: Parameter) -> Iterator[str]:
    if theirs.optional and not mine.optional:
        yield f"The parameter {theirs.name} may be empty, and not in the override."
    elif theirs.default is not None and mine.default is None and not mine.optional:
        yield f"The parameter {theirs.name} may be left out, and not in the override."


def _binding(verb: Verb) -> str:
    if verb.binding is None:
        return "no row"
    return f"each {short(verb.binding.table)}" if verb.binding.each else f"a row of {short(verb.binding.table)}"
