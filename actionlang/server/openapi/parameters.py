"""What goes into addresses and headers: keys of rows, arguments of functions, options of reading, conditions, preferences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Parameter
from actionlang.runtime.readable import ORDERED
from actionlang.server.odata.query_options import MOST_SKIPPED
from actionlang.server.odata.wire import key_name
from actionlang.server.row_schemas import key_pattern
from actionlang.server.schemas import Schemas, described
from actionlang.server.value_schemas import Schema

FILTER = "odata-filter"
"""The format of conditions, which have a grammar of their own: `filter` of OData's ABNF 4.01."""

MOST_WANTED = 999_999_999

ETAG: Schema = {"anyOf": [{"type": "string", "pattern": '^(?:W/)?"[0-9a-f]{16}"$'}, {"type": "string", "const": "*"}]}

IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "description": "Do it only if the row is still of this version: its `@odata.etag`, or `*` for any.",
    "schema": ETAG,
}

IF_NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "description": "Answer 304 if the row is still of this version: its `@odata.etag`.",
    "schema": ETAG,
}

IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A name for what is done, made up by the caller. Sent again with the same request, it gets the first "
    "answer and nothing is done twice.",
    "schema": {"type": "string", "pattern": "^[!#-~](?:[ -~]{0,158}[!-~])?$", "maxLength": 160},
}


SHARED: dict[str, Schema] = {"IfMatch": IF_MATCH, "IfNoneMatch": IF_NONE_MATCH, "IdempotencyKey": IDEMPOTENCY_KEY}


def shared(name: str) -> Schema:
    """A parameter that is the same wherever it is, by reference."""
    return {"$ref": f"#/components/parameters/{name}"}


def prefer(preferences: Iterable[tuple[str, str]]) -> Schema:
    """The header with preferences; each with what it does."""
    known = list(preferences)
    told = "\n".join(("Several by comma:", "", *(f"- `{name}` {does}" for name, does in known)))
    examples = {name.partition("=")[0]: {"value": name} for name, _ in known}
    return {
        "name": "Prefer",
        "in": "header",
        "description": told,
        "schema": {"type": "string"},
        "examples": examples,
    }


def prefer_started() -> Schema:
    """The header without which a background action is not started."""
    told = (
        "`respond-async` is needed: the answer is 202, with the address where the state of the run is told. "
        "With `dry-run` it is only seen whether it could be started."
    )
    known = ["respond-async", "respond-async, dry-run"]
    return {
        "name": "Prefer",
        "in": "header",
        "required": True,
        "description": told,
        "schema": {"type": "string", "enum": known},
        "example": known[0],
    }


def key_of(table: Table, schemas: Schemas, example: str | None = None) -> Schema:
    """The key of a row in a path, as a literal or as NAME=LITERAL."""
    names = " or ".join(
        ",".join(f"{WireNames.property(column)}=..." for column in key)
        for key in dict.fromkeys((tuple(column.name for column in table.primary), *table.keys))
    )
    schema = {"type": "string", "pattern": f"^(?:{key_pattern(table, schemas.catalog)})$"}
    told = {
        "name": "key",
        "in": "path",
        "required": True,
        "description": f"The row: `{names}`. Texts stand in 'quotes'.",
    }
    return told | {"schema": schema} | ({"example": example} if example is not None else {})


# ------------------------------------------------------------------------------------------------ arguments of functions

QUOTED = "(?:[^'\\u0000]|'')"


def argument(parameter: Parameter, schemas: Schemas) -> Schema:
    """An argument of a function, behind the question mark, as a literal of OData."""
    made: Schema = {"name": WireNames.property(parameter.name), "in": "query"}
    if not parameter.optional and parameter.default is None:
        made["required"] = True
    told = described({}, parameter)
    schema = _literal(parameter.type, schemas)
    made |= {name: told[name] for name in ("description", "deprecated") if name in told}
    if isinstance(parameter.type, t.ListOf):
        return made | {"content": {"application/json": {"schema": schemas.accepted(parameter.type)}}}
    return made | {"schema": schema}


def _literal(type_: t.Type, schemas: Schemas) -> Schema:
    """The schema of a literal. Texts are in quotes, with those inside doubled."""
    catalog = schemas.catalog
    if isinstance(type_, t.Text):
        size = "*" if type_.length is None else f"{{0,{type_.length}}}"
        return {"type": "string", "pattern": f"^'{QUOTED}{size}'$"}
    if isinstance(type_, t.Choice):
        return _member(type_, schemas)
    if isinstance(type_, t.Choices):
        one = "|".join(member.name for member in catalog.choices[type_.name].members)
        return {"type": "string", "pattern": f"^'(?:(?:{one})(?:,(?:{one}))*)?'$"}
    if isinstance(type_, t.Row):
        ways = [_key_of_row(catalog.tables[table], schemas) for table in type_.tables]
        return ways[0] if len(ways) == 1 else {"anyOf": ways}
    if isinstance(type_, t.Json):
        return {"type": "string"}
    return _plain(schemas.accepted(type_))


