"""Statements that call or wait: perform, start, emit, wait."""

from __future__ import annotations

from actionlang.check.body import Body
from actionlang.check.calls import check_arguments
from actionlang.check.expressions import check_expression, check_slot, unknown
from actionlang.check.flow import skip
from actionlang.check.mending import inserted, replaced, source_of
from actionlang.check.names import short
from actionlang.check.references import Kind
from actionlang.check.row_statements import complain_if_function
from actionlang.check.sketches import end_of_call
from actionlang.check.slots import fit_slot
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.diagnostics.catalogue import types as type_codes
from actionlang.diagnostics.source import Span
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.effects import writes_of
from actionlang.plan.flow import NO_VALUE_OF_EVENT, PERFORMABLE
from actionlang.plan.plan import Verb
from actionlang.plan.woven import INHERITED, layer_name
from actionlang.syntax import ast

NO_WAIT = {
    "test": "Leave it out: in a test no time passes, also where a background action waits.",
    "override": "Start another verb later: start Remind() after 2 days.",
    "hook": "Start another verb later: start Remind() after 2 days.",
}
"""What to do instead of a wait where no background action can stand."""

LOOK_AGAIN = (
    "Ask after it now and then: a verb that finds that it does not hold yet starts itself again, after 1 hour, say."
)

Checked = tuple[Verb, e.Expression | None, tuple[tuple[str, e.Expression], ...]]
"""A verb that is performed or started, its row and its arguments."""


def _called(node: ast.Perform | ast.Start, body: Body) -> Checked | None:
    """What a perform or start calls; None after a complaint."""
    verb = None
    if _is_of_host(node.verb, body):
        _complain_of_function(node, body)
    else:
        verb = body.verb(node.verb)
        if verb is not None and verb.kind not in PERFORMABLE:
            _complain_of_function(node, body)
            verb = None
    if verb is None:
        skip((node.arguments, node.row), body)
        return None
    on = _row(node, verb, body)
    return verb, on, check_arguments(node.arguments, verb, node, body)


def _is_of_host(name: ast.Qualified, body: Body) -> bool:
    """Whether a name is that of a function of the host and of no verb."""
    return name.qualifier is None and name.text in body.names.functions and name.text not in body.names.verbs


def _complain_of_function(node: ast.Perform | ast.Start, body: Body) -> None:
    name, done = node.verb, "performed" if isinstance(node, ast.Perform) else "started"
    hint = f"Call it in an expression: let result = {name}(...)."
    body.report(codes.NOT_A_VERB, name, f"{name} is a function: it answers, and can not be {done}.", hint)


def _row(node: ast.Perform | ast.Start, verb: Verb, body: Body) -> e.Expression | None:
    """The row that a verb is called on; None where there is none."""
    if verb.binding is None:
        if node.row is not None:
            message = f"{verb.short_name} is on no row."
            body.report(codes.TAKES_NO_ROW, node.row, message, "Leave on out, or hand the row over as an argument.")
            skip(node.row, body)
        return None
    table = short(verb.binding.table)
    if node.row is None:
        message = f"{verb.short_name} is on a {table}, and this does not say which."
        rows = [name for name, local in body.locals.items() if local.type == t.Row((verb.binding.table,))]
        row = rows[0] if len(rows) == 1 else None
        fixes = inserted(end_of_call(node, body), f" on {row}", f"Write on {row}") if row else ()
        hint = f"Write on and the row behind it: on {row or verb.binding.row}."
        body.report(codes.NEEDS_ROW, node.verb, message, hint, (), fixes)
        return None
    return check_slot(node.row, body, t.Row((verb.binding.table,)), False, f"the row that {verb.short_name} is on")


