"""Statements that steer: branches, loops, guards, and those that end a verb."""

from __future__ import annotations

from actionlang.check.body import Body, type_in_words
from actionlang.check.expressions import check_condition, check_expression, check_slot, check_text, unknown
from actionlang.check.flow import check_block, check_statements, check_way, skip
from actionlang.check.names import listed, suggest
from actionlang.check.queries import check_query
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.diagnostics.catalogue import types as type_codes
from actionlang.diagnostics.source import Span
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.facts import Facts, when
from actionlang.plan.flow import End, meet, written_in
from actionlang.syntax import ast
from actionlang.syntax.one_line import first_in_parentheses

# ---------------------------------------------------------------------------------------------------------- branches


def check_if(node: ast.If, body: Body) -> s.Step | None:
    """`if (...) < ... > else if (...) < ... > else < ... >`."""
    branches: list[s.Branch] = []
    ends: list[End] = []
    deleted = body.deleted
    for branch in node.branches:
        body.deleted = deleted
        condition = check_condition(branch.condition, body)
        body.note_asked(branch.condition, condition)
        otherwise = when(condition, False, body.facts)
        steps, end = check_way(branch.body, when(condition, True, body.facts), deleted, body)
        branches.append(s.Branch(condition, steps))
        ends.append(end)
        body.facts = otherwise
    steps, end = check_way(node.otherwise, body.facts, deleted, body)
    body.facts, body.deleted = meet([*ends, end])
    return s.If(body.reporter.place(node), tuple(branches), steps)


def check_attempt(node: ast.Attempt, body: Body) -> s.Step | None:
    """`attempt < ... > else < ... >`."""
    facts, deleted, inside = body.facts, body.deleted, body.in_else_of_attempt
    tried, tried_end = check_way(node.body, facts, deleted, body)
    body.in_else_of_attempt = True
    mended, mended_end = check_way(node.otherwise, facts, deleted, body)
    body.in_else_of_attempt = inside
    body.facts, body.deleted = meet([tried_end, mended_end])
    return s.Attempt(body.reporter.place(node), tried, mended)


def check_stage(node: ast.Stage, body: Body) -> s.Step | None:
    """`stage "Raise" < ... >`."""
    return s.Stage(body.reporter.place(node), node.title.value, check_block(node.body, body, is_stage=True))


def check_expect(node: ast.Expect, body: Body) -> s.Step | None:
    """`expect failure "..." < ... >`, in tests."""
    if body.kind != "test":
        hint = "To go on after a failure, write attempt < ... > else < ... >."
        body.report(codes.ONLY_IN_TEST, node, "Only a test expects a failure.", hint)
    message = None if node.message is None else check_text(node.message, body)
    facts, deleted = body.facts, body.deleted
    steps, _ = check_way(node.body, facts, deleted, body)
    body.facts, body.deleted = facts, deleted
    return s.Expect(body.reporter.place(node), message, steps)


# ------------------------------------------------------------------------------------------------------ find and loops


def check_find(node: ast.Find, body: Body) -> s.Step | None:
    """`find optional case as c where (...) order by ... else "..."`."""
    if node.optional and node.message is not None:
        message = "An optional find never fails, so it takes no else."
        hint = "Leave optional out, or leave else out and ask whether the row is empty."
        body.report(type_codes.WRONG_QUERY, node.message, message, hint)
    message_of_failure = None if node.message is None else check_text(node.message, body)
    before = body.facts
    query = check_query(node, node.table, node.alias, node.where, node.order, None, body)
    if query is None:
        _bind_unknown(node.alias or ast.Name(node.table.start, node.table.end, node.table.text), body)
        skip((node.where, node.order), body)
        return None
    local = body.locals[query.row]
    local.used = local.used or node.alias is None
    if node.optional:
        body.facts = before
        local.optional = True
        local.used = local.name.startswith("_")  # An optional find does nothing by itself.
        if body.reporter.seen is not None:
            body.reporter.seen.bind(node.alias or node.table, local.type, True, local.what)
    return s.Find(body.reporter.place(node), query, node.optional, message_of_failure)