def _member(type_: t.Choice, schemas: Schemas) -> Schema:
    """A member of a choice by its number, or by its name in quotes."""
    choice = schemas.catalog.choices[type_.name]
    told = ", ".join(f"{member.name}" for member in choice.members)
    if choice.numbered:
        return {"type": "integer", "enum": [member.number for member in choice.members], "description": told}
    return {"type": "string", "enum": [f"'{member.name}'" for member in choice.members]}


def _key_of_row(table: Table, schemas: Schemas) -> Schema:
    """A row by the value of a key of one column, or by its address in an object."""
    keys = [column for column in table.primary if len(table.primary) == 1]
    keys += [table.by_name[key[0]] for key in table.keys if len(key) == 1]
    ways = [_literal(column.type, schemas) for column in dict.fromkeys(keys) if not isinstance(column.type, t.Row)]
    address = f"{schemas.catalog.names.entity_set(table.name)}\\((?:{key_pattern(table, schemas.catalog)})\\)"
    return {"anyOf": [*ways, {"type": "string", "pattern": f'^\\{{"@odata\\.id":"{address}"\\}}$'}]}


def _plain(schema: Schema) -> Schema:
    """A schema of one type: in addresses numbers are never in quotes."""
    kind = schema.get("type")
    if isinstance(kind, list):
        rest: dict[str, Any] = {name: value for name, value in schema.items() if name != "pattern"}
        return rest | {"type": next(each for each in kind if each != "string")}
    return schema


# --------------------------------------------------------------------------------------------------- options of reading


def of_row(table: Table, schemas: Schemas) -> Iterator[Schema]:
    """The options of reading a row."""
    columns = [key_name(column) for column in _columns(table)]
    yield _option("$select", "The columns that are wanted.", _some_of(columns), columns[:1])
    navigations = list(_navigations(table, schemas))
    if navigations:
        told = (
            "Rows that lookups lead to, read with it. Each may have options in parentheses: `owner_user($select=name)`."
        )
        yield _option("$expand", told, _some_of(navigations) | {"uniqueItems": True}, navigations[:1])


def of_rows(table: Table, schemas: Schemas) -> Iterator[Schema]:
    """The options of reading rows of a table."""
    yield from of_row(table, schemas)
    yield condition(table)
    ordered = [key_name(column) for column in _columns(table) if _has_order(column, schemas)]
    order = _some_of([f"{name}{way}" for name in ordered for way in ("", " asc", " desc")])
    yield _option("$orderby", "In which order, by the first of these, then by the next.", order, [f"{ordered[0]} desc"])
    top: Schema = {"type": "integer", "minimum": 0, "maximum": MOST_WANTED}
    yield _option("$top", "How many at most.", top, 10)
    skip: Schema = {"type": "integer", "minimum": 0, "maximum": MOST_SKIPPED}
    yield _option("$skip", "How many are left out at the beginning.", skip, 0)
    yield _option("$count", "Whether to say how many there are in all.", {"type": "boolean"}, True)


def condition(table: Table) -> Schema:
    """The option that says which rows."""
    about = "Which rows: a condition of OData, such as `name eq 'Ann' and active`."
    example = f"{key_name(table.primary[0])} ne null"
    return _option("$filter", about, {"type": "string", "format": FILTER}, example)


def _has_order(column: Column, schemas: Schemas) -> bool:
    if isinstance(column.type, t.Choice):
        return schemas.catalog.choices[column.type.name].numbered
    return isinstance(column.type, ORDERED)


def _columns(table: Table) -> list[Column]:
    """Columns that are read."""
    return [column for column in table.columns if not column.sensitive and not isinstance(column.type, t.File)]


def _navigations(table: Table, schemas: Schemas) -> list[str]:
    """What lookups are called."""
    names = schemas.catalog.names
    return [
        names.navigation(column.name, target, table.by_name)
        if len(column.type.tables) > 1
        else names.property(column.name)
        for column in table.columns
        if isinstance(column.type, t.Row)
        for target in column.type.tables
    ]


def _some_of(names: list[str]) -> Schema:
    return {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1}


def _option(name: str, about: str, schema: Schema, example: object) -> Schema:
    """An option; several values stand in one, by comma."""
    listed = {"style": "form", "explode": False} if schema["type"] == "array" else {}
    return {"name": name, "in": "query", "description": about, **listed, "schema": schema, "example": example}
