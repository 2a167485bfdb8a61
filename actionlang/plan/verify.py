"""Whether a plan may be run: the checker's promises, seen to again on the plan alone, without the script it came from.

A plan's hash says only that nobody altered it by accident. This says that whoever made it, every name in it is known, every
type follows from its parts, every value taken for filled was tested, every step keeps its table's rules, each way out sets
the outputs, the effects are what the steps do, functions write nothing, and every run ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import attrs

from actionlang.diagnostics.catalogue import plans as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import steps as s
from actionlang.plan import verify_calls, verify_operators, verify_values
from actionlang.plan.effects import effects_of
from actionlang.plan.plan import Parameter, StepPlan, Verb
from actionlang.plan.values import decode_value
from actionlang.plan.verify_metadata import (
    NEVER_STORED,
    check_choice,
    check_default,
    check_distinct,
    check_table,
    check_type,
)
from actionlang.plan.verify_place import Body, Contents, Refusal, wrong_type
from actionlang.plan.verify_steps import RefusedStep, check_outputs_set, check_steps
from actionlang.plan.walk import mentions, type_choices, type_tables

KINDS = ("action", "function", "background", "extern action", "extern function", "test")
FUNCTIONS = ("function", "extern function")
EXPRESSIONS = {**verify_values.RULES, **verify_operators.RULES, **verify_calls.RULES}


def verify(plan: StepPlan) -> None:
    """See that a plan may be run.

    Raises ActionLangError, naming the verb and the step and why, when the checker would not have let it pass.
    """
    try:
        contents = _checked_contents(plan)
        for verb in _innermost_first(contents.verbs):
            _check_verb(verb, contents)
    except Refusal as refusal:
        _refuse(refusal.code, f"The plan of {plan.entry} is refused: {refusal.reason}.")
    except RecursionError:
        _refuse(codes.PLAN_TOO_DEEP, f"The plan of {plan.entry} is nested too deeply.")


def _refuse(code: Code, message: str) -> NoReturn:
    raise ActionLangError(Diagnostic(code, message, hint="Compile the verb again from its script.")) from None


# ------------------------------------------------------------------------------------------------------ the whole plan


def _checked_contents(plan: StepPlan) -> Contents:
    """A plan's contents, when it holds what its verb needs, in order, and nothing else. Raises Refusal."""
    contents = Contents.of(plan)
    for what, found in (("verbs", plan.verbs), ("tables", plan.tables), ("choices", plan.choices)):
        names = [each.name for each in found]
        if names != sorted(set(names)):
            raise Refusal(codes.WRONG_CONTENTS_IN_PLAN, f"its {what} are not in order, each once")
    contents.verb(plan.entry)
    _check_needed(plan, contents)
    for choice in plan.choices:
        check_choice(choice)
    for table in plan.tables:
        check_table(table, contents)
    return contents


def _check_needed(plan: StepPlan, contents: Contents) -> None:
    """See that all that a plan holds is needed. Raises Refusal."""
    verbs: set[str] = set()
    tables: set[str] = set()
    choices: set[str] = set()
    pending = [plan.entry]
    while pending:
        name = pending.pop()
        if name not in verbs:
            verbs.add(name)
            mentioned = mentions(contents.verb(name))
            tables |= mentioned.tables
            choices |= mentioned.choices
            pending += mentioned.verbs
    _close(tables, choices, contents.tables)
    for what, found, needed in (
        ("verb", contents.verbs, verbs),
        ("table", contents.tables, tables),
        ("choice", contents.choices, choices),
    ):
        for name in sorted(found.keys() - needed):
            raise Refusal(codes.WRONG_CONTENTS_IN_PLAN, f"nothing in it needs the {what} {name}")
        for name in sorted(needed - found.keys()):
            raise Refusal(codes.UNKNOWN_IN_PLAN, f"there is no {what} named {name}")


def _close(tables: set[str], choices: set[str], known: Mapping[str, Table]) -> None:
    """Add what tables' columns mention in turn."""
    pending = list(tables)
    while pending:
        table = known.get(pending.pop())
        for column in table.columns if table else ():
            choices.update(type_choices(column.type))
            pending += [name for name in type_tables(column.type) if name not in tables]
            tables.update(type_tables(column.type))


def _innermost_first(verbs: Mapping[str, Verb]) -> list[Verb]:
    """Verbs, each behind those that it performs or calls. Raises Refusal when they go round in a circle."""
    calls = {name: sorted(mentions(verb).verbs) for name, verb in verbs.items()}
    done: dict[str, Verb] = {}
    for start in verbs:
        path = [start]
        while path:
            waiting = next((name for name in calls[path[-1]] if name not in done), None)
            if waiting is None:
                name = path.pop()
                done[name] = verbs[name]
            elif waiting in path:
                circle = " performs ".join([*path[path.index(waiting) :], waiting])
                raise Refusal(codes.ENDLESS_PLAN, f"its verbs perform each other without end: {circle}")
            else:
                path.append(waiting)
    return list(done.values())


