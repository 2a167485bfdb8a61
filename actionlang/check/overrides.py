"""Whether an override can stand for the verb whose steps it replaces: callers of that one must not notice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

import attrs

from actionlang.check.body import Body, type_in_words
from actionlang.check.names import short
from actionlang.contracts.comparing import compare
from actionlang.contracts.contracts import Contracts
from actionlang.contracts.rules import RULES
from actionlang.diagnostics.catalogue import breaking
from actionlang.diagnostics.catalogue import metadata as metadata_codes
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.plan.plan import Parameter, Verb
from actionlang.syntax import ast

OVERRIDABLE = ("action", "extern action")
"""Kinds of verbs that an override can stand for."""


def replaced_by(node: ast.Action, body: Body, own: Collection[str]) -> Verb | None:
    """The verb that an override replaces; None after a complaint. `own` are the names of verbs of the module itself."""
    name = node.name
    if name.qualifier is None and name.text in own and name.text not in body.names.verbs:
        message = f"{name.text} is a verb of this file, and only one of another module is overridden."
        body.report(name_codes.UNKNOWN_VERB, name, message, "Change its steps where it is declared.")
        return None
    full = body.resolve(node.name, "verbs", name_codes.UNKNOWN_VERB, "verb")
    if full is None:
        return None
    replaced = body.universe.verbs[full]
    if replaced.kind not in OVERRIDABLE:
        kind = replaced.kind.removeprefix("extern ")
        what = "a background action" if kind == "background" else f"a {kind}"
        message = f"{replaced.short_name} is {what}, and only an action is overridden."
        body.report(codes.NOT_A_VERB, node.name, message, f"Declare {what} of another name.")
        return None
    if replaced.private:
        hint = f"Override a verb that performs it, or ask whoever maintains {full.rpartition('.')[0]}."
        body.report(name_codes.PRIVATE_VERB, node.name, f"{replaced.short_name} is private to its module.", hint)
    return replaced


def check_override(node: ast.Action, verb: Verb, replaced: Verb, body: Body) -> None:
    """Complain of what callers of the replaced verb would notice."""
    full = replaced.name
    for problem in _problems(replaced, verb):
        hint = f"Keep to what callers of {full} rely on: steps may change, the contract only where nobody notices."
        body.report(codes.INCOMPATIBLE_OVERRIDE, node.name, problem, hint)
    if verb.private:
        message = f"{replaced.short_name} may be performed from outside, so its override can not be private."
        body.report(metadata_codes.WRONG_MODIFIER, node.name, message, "Leave private out.")


def _problems(replaced: Verb, verb: Verb) -> Iterator[str]:
    """What callers of the replaced verb would notice."""
    inputs = tuple(_of_type(mine, replaced.inputs) for mine in verb.inputs)
    outputs = tuple(_of_type(mine, replaced.outputs) for mine in verb.outputs)
    override = attrs.evolve(verb, name=replaced.name, kind=replaced.kind, private=False, inputs=inputs, outputs=outputs)
    before, after = Contracts.of([replaced]), Contracts.of([override])
    # Nothing that is deprecated has ended for a checker, which says the same on every day.
    for finding in compare(before, after, today=dt.date.min, rules=KEPT):
        if finding.code is breaking.BINDING_CHANGED:
            yield f"{replaced.short_name} is on {_binding(replaced)}, and its override on {_binding(verb)}."
        else:
            yield TOLD[finding.code].format(finding.parameter or finding.output)
    yield from _other_types("parameter", replaced.inputs, verb.inputs)
    yield from _other_types("output", replaced.outputs, verb.outputs)


TOLD = {
    breaking.PARAMETER_REMOVED: "The override lacks the parameter {}.",
    breaking.PARAMETER_ADDED_REQUIRED: "The override needs the parameter {}, which callers do not give.",
    breaking.PARAMETER_MADE_REQUIRED: "The parameter {} may be left out, and not in the override.",
    breaking.PARAMETER_NARROWED: "The parameter {} may be empty, and not in the override.",
    breaking.OUTPUT_REMOVED: "The override lacks the output {}.",
    breaking.OUTPUT_WIDENED: "The output {} is never empty, and may be in the override.",
    breaking.SENSITIVE_REMOVED: "{} is sensitive, and not in the override.",
}
"""How what is found is told of an override: nothing has changed, but two verbs differ."""

KEPT = tuple(rule for rule in RULES if rule.code in TOLD or rule.code is breaking.BINDING_CHANGED)
"""The rules that an override keeps. What is left out and what is done may differ: that is what it is for."""


def _of_type(mine: Parameter, theirs: Iterable[Parameter]) -> Parameter:
    """A parameter of the override with the type of the replaced verb's: an override has just these types, for its callers were
    compiled with them."""
    return attrs.evolve(mine, type=next((each.type for each in theirs if each.name == mine.name), mine.type))


def _other_types(what: str, theirs: Iterable[Parameter], mine: Iterable[Parameter]) -> Iterator[str]:
    own = {parameter.name: parameter.type for parameter in mine}
    for parameter in theirs:
        type_ = own.get(parameter.name, parameter.type)
        if type_ != parameter.type:
            types = type_in_words(parameter.type), type_in_words(type_)
            if types[0] == types[1]:
                types = str(parameter.type), str(type_)
            yield f"The {what} {parameter.name} is {types[0]}, and {types[1]} in the override."


def _binding(verb: Verb) -> str:
    if verb.binding is None:
        return "no row"
    return f"each {short(verb.binding.table)}" if verb.binding.each else f"a row of {short(verb.binding.table)}"
