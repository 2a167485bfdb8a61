"""`a.b`: columns of rows, outputs of verbs, members of choices, what a failure said."""

from __future__ import annotations

from actionlang.check.body import Body, type_in_words
from actionlang.check.dispatch import check_expression, unknown
from actionlang.check.excerpt import named
from actionlang.check.foreign_words import method_meant
from actionlang.check.names import listed, short, suggest
from actionlang.check.references import Kind
from actionlang.check.slots import complain_of_several
from actionlang.check.words import member, narrowed
from actionlang.diagnostics.catalogue import names as codes
from actionlang.diagnostics.catalogue import statements as statement_codes
from actionlang.diagnostics.catalogue import types as type_codes
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column
from actionlang.plan import expressions as e
from actionlang.syntax import ast

FAILURE_MESSAGE = e.FailureMessage(t.Text(), False)


def check_path(node: ast.Path, body: Body, wanted: t.Type | None) -> e.Expression:
    """A path: the column of a row, unless its first word is no local."""
    target = node.target
    if target.__class__ is ast.NameExpression:
        if target.text not in body.locals:
            found = _named(node, target.text, body)
            if found is not None:
                return found
    elif target.__class__ is ast.Path:
        found = _qualified_member(node, target, body)
        if found is not None:
            return found
    value = check_expression(target, body)
    kind = value.type.__class__
    if kind is t.Row:
        return _column(value, node, body)
    if kind is t.Outputs:
        return _output(value, node, body)
    if kind is t.Unknown:
        return value
    if isinstance(value.type, t.Choice) and node.name.text in body.universe.choices[value.type.name].by_name:
        return member(value.type.name, node, node.name.text, body)
    message = f"{named(target, body)} is {type_in_words(value.type)}, and only a row has columns."
    meant = method_meant(node, None, node, body)
    hint = meant.hint if meant else "Name a column of a row, or leave out what stands behind the dot."
    body.report(type_codes.NOT_A_ROW, target, message, hint, (), meant.fixes if meant else ())
    return unknown()


# ------------------------------------------------------------------------------------------- names that are no locals


def _named(node: ast.Path, first: str, body: Body) -> e.Expression | None:
    """`failure.message`, `Priority.high`, or a complaint about a table or module that stands where a value should."""
    if first == "failure" and node.name.text == "message":
        if body.in_else_of_attempt:
            return FAILURE_MESSAGE
        message = "There is no failure here: failure.message is known in the else of an attempt."
        hint = "Put it there: attempt < ... > else < ... failure.message ... >"
        body.report(statement_codes.OUTSIDE_ATTEMPT, node, message, hint)
        return unknown()
    names = body.names
    if first in names.choices:
        name = ast.Qualified(node.target.start, node.target.end, None, first)
        choice = body.resolve(name, "choices", codes.UNKNOWN_NAME, "choice")
        return unknown() if choice is None else member(choice, node, node.name.text, body)
    if first in names.modules and first not in names.tables:
        message = f"{first}.{node.name.text} is no value."
        hint = "A value is a row, a column of one, or what let named."
        body.report(codes.UNKNOWN_NAME, node, message, hint)
        return unknown()
    return None


def _qualified_member(node: ast.Path, target: ast.Path, body: Body) -> e.Expression | None:
    """`helpdesk.Priority.high`, and for a status `case.status.open` where no row is named `case`."""
    first = target.target
    if not isinstance(first, ast.NameExpression) or first.text in body.locals:
        return None
    module = body.names.modules.get(first.text)
    if module is not None and target.name.text in module.choices:
        name = ast.Qualified(target.start, target.end, first.text, target.name.text)
        choice = body.resolve(name, "choices", codes.UNKNOWN_NAME, "choice")
        return unknown() if choice is None else member(choice, node, node.name.text, body)
    for full in body.names.tables.get(first.text, ()):
        column = body.universe.tables[full].by_name.get(target.name.text)
        if column is not None and isinstance(column.type, t.Choice):
            if body.reporter.seen is not None:
                body.reporter.seen.use(Kind.TABLE, full, first, first.text)
                body.reporter.seen.use(Kind.COLUMN, f"{full}.{column.name}", target, column.name, column.type)
            return member(column.type.name, node, node.name.text, body)
    return None