# ------------------------------------------------------------------------------------------------------------ one verb


@attrs.frozen
class Flaw:
    """What is wrong with a verb, and where if it is one of its steps."""

    reason: str
    place: s.Place | None


def flaw_in(verb: Verb, contents: Contents) -> Flaw | None:
    """What is wrong with a verb of a plan, if anything; those it performs are taken to be right."""
    try:
        _see_through(verb, contents)
    except RefusedStep as refused:
        return Flaw(refused.refusal.reason, refused.step.place)
    except Refusal as refusal:
        return Flaw(refusal.reason, None)
    return None


def _check_verb(verb: Verb, contents: Contents) -> None:
    """See that a verb keeps the rules; those it performs were seen before. Raises Refusal, naming the verb."""
    try:
        _see_through(verb, contents)
    except RefusedStep as refused:
        step = f"line {refused.step.place.line}, {type(refused.step).__name__}"
        raise Refusal(refused.refusal.code, f"{verb.name}, {step}: {refused.refusal.reason}") from None
    except Refusal as refusal:
        raise Refusal(refusal.code, f"{verb.name}: {refusal.reason}") from None


def _see_through(verb: Verb, contents: Contents) -> None:
    """See that a verb keeps the rules. Raises Refusal or RefusedStep."""
    body = Body(contents, verb, EXPRESSIONS)
    _check_contract(verb, body)
    body.commits = verb.kind == "background" and not _stops_here(verb)
    check_steps(verb.steps, body)
    if not (body.facts.unreachable or verb.kind.startswith("extern") or _stops_here(verb)):
        check_outputs_set((), body)
    _check_effects(verb, contents)


def _stops_here(verb: Verb) -> bool:
    """Whether a run of the verb always fails for want of something that this host does not have yet."""
    return any(isinstance(step, s.Unavailable) for step in verb.steps)


def _check_contract(verb: Verb, body: Body) -> None:
    if verb.kind not in KINDS:
        raise Refusal(codes.UNKNOWN_IN_PLAN, f"there is no kind of verb named {verb.kind}")
    if verb.kind == "test":
        _check_test(verb)
    elif verb.at is not None:
        raise Refusal(codes.WRONG_CONTENTS_IN_PLAN, "only a test fixes the clock")
    if verb.kind.startswith("extern") and not all(isinstance(step, s.Unavailable) for step in verb.steps):
        raise Refusal(codes.WRONG_CONTENTS_IN_PLAN, "what the host implements has no steps in a plan")
    check_distinct((parameter.name for parameter in verb.outputs), "its outputs")
    if verb.binding is not None and verb.binding.each and verb.kind == "background" and not _stops_here(verb):
        raise Refusal(codes.WRONG_CONTENTS_IN_PLAN, "a background action is on one row, not on each")
    if verb.binding is not None:
        body.contents.table(verb.binding.table)
        body.bind(verb.binding.row, t.Row((verb.binding.table,)))
    for parameter in verb.inputs:
        _check_parameter(parameter, body.contents)
        body.bind(parameter.name, parameter.type, parameter.optional)
    for output in verb.outputs:
        _check_parameter(output, body.contents)
        if output.default is not None:
            raise Refusal(codes.WRONG_CONTENTS_IN_PLAN, f"the output {output.name} has a default")


def _check_parameter(parameter: Parameter, contents: Contents) -> None:
    check_type(parameter.type, contents)
    if isinstance(parameter.type, NEVER_STORED) and not isinstance(parameter.type, t.ListOf):
        wrong_type(f"{parameter.name} can not be {parameter.type}")
    if parameter.default is not None:
        check_default(parameter.default, parameter.type, contents)
        if parameter.default.function is None and parameter.default.value is None and not parameter.optional:
            raise Refusal(codes.EMPTY_IN_PLAN, f"{parameter.name} is empty by default and never empty")


def _check_test(verb: Verb) -> None:
    if verb.binding is not None or verb.inputs or verb.outputs:
        raise Refusal(codes.WRONG_CONTENTS_IN_PLAN, "a test has no contract")
    if verb.at is not None:
        try:
            decode_value(t.DateTime(), verb.at)
        except ValueError as error:
            raise Refusal(codes.WRONG_TYPE_IN_PLAN, str(error)) from None


def _check_effects(verb: Verb, contents: Contents) -> None:
    effects = effects_of(verb, contents.verbs, contents.tables)
    if effects != verb.effects:
        raise Refusal(codes.WRONG_EFFECTS_IN_PLAN, "its effects are not what its steps do")
    if verb.kind in FUNCTIONS and not effects.writes_nothing:
        raise Refusal(codes.WRITING_FUNCTION_IN_PLAN, "a function writes nothing, and this one does")
