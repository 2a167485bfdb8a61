"""Arguments that stand in each other's place."""

from __future__ import annotations

from collections.abc import Sequence

from actionlang.check.body import Body
from actionlang.check.mending import source_of
from actionlang.check.names import listed
from actionlang.check.slots import check_slot
from actionlang.diagnostics.catalogue import types as codes
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.plan.plan import Verb
from actionlang.syntax import ast


def complain_of_order(arguments: Sequence[ast.Argument], verb: Verb, complaints: int, body: Body) -> None:
    """Where two arguments without names were complained about, since there were `complaints` of them, and each fits the
    other's place: say only that."""
    told = body.reporter.diagnostics[complaints:]
    if len(told) != 2 or any(found.code is not codes.WRONG_TYPE for found in told):
        return
    places = [found.primary.span for found in told if found.primary]
    wrong = [i for i, argument in enumerate(arguments) if argument.name is None and argument.value.span in places]
    if len(wrong) != 2 or wrong[1] >= len(verb.inputs):
        return
    one, other = wrong
    if not (_fits(arguments[one], other, verb, body) and _fits(arguments[other], one, verb, body)):
        return
    del body.reporter.diagnostics[complaints:]
    names = [parameter.name for parameter in verb.inputs]
    edits = (
        Edit(arguments[one].span, source_of(arguments[other], body)),
        Edit(arguments[other].span, source_of(arguments[one], body)),
    )
    message = f"The arguments {names[one]} and {names[other]} of {verb.short_name} stand in each other's place."
    hint = f"Their order is {listed(names, 'and')}; with their names before them, {names[one]}: ..., they may stand in any."
    body.report(codes.WRONG_TYPE, arguments[one], message, hint, (), (Fix("Swap them", edits, safe=True),))


def _fits(argument: ast.Argument, place: int, verb: Verb, body: Body) -> bool:
    """Whether an argument could stand in a place; nothing is said of it."""
    before = len(body.reporter.diagnostics)
    wanted = verb.inputs[place]
    check_slot(argument.value, body, wanted.type, wanted.optional, "")
    fits = len(body.reporter.diagnostics) == before
    del body.reporter.diagnostics[before:]
    return fits