# ------------------------------------------------------------------------------------------------ columns and outputs


def _column(row: e.Expression, node: ast.Path, body: Body) -> e.Expression:
    assert isinstance(row.type, t.Row)
    tables = row.type.tables
    name = node.name.text
    column = body.universe.tables[tables[0]].by_name.get(name)
    optional = row.optional
    if len(tables) > 1:
        column = _common(row, node, body)
        optional = optional or any(body.universe.tables[table].by_name[name].optional for table in tables if column)
    elif column is None:
        _complain_of_unknown(tables, node, body)
    else:
        optional = optional or column.optional
    if column is None:
        return unknown()
    kind = column.type.__class__
    if kind is t.File:
        body.unavailable.append(("file", f"{short(tables[0])}.{name}"))
    value = unknown() if kind is t.Unknown else narrowed(e.Column(column.type, optional, row, name), body)
    if body.reporter.seen is not None:
        for table in tables:
            body.reporter.seen.use(Kind.COLUMN, f"{table}.{name}", node, name, value.type, value.optional)
    return value


def _common(row: e.Expression, node: ast.Path, body: Body) -> Column | None:
    """The column that all tables of a row share with one type; None after a complaint."""
    assert isinstance(row.type, t.Row)
    name = node.name.text
    tables = [body.universe.tables[table] for table in row.type.tables]
    columns = [table.by_name.get(name) for table in tables]
    having = [table.name for table, column in zip(tables, columns, strict=True) if column is not None]
    if not having:
        _complain_of_unknown(row.type.tables, node, body)
        return None
    types = {column.type for column in columns if column is not None}
    if len(having) == len(tables) and len(types) == 1:
        return columns[0]
    if len(having) < len(tables):
        why = f"and only {listed(map(short, having), 'and')} has the column {name}"
    else:
        why = f"and the column {name} is of another type in each"
    complain_of_several(row.type, node.target, body, why, having[0])
    return None


def _complain_of_unknown(tables: tuple[str, ...], node: ast.Path, body: Body) -> None:
    name = node.name.text
    columns = [column for table in tables for column in body.universe.tables[table].by_name]
    hint = suggest(name, columns) or f"Its columns are {listed(dict.fromkeys(columns), 'and')}."
    fixes = body.respelt(node.name, name, columns)
    body.report(codes.UNKNOWN_COLUMN, node.name, f"{listed(map(short, tables))} has no column {name}.", hint, (), fixes)


def _output(result: e.Expression, node: ast.Path, body: Body) -> e.Expression:
    assert isinstance(result.type, t.Outputs)
    name = node.name.text
    verb = body.universe.verbs[result.type.verb]
    for output in verb.outputs:
        if output.name == name:
            if body.reporter.seen is not None:
                full = f"{verb.name}.{name}"
                body.reporter.seen.use(Kind.OUTPUT, full, node, name, output.type, output.optional)
            if isinstance(output.type, t.Unknown):
                return unknown()
            return narrowed(e.OutputOf(output.type, output.optional, result, name), body)
    outputs = [output.name for output in verb.outputs]
    hint = suggest(name, outputs)
    if hint is None:
        hint = f"Its outputs are {listed(outputs, 'and')}." if outputs else f"{verb.short_name} returns nothing."
    fixes = body.respelt(node.name, name, outputs)
    body.report(codes.UNKNOWN_OUTPUT, node.name, f"{verb.short_name} has no output {name}.", hint, (), fixes)
    return unknown()


def qualified(node: ast.Expression) -> ast.Qualified | None:
    """The name of a table or verb that an expression is, with its module if one is written; None for anything else."""
    if isinstance(node, ast.NameExpression):
        return ast.Qualified(node.start, node.end, None, node.text)
    if isinstance(node, ast.Path) and isinstance(node.target, ast.NameExpression):
        return ast.Qualified(node.start, node.end, node.target.text, node.name.text)
    return None
