"""A verb as a script for PostgreSQL: run once, it makes a function that any client of the database can call."""

from __future__ import annotations

import attrs

from actionlang.engine.plpgsql.contract import Contract, refusal
from actionlang.engine.plpgsql.emitting import record_events
from actionlang.engine.plpgsql.expressions import RULES
from actionlang.engine.plpgsql.failures import CAUGHT, tell_failure
from actionlang.engine.plpgsql.frames import (
    function_body,
    keep_key,
    outputs_json,
    see_conforming,
    select_row,
    target_row,
)
from actionlang.engine.plpgsql.function import Function
from actionlang.engine.plpgsql.json_texts import json_object, json_of
from actionlang.engine.plpgsql.performing import write_verb
from actionlang.engine.plpgsql.records import moment_text, record_changes, record_run
from actionlang.engine.plpgsql.row_variables import RowVariable
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.plpgsql.support_functions import support_statements
from actionlang.engine.plpgsql.writing import Block
from actionlang.engine.relational import rows
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.spelling import quoted_text
from actionlang.engine.relational.value import Sql
from actionlang.engine.sql.dialect import quoted
from actionlang.engine.sql.storage import Storage
from actionlang.metadata import types as t
from actionlang.plan.plan import Parameter, StepPlan, Verb

DECLARED = {
    "run_": "text",
    "now_": "timestamptz",
    "today_": "date",
    "zone_": "text",
    "clock_": "text",
    "started_": "text",
    "arguments_": "text",
    "caller_json_": "text",
    "ids_": "text",
    "base_": "bigint",
    "stride_": "bigint",
    "begun_": "text[]",
    "message_": "text",
    "verb_": "text",
    "place_": "text",
}
ZONE = "^[A-Za-z][A-Za-z0-9_]*(/[A-Za-z0-9_+-]+)*$"
"""Names of time zones. Offsets are left out: databases and the rest of the world read their signs in opposite ways."""


def script(plan: StepPlan, plan_hash: str, storage: Storage, schema: str) -> str:
    """The script that makes a plan's function in a schema of the database.

    Raises NotRelational for what a database can not do with the same meaning.
    """
    name, place = plan.verb.name, quoted(schema)
    if len(name.encode()) > 63:
        raise NotRelational(f"{name} is longer than a name in PostgreSQL may be")
    function = Function(plan, place, storage, answers=False)
    block = Block()
    scope = ServerScope(function, plan.verb, block, RULES)
    contract = Contract(scope)
    write_function(plan, plan_hash, contract)
    types = {**DECLARED, "caller_": _caller_type(scope)}
    body = function_body(function, block, types)
    head = ",\n".join(f"  {each.declared(quoted(each.name))}" for each in contract.given)
    signature = f"{place}.{quoted(name)}"
    return "\n".join(
        [
            f"-- {name} for PostgreSQL, compiled by ActionLang. Run this once, as the owner of the tables: psql -f FILE DATABASE",
            "-- It needs the verb's tables and those of the audit records, which `actionlang tables create` makes.",
            f"-- Call it so: SELECT {signature}({_example(contract)});",
            "BEGIN;",
            "SET LOCAL standard_conforming_strings = on;",
            f"CREATE SCHEMA IF NOT EXISTS {place};",
            _drop_others(schema, name, contract),
            *(f"{statement};" for statement in support_statements(function.support_names, place)),
            f"CREATE OR REPLACE FUNCTION {signature}(\n{head}\n)\nRETURNS jsonb LANGUAGE plpgsql AS {body};",
            f"COMMENT ON FUNCTION {signature} IS {quoted_text(_comment(plan.verb))};",
            "COMMIT;",
            "",
        ]
    )


def _example(contract: Contract) -> str:
    return ", ".join(f"{quoted(each.name)} => ..." for each in contract.given if not each.optional)


