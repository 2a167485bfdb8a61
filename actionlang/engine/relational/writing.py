"""The steps that change rows, worked out over a set: create, update, assign, move, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Site
from actionlang.engine.interpreter.constants import bare
from actionlang.engine.relational import rows
from actionlang.engine.relational.accesses import ANY, NEW, OWN, ROWS, TIED
from actionlang.engine.relational.conditions import emptiness, equality, negated, some, truth
from actionlang.engine.relational.levels import LATE
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.setscope import SetScope
from actionlang.engine.relational.state import Create, Delete, Event, KnownRow
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.metadata.tables import Default, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s

if TYPE_CHECKING:
    from actionlang.engine.relational.blocks import Ended, Frame


TEXT = t.Text()


def fitted(value: Sql, target: t.Type, scope: SetScope) -> Sql:
    """A value brought into a column's, parameter's or output's type."""
    if isinstance(target, t.Row):
        return rows.as_row(value, target, scope)
    if value.known is not None and value.known.value is None:
        return empty(target, scope)
    if isinstance(target, t.ListOf | t.Outputs):
        return value
    return scope.spelling.fit(value, target)


def empty(type_: t.Type, scope: SetScope) -> Sql:
    """Empty, of a type."""
    if isinstance(type_, t.Row):
        return rows.empty(type_, scope)
    return scope.spelling.fit(scope.spelling.literal(None, type_), type_)


def default_of(default: Default | None, type_: t.Type, scope: SetScope) -> Sql:
    """What stands in for a value that is not given."""
    if default is None:
        return empty(type_, scope)
    if default.function is not None:
        source: t.Type = t.DateTime() if default.function == "now" else t.Date()
        call = e.CallFunction(source, False, default.function, "", ())
        return fitted(scope.translate(call), type_, scope)
    return fitted(scope.spelling.literal(default.value, type_), type_, scope)


def site(step: s.Step, scope: SetScope) -> Site:
    """Where a step stands."""
    return Site(scope.verb.name, scope.verb.source, step.place, scope.stage)


def _given(table: Table, name: str, node: e.Expression, scope: SetScope) -> Sql:
    """A column's new value, which is not empty where the column must not be."""
    column = table.by_name[name]
    value = fitted(scope.translate(node), column.type, scope)
    # It fails here, not behind a guard that comes later in the step.
    forced = scope.compiler.forced(scope, value)
    if value.optional and not column.optional:
        _see_filled(table, name, forced, scope, refused_here=node.optional)
    return forced


def _see_filled(table: Table, name: str, value: Sql, scope: SetScope, *, refused_here: bool) -> None:
    """See that a required column is filled. It is not `refused_here` where the metadata promise that it is: then the database
    refuses it."""

    def told() -> Sql:
        return scope.spelling.literal(f"`{name}` of the {table.short_name} must not be empty.", TEXT)

    filled = negated(emptiness(value, scope), scope)
    scope.compiler.guard(scope, filled, codes.REQUIRED_EMPTY.id, told if refused_here else None)


# ---------------------------------------------------------------------------------------------------------- new rows


def create(step: s.Create, scope: SetScope, frame: Frame) -> Ended:
    """A new row: values as written, then defaults, then the key."""
    compiler = scope.compiler
    table = scope.schema.tables[step.table]
    if table.makes_key:
        raise NotRelational("the database makes the key of a new row, which is known only once the row is written")
    values: dict[str, Sql] = {name: _given(table, name, node, scope) for name, node in step.values}
    made_id = False
    number = len(compiler.creates)
    for column in table.columns:
        if column.name in values or column.readonly:
            continue
        if column.default is not None:
            values[column.name] = default_of(column.default, column.type, scope)
        elif column.moves is not None:
            values[column.name] = scope.spelling.literal(column.moves[0].state, column.type)
        elif column.primary and isinstance(column.type, t.Id):
            values[column.name] = Sql((f"{LATE}{number}{LATE}",), column.type, simple=True)
            made_id = True
        else:
            values[column.name] = empty(column.type, scope)
            if not column.optional:
                _see_filled(table, column.name, values[column.name], scope, refused_here=True)
    if any(column.name not in values for column in table.primary):
        raise NotRelational(f"the database itself makes the key of a new {table.short_name}")
    for name, value in values.items():
        values[name] = _on_the_way(value, scope)
    level = scope.level
    written = compiler.written(
        scope, f"new {table.short_name}", refusable=_may_be_refused(step, table, values, scope), takes_id=made_id
    )
    made = Create(number, level, table, written.made, written.reached, made_id)
    compiler.creates.append(made)
    key = Sql(
        tuple(cell for part in scope.storage.table(table.name).primary for cell in values[part.column.name].cells),
        t.Row((table.name,)),
        simple=True,
    )
    known = made.row = compiler.meet(table, level, key, NEW)
    known.created = made
    known.values = dict(values)
    compiler.write(known, ROWS, _part_of_new(values, scope))
    compiler.note_new_row(table)
    names = tuple(column.name for column in table.columns if not column.readonly)
    after = tuple(level.stage(values[name]) for name in names)
    compiler.record(Event(known, "create", site(step, scope), made.made, names, None, after))
    if step.row is not None:
        scope.bind(step.row, key)
    return ()