def _bind_unknown(name: ast.Name, body: Body) -> None:
    if name.text not in body.locals:
        body.bind(name, t.Unknown(), False, "row").used = True


def check_for_each(node: ast.ForEach, body: Body) -> s.Step | None:
    """`for each c in case where (...) order by ... limit 5 < ... >`, also over a list."""
    table = table_of(node.source, body)
    return _for_each_item(node, body) if table is None else _for_each_row(node, table, body)


def table_of(source: ast.Expression, body: Body) -> ast.Qualified | None:
    """The table that a loop's source names; None when it is a value."""
    if isinstance(source, ast.NameExpression):
        local = body.locals.get(source.text)
        if local is not None and (isinstance(local.type, t.ListOf) or source.text not in body.names.tables):
            return None
        return ast.Qualified(source.start, source.end, None, source.text)
    if isinstance(source, ast.Path) and isinstance(source.target, ast.NameExpression):
        module = source.target.text
        if module not in body.locals and module in body.names.modules:
            return ast.Qualified(source.start, source.end, module, source.name.text)
    return None


def _for_each_row(node: ast.ForEach, table: ast.Qualified, body: Body) -> s.Step | None:
    facts, deleted = body.facts, body.deleted
    with body.block():
        query = check_query(node, table, node.name, node.where, node.order, node.limit, body)
        if query is None:
            _bind_unknown(node.name, body)
            skip((node.where, node.order, node.limit), body)
        steps = _loop_body(node, body)
    _behind_loop(node, facts, deleted, body)
    return None if query is None else s.ForEachRow(body.reporter.place(node), query, steps)


def _for_each_item(node: ast.ForEach, body: Body) -> s.Step | None:
    items = check_expression(node.source, body)
    type_: t.Type = t.Unknown()
    if isinstance(items.type, t.ListOf):
        items = (
            check_slot(node.source, body, items.type, False, "what for each goes through") if items.optional else items
        )
        type_ = items.type.item if isinstance(items.type, t.ListOf) else type_
    elif not isinstance(items.type, t.Unknown):
        hint = "Go through a table, for each c in case, or through a parameter of the type list of ..."
        message = f"There is nothing to go through: this is {type_in_words(items.type)}."
        body.report(type_codes.NOT_A_LIST, node.source, message, hint)
    tail = next((part for part in (node.where, *node.order, node.limit) if part is not None), None)
    if tail is not None:
        message = "A list is gone through as it is: where, order by and limit belong to a table."
        body.report(type_codes.WRONG_QUERY, tail, message, "Put an if into the block instead.")
        skip((node.where, node.order, node.limit), body)
    facts, deleted = body.facts, body.deleted
    with body.block():
        body.bind(node.name, type_, False, "name")
        steps = _loop_body(node, body)
    _behind_loop(node, facts, deleted, body)
    if isinstance(type_, t.Unknown):
        return None
    return s.ForEachItem(body.reporter.place(node), node.name.text, items, steps)


def _loop_body(node: ast.ForEach, body: Body) -> tuple[s.Step, ...]:
    """A loop's steps. What they write may have been written before them by an earlier turn; what that is, is known only
    when they have been checked once, so they are checked again if it matters."""
    writes = body.loop_writes.get(node.start)
    if writes is None:
        complaints, deleted, locals_ = len(body.reporter.diagnostics), body.deleted, dict(body.locals)
        facts = body.facts
        steps = check_statements(node.body.statements, body)
        writes = written_in(steps, body.universe.verbs, body.universe.tables)
        writes |= set() if body.hung is None else body.hung.writes_in(steps)
        body.loop_writes[node.start] = writes
        if facts.after_writes(writes) is facts:
            return steps
        del body.reporter.diagnostics[complaints:]
        body.facts, body.deleted, body.locals = facts, deleted, locals_
    body.facts = body.facts.after_writes(writes)
    return check_statements(node.body.statements, body)


def _behind_loop(node: ast.ForEach, facts: Facts, deleted: frozenset[str], body: Body) -> None:
    body.facts, body.deleted = facts.after_writes(body.loop_writes[node.start]), deleted


