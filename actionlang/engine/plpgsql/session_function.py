"""The function of a plan that lives in a session: a run's one call. It lets every failure through, for whoever calls it runs the
plan once more, step by step, to tell of it."""

from __future__ import annotations

import hashlib

import attrs

from actionlang.engine.failure import Site
from actionlang.engine.plpgsql.changes import ARRAYS, CLEAR, Noted, told
from actionlang.engine.plpgsql.emit_sites import EmitSite
from actionlang.engine.plpgsql.emitting import EVENT_LISTS, record_events
from actionlang.engine.plpgsql.expressions import RULES
from actionlang.engine.plpgsql.frames import (
    function_body,
    keep_key,
    outputs_json,
    see_conforming,
    select_row,
    target_row,
)
from actionlang.engine.plpgsql.function import Function
from actionlang.engine.plpgsql.json_texts import written
from actionlang.engine.plpgsql.performing import write_verb
from actionlang.engine.plpgsql.records import record_changes, record_run
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.plpgsql.support_functions import support_statements
from actionlang.engine.plpgsql.writing import Block
from actionlang.engine.relational import rows
from actionlang.engine.relational.value import Sql
from actionlang.engine.sql.storage import Storage
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan.plan import StepPlan

HERE = "pg_temp"
FIXED = (
    ("run_", "text"),
    ("started_", "text"),
    ("clock_", "text"),
    ("now_", "timestamptz"),
    ("zone_", "text"),
    ("today_", "date"),
    ("caller_json_", "text"),
    ("arguments_", "text"),
    ("ids_", "text"),
    ("base_", "bigint"),
    ("stride_", "bigint"),
)
"""Parameters that every function has, in this order, before those for the caller, the row and the arguments."""

NOT_THERE = "RAISE EXCEPTION USING ERRCODE = 'AL000', MESSAGE = 'a row that was named is not there';"


@attrs.frozen
class SessionFunction:
    """A function, and how it is called and read.

    `statements` make it. `parameters` are all its parameters' types, in order: the fixed ones, `caller` cells for the caller, a
    number that says by which of `keys` the row is named, the cells of each of these keys, then the cells of each input.
    """

    name: str
    statements: tuple[str, ...]
    parameters: tuple[str, ...]
    caller: int
    keys: tuple[tuple[str, ...], ...]
    sites: tuple[Site, ...]
    noted: dict[int, Noted]
    has_clear: bool
    emitted: dict[int, EmitSite]


def session_function(plan: StepPlan, plan_hash: str, storage: Storage, key: str | None = None) -> SessionFunction:
    """The function of a plan for one session. `key` tells apart plans of one hash, which is what is recorded.

    Raises NotRelational when a database can not do what the plan does with the same meaning.
    """
    name = f"{HERE}.al_run_{hashlib.sha256((key or plan_hash).encode()).hexdigest()[:24]}"
    function = Function(plan, HERE, storage, answers=True)
    block = Block()
    scope = ServerScope(function, plan.verb, block, RULES)
    parameters = [*FIXED]
    callers = _caller(parameters, scope)
    keys, row_key = _target(parameters, scope)
    _inputs(parameters, scope)
    write_verb(scope)
    _end(row_key, plan_hash, scope)
    body = function_body(function, block, {})
    listed = ", ".join(f"{each} {type_}" for each, type_ in parameters)
    statement = f"CREATE OR REPLACE FUNCTION {name}({listed})\nRETURNS text LANGUAGE plpgsql AS {body}"
    return SessionFunction(
        name,
        (*support_statements(function.support_names, HERE), statement),
        tuple(type_ for _, type_ in parameters),
        callers,
        keys,
        tuple(function.sites),
        {noted.site: noted for noted in function.noted},
        function.has_secrets,
        {each.site: each for each in function.emitted},
    )


def _caller(parameters: list[tuple[str, str]], scope: ServerScope) -> int:
    user = t.Row(("core.user",))
    if user.tables[0] not in scope.schema.tables:
        return 0
    types = scope.function.cell_types(user)
    names = ["caller_"] if len(types) == 1 else [f"caller_{at}_" for at, _ in enumerate(types)]
    parameters += zip(names, (scope.function.variable_type(type_) for type_ in types), strict=True)
    _see_there(scope.schema.tables[user.tables[0]], tuple(names), scope, optional=True)
    return len(names)