def _on_the_way(value: Sql, scope: SetScope) -> Sql:
    """A value that is worked out in any case, and only where the verb gets here."""
    if LATE in "".join(value.cells) and not all(LATE in cell or cell.startswith("NULL") for cell in value.cells):
        raise NotRelational("a new row's id is used in a value")
    return scope.compiler.worked_out(scope, value)


def _may_be_refused(step: s.Create, table: Table, values: dict[str, Sql], scope: SetScope) -> bool:
    """Whether the database may refuse a new row: it has a key of its own making, or a reference to what may not be there."""
    unique = {name for columns in (*table.keys, *table.uniques) for name in columns}
    told_apart = {*unique, *(name for name, _ in step.values if table.by_name[name].primary)}
    filled = (name for name, value in values.items() if value.known is None or value.known.value is not None)
    return not told_apart.isdisjoint(filled) or _may_refer_to_nothing(step.values, values, scope)


def _may_refer_to_nothing(
    given: Sequence[tuple[str, e.Expression]], values: Mapping[str, Sql], scope: SetScope
) -> bool:
    """Whether one of the values may be a row that is not there: one handed in from outside, or deleted. All others were read."""
    lookups = [(node, values[name]) for name, node in given if isinstance(values[name].type, t.Row)]
    handed_in = any(value.fixed and isinstance(bare(node), e.Local) for node, value in lookups)
    return handed_in or (bool(lookups) and bool(scope.compiler.memory.gone))


def _part_of_new(values: dict[str, Sql], scope: SetScope) -> str:
    """By which queries a new row can be found: where a lookup of it is its target, not by those of other targets that are
    tied by this lookup."""
    target = scope.compiler.target
    if target is None:
        return NEW
    for name, value in values.items():
        if isinstance(value.type, t.Row) and target.table.name in value.type.tables:
            wanted = rows.as_row(target.key, value.type, scope)
            if scope.compiler.identity(value.cells) == scope.compiler.identity(wanted.cells):
                return TIED + name
    return NEW


# ------------------------------------------------------------------------------------------------------- changed rows


def update(step: s.Update, scope: SetScope, frame: Frame) -> Ended:
    known = _row(step.row, scope)
    values = {name: _given(known.table, name, node, scope) for name, node in step.values}
    _change(step, "update", known, step.values, values, scope)
    return ()


def assign(step: s.Assign, scope: SetScope, frame: Frame) -> Ended:
    known = _row(step.row, scope)
    owner = known.table.owner
    assert owner is not None
    value = _given(known.table, owner.name, step.owner, scope)
    _change(step, "assign", known, ((owner.name, step.owner),), {owner.name: value}, scope)
    return ()


def move(step: s.Move, scope: SetScope, frame: Frame) -> Ended:
    known = _row(step.row, scope)
    table, status = known.table, known.table.status
    assert status is not None
    current = scope.column(known, status.name)
    sources = [moves.state for moves in status.moves or () if step.state in moves.targets]
    legal = some(
        [equality(current, scope.spelling.literal(state, status.type), True, scope) for state in sources], scope
    )

    def told() -> Sql:
        spelling = scope.spelling
        before, behind = f"The {table.short_name} is ", f" and can not move to {step.state}."
        pieces = (spelling.constant_text(before, TEXT), spelling.display(current), spelling.constant_text(behind, TEXT))
        return Sql((spelling.joined(pieces),), TEXT, fails=current.fails)

    scope.compiler.guard(scope, legal, codes.MOVE_REFUSED.id, told)
    _change(step, "move", known, (), {status.name: scope.spelling.literal(step.state, status.type)}, scope)
    return ()


def _row(node: e.Expression, scope: SetScope) -> KnownRow:
    """The row that a step changes."""
    assert isinstance(node.type, t.Row)
    row = rows.as_row(scope.translate(node), node.type, scope)
    if any(LATE in cell for cell in row.cells) is False and row.fails and not row.fixed:
        raise NotRelational("the row to change is looked for by a key that may not be there")
    known = scope.compiler.row(scope.schema.tables[node.type.tables[0]], row, scope)
    if known.level is not scope.level:
        raise NotRelational("a row from outside of the loop is changed in it")
    return known


