"""Calls in expressions: functions of the host, functions written in the language, and the arguments of any verb."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actionlang.check.body import Body, type_in_words
from actionlang.check.conversion import converts, fit
from actionlang.check.dispatch import check_expression, is_unknown, unknown
from actionlang.check.emptiness import filled
from actionlang.check.excerpt import named, operand
from actionlang.check.flow import skip
from actionlang.check.foreign_words import method_meant
from actionlang.check.keys import check_key
from actionlang.check.mending import of_type, replaced
from actionlang.check.mismatch import way_out
from actionlang.check.names import HostFunction, Names, listed, suggest
from actionlang.check.paths import qualified
from actionlang.check.queries import AGGREGATES, check_aggregate
from actionlang.check.references import Kind
from actionlang.check.sketches import with_arguments
from actionlang.check.slots import check_slot
from actionlang.check.spelling import nearest
from actionlang.check.swapped import complain_of_order
from actionlang.diagnostics.catalogue import lints
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import statements as statement_codes
from actionlang.diagnostics.catalogue import types as codes
from actionlang.diagnostics.fix import Fix
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.plan import Parameter, Verb
from actionlang.plan.verify_calls import CALLABLE
from actionlang.plan.verify_place import fits
from actionlang.syntax import ast

# ------------------------------------------------------------------------------------------------------------ dispatch


def check_call(node: ast.Call, body: Body, wanted: t.Type | None) -> e.Expression:
    """`name(...)`: an aggregate, a verb that is a function, a row by its key or a function of the host, in that order, so
    that a new function of the host never changes what a script means."""
    name = qualified(node.callee)
    if name is None or name.qualifier in body.locals:
        message = f"{named(node.callee, body)} can not be called."
        meant = method_meant(node.callee, node.arguments, node, body) if isinstance(node.callee, ast.Path) else None
        hint = meant.hint if meant else "A function is called by its name."
        body.report(name_codes.UNKNOWN_FUNCTION, node.callee, message, hint, (), meant.fixes if meant else ())
        skip((node.callee, node.arguments), body)
        return unknown()
    if name.qualifier is None and name.text in AGGREGATES:
        if body.reporter.seen is not None:
            body.reporter.seen.use(Kind.AGGREGATE, name.text, node.callee, name.text)
        return check_aggregate(node, name.text, body)
    if node.tail is not None:
        return _complain_of_tail(node, name, body)
    names = body.names if name.qualifier is None else body.names.modules.get(name.qualifier)
    if names is None:
        body.resolve(name, "verbs", name_codes.UNKNOWN_FUNCTION, "function")
        skip(node.arguments, body)
        return unknown()
    if name.text in names.verbs and (_is_function(names, name.text, body) or name.text not in names.tables):
        return _call_verb(node, name, body)
    if name.text in names.tables:
        return check_key(node, name, body)
    if name.text in names.functions:
        return _call_function(node, body.universe.functions[name.text], body)
    _complain_of_unknown(name, names, body)
    skip(node.arguments, body)
    return unknown()


def _is_function(names: Names, name: str, body: Body) -> bool:
    return any(body.universe.verbs[full].kind in CALLABLE for full in names.verbs[name])


def _complain_of_tail(node: ast.Call, name: ast.Qualified, body: Body) -> e.Expression:
    message = f"{name} asks for no rows: only {listed(AGGREGATES, 'and')} do."
    meant = suggest(name.text, AGGREGATES)
    fixes = body.respelt(name, name.text, AGGREGATES)
    body.report(codes.WRONG_QUERY, node, message, meant or "Leave out from, as and where.", (), fixes)
    skip(node.arguments, body)
    return unknown()


def _complain_of_unknown(name: ast.Qualified, names: Names, body: Body) -> None:
    functions = [verb for verb in names.verbs if _is_function(names, verb, body)]
    known = (*names.functions, *functions, *names.tables, *AGGREGATES)
    hint = suggest(name.text, known)
    fixes = body.respelt(name, name.text, known)
    if name.qualifier is None and name.text in body.locals:
        body.locals[name.text].used = True
        hint = f"{name} is a {body.locals[name.text].what}: leave out the parentheses."
        fixes = ()
    hint = hint or "The reference of functions lists them all; one of your own has to be declared or imported."
    body.report(name_codes.UNKNOWN_FUNCTION, name, f"There is no function {name} here.", hint, (), fixes)


# ---------------------------------------------------------------------------------------------- functions of the host


def _call_function(node: ast.Call, overloads: tuple[HostFunction, ...], body: Body) -> e.Expression:
    """A function that the host implements: the overload whose parameters the arguments fit with the fewest conversions."""
    name = overloads[0].name
    if body.reporter.seen is not None:
        body.reporter.seen.use(Kind.FUNCTION, name, node.callee, name)
    values = [check_expression(argument.value, body) for argument in node.arguments]
    if any(argument.name is not None for argument in node.arguments):
        order = _in_order(node.arguments, overloads, body)
        if order is None:
            return unknown()
        arguments, values = [node.arguments[i] for i in order], [values[i] for i in order]
        overloads = tuple(each for each in overloads if _takes_names(each, arguments))
    else:
        arguments = list(node.arguments)
    if any(is_unknown(value) for value in values):
        return unknown()
    chosen = _overload(overloads, values)
    if chosen is None:
        _complain_of_overloads(node, overloads, arguments, values, body)
        return unknown()
    given: list[e.Expression] = []
    for argument, value, parameter in zip(arguments, values, chosen.parameters, strict=True):
        fitted = fit(value, parameter.type) or unknown()
        given.append(filled(fitted, argument.value, body, f"and {name} needs a value"))
    if any(is_unknown(value) for value in given):
        return unknown()
    return e.CallFunction(chosen.result, chosen.optional, name, chosen.overload, tuple(given))


def _overload(overloads: Sequence[HostFunction], values: list[e.Expression]) -> HostFunction | None:
    best: HostFunction | None = None
    least = len(values) + 1
    for overload in overloads:
        if len(overload.parameters) != len(values):
            continue
        conversions = 0
        for value, parameter in zip(values, overload.parameters, strict=True):
            if fits(value.type, parameter.type) or isinstance(value.type, t.Empty):
                continue
            if not converts(value.type, parameter.type):
                break
            conversions += 1
        else:
            if conversions < least:
                best, least = overload, conversions
    return best


def _in_order(arguments: tuple[ast.Argument, ...], overloads: Iterable[HostFunction], body: Body) -> list[int] | None:
    """Places of arguments, some of them named, in the order of the parameters; None after a complaint."""
    names = max(
        ([parameter.name for parameter in overload.parameters] for overload in overloads),
        key=lambda found: (
            sum(1 for argument in arguments if argument.name and argument.name.text in found),
            -len(found),
        ),
    )
    places: dict[str, int] = {}
    for place, argument in enumerate(arguments):
        name = argument.name.text if argument.name else names[place] if place < len(names) else ""
        if name not in names:
            hint = suggest(name, names) or f"It takes {listed(names, 'and')}."
            message = f"There is no argument {name} here." if name else "There is one argument too many."
            fixes = body.respelt(argument.name, name, names) if argument.name else ()
            body.report(codes.UNKNOWN_ARGUMENT, argument.name or argument, message, hint, (), fixes)
            return None
        if name in places:
            message = f"The argument {name} is given twice."
            body.report(codes.ARGUMENT_TWICE, argument, message, "Leave one of the two out.")
            return None
        places[name] = place
    return [places[name] for name in names if name in places]


def _takes_names(function: HostFunction, arguments: list[ast.Argument]) -> bool:
    names = {parameter.name for parameter in function.parameters}
    return all(argument.name is None or argument.name.text in names for argument in arguments)


def _complain_of_overloads(
    node: ast.Call,
    overloads: Sequence[HostFunction],
    arguments: list[ast.Argument],
    values: list[e.Expression],
    body: Body,
) -> None:
    """Complain of arguments that no overload takes; of the one that is wrong, where only one can be."""
    name = overloads[0].name
    close = [overload for overload in overloads if len(overload.parameters) == len(values)]
    ways = listed([_signature(overload) for overload in close or overloads])
    if len(close) == 1:
        for argument, value, parameter in zip(arguments, values, close[0].parameters, strict=True):
            if not fit(value, parameter.type):
                takes, found = type_in_words(parameter.type), type_in_words(value.type)
                message = f"{name} takes {takes} for {parameter.name}, not {found}."
                hint = way_out(value.type, parameter.type, argument.value, body) or f"It is called {ways}."
                fixes = of_type(value.type, parameter.type, argument.value, body)
                body.report(codes.NO_OVERLOAD, argument, message, hint, (), fixes)
                return
    found = listed([type_in_words(value.type) for value in values], "and")
    hint = f"It is called {ways}."
    inexact = next((a for a, v in zip(arguments, values, strict=True) if isinstance(v.type, t.Float)), None)
    if inexact is not None:
        written = operand(inexact.value, body)
        hint = f"Binary floating point and exact numbers do not mix: exact({written}, 2). {hint}"
    elif name == "text_of" and len(values) == 1:
        hint = way_out(values[0].type, t.Text(), arguments[0].value, body) or hint
    message = f"{name} does not take {found}." if values else f"{name} is called without a value."
    body.report(codes.NO_OVERLOAD, node, message, hint)


def _signature(overload: HostFunction) -> str:
    parameters = ", ".join(f"{parameter.name} {parameter.type}" for parameter in overload.parameters)
    return f"{overload.name}({parameters})"


# ----------------------------------------------------------------------------------- functions written in the language


def _call_verb(node: ast.Call, name: ast.Qualified, body: Body) -> e.Expression:
    verb = body.verb(name)
    if verb is None:
        skip(node.arguments, body)
        return unknown()
    if verb.kind not in CALLABLE or len(verb.outputs) != 1:
        _complain_of_action(name, verb, body)
        skip(node.arguments, body)
        return unknown()
    on: e.Expression | None = None
    arguments = node.arguments
    if verb.binding is not None:
        if not arguments or arguments[0].name is not None:
            row = verb.binding.row
            message = f"{verb.short_name} is called with a row: {row} comes first."
            body.report(statement_codes.NEEDS_ROW, node, message, f"Write {verb.short_name}({row}).")
            skip(arguments, body)
            return unknown()
        what = f"the row that {verb.short_name} is on"
        on = check_slot(arguments[0].value, body, t.Row((verb.binding.table,)), False, what)
        arguments = arguments[1:]
    before = len(body.reporter.diagnostics)
    given = check_arguments(arguments, verb, node, body)
    output = verb.outputs[0]
    if isinstance(output.type, t.Unknown) or (on is not None and is_unknown(on)):
        return unknown()
    if len(body.reporter.diagnostics) > before and any(is_unknown(value) for _, value in given):
        return unknown()
    return e.CallVerb(output.type, output.optional, verb.name, on, given)


def _complain_of_action(name: ast.Qualified, verb: Verb, body: Body) -> None:
    hint = f"Perform it as a step of its own: perform {name}(...) as result; then use result.output."
    if verb.kind in CALLABLE:
        count = len(verb.outputs)
        message = f"{name} returns {count or 'no'} outputs, so it is no value."
        hint = "What stands in an expression is a function with one output: make one for each of them."
    else:
        message = f"{name} is an action, not a function, so it can not be called in an expression."
    body.report(statement_codes.NOT_A_VERB, name, message, hint)


def check_arguments(
    arguments: tuple[ast.Argument, ...], verb: Verb, place: ast.Node, body: Body
) -> tuple[tuple[str, e.Expression], ...]:
    """Arguments by the verb's names for them, in the order in which they are written; those that do not fit are complained
    about. What stands without a name is for the input at its place."""
    inputs = {parameter.name: parameter for parameter in verb.inputs}
    order = list(inputs)
    given: dict[str, e.Expression] = {}
    first: dict[str, ast.Argument] = {}
    complaints = len(body.reporter.diagnostics)
    wrong = False
    for position, argument in enumerate(arguments):
        name = argument.name.text if argument.name else order[position] if position < len(order) else ""
        if name not in inputs:
            _complain_of_argument(argument, name, order, _needed(arguments, verb), verb, body)
            wrong = True
            skip(argument.value, body)
            continue
        if body.reporter.seen is not None and argument.name is not None:
            wanted = inputs[name]
            full = f"{verb.name}.{name}"
            body.reporter.seen.use(Kind.PARAMETER, full, argument.name, name, wanted.type, wanted.optional)
        if inputs[name].deprecated is not None:
            _tell_deprecated(argument, inputs[name], verb, body)
        what = f"the argument {name} of {verb.short_name}"
        value = check_slot(argument.value, body, inputs[name].type, inputs[name].optional, what)
        if name in first:
            places = ((first[name].span, "first given here"),)
            message = f"The argument {name} is given twice."
            body.report(codes.ARGUMENT_TWICE, argument, message, "Leave one of the two out.", places)
            continue
        first[name] = argument
        given[name] = value
    complain_of_order(arguments, verb, complaints, body)
    missing = [
        parameter.name
        for parameter in verb.inputs
        if parameter.name not in given and not parameter.optional and parameter.default is None
    ]
    if missing and not wrong:
        word = "argument" if len(missing) == 1 else "arguments"
        message = f"{verb.short_name} needs the {word} {listed(missing, 'and')}."
        hint = f"Add {', '.join(f'{name}: ...' for name in missing)} in its parentheses."
        sketch = with_arguments(place, arguments, missing, body)
        hint = f"{hint.rstrip('.')}: {sketch}" if sketch else hint
        body.report(codes.MISSING_ARGUMENT, place, message, hint)
    return tuple(given.items())


def _tell_deprecated(argument: ast.Argument, parameter: Parameter, verb: Verb, body: Body) -> None:
    told = f"{parameter.name} of {verb.short_name} is deprecated: {parameter.deprecation}"
    body.report(lints.DEPRECATED_PARAMETER, argument.name or argument, told)


def _needed(arguments: tuple[ast.Argument, ...], verb: Verb) -> list[str]:
    """The inputs that a call lacks."""
    order = [parameter.name for parameter in verb.inputs]
    taken = {
        argument.name.text if argument.name else order[position] if position < len(order) else ""
        for position, argument in enumerate(arguments)
    }
    needed = (parameter.name for parameter in verb.inputs if not parameter.optional and parameter.default is None)
    return [name for name in needed if name not in taken]


def _complain_of_argument(
    argument: ast.Argument, name: str, known: list[str], needed: list[str], verb: Verb, body: Body
) -> None:
    fixes: tuple[Fix, ...] = ()
    if known:
        takes = f"It takes {listed(known, 'and')}."
        near = nearest(name, known) if name else None
        meant = near or (needed[0] if name and len(needed) == 1 else None)
        hint = f"Did you mean {near}?" if near else f"Did you mean {meant}? {takes}" if meant else takes
        fixes = replaced(argument.name, meant) if meant and argument.name else ()
        what = f"no argument {name}" if name else f"no more arguments than {len(known)}"
    else:
        hint, what = "Leave it out.", "no arguments"
    message = f"{verb.short_name} takes {what}."
    body.report(codes.UNKNOWN_ARGUMENT, argument.name or argument, message, hint, (), fixes)
