"""Hooks: steps that are hung on what happens to a table, or on a verb. Each is a verb without a name of its own."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from actionlang.check.body import Body
from actionlang.check.flow import check_statements
from actionlang.check.hung import Hook
from actionlang.check.names import listed, suggest
from actionlang.check.references import Kind
from actionlang.check.verbs import with_effects
from actionlang.diagnostics.catalogue import metadata as metadata_codes
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan.plan import Binding, Effects, Parameter, Verb
from actionlang.plan.woven import hook_name
from actionlang.syntax import ast

ROWLESS = {
    ("before", "create"): "before it is created",
    ("after", "delete"): "after it was deleted",
}
"""When there is no row that a hook could be on."""

HOOKABLE = ("action", "extern action")
"""Kinds of verbs that a hook can be on."""


def check_hook(node: ast.Hook, number: int, body: Body) -> Hook | None:
    """A hook with its steps; None after a complaint that leaves unknown what it is on. `number` counts the module's hooks on the
    same event of the same thing, from 1."""
    found = _on_verb(node, body) if node.event == "perform" else _on_table(node, body)
    name = hook_name(body.module, node.time, node.event, node.target.text, number)
    target, columns, binding, inputs = found or ("", (), None, ())
    performed = body.universe.verbs.get(target)
    outputs = performed.outputs if performed is not None and node.time == "after" else ()
    for parameter in inputs:
        kind = Kind.OUTPUT if parameter.name in {output.name for output in outputs} else Kind.PARAMETER
        body.given(parameter.name, parameter.type, parameter.optional, kind.value, (kind, f"{target}.{parameter.name}"))
    steps = check_statements(node.body.statements, body)
    body.complain_of_unused({})
    if found is None:
        return None
    source, line = body.reporter.source.name, body.reporter.source.position(node.start).line
    verb = Verb(name, "action", binding, inputs, (), (), False, False, None, "", Effects(), steps, source, line)
    return Hook(node.time, node.event, target, columns, with_effects(verb, body))


Target = tuple[str, tuple[str, ...], Binding | None, tuple[Parameter, ...]]
"""What a hook is on by its full name, the columns, the row and the parameters that its steps see."""


# --------------------------------------------------------------------------------------------------------------- tables


def _on_table(node: ast.Hook, body: Body) -> Target | None:
    table = body.table(node.target)
    row = node.target.text
    rowless = ROWLESS.get((node.time, node.event))
    if rowless is not None:
        body.absent[row] = f"There is no {row} here {rowless}."
    else:
        type_ = t.Unknown() if table is None else t.Row((table.name,))
        body.bind(ast.Name(node.target.start, node.target.end, row), type_, False, "row").used = True
    if table is None:
        return None
    columns = tuple(column.name for column in _columns(node, table, body))
    _complain_of_never(node, table, body)
    return table.name, columns, None if rowless else Binding(table.name, row), ()


def _columns(node: ast.Hook, table: Table, body: Body) -> Iterator[Column]:
    """The columns that a hook names, without those that are complained of."""
    if node.columns and node.event != "update":
        message = f"Only an update is of columns, and this is on {node.event}."
        body.report(metadata_codes.WRONG_MODIFIER, node.columns[0], message, "Leave the columns out.")
    for name in node.columns:
        column = table.by_name.get(name.text)
        if column is None:
            hint = suggest(name.text, table.by_name) or f"Its columns are {listed(table.by_name, 'and')}."
            message = f"{table.short_name} has no column {name.text}."
            fixes = body.respelt(name, name.text, table.by_name)
            body.report(name_codes.UNKNOWN_COLUMN, name, message, hint, (), fixes)
            continue
        if body.reporter.seen is not None:
            body.reporter.seen.use(Kind.COLUMN, f"{table.name}.{name.text}", name, name.text)
        reason = _never_updated(column)
        if reason is not None and node.event == "update":
            message = f"This is never set off by {name.text}, {reason[0]}."
            body.report(codes.HOOK_NEVER_FIRES, name, message, reason[1].format(time=node.time, table=node.target))
        yield column


def _never_updated(column: Column) -> tuple[str, str] | None:
    """Why no update sets a column, and what to write instead."""
    if column.moves is not None:
        return "which only a move changes", "Write on {time} move of {table}."
    if column.primary:
        return "the primary key, which never changes", "Name another column."
    return ("which the database sets", "Name another column.") if column.readonly else None


def _complain_of_never(node: ast.Hook, table: Table, body: Body) -> None:
    """Complain of an event that can not happen to a table."""
    lacks = {"move": ("status", table.status), "assign": ("owner", table.owner)}.get(node.event)
    if lacks is not None and lacks[1] is None:
        message = f"This is never set off: {table.short_name} has no {lacks[0]}."
        body.report(codes.HOOK_NEVER_FIRES, node.target, message, "Hang it on update of the table, or leave it out.")


# ---------------------------------------------------------------------------------------------------------------- verbs


def _on_verb(node: ast.Hook, body: Body) -> Target | None:
    if node.columns:
        message = "Only an update is of columns, and this is on perform."
        body.report(metadata_codes.WRONG_MODIFIER, node.columns[0], message, "Leave the columns out.")
    verb = body.verb(node.target)
    if verb is None:
        return None
    if verb.kind not in HOOKABLE:
        kind = verb.kind.removeprefix("extern ")
        what = "a background action" if kind == "background" else f"a {kind}"
        message = f"{verb.short_name} is {what}, and a hook is on an action."
        body.report(codes.NOT_A_VERB, node.target, message, "Hang it on an action that does the same.")
        return None
    if verb.binding is not None:
        row = verb.binding.row
        body.given(row, t.Row((verb.binding.table,)), False, "row", (Kind.TABLE, verb.binding.table))
    binding = verb.binding and Binding(verb.binding.table, verb.binding.row)
    return verb.name, (), binding, seen_by_hook(node.time, verb)


def seen_by_hook(time: str, verb: Verb) -> tuple[Parameter, ...]:
    """The parameters of a hook on a verb: those of the verb, and afterwards what it returned, which an input of the same name
    stands back for."""
    seen = {parameter.name: attrs.evolve(parameter, default=None) for parameter in verb.inputs}
    if time == "after":
        seen |= {output.name: output for output in verb.outputs}
    row = verb.binding.row if verb.binding else None
    return tuple(attrs.evolve(each, doc="") for name, each in seen.items() if name != row)