def _see_there(table: Table, key: tuple[str, ...], scope: ServerScope, *, optional: bool) -> None:
    """Write that a row that was named is seen to be there."""
    alias = scope.new_alias()
    where = rows.keyed(table, alias, key, scope)
    block = scope.block
    if optional:
        # Not in one condition: that would be a query, which is begun even where there is nothing to ask.
        block = block.inside(f"IF {key[0]} IS NOT NULL THEN", "END IF;")
    there = f"EXISTS (SELECT 1 FROM {scope.named(table, alias)} WHERE {where})"
    block.inside(f"IF NOT {there} THEN", "END IF;").say(NOT_THERE)


def _target(parameters: list[tuple[str, str]], scope: ServerScope) -> tuple[tuple[tuple[str, ...], ...], str | None]:
    """Find the row that the verb is on, by whichever of its keys it is named; gives the keys, the primary one first, and what
    records hold of its key, as SQL."""
    binding = scope.verb.binding
    if binding is None:
        return (), None
    table = scope.schema.tables[binding.table]
    stored = scope.storage.table(table.name)
    row = target_row(table, binding.row, scope)
    primary = tuple(column.name for column in table.primary)
    known = [primary]
    for columns in table.keys:
        if columns != primary and not any(isinstance(table.by_name[name].type, t.Row) for name in columns):
            known.append(columns)
    parameters.append(("how_", "integer"))
    for number, columns in enumerate(known):
        cells = [cell for name in columns for cell in stored.columns[name].cells]
        names = [f"key_{number}_{at}_" for at, _ in enumerate(cells)]
        parameters += zip(names, (scope.function.variable_type(cell.type) for cell in cells), strict=True)
        alias = scope.new_alias()
        where = " AND ".join(
            scope.spelling.same(
                f"{alias}.{scope.spelling.quoted(cell.name)}", scope.spelling.writing(cell, name), cell.type, False
            )
            for cell, name in zip(cells, names, strict=True)
        )
        scope.block.say(f"{'ELSIF' if number else 'IF'} how_ = {number} THEN")
        inner = Block()
        inner.say_later(lambda where=where, alias=alias: [select_row(row, where, alias, scope)])  # type: ignore[misc]
        scope.block.put(inner)
    scope.block.say("END IF;")
    scope.block.inside("IF NOT FOUND THEN", "END IF;").say(NOT_THERE)
    row_key = keep_key(row, scope)
    see_conforming(row, scope)
    return tuple(known), row_key


def _inputs(parameters: list[tuple[str, str]], scope: ServerScope) -> None:
    for number, each in enumerate(scope.verb.inputs):
        types = scope.function.cell_types(each.type)
        names = tuple(f"input_{number}_{at}_" for at, _ in enumerate(types))
        parameters += zip(names, (scope.function.variable_type(type_) for type_ in types), strict=True)
        value = Sql(names, each.type, each.optional, simple=True)
        scope.values[each.name] = scope.spelling.sized(value, each.type)
        scope.function.parameters.update(names)
        if isinstance(each.type, t.Row):
            optional = each.optional or len(each.type.tables) > 1
            for table, cells, _ in rows.parts(value, scope):
                _see_there(scope.schema.tables[table], cells, scope, optional=optional)


def _end(row_key: str | None, plan_hash: str, scope: ServerScope) -> None:
    """Record the run, and give outputs, changes and events."""
    scope.block.say(record_run(plan_hash, row_key, scope), *record_changes(scope), *record_events(scope))
    function = scope.function
    lists = [*ARRAYS, *(CLEAR if function.has_secrets else ())]
    pieces = ["'['", outputs_json(scope), "',['"]
    pieces += [told(each, scope) for each in function.noted if each.single is not None]
    pieces.append("'null]'")
    if function.emitted:
        pieces += [piece for name in EVENT_LISTS for piece in ("','", f"coalesce(array_to_json({name})::text, 'null')")]
    if any(each.single is None for each in function.noted):
        parts = written([piece for array in lists for piece in ("','", f"array_to_json({array})")])
        scope.block.inside("IF cardinality(sites_) > 0 THEN", "END IF;").say(f"lists_ := {parts};")
        pieces.append("lists_")
    pieces.append("']'")
    scope.block.say(f"RETURN {written(pieces)};")
