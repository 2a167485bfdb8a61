"""Operations that read rows: those of a table, how many there are, one row."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.metadata.tables import Table
from actionlang.server.openapi import parameters
from actionlang.server.openapi.failures import ALWAYS, CREDENTIALS, joined, responses
from actionlang.server.schemas import CONTEXT, Schemas
from actionlang.server.value_schemas import Schema

ROWS = "Rows"

READING = {
    400: ("E1121", "E1126", "E1130", "E1131"),
    403: ("E0730", "E0732", "E1110", "E1116", "E1133"),
    404: ("E1122",),
    501: ("E1132",),
}

MAX_PAGE_SIZE = ("odata.maxpagesize=100", "answers with so many rows at a time, and the address of the next ones")
ANNOTATIONS = ('odata.include-annotations="*"', "puts labels beside the numbers of choices")

Operation = tuple[str, str, Schema]


class RowOperations:
    """Makes the operations that read rows."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def of(self, table: Table) -> Iterator[Operation]:
        """Path below the root of the service, method, and operation."""
        entity_set = self._schemas.catalog.names.entity_set(table.name)
        yield f"/{entity_set}", "get", self._rows(table, entity_set)
        yield f"/{entity_set}({{key}})", "get", self._row(table, entity_set)
        yield f"/{entity_set}/$count", "get", self._count(table, entity_set)

    def _rows(self, table: Table, entity_set: str) -> Schema:
        row = self._schemas.row_of(table)
        page: Schema = {
            "@odata.count": {"type": "integer", "description": "How many there are in all, where `$count` asks."},
            "@odata.nextLink": {"type": "string", "description": "Where the next rows are, if there are more."},
            "value": {"type": "array", "items": row},
        }
        schema = {"type": "object", "properties": CONTEXT | page, "required": ["value"]}
        prefer = parameters.prefer([MAX_PAGE_SIZE, ANNOTATIONS])
        return {
            "operationId": f"read.{entity_set}",
            "tags": [ROWS],
            "summary": f"Read {_shown(table)} rows",
            **_description(table),
            "parameters": [*parameters.of_rows(table, self._schemas), prefer],
            "responses": {
                "200": _json("The rows.", schema),
                **responses(joined(CREDENTIALS, ALWAYS, READING, {400: ("E1134",)})),
            },
        }

    def _row(self, table: Table, entity_set: str) -> Schema:
        found = _json("The row.", self._schemas.row_of(table))
        found["headers"] = {"ETag": {"description": "The version of the row.", "schema": {"type": "string"}}}
        given = [
            parameters.key_of(table, self._schemas),
            *parameters.of_row(table, self._schemas),
            parameters.shared("IfNoneMatch"),
            parameters.prefer([ANNOTATIONS]),
        ]
        unchanged = {"description": "The row is still of the version that `If-None-Match` names."}
        codes = joined(CREDENTIALS, ALWAYS, READING, {400: ("E1146",), 404: ("E1120",)})
        return {
            "operationId": f"read.{entity_set}.one",
            "tags": [ROWS],
            "summary": f"Read a {_shown(table)} row",
            **_description(table),
            "parameters": given,
            "responses": {"200": found, "304": unchanged, **responses(codes)},
        }

    def _count(self, table: Table, entity_set: str) -> Schema:
        number = {"text/plain": {"schema": {"type": "integer", "minimum": 0}}}
        return {
            "operationId": f"read.{entity_set}.count",
            "tags": [ROWS],
            "summary": f"Count {_shown(table)} rows",
            "parameters": [parameters.condition(table)],
            "responses": {
                "200": {"description": "How many there are.", "content": number},
                **responses(joined(CREDENTIALS, ALWAYS, READING)),
            },
        }


def _shown(table: Table) -> str:
    return table.label or table.short_name


def _description(table: Table) -> Schema:
    return {"description": table.doc} if table.doc else {}


def _json(about: str, schema: Schema) -> Schema:
    return {"description": about, "content": {"application/json": {"schema": schema}}}