def check_perform(node: ast.Perform, body: Body) -> s.Step | None:
    """`perform Escalate(reason: "smoke") on case as r`."""
    called = _called(node, body)
    if called is None:
        if node.alias is not None:
            body.bind(node.alias, t.Unknown(), False, "name")
        return None
    verb, on, arguments = called
    if verb.kind == "background" and body.kind != "test":
        message = f"{verb.short_name} is a background action: it goes on after whoever starts it has gone on."
        word = Span(node.start, node.start + len("perform"))
        fixes = () if node.alias is not None else replaced(word, "start", title=f"Start {verb.short_name}")
        hint = f"Start it: start {verb.short_name}(...). A test performs it, as a whole."
        body.report(codes.BACKGROUND_PERFORMED, node.verb, message, hint, (), fixes)
    if not verb.effects.writes_nothing or verb.kind == "extern action":
        complain_if_function(node, f"performs {verb.short_name}, which may write", body)
    body.facts = body.facts.after_writes(writes_of(verb.effects))
    if node.alias is not None:
        body.bind(node.alias, t.Outputs(verb.name), False, "name")
    if verb.binding is not None and on is None:
        return None
    result = None if node.alias is None else node.alias.text
    return s.Perform(body.reporter.place(node), verb.name, on, arguments, result)


def check_inherited(node: ast.Inherited, body: Body) -> s.Step | None:
    """`inherited(reason: reason) as r`: the layer below, on the same row. Which layer that is the linker knows."""
    verb = body.inherited
    if verb is None:
        hint = "To run another verb write perform and its name."
        body.report(codes.OUTSIDE_OVERRIDE, node, "There is nothing inherited here: this is no override.", hint)
        skip(node.arguments, body)
        if node.alias is not None:
            body.bind(node.alias, t.Unknown(), False, "name")
        return None
    if body.reporter.seen is not None:
        word = ast.Name(node.start, node.start + len(INHERITED), INHERITED)
        body.reporter.seen.use(Kind.VERB, verb.name, word, INHERITED)
    on = None if verb.binding is None else e.Local(t.Row((verb.binding.table,)), False, verb.binding.row)
    if on is not None and on.name in body.deleted:
        message = f"The row {on.name} was deleted before."
        body.report(codes.USE_AFTER_DELETE, node, message, "Let inherited do its work before.")
    arguments = check_arguments(node.arguments, verb, node, body)
    below = layer_name(verb.name, INHERITED)
    body.facts = body.facts.after_writes(writes_of(verb.effects))
    if node.alias is not None:
        body.bind(node.alias, t.Outputs(below), False, "name")
    result = None if node.alias is None else node.alias.text
    return s.Perform(body.reporter.place(node), below, on, arguments, result)


def check_start(node: ast.Start, body: Body) -> s.Step | None:
    """`start Remind(...) on case after 2 days`."""
    complain_if_function(node, "starts another verb", body)
    called = _called(node, body)
    after = None if node.after is None else _time(node.after, body, t.Duration(), "the delay behind after")
    at = None if node.at is None else _time(node.at, body, t.DateTime(), "the moment behind at")
    if called is None:
        return None
    verb, on, arguments = called
    if verb.private:
        message = f"{verb.short_name} is private: only what is activated can be started."
        body.report(codes.PRIVATE_STARTED, node.verb, message, "Leave private out where it is declared.")
    if verb.binding is not None and on is None:
        return None
    return s.Start(body.reporter.place(node), verb.name, on, arguments, after, at)


