"""Statements that change rows: create, update, delete, assign, move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actionlang.check.body import Body
from actionlang.check.expressions import check_row, check_slot
from actionlang.check.flow import skip
from actionlang.check.hung import EVENTS
from actionlang.check.names import listed, suggest
from actionlang.check.references import Kind
from actionlang.check.setting import complain_of_and, left_out, moved
from actionlang.check.sketches import with_columns
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.facts import Known, path_of
from actionlang.plan.flow import (
    Value,
    created_known,
    must_be_given,
    states_before,
    states_of,
    through,
    values_known,
    written_in,
)
from actionlang.syntax import ast


def complain_if_function(node: ast.Statement, what: str, body: Body) -> None:
    """A function writes nothing."""
    if body.kind == "function":
        body.report(codes.FUNCTION_WRITES, node, f"A function writes nothing, and this {what}.", "Make it an action.")


# ------------------------------------------------------------------------------------------------------------- create


def check_create(node: ast.Create, body: Body) -> s.Step | None:
    """`create case as c set title = "..."`."""
    complain_if_function(node, "creates a row", body)
    table = body.table(node.table)
    if table is None:
        skip(node.assignments, body)
        if node.alias is not None:
            body.bind(node.alias, t.Unknown(), False, "row")
        return None
    _check_status_unset(node, table, body)
    _set_off("before", "create", table, body)
    values = _values(node.assignments, table, body)
    _complain_of_missing(node, table, body)
    alias = None
    if node.alias is not None:
        alias = body.bind(node.alias, t.Row((table.name,)), False, "row").name
        body.facts = body.facts.learn(*created_known(alias, table, values))
    _set_off("after", "create", table, body)
    return s.Create(body.reporter.place(node), table.name, alias, values)


def _check_status_unset(node: ast.Create, table: Table, body: Body) -> None:
    status = table.status
    if status is None or body.kind == "test":
        return
    for assignment in node.assignments:
        if assignment.column.text == status.name:
            message = f"A new {table.short_name} is {states_of(status)[0]}: its status is never set."
            body.report(codes.STATUS_BY_UPDATE, assignment, message, _move_instead(node, assignment, status, body))


def _move_instead(node: ast.Create, assignment: ast.Assignment, status: Column, body: Body) -> str:
    """What to write instead of setting a new row's status."""
    state = body.reporter.source.text[assignment.value.start : assignment.value.end]
    if state == states_of(status)[0]:
        return "Leave it out."
    row = node.alias.text if node.alias is not None else "row"
    return f"Leave it out, and move the row then: move {row} to {state}. Only a test may set a status."


def _complain_of_missing(node: ast.Create, table: Table, body: Body) -> None:
    given = {assignment.column.text for assignment in node.assignments}
    missing = [column.name for column in table.columns if column.name not in given and must_be_given(column)]
    if missing:
        word = "column" if len(missing) == 1 else "columns"
        message = f"A new {table.short_name} needs a value for the {word} {listed(missing, 'and')}."
        hint = f"Add {', '.join(f'{name} = ...' for name in missing)} to what it sets."
        sketch = with_columns(node, missing, body)
        hint = f"{hint.rstrip('.')}: {sketch}" if sketch else hint
        body.report(codes.MISSING_COLUMN, node.table, message, hint)


