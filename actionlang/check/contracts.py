"""Contracts: what a verb is on, what it takes and returns, who may run it. Made before any verb's steps are checked."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.check.body import Body
from actionlang.check.choices import complain_of_second
from actionlang.check.defaults import check_default
from actionlang.check.deprecation import read_until
from actionlang.check.modifiers import read_modifiers, refuse
from actionlang.check.names import HostFunction
from actionlang.check.references import Kind, References
from actionlang.check.type_names import read_type
from actionlang.diagnostics.catalogue import metadata as metadata_codes
from actionlang.diagnostics.catalogue import names as codes
from actionlang.diagnostics.catalogue import syntax as syntax_codes
from actionlang.metadata import types as t
from actionlang.plan.plan import Binding, Effects, Parameter, Verb
from actionlang.plan.woven import written_name
from actionlang.syntax import ast

ONCE = ("system", "private", "deprecated")
"""Clauses that say all there is to say the first time."""


def check_contract(node: ast.Action, full: str, body: Body) -> Verb:
    """The verb that a declaration makes, as yet without steps and effects."""
    if node.name.qualifier is not None and node.kind != "override":
        message = "A verb is declared by its name alone: its module is the file."
        hint = f"Write {node.name.text}, or override action {node.name} to replace the steps of the module's verb."
        body.report(syntax_codes.UNEXPECTED_TOKEN, node.name, message, hint)
    binding = None if node.binding is None else _binding(node.binding, body)
    clauses = _clauses(node.clauses, body)
    deprecated = next((clause for clause in clauses if clause.word == "deprecated"), None)
    words = {clause.word for clause in clauses}
    inputs, outputs = check_inputs(node.parameters, binding, body), _outputs(node.returns, body)
    if body.reporter.seen is not None:
        if node.kind != "override":  # Its name is a use of what it overrides, and its parameters are those of that one.
            body.reporter.seen.declare(Kind.VERB, full, node.name, doc=node.doc)
        contract = written_name(full)
        _declare(Kind.PARAMETER, node.parameters, inputs, contract, body.reporter.seen)
        _declare(Kind.OUTPUT, node.returns, outputs, contract, body.reporter.seen)
    return Verb(
        full,
        node.kind,
        binding,
        inputs,
        outputs,
        tuple(clause.text or "" for clause in clauses if clause.word == "requires"),
        "system" in words,
        "private" in words,
        None if deprecated is None else deprecated.text,
        node.doc,
        Effects(),
        (),
        body.reporter.source.name,
        body.reporter.source.position(node.start).line,
        until=read_until(deprecated, body.reporter),
    )


def _declare(
    kind: Kind, written: Iterable[ast.Parameter], made: Iterable[Parameter], verb: str, seen: References
) -> None:
    """Note where parameters or outputs are declared."""
    places = {node.name.text: node.name for node in reversed(tuple(written))}
    for each in made:
        seen.declare(kind, f"{verb}.{each.name}", places[each.name], each.type, each.optional, each.doc)


def host_function(node: ast.Action, verb: Verb) -> HostFunction:
    """The function of the host that a declaration in the prelude describes."""
    output = verb.outputs[0]
    return HostFunction(node.name.text, verb.inputs, output.type, output.optional, node.doc)


def _binding(node: ast.Binding, body: Body) -> Binding | None:
    table = body.table(node.table)
    return None if table is None else Binding(table.name, node.table.text, node.each)


def _clauses(clauses: Iterable[ast.Clause], body: Body) -> list[ast.Clause]:
    found: list[ast.Clause] = []
    for clause in clauses:
        same = next((each for each in found if each.word == clause.word), None)
        if same is not None and (clause.word in ONCE or any(each == clause.text for each in _texts(found))):
            places = ((same.span, "first said here"),)
            message = "This is said twice."
            body.report(metadata_codes.WRONG_MODIFIER, clause, message, "Leave one of the two out.", places)
        else:
            found.append(clause)
    return found


def _texts(clauses: Iterable[ast.Clause]) -> set[str | None]:
    return {clause.text for clause in clauses if clause.word == "requires"}


def check_inputs(written: Iterable[ast.Parameter], binding: Binding | None, body: Body) -> tuple[Parameter, ...]:
    """A verb's parameters, each name once."""
    first: dict[str, ast.Name] = {}
    found: list[Parameter] = []
    for node in written:
        name = node.name.text
        if not complain_of_second(node.name, first, f"There are two parameters named {name}.", body.reporter):
            continue
        if binding is not None and binding.row == name:
            message = f"The name {name} is taken: it is the row that the verb is on."
            body.report(codes.NAME_TAKEN, node.name, message, "Give the parameter another name.")
            continue
        found.append(_input(node, body))
    return tuple(found)


def _input(node: ast.Parameter, body: Body) -> Parameter:
    name = node.name.text
    type_ = read_type(node.type, body)
    modifiers = read_modifiers(node.modifiers, f"The parameter {name}", body.reporter)
    optional, written = "optional" in modifiers, modifiers.get("default")
    default = None
    if written is not None and written.value is not None:
        default = check_default(written.value, body, type_, optional, f"the parameter {name}")
    deprecated = modifiers.get("deprecated")
    if deprecated is not None and not optional and written is None:
        message = f"The parameter {name} is deprecated, and yet callers have to give it."
        body.report(metadata_codes.WRONG_MODIFIER, deprecated, message, "Make it optional, or give it a default.")
    text = None if deprecated is None else deprecated.text
    until = read_until(deprecated, body.reporter)
    return Parameter(name, type_, optional, default, "sensitive" in modifiers, node.doc, text, until)


def _outputs(written: Iterable[ast.Parameter], body: Body) -> tuple[Parameter, ...]:
    first: dict[str, ast.Name] = {}
    found: list[Parameter] = []
    for node in written:
        name = node.name.text
        if not complain_of_second(node.name, first, f"There are two outputs named {name}.", body.reporter):
            continue
        modifiers = read_modifiers(node.modifiers, f"The output {name}", body.reporter)
        hint = f"Mark it optional, and let the caller say what counts: {name} otherwise ..."
        refuse(
            modifiers,
            ("default",),
            f"The output {name} has a default, which only a parameter has.",
            body.reporter,
            hint,
        )
        message = f"The output {name} is deprecated, which only a parameter is: nobody sees who reads it."
        refuse(modifiers, ("deprecated",), message, body.reporter)
        optional, sensitive = "optional" in modifiers, "sensitive" in modifiers
        found.append(Parameter(name, read_type(node.type, body), optional, None, sensitive, node.doc))
    return tuple(found)


def bind_contract(node: ast.Action, verb: Verb, body: Body) -> None:
    """Bring a verb's row and parameters into scope."""
    if verb.binding is not None and node.binding is not None:
        place = node.binding.table
        body.bind(
            ast.Name(place.start, place.end, verb.binding.row), t.Row((verb.binding.table,)), False, "row"
        ).used = True
    elif node.binding is not None:
        place = node.binding.table
        body.bind(ast.Name(place.start, place.end, place.text), t.Unknown(), False, "row").used = True
    inputs = {parameter.name: parameter for parameter in verb.inputs}
    told = node.kind in ("override", "extern action", "extern function") or verb.private
    for written in node.parameters:
        parameter = inputs.pop(written.name.text, None)
        if parameter is not None:
            local = body.bind(written.name, parameter.type, parameter.optional, "parameter")
            local.used = local.used or told or parameter.deprecated is not None