def _drop_others(schema: str, name: str, contract: Contract) -> str:
    """The statement that drops a function of the verb with another contract, which would else stay beside the new one."""
    names = ", ".join(quoted_text(each.name) for each in contract.given)
    types = ", ".join(quoted_text(each.type) for each in contract.given)
    return (
        "DO $drop$\nDECLARE\n  other regprocedure;\nBEGIN\n"
        "  FOR other IN SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p\n"
        "    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace\n"
        f"    WHERE n.nspname = {quoted_text(schema)} AND p.proname = {quoted_text(name)} AND (\n"
        f"      p.proargnames IS DISTINCT FROM ARRAY[{names}]::text[] OR p.proargtypes::regtype[]::text[] <> "
        f"ARRAY(SELECT x::regtype::text FROM unnest(ARRAY[{types}]) AS x))\n"
        "  LOOP\n    EXECUTE 'DROP FUNCTION ' || other;\n  END LOOP;\nEND\n$drop$;"
    )


def _comment(verb: Verb) -> str:
    lines = [verb.doc] if verb.doc else []
    for each in verb.inputs:
        about = " (optional)" if each.optional else " (has a default)" if each.default is not None else ""
        lines.append(f"{each.name}: {each.type}{about}{f'. {each.doc}' if each.doc else ''}")
    lines.append('Gives {"outcome": "done", "run", "outputs"} or {"outcome": "failed", "run", "code", "message", ...}.')
    return "\n".join(lines)


def write_function(plan: StepPlan, plan_hash: str, contract: Contract) -> None:
    """Write the body: what was given, the run, its records, its result."""
    scope, verb = contract.scope, plan.verb
    block = scope.block
    key = (
        None
        if verb.binding is None
        else contract.row_parameters(scope.schema.tables[verb.binding.table], verb.binding.row)
    )
    ordered = sorted(verb.inputs, key=lambda each: each.optional or each.default is not None)
    _begin(contract, ordered)
    row = None if key is None else _find_row(key, scope)
    row_key = None if row is None else keep_key(row, scope)
    block.say("BEGIN")
    with scope.within_block():
        if row is not None:
            see_conforming(row, scope)
        write_verb(scope)
        scope.block.say(record_run(plan_hash, row_key, scope), *record_changes(scope), *record_events(scope))
    block.say(CAUGHT)
    with scope.within_block():
        _tell(plan_hash, row_key, contract)
    block.say("END;")
    block.say(f"RETURN jsonb_build_object('outcome', 'done', 'run', run_, 'outputs', {outputs_json(scope)}::jsonb);")


def _find_row(key: tuple[str, ...], scope: ServerScope) -> RowVariable:
    """Write that the row with a key is found, read and locked. Where there is none the call is no run."""
    verb, block = scope.verb, scope.block
    assert verb.binding is not None
    table = scope.schema.tables[verb.binding.table]
    row = target_row(table, verb.binding.row, scope)
    alias = scope.new_alias()
    where = rows.keyed(table, alias, key, scope)
    block.say_later(lambda: [select_row(row, where, alias, scope)])
    names = " and ".join(column.name for column in table.primary)
    wanted = f"{verb.short_name} is on an existing {table.short_name}, by its {names}"
    shown = [scope.text(f"{wanted}.")]
    if not any(column.sensitive for column in table.primary):
        shown = [scope.text(f"{wanted}, not "), f"concat_ws(', ', {', '.join(key)})", scope.text(".")]
    block.inside("IF NOT FOUND THEN", "END IF;").say(refusal(scope.spelling.joined(shown)))
    return row