def _values(assignments: Sequence[ast.Assignment], table: Table, body: Body) -> tuple[Value, ...]:
    """What columns are set to; columns that can not be set are complained about and left out."""
    first: dict[str, ast.Name] = {}
    values: list[Value] = []
    for assignment in assignments:
        name = assignment.column.text
        column = table.by_name.get(name)
        if column is None:
            hint = suggest(name, table.by_name) or f"Its columns are {listed(table.by_name, 'and')}."
            message = f"{table.short_name} has no column {name}."
            fixes = body.respelt(assignment.column, name, table.by_name)
            body.report(name_codes.UNKNOWN_COLUMN, assignment.column, message, hint, (), fixes)
            skip(assignment.value, body)
            continue
        if body.reporter.seen is not None:
            full = f"{table.name}.{name}"
            body.reporter.seen.use(Kind.COLUMN, full, assignment.column, name, column.type, column.optional)
        if complain_of_and(assignment, table, body):
            continue
        value = check_slot(assignment.value, body, column.type, column.optional, f"the column {name}")
        known = first.setdefault(name, assignment.column)
        if known is not assignment.column:
            places = ((known.span, "first set here"),)
            body.report(
                codes.COLUMN_TWICE,
                assignment.column,
                f"The column {name} is set twice.",
                "Leave one of the two out.",
                places,
            )
        elif column.readonly:
            message = f"The column {name} of {table.short_name} is set by the database alone."
            fixes = left_out(assignments, assignment)
            body.report(codes.READONLY_COLUMN, assignment.column, message, "Leave it out.", (), fixes)
        else:
            values.append((name, value))
            if isinstance(column.type, t.File):
                body.unavailable.append(("file", f"{table.short_name}.{name}"))
    return tuple(values)


# --------------------------------------------------------------------------------------------------- update and delete


def _row(node: ast.Expression, body: Body, what: str) -> tuple[e.Expression, Table] | None:
    """A row that a statement changes, and its table; None after a complaint."""
    row = check_row(node, body, what)
    if row is None or not isinstance(row.type, t.Row):
        return None
    return row, body.universe.tables[row.type.tables[0]]


def _set_off(time: str, event: str, table: Table, body: Body, columns: Sequence[str] = ()) -> None:
    """Forget what hooks on an event may have changed."""
    body.facts = body.facts.after_writes(body.hooks_write(time, event, table, columns))


def _changed(step: s.Update | s.Assign | s.Move, table: Table, body: Body, *news: Known) -> s.Step:
    """Forget what a step's writes may have changed, then learn what it set; not of a row reached through a column that the
    step wrote, or a hook before it, for that may be another row now. Then forget what hooks after it may have changed."""
    event = EVENTS[type(step)]
    columns = [name for name, _ in step.values] if isinstance(step, s.Update) else []
    writes = written_in((step,), body.universe.verbs, body.universe.tables)
    body.facts = body.facts.after_writes(writes)
    path = path_of(step.row)
    if path is not None and not through(path, writes | body.hooks_write("before", event, table, columns)):
        body.facts = body.facts.learn(*news)
    _set_off("after", event, table, body, columns)
    return step


def check_update(node: ast.Update, body: Body) -> s.Step | None:
    """`update case set priority = high`."""
    complain_if_function(node, "updates a row", body)
    found = _row(node.row, body, "the row to update")
    if found is None:
        skip(node.assignments, body)
        return None
    row, table = found
    _set_off("before", "update", table, body, [each.column.text for each in node.assignments])
    values = _values(node.assignments, table, body)
    kept = {
        assignment.column.text
        for assignment in node.assignments
        if not _complain_of_fixed(assignment.column, table, node, body)
    }
    values = tuple(value for value in values if value[0] in kept)
    if not values:
        return None
    path = path_of(row)
    step = s.Update(body.reporter.place(node), row, values)
    return _changed(step, table, body, *(values_known(path, table, values) if path else ()))


def _complain_of_fixed(name: ast.Name, table: Table, node: ast.Update, body: Body) -> bool:
    """Complain of a column that no update changes; whether it is one."""
    column = table.by_name.get(name.text)
    if column is None:
        return False
    if column.moves is not None:
        source = body.reporter.source.text
        assigned = next(each for each in node.assignments if each.column is name)
        state = source[assigned.value.start : assigned.value.end]
        hint = f"Write move {source[node.row.start : node.row.end]} to {state}."
        body.report(
            codes.STATUS_BY_UPDATE,
            assigned,
            f"Only a move changes the {name.text} of {table.short_name}.",
            hint,
            fixes=moved(node, assigned, body),
        )
    elif column.primary and not column.readonly:  # a readonly one has been complained of
        message = f"{name.text} is the primary key, which never changes."
        body.report(codes.KEY_COLUMN, name, message, "Create another row instead.")
    return column.moves is not None or column.primary


