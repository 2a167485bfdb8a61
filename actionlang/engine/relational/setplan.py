"""A verb over a set of targets: worked out, then written as statements."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.engine.relational import blocks, writing
from actionlang.engine.relational.accesses import OWN
from actionlang.engine.relational.attempts import Attempted
from actionlang.engine.relational.compiling import Compiler
from actionlang.engine.relational.constants import Evaluator, Unknown
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.setscope import SetScope, row_constant
from actionlang.engine.relational.spelling import Spelling
from actionlang.engine.relational.state import Bound, Emitted
from actionlang.engine.relational.statements import Check, Ids, Statement, Targets, Writer
from actionlang.engine.relational.value import Sql
from actionlang.engine.sql.storage import Storage
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan.plan import Parameter, StepPlan


@attrs.frozen
class Selection:
    """Which rows a verb runs on: those for which a condition holds (the verb's own name for its row being the row), those
    whose keys stand in a table (with key columns `k1`, `k2` ...), or one row. All of them with none of these. Those whose keys
    stand in the table `without` are left out."""

    where: e.Expression | None = None
    keys: str | None = None
    row: RowRef | None = None
    without: str | None = None


@attrs.frozen
class SetPlan:
    """The statements of a verb over a set, in the order in which they run: `staging` first, then `checks` (queries that must
    give no row), then `writes` and `audit`. `outputs` is the query of what the verb returns, by target; `output_values` are
    the values that its cells make up, the first `target_values` of them being the target itself. `cleaning` drops what staging
    made. `left_out` gives the keys of targets at which a guard does not hold, where those are to be left out; then
    `left_out_checks`, asked of what is staged, must give no row. `attempts` says what parts the rows at each attempt. `events`
    put what is emitted into the outbox, after all else; `event_numbers` asks which of `emitted` each event is, in their order."""

    staging: tuple[Statement, ...]
    checks: tuple[Check, ...]
    writes: tuple[Statement, ...]
    audit: tuple[Statement, ...]
    outputs: str
    output_values: tuple[Sql, ...]
    target_values: int
    cleaning: tuple[str, ...]
    left_out: str | None = None
    left_out_checks: tuple[Check, ...] = ()
    attempts: tuple[Attempted, ...] = ()
    events: tuple[Statement, ...] = ()
    emitted: tuple[Emitted, ...] = ()
    event_numbers: str | None = None


@attrs.frozen
class Known:
    """What is known of a run before it begins: how SQL is spelt, how rows are stored, the plan; the text of the run's id,
    what new ids are made of, the tables (full names) that SQLite gives a rowid, and the text of the present moment."""

    plan: StepPlan
    spelling: Spelling
    storage: Storage
    run: str
    ids: Ids
    with_rowid: frozenset[str] = frozenset()
    moment: str = ":moment"


def make_set_plan(
    known: Known,
    evaluator: Evaluator | Unknown,
    arguments: Mapping[str, object],
    selection: Selection,
    *,
    leaves_out: bool = False,
) -> SetPlan:
    """Work a verb out over a set of targets.

    Raises NotRelational where it is not proved that a set run means the runs one after another.
    """
    verb = known.plan.verb
    if verb.kind == "background":
        raise NotRelational("a background action is committed unit by unit")
    if verb.kind not in ("action", "function", "test") or verb.kind == "test":
        raise NotRelational(f"{verb.short_name} is run by the host")
    if known.spelling.name != "sqlite" and any(each.sensitive and each.name in arguments for each in verb.inputs):
        raise NotRelational("a sensitive argument would stand in a statement, which a server may log")
    table = known.storage.schema.tables[verb.binding.table] if verb.binding else None
    alone = table is None or selection.row is not None
    compiler = Compiler(known.plan, known.spelling, known.storage, evaluator, alone=alone)
    level = compiler.new_level(table, None)
    scope = SetScope(compiler, level, verb)
    targets = Targets()
    if table is not None and verb.binding is not None:
        key = scope.key_of(level.row, table)
        level.joined[table.name, *key.cells] = level.row
        scope.bind(verb.binding.row, key)
        targets = _targets(table, key, selection, compiler, verb.binding.row)
        targets = _without(targets, key, selection, compiler, table)
        compiler.target = compiler.meet(table, level, key, OWN)
    for parameter in verb.inputs:
        scope.bind(parameter.name, _argument(parameter, arguments, compiler, scope))
    frame = blocks.Frame(verb)
    blocks.block(verb.steps, scope, frame)
    outputs = blocks.returned(frame, scope)
    doubtful = set() if alone else compiler.accesses.apart()
    writer = Writer(compiler, scope, known.run, known.moment, known.ids, known.with_rowid, targets, leaves_out)
    writes, audit, events = writer.writes(), writer.audit(), writer.events()
    checks = writer.checks(doubtful)
    target = [] if compiler.target is None else [Bound(level, compiler.target.key)]
    values = [*target, *(outputs[output.name] for output in verb.outputs)]
    query = writer.outputs(values)
    left_out = writer.left_out() if leaves_out else None
    left_out_checks = writer.left_out_checks() if leaves_out else []
    return SetPlan(
        tuple(writer.staging()),
        tuple(checks),
        tuple(writes),
        tuple(audit),
        query,
        tuple(bound.value for bound in values),
        len(target),
        tuple(writer.cleaning()),
        left_out,
        tuple(left_out_checks),
        tuple(
            sorted(set(compiler.trials.told), key=lambda each: (each.at.verb, each.at.place.line, each.at.place.column))
        ),
        tuple(events),
        tuple(compiler.emitted),
        writer.event_numbers(),
    )


def keys_query(known: Known, selection: Selection) -> str:
    """The query that gives the targets' keys (`k1`, `k2` ...) in order.

    Raises NotRelational where the condition has no form in SQL.
    """
    verb = known.plan.verb
    assert verb.binding is not None
    table = known.storage.schema.tables[verb.binding.table]
    compiler = Compiler(known.plan, known.spelling, known.storage, Unknown(), alone=True)
    level = compiler.new_level(table, None)
    scope = SetScope(compiler, level, verb)
    key = scope.key_of(level.row, table)
    level.joined[table.name, *key.cells] = level.row
    targets = _targets(table, key, selection, compiler, verb.binding.row)
    if compiler.evaluator.names:  # type: ignore[union-attr]
        raise NotRelational("the condition asks for more than the row")
    for number, text in enumerate(key.cells, 1):
        level.staged[text] = f"k{number}"
    writer = Writer(compiler, scope, known.run, known.moment, known.ids, frozenset(), targets)
    return writer.select_targets()


def _argument(parameter: Parameter, arguments: Mapping[str, object], compiler: Compiler, scope: SetScope) -> Sql:
    if compiler.explaining:
        return compiler.named(
            e.Local(parameter.type, parameter.optional, parameter.name), f"the argument `{parameter.name}`", scope
        )
    if parameter.name in arguments:
        value = compiler.known_value(arguments[parameter.name], parameter.type, scope)
        return value if isinstance(parameter.type, t.ListOf) else writing.fitted(value, parameter.type, scope)
    return writing.default_of(parameter.default, parameter.type, scope)


def _targets(table: Table, key: Sql, selection: Selection, compiler: Compiler, name: str) -> Targets:
    """The rows to run on, as a condition. What it reads is read before the first target's run, so it is none of theirs."""
    level = compiler.levels[0]
    chooser = SetScope(compiler, level, compiler.plan.verb)
    spelling = compiler.spelling
    cells = compiler.storage.table(table.name).key_cells
    if selection.row is not None:
        wanted = row_constant(selection.row, t.Row((table.name,)), chooser)
        conditions = [
            spelling.same(one, spelling.writing(cell, other), cell.type, False)
            for one, other, cell in zip(key.cells, wanted.cells, cells, strict=True)
        ]
        return Targets(" AND ".join(conditions))
    if selection.keys is not None:
        condition = " AND ".join(
            spelling.same(text, f"chosen.k{number}", cell.type, False)
            for number, (text, cell) in enumerate(zip(key.cells, cells, strict=True), 1)
        )
        return Targets(None, (f"JOIN {selection.keys} AS chosen ON {condition}",))
    if selection.where is None:
        return Targets()
    with compiler.choosing():
        compiler.meet(table, level, key, OWN)
        chooser.bind(name, key)
        condition = chooser.translate(selection.where).text
    joins = tuple(level.joins)
    level.joins.clear()
    return Targets(condition, joins)


def _without(targets: Targets, key: Sql, selection: Selection, compiler: Compiler, table: Table) -> Targets:
    """The targets but for those that are left out."""
    if selection.without is None:
        return targets
    cells = compiler.storage.table(table.name).key_cells
    same = " AND ".join(
        compiler.spelling.same(text, f"gone.k{number}", cell.type, False)
        for number, (text, cell) in enumerate(zip(key.cells, cells, strict=True), 1)
    )
    condition = f"NOT EXISTS (SELECT 1 FROM {selection.without} AS gone WHERE {same})"
    return attrs.evolve(targets, where=condition if targets.where is None else f"({targets.where}) AND {condition}")
