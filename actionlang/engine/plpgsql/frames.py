"""What stands around a verb's steps in every function: declarations, the row that the verb is on, outputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from actionlang.engine.plpgsql.changes import ARRAYS, CLEAR, is_secret
from actionlang.engine.plpgsql.emitting import EVENT_LISTS
from actionlang.engine.plpgsql.function import Function
from actionlang.engine.plpgsql.json_texts import MASKED, json_object, json_pieces, key_json
from actionlang.engine.plpgsql.reading import conforming, read_cells
from actionlang.engine.plpgsql.row_variables import RowVariable
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.plpgsql.writing import Block
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

ROW_KEY = "row_key_"

OWN_VARIABLES = {
    "at_": "integer := 0",
    "why_": "text := 'integer'",
    "made_": "bigint := 0",
    "state_": "text",
    "hint_": "text",
    "constraint_": "text",
    "schema_": "text",
    "refused_": "text",
    "column_": "text",
    "write_": "jsonb",
    "refusal_": "text[]",
    ROW_KEY: "text",
    "lists_": "text",
    **dict.fromkeys((*ARRAYS[:2], *EVENT_LISTS[:1]), "integer[]"),
    **dict.fromkeys((*ARRAYS[2:], *CLEAR, *EVENT_LISTS[1:]), "text[]"),
}


def select_row(row: RowVariable, found_by: str, alias: str, scope: ServerScope) -> str:
    """The statement that finds the row that the verb is on, reads it and locks it."""
    cells = (*scope.key_of(alias, row.table).cells, *read_cells(row, alias, scope))
    names = (*row.key.cells, *row.names)
    table = scope.named(row.table, alias)
    return f"SELECT {', '.join(cells)} INTO {', '.join(names)} FROM {table} WHERE {found_by} FOR UPDATE;"


def target_row(table: Table, name: str, scope: ServerScope) -> RowVariable:
    """The variables of the row that the verb is on."""
    type_ = t.Row((table.name,))
    key = Sql(scope.function.value_variables(name, type_), type_, simple=True)
    scope.values[name] = scope.function.target = key
    return scope.function.row(table, key)


def keep_key(row: RowVariable, scope: ServerScope) -> str:
    """Write that the JSON text of the key of the row that the verb is on is kept, unless it is sensitive; gives what records hold
    of it, as SQL."""
    sensitive = tuple(column.sensitive for column in row.table.primary)
    text = key_json(row.key, scope, sensitive)
    if any(sensitive):
        return text
    scope.block.say(f"{ROW_KEY} := {text};")
    scope.function.key_texts[row.key.cells] = ROW_KEY
    return ROW_KEY


def see_conforming(row: RowVariable, scope: ServerScope) -> None:
    """Write that what was read of the row is what its table allows; it is known from here on."""
    block = scope.block
    block.say_later(lambda: conforming(row, scope))
    scope.function.fresh.add(row)


def outputs_json(scope: ServerScope, *, masked: bool = False) -> str:
    """The outputs as a JSON object, as SQL."""
    members: list[tuple[str, list[str], str | None]] = []
    for output in scope.verb.outputs:
        secret = masked and is_secret(output.type, output.sensitive, scope)
        members.append((output.name, [MASKED] if secret else json_pieces(scope.outputs[output.name], scope), None))
    return json_object(members, scope)


def declarations(function: Function, body: Iterable[str], also: dict[str, str]) -> Iterator[str]:
    """The declarations of the variables that a body uses."""
    used = set(NAME.findall("\n".join(body)))
    for name, type_ in {**also, **OWN_VARIABLES, **function.variables}.items():
        if name in used:
            yield f"  {name} {type_};"


def function_body(function: Function, block: Block, also: dict[str, str]) -> str:
    """The text between AS and the end of a function, quoted so that nothing in it ends it."""
    lines = list(block.lines(1))
    text = "\n".join(
        ["#variable_conflict use_variable", "DECLARE", *declarations(function, lines, also), "BEGIN", *lines, "END"]
    )
    return dollar_quoted(text)


def dollar_quoted(text: str) -> str:
    """A text between dollar quotes that it does not hold."""
    tag, number = "$actionlang$", 1
    while tag in text:
        number += 1
        tag = f"$actionlang{number}$"
    return f"{tag}\n{text}\n{tag}"