def _begin(contract: Contract, inputs: list[Parameter]) -> None:
    """Write what comes first: the clock, ids, the caller, the arguments."""
    scope = contract.scope
    block = scope.block
    # The numbers of the verb's own parameters come first; what is seen of them needs the clock, for defaults.
    early = Block()
    scope.block = Block()
    for each in inputs:
        contract.input(each)
    late = scope.block
    scope.block = early
    caller = contract.add(contract.free("caller"), _caller_type(scope), optional=True)
    at = contract.add(contract.free("at"), "timestamptz", optional=True)
    zone = contract.add(contract.free("zone"), "text", optional=True)
    early.say(
        f"begun_ := {scope.function.support('begun')}();",
        "run_ := begun_[1]; ids_ := begun_[2]; base_ := begun_[3]::bigint; stride_ := begun_[4]::bigint;",
        f"started_ := {moment_text('begun_[5]::timestamptz')};",
        f"now_ := coalesce({at}, begun_[5]::timestamptz);",
    )
    range_ = "TIMESTAMPTZ '0001-01-01T00:00:00Z' AND TIMESTAMPTZ '9999-12-31T23:59:59.999999Z'"
    contract.refuse(f"now_ NOT BETWEEN {range_}", scope.text("The moment of a run is one of the years 1 to 9999."))
    early.say(f"clock_ := {moment_text('now_')};", f"zone_ := coalesce({zone}, 'UTC');")
    wrong = scope.spelling.joined([scope.text("There is no time zone "), "zone_", scope.text(".")])
    contract.refuse(f"zone_ !~ {quoted_text(ZONE)}", wrong)
    early.say("IF zone_ = 'UTC' THEN")
    early.say("  today_ := (now_ AT TIME ZONE 'UTC')::date;", "ELSE", "  BEGIN")
    early.say("    today_ := (now_ AT TIME ZONE zone_)::date;", "  EXCEPTION WHEN invalid_parameter_value THEN")
    early.say(f"    {refusal(wrong)}", "  END;", "END IF;")
    early.say(f"caller_ := {caller};")
    user = t.Row(("core.user",))
    shown = Sql(("caller_",), user, optional=True, simple=True)
    if user.tables[0] in scope.schema.tables:
        contract.see_there(shown, "The caller is", caller, sensitive=False)
        early.say(f"IF caller_ IS NOT NULL THEN caller_json_ := {json_of(shown, scope)}; END IF;")
    else:
        early.say("caller_json_ := to_json(caller_)::text;")
    scope.block = block
    block.join(early)
    block.join(late)
    given = {name: (name, [value], condition) for name, value, condition in contract.members}
    members = [given[each.name] for each in scope.verb.inputs]
    block.say(f"arguments_ := {json_object(members, scope)};")


def _caller_type(scope: ServerScope) -> str:
    """The type of what names the user who calls. Where the plan does not know users, whoever calls is believed."""
    if "core.user" not in scope.schema.tables:
        return "text"
    cells = scope.function.cell_types(t.Row(("core.user",)))
    if len(cells) != 1:
        raise NotRelational("users have a key of several columns")
    return scope.function.variable_type(cells[0])


def _tell(plan_hash: str, row_key: str | None, contract: Contract) -> None:
    """Write what is done when the run fails: all its writes are undone already; its record is written, its failure told."""
    scope = contract.scope
    function, block = scope.function, scope.block
    tell_failure("message_", 0, scope)
    block.say_later(lambda: _masking(scope))
    places = {
        number: f"{site.source}:{site.place.line}:{site.place.column}" for number, site in enumerate(function.sites, 1)
    }
    verbs = {number: site.verb for number, site in enumerate(function.sites, 1)}
    block.say(f"place_ := {_by_site(places, scope)};", f"verb_ := {_by_site(verbs, scope)};")
    code = "'E0' || substr(state_, 3)"
    block.say(record_run(plan_hash, row_key, scope, (code, "message_", "verb_", "place_")))
    block.say(
        f"RETURN jsonb_build_object('outcome', 'failed', 'run', run_, 'code', {code}, 'message', message_, "
        "'hint', nullif(hint_, ''), 'verb', verb_, 'place', place_);"
    )


def _by_site(texts: dict[int, str], scope: ServerScope) -> str:
    ways = " ".join(f"WHEN {number} THEN {scope.text(text)}" for number, text in texts.items())
    return f"(CASE at_ {ways} END)" if ways else "NULL"


def _masking(scope: ServerScope) -> list[str]:
    """What takes sensitive values, as far as variables hold them, out of what is told."""
    secrets: list[str] = []
    for (name, _), row in scope.function.known_rows.items():
        table = scope.schema.tables[name]
        for column, value in row.columns.items():
            found = table.by_name[column]
            if found.sensitive and not isinstance(found.type, t.Row):
                secrets.append(scope.spelling.display(attrs.evolve(value, optional=True)))
    for parameter in scope.verb.inputs:
        value = scope.values[parameter.name]
        if parameter.sensitive and len(value.cells) == 1 and not isinstance(parameter.type, t.ListOf):
            secrets.append(scope.spelling.display(Sql(value.cells, scope.function.cell_types(parameter.type)[0], True)))
    if not secrets:
        return []
    listed = ", ".join(dict.fromkeys(secrets))
    call = scope.spelling.support("masked")
    return [
        f"message_ := {call}(message_, ARRAY[{listed}]::text[]);",
        f"hint_ := {call}(hint_, ARRAY[{listed}]::text[]);",
    ]
