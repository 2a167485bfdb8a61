"""Failures: which errors of the database are the language's own, and what is said of each.

A failure is raised with an SQLSTATE of its own class, AL701 for E0701, and the message that the interpreter would give. What the
database refuses, and arithmetic that has no result, is put into words only where a failure is caught: by the function
`refusal`, of the number of the step and of what that step was about to write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actionlang.engine.plpgsql.function import Attempted
from actionlang.engine.plpgsql.json_texts import compact

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.scope import ServerScope

CAUGHT = (
    "EXCEPTION WHEN SQLSTATE 'AL000' OR data_exception OR integrity_constraint_violation "
    "OR raise_exception OR with_check_option_violation THEN"
)
"""The language's own failures, what a value did wrong, what constraints and triggers refuse. Never a conflict with another
transaction, nor what is wrong with the server."""


def tell_failure(message: str, first: int, scope: ServerScope) -> None:
    """Write, at the beginning of a handler, that a variable gets the message of what failed at one of the sites after `first`."""
    block, function = scope.block, scope.function
    block.say(
        f"GET STACKED DIAGNOSTICS state_ = RETURNED_SQLSTATE, {message} = MESSAGE_TEXT, hint_ = PG_EXCEPTION_HINT, "
        "constraint_ = CONSTRAINT_NAME, refused_ = TABLE_NAME, schema_ = SCHEMA_NAME, column_ = COLUMN_NAME;"
    )
    told = block.inside("IF state_ NOT LIKE 'AL%' THEN", "END IF;")
    sites = [each for each in function.attempted if each.site > first]
    if sites:
        told.say("write_ := CASE at_")
        for each in sites:
            told.say(f"  WHEN {each.site} THEN {_write(each, scope)}")
        told.say("  ELSE NULL END;")
    else:
        told.say("write_ := NULL;")
    arguments = f"state_, {message}, why_, write_, constraint_, schema_, refused_, column_"
    told.say(f"refusal_ := {function.support('refusal')}({arguments});")
    told.say(f"state_ := refusal_[1]; {message} := refusal_[2]; hint_ := refusal_[3];")


def _write(attempted: Attempted, scope: ServerScope) -> str:
    """What a step was about to write, as SQL that gives JSON."""
    table = attempted.table
    stored = scope.storage.table(table.name)
    fixed = {
        "operation": attempted.operation,
        "short": table.short_name,
        "columns": {cell.name: column for column, each in stored.columns.items() for cell in each.cells},
        "sensitive": [column.name for column in table.columns if column.sensitive],
        "tables": {each.stored.rpartition(".")[2]: each.short_name for each in scope.schema.tables.values()},
    }
    unique = {name for columns in (*table.keys, *table.uniques) for name in columns}
    unique |= {column.name for column in table.primary}
    shown = [
        f"{scope.text(name)}, {scope.told(value)}"
        for name, value in attempted.values
        if name in unique and not table.by_name[name].sensitive
    ]
    text = f"{scope.text(compact(fixed))}::jsonb"
    return f"{text} || jsonb_build_object('values', jsonb_build_object({', '.join(shown)}))" if shown else text