# ----------------------------------------------------------------------------------------------- names, guards and ends


def check_let(node: ast.Let, body: Body) -> s.Step | None:
    """`let total = ...`."""
    value = check_expression(node.value, body)
    if isinstance(value.type, t.Empty | t.Outputs):
        if isinstance(value.type, t.Empty):
            message, hint = f"{node.name.text} would be empty, of no type.", "Write empty where it is wanted."
        else:
            message = f"{node.name.text} would be all that a verb returned, which is no value."
            hint = "Name one of its outputs, after a dot."
        body.report(type_codes.WRONG_TYPE, node.value, message, hint)
        value = unknown()
    body.bind(node.name, value.type, value.optional, "name")
    if body.reporter.seen is not None:
        body.reporter.seen.infer(node.name, value.type, value.optional)
    return None if isinstance(value.type, t.Unknown) else s.Let(body.reporter.place(node), node.name.text, value)


def check_require(node: ast.Require, body: Body) -> s.Step | None:
    """`require (...) else "..."`."""
    condition = check_condition(node.condition, body)
    body.note_asked(node.condition, condition)
    facts = body.facts
    message = None
    if node.message is not None:
        body.facts = when(condition, False, facts)
        message = check_text(node.message, body)
    body.facts = when(condition, True, facts)
    written = first_in_parentheses(body.reporter.source.text[node.start : node.end])
    return s.Require(body.reporter.place(node), condition, message, written)


def check_fail(node: ast.Fail, body: Body) -> s.Step | None:
    """`fail "..."`."""
    message = check_text(node.message, body)
    body.facts = body.facts.dead()
    return s.Fail(body.reporter.place(node), message)


def check_stop(node: ast.Stop, body: Body) -> s.Step | None:
    """`stop`."""
    check_outputs_set(node.span, frozenset(), body)
    body.facts = body.facts.dead()
    return s.Stop(body.reporter.place(node))


def check_return(node: ast.Return, body: Body) -> s.Step | None:
    """`return ticket: task`."""
    outputs = {output.name: output for output in body.outputs}
    first: dict[str, ast.Name] = {}
    values: list[tuple[str, e.Expression]] = []
    for written in node.outputs:
        name = written.name.text
        output = outputs.get(name)
        if output is None:
            hint = suggest(name, outputs) or (
                f"Its outputs are {listed(outputs, 'and')}." if outputs else f"Declare it: returns ({name} TYPE)."
            )
            fixes = body.respelt(written.name, name, outputs)
            body.report(name_codes.UNKNOWN_OUTPUT, written.name, f"The verb has no output {name}.", hint, (), fixes)
            skip(written.value, body)
            continue
        if body.reporter.seen is not None and name in body.output_places:
            at = body.output_places[name].start
            body.reporter.seen.use_bound(at, written.name, name, output.type, output.optional)
        value = check_slot(written.value, body, output.type, output.optional, f"the output {name}")
        known = first.setdefault(name, written.name)
        if known is not written.name:
            places = ((known.span, "first set here"),)
            message = f"The output {name} is set twice."
            body.report(type_codes.ARGUMENT_TWICE, written.name, message, "Leave one of the two out.", places)
        else:
            values.append((name, value))
    check_outputs_set(node.span, frozenset(first), body)
    body.facts = body.facts.dead()
    return s.Return(body.reporter.place(node), tuple(values))


def check_outputs_set(place: Span, given: frozenset[str], body: Body) -> None:
    """See that a way out of the verb sets the outputs that callers rely on."""
    missing = [output.name for output in body.outputs if output.name not in given and not output.optional]
    if missing:
        word = "output" if len(missing) == 1 else "outputs"
        message = f"The verb ends here without the {word} {listed(missing, 'and')}."
        hint = f"Write return {', '.join(f'{name}: ...' for name in missing)}, or mark the output optional."
        places = tuple((body.output_places[name], "declared here") for name in missing if name in body.output_places)
        body.report(codes.MISSING_OUTPUT, place, message, hint, places)