def check_delete(node: ast.Delete, body: Body) -> s.Step | None:
    """`delete case`."""
    complain_if_function(node, "deletes a row", body)
    found = _row(node.row, body, "the row to delete")
    if found is None:
        return None
    row, table = found
    for time in ("before", "after"):
        _set_off(time, "delete", table, body)
    if isinstance(row, e.Local):
        body.deleted |= {row.name}
        body.locals[row.name].deleted_at = node.span
    return s.Delete(body.reporter.place(node), row)


# ---------------------------------------------------------------------------------------------------- assign and move


def check_assign(node: ast.Assign, body: Body) -> s.Step | None:
    """`assign case to team("Tier 2")`."""
    complain_if_function(node, "assigns a row", body)
    found = _row(node.row, body, "the row to assign")
    if found is None:
        skip(node.owner, body)
        return None
    row, table = found
    if table.owner is None:
        hint = f"Give the table an owner: owner owner; or update a column of {table.short_name} that names the user."
        body.report(codes.NO_OWNER, node.row, f"{table.short_name} has no owner, so it can not be assigned.", hint)
        skip(node.owner, body)
        return None
    _set_off("before", "assign", table, body)
    owner = check_slot(node.owner, body, t.OWNER, table.owner.optional, f"the owner of {table.short_name}")
    return _changed(s.Assign(body.reporter.place(node), row, owner), table, body)


def check_move(node: ast.Move, body: Body) -> s.Step | None:
    """`move case to resolved`."""
    complain_if_function(node, "moves a row", body)
    found = _row(node.row, body, "the row to move")
    if found is None:
        return None
    row, table = found
    status = table.status
    if status is None:
        hint = f"Give the table a status: status < open -> done; done >; or update a column of {table.short_name}."
        body.report(codes.NO_STATUS, node.row, f"{table.short_name} has no status, so it can not be moved.", hint)
        return None
    state = node.state.text
    if state not in states_of(status):
        hint = suggest(state, states_of(status)) or f"Its states are {listed(states_of(status), 'and')}."
        fixes = body.respelt(node.state, state, states_of(status))
        body.report(name_codes.UNKNOWN_MEMBER, node.state, f"{table.short_name} has no state {state}.", hint, (), fixes)
        return None
    if body.reporter.seen is not None:
        body.reporter.seen.use(Kind.MEMBER, f"{table.name}.{status.name}.{state}", node.state, state, status.type)
    _set_off("before", "move", table, body)
    _complain_of_impossible(node, status, states_before(status, row, body.facts), table, body)
    path = path_of(e.Column(status.type, False, row, status.name))
    news = () if path is None else (Known(path, True, None, frozenset({state})),)
    return _changed(s.Move(body.reporter.place(node), row, state), table, body, *news)


def _complain_of_impossible(node: ast.Move, status: Column, before: Iterable[str], table: Table, body: Body) -> None:
    """Complain of a move that none of the states allows that the row may be in here."""
    state, moves = node.state.text, {each.state: each.targets for each in status.moves or ()}
    possible = [each for each in moves if each in set(before)]
    if any(state in moves[each] for each in possible):
        return
    sources = [each for each, targets in moves.items() if state in targets]
    if len(possible) == len(moves) or not possible:
        message = f"A {table.short_name} never moves to {state}."
    else:
        message = f"The {table.short_name} is {listed(possible)} here, and never moves from there to {state}."
    hint = f"Only from {listed(sources)} it moves to {state}." if sources else "Declare the move in the table's status."
    body.report(codes.IMPOSSIBLE_MOVE, node, message, hint)