def _change(
    step: s.Step,
    operation: str,
    known: KnownRow,
    given: Sequence[tuple[str, e.Expression]],
    values: dict[str, Sql],
    scope: SetScope,
) -> None:
    """Columns of a row get values, as they were `given`; what stays as it is leaves no record."""
    compiler, level, table = scope.compiler, scope.level, known.table
    _see_may_change(table, values, compiler.memory.gone)
    before = {name: scope.column(known, name) for name in values}
    after = {name: _on_the_way(value, scope) for name, value in values.items()}
    differs = {name: _differs(before[name], after[name], scope) for name in values}
    changed = some(list(differs.values()), scope)
    if changed.known is not None and not changed.known.value:
        return
    names = tuple(values)
    name, refusable = f"changed {table.short_name}", _may_refer_to_nothing(given, after, scope)
    made = compiler.written(scope, name, changed, refusable=refusable).made
    event = Event(
        known,
        operation,
        site(step, scope),
        made,
        names,
        tuple(level.stage(before[name]) for name in names),
        tuple(level.stage(after[name]) for name in names),
    )
    for name in names:
        known.values[name] = compiler.now_or_before(scope, after[name], before[name])
        known.written[name] = None
        compiler.write(known, name)
        if known.created is not None and isinstance(after[name].type, t.Row):
            compiler.write(known, ROWS)
    if known.created is None:
        known.changes.append(made)
    compiler.record(event)


def _differs(before: Sql, after: Sql, scope: SetScope) -> Sql:
    if any(LATE in cell for cell in (*before.cells, *after.cells)):
        if before.cells == after.cells:
            return truth(False, scope)
        raise NotRelational("a lookup to a new row is written over another value")
    return equality(before, after, False, scope)


def _see_may_change(table: Table, values: dict[str, Sql], gone: set[str]) -> None:
    unique = {name for columns in (*table.keys, *table.uniques) for name in columns}
    for name in values:
        column = table.by_name[name]
        if column.primary:
            raise NotRelational(f"`{name}`, a part of the primary key, is changed")
        if name in unique:
            raise NotRelational(f"`{name}` is unique, so that the order of the changes counts")
        if isinstance(column.type, t.Row) and not gone.isdisjoint(column.type.tables):
            raise NotRelational(f"`{name}` is changed after rows were deleted that it may have referred to")


# ------------------------------------------------------------------------------------------------------- deleted rows


def delete(step: s.Delete, scope: SetScope, frame: Frame) -> Ended:
    """A row goes. Whether others refer to it is for the database to see, so it must not matter who is deleted first."""
    compiler, level = scope.compiler, scope.level
    known = _row(step.row, scope)
    table = known.table
    if known.created is not None:
        raise NotRelational("a new row is deleted again")
    if not (known.part == OWN or known.part.startswith(TIED)):
        raise NotRelational(f"a {table.short_name} is deleted that two targets may reach")
    _see_no_references(known, scope)
    names = tuple(column.name for column in table.columns)
    before = tuple(level.stage(_before(known, name, scope)) for name in names)
    made = compiler.written(scope, f"deleted {table.short_name}", refusable=True).made
    for name in (*names, ROWS):
        # Whose rows those are that are deleted stays what it was.
        if known.part != TIED + name:
            compiler.write(known, name)
    _read_references(known, scope)
    compiler.note_deleted(table)
    known.deleted = True
    compiler.deletes.append(Delete(known, made))
    compiler.record(Event(known, "delete", site(step, scope), made, names, before, None))
    return ()


def _read_references(known: KnownRow, scope: SetScope) -> None:
    """Whether a row can be deleted depends on who refers to it, when its turn comes."""
    for other in scope.schema.tables.values():
        for column in other.columns:
            if isinstance(column.type, t.Row) and known.table.name in column.type.tables:
                scope.compiler.read(other, column.name, TIED + column.name if known.part == OWN else ANY)


def _before(known: KnownRow, name: str, scope: SetScope) -> Sql:
    if known.table.by_name[name].primary:
        return rows.of_row(known.key, name, scope)
    return scope.column(known, name)


def _see_no_references(known: KnownRow, scope: SetScope) -> None:
    """Rows that are deleted must not refer to each other, but for those tied to their target, which go first."""
    gone = [each.row.table for each in scope.compiler.deletes]
    for other in (known.table, *gone):
        for column in other.columns:
            if isinstance(column.type, t.Row) and known.table.name in column.type.tables:
                tied = any(each.row.part == TIED + column.name for each in scope.compiler.deletes)
                if other is known.table or not tied:
                    raise NotRelational(f"{other.short_name} rows that are deleted may refer to others that are")
    for column in known.table.columns:
        if isinstance(column.type, t.Row) and any(table.name in column.type.tables for table in gone):
            raise NotRelational(f"{known.table.short_name} rows that are deleted may refer to others that are")
