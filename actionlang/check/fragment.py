"""What is typed at a prompt, checked in a session: statements that see the names bound so far, expressions and queries."""

from __future__ import annotations

import attrs

from actionlang.check.body import Body, LocalName, Reporter
from actionlang.check.control_statements import table_of
from actionlang.check.expressions import check_expression
from actionlang.check.flow import check_statements
from actionlang.check.names import Names, Universe
from actionlang.check.program import CheckedModule, guarded, in_order
from actionlang.check.queries import check_query
from actionlang.check.statements import RULES
from actionlang.check.verbs import with_effects
from actionlang.diagnostics.catalogue import types as type_codes
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.diagnostics.source import Span
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Effects, Parameter, Verb
from actionlang.syntax import ast
from actionlang.syntax.parser import ParsedQuery, ParsedSteps

VALUE = "value"
"""The output that an expression's value is in."""


@attrs.frozen
class Environment:
    """What a prompt's input can see: a module's names and all that they stand for, and the names bound so far. What the flow
    has shown of these is not kept: an optional one may be empty again."""

    module: str
    names: Names
    universe: Universe
    locals: tuple[Parameter, ...] = ()

    @classmethod
    def of(cls, module: CheckedModule, locals_: tuple[Parameter, ...] = ()) -> Environment:
        """What input sees that is typed as if at the end of a module."""
        return cls(module.name, module.names, module.universe, locals_)


@attrs.frozen
class CheckedFragment:
    """Input, checked. `verb` runs it: it takes the names bound so far and returns the new ones, `bound`; None when there are
    errors. An expression's verb returns `value`. For a query, `query` is set too, and the verb goes through its rows
    without doing anything."""

    verb: Verb | None
    bound: tuple[Parameter, ...]
    diagnostics: tuple[Diagnostic, ...]
    query: e.Query | None = None


def check_fragment(parsed: ParsedSteps, environment: Environment) -> CheckedFragment:
    """Check statements typed at a prompt. Never raises."""
    body = _body(Reporter(parsed.source), environment)
    before = dict(body.locals)
    steps: tuple[s.Step, ...] = ()
    end = len(parsed.source.text)
    with guarded(ast.Node(0, end), body.reporter):
        steps = check_statements(parsed.statements, body)
    bound: tuple[Parameter, ...] = ()
    if not body.facts.unreachable:
        new = (local for name, local in body.locals.items() if name not in before)
        bound = tuple(Parameter(local.name, local.type, local.optional) for local in new)
        values = tuple((each.name, e.Local(each.type, each.optional, each.name)) for each in bound)
        steps = (*steps, s.Return(body.reporter.place(ast.Node(end, end)), values))
    diagnostics = in_order(parsed.diagnostics, body.reporter.diagnostics)
    if _wrong(diagnostics):
        return CheckedFragment(None, (), diagnostics)
    return CheckedFragment(_verb(steps, bound, environment, body), bound, diagnostics)


def check_query_input(parsed: ParsedQuery, environment: Environment) -> CheckedFragment:
    """Check an expression or query typed at a prompt. Never raises."""
    body = _body(Reporter(parsed.source), environment)
    found: tuple[tuple[s.Step, ...], tuple[Parameter, ...], e.Query | None] = ((), (), None)
    if parsed.query is not None:
        with guarded(parsed.query, body.reporter):
            found = _query_or_value(parsed.query, body)
    steps, outputs, query = found
    diagnostics = in_order(parsed.diagnostics, body.reporter.diagnostics)
    if _wrong(diagnostics) or not steps:
        return CheckedFragment(None, (), diagnostics)
    return CheckedFragment(_verb(steps, outputs, environment, body), (), diagnostics, query)


def _query_or_value(
    node: ast.QueryInput, body: Body
) -> tuple[tuple[s.Step, ...], tuple[Parameter, ...], e.Query | None]:
    """The steps, outputs and query of an input."""
    place = body.reporter.place(node)
    tailed = bool(node.alias or node.where or node.order or node.limit)
    table = table_of(node.value, body)
    if isinstance(node.value, ast.NameExpression) and not tailed:
        known = node.value.text in body.names.tables and node.value.text not in body.locals
        table = table if known else None
    if table is None:
        if tailed:
            message = "Only a table is asked with where, order by and limit."
            body.report(type_codes.WRONG_QUERY, node, message, "Begin with a table: case where (case.status = open).")
        value = check_expression(node.value, body)
        if isinstance(value.type, t.Empty):
            hint = "Ask for a value: a column, an output, a result."
            body.report(type_codes.WRONG_TYPE, node, "This is empty, of no type.", hint)
        output = Parameter(VALUE, value.type, value.optional)
        return (*_unavailable(place, body), s.Return(place, ((VALUE, value),))), (output,), None
    query = check_query(node, table, node.alias, node.where, node.order, node.limit, body)
    if query is None:
        return (), (), None
    return (*_unavailable(place, body), s.ForEachRow(place, query, ())), (), query


def _unavailable(place: s.Place, body: Body) -> tuple[s.Step, ...]:
    return tuple(s.Unavailable(place, feature, text) for feature, text in dict.fromkeys(body.unavailable))


def _body(reporter: Reporter, environment: Environment) -> Body:
    body = Body(reporter, environment.universe, environment.names, environment.module, "action", rules=RULES)
    for each in environment.locals:
        body.locals[each.name] = LocalName(each.name, each.type, each.optional, Span(0, 0), "name", used=True)
    return body


def _wrong(diagnostics: tuple[Diagnostic, ...]) -> bool:
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def _verb(steps: tuple[s.Step, ...], outputs: tuple[Parameter, ...], environment: Environment, body: Body) -> Verb:
    name, source = f"{environment.module}.input", body.reporter.source.name
    verb = Verb(
        name, "action", None, environment.locals, outputs, (), False, False, None, "", Effects(), steps, source, 1
    )
    return with_effects(verb, body)