def check_emit(node: ast.Emit, body: Body) -> s.Step | None:
    """`emit Escalated(number: case.number)`."""
    complain_if_function(node, "emits an event", body)
    event = body.event(node.event)
    first: dict[str, ast.Name] = {}
    values: list[tuple[str, e.Expression]] = []
    for argument in node.arguments:
        value = _carried(argument, body)
        if argument.name is None:
            hint = f"Write emit {node.event}(name: ...)."
            body.report(type_codes.UNKNOWN_ARGUMENT, argument, "Each value of an event has a name.", hint)
            continue
        known = first.setdefault(argument.name.text, argument.name)
        if known is not argument.name:
            places = ((known.span, "first given here"),)
            message = f"{argument.name.text} is given twice."
            body.report(type_codes.ARGUMENT_TWICE, argument.name, message, "Leave one of the two out.", places)
            continue
        if event is not None and body.reporter.seen is not None:
            carried = f"{event}.{known.text}"
            body.reporter.seen.use(Kind.CARRIED, carried, known, known.text, value.type, value.optional)
        values.append((argument.name.text, value))
    if event is None or any(isinstance(value.type, t.Unknown) for _, value in values):
        return None
    return s.Emit(body.reporter.place(node), event, tuple(values))


def _carried(argument: ast.Argument, body: Body) -> e.Expression:
    """A value that an event carries; unknown after a complaint."""
    value = check_expression(argument.value, body)
    type_ = value.type.item if isinstance(value.type, t.ListOf) else value.type
    if not isinstance(type_, NO_VALUE_OF_EVENT) or isinstance(type_, t.Unknown):
        return value
    name = "This value" if argument.name is None else argument.name.text
    if isinstance(type_, t.Empty):
        message, hint = f"{name} would be empty, of no type.", "Leave it out."
    elif isinstance(type_, t.Outputs):
        message = f"{name} would be all that a verb returned, which is no value."
        hint = "Name one of its outputs, after a dot."
    else:
        message, hint = (
            f"{name} would be a file, which an event does not carry.",
            "Hand over the row that it belongs to.",
        )
    body.report(type_codes.WRONG_TYPE, argument.value, message, hint)
    return unknown()


def check_wait(node: ast.Wait, body: Body) -> s.Step | None:
    """`wait 2 days`, `wait until ...`, in background actions."""
    if body.kind != "background":
        hint = "Make it a background action, or start another verb later: start Remind() after 2 days."
        body.report(codes.ONLY_IN_BACKGROUND, node, "Only a background action waits.", NO_WAIT.get(body.kind, hint))
    elif not body.commits:
        message = (
            "This would wait in the middle of what is committed as one: an if, a loop and an attempt are one each."
        )
        hint = "Wait outside of it, or start another verb later: start Remind() after 2 days."
        body.report(codes.WAITS_IN_BLOCK, node, message, hint)
    place = body.reporter.place(node)
    if not node.until:
        return s.Wait(place, _time(node.value, body, t.Duration(), "the time to wait"))
    if _has_and_for_plus(node.value):
        return s.Wait(place, _time(node.value, body, t.DateTime(), "the time to wait"))
    value = check_expression(node.value, body, t.DateTime())
    if isinstance(value.type, t.Boolean):
        body.report(
            type_codes.WRONG_TYPE, node.value, "This waits for a moment, not for something to hold.", LOOK_AGAIN
        )
        return s.Wait(place, unknown())
    return s.Wait(place, fit_slot(value, node.value, body, t.DateTime(), False, "the time to wait"))


def _time(node: ast.Expression, body: Body, type_: t.Type, slot: str) -> e.Expression:
    """A length of time or a moment. Lengths that are joined by `and`, as one says it, get one complaint."""
    if not _has_and_for_plus(node):
        return check_slot(node, body, type_, False, slot)
    assert isinstance(node, ast.Binary)
    start = body.reporter.source.text.index("and", node.left.end)
    word = Span(start, start + len("and"))
    text = f"{source_of(node.left, body)} + {source_of(node.right, body)}"
    skip((node,), body)
    body.report(
        type_codes.WRONG_OPERANDS, node, "Lengths of time are added with +.", f"Write {text}.", (), replaced(word, "+")
    )
    return unknown()


def _has_and_for_plus(node: ast.Expression) -> bool:
    """Whether a length of time stands behind `and`: `1 day and 2 hours`."""
    return isinstance(node, ast.Binary) and node.operator == "and" and isinstance(node.right, ast.DurationLiteral)
