"""Operations that call verbs: actions by POST, functions by GET, each where OData has it."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.diagnostics.catalogue.run import STARTED_NOT_RUN
from actionlang.metadata.tables import Table
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Verb
from actionlang.registry.active import Active
from actionlang.server.background_runs import KIND as BACKGROUND
from actionlang.server.odata.prepared import TARGETS
from actionlang.server.openapi import parameters
from actionlang.server.openapi.examples import WireExamples
from actionlang.server.openapi.failures import (
    ALWAYS,
    CREDENTIALS,
    WITH_BODY,
    Codes,
    codes_of,
    codes_of_start,
    joined,
    responses,
)
from actionlang.server.schemas import Schemas
from actionlang.server.value_schemas import Schema

DRY_RUN = ("dry-run", "does all of it, answers with what would come of it, and keeps nothing")
MINIMAL = ("return=minimal", "answers 204, without outputs")
LATER = ("respond-async", "answers 202 at once, with the address where the answer will be found")
ANNOTATIONS = ('odata.include-annotations="*"', "puts the labels of choices beside their numbers")

REPLAYED: Schema = {
    "description": "`true` where this is the answer to an earlier request with the same `Idempotency-Key`.",
    "schema": {"type": "string", "enum": ["true"]},
}
ETAG: Schema = {"description": "The version of the row now.", "schema": {"type": "string"}}
LOCATION: Schema = {"description": "Where the answer will be found.", "schema": {"type": "string"}}
WHERE: Schema = {"Location": LOCATION, "Retry-After": {"schema": {"type": "integer"}}}
STARTED_RESPONSES: Schema = {
    "202": {
        "description": "Started: the state of the run is told at `Location`, and in the end what it returned.",
        "headers": WHERE | {"Idempotency-Replayed": REPLAYED},
    },
    "204": {"description": "It could be started; `Prefer: dry-run` was asked for."},
}
DEPRECATION: Schema = {
    "Deprecation": {"description": "Since when the verb is deprecated (RFC 9745).", "schema": {"type": "string"}},
    "Sunset": {"description": "Until when it is kept (RFC 8594).", "schema": {"type": "string"}},
    "Warning": {"description": "What to do instead.", "schema": {"type": "string"}},
}


class VerbOperations:
    """Makes the operations of verbs. `asynchronous` says whether calls may be answered later."""

    def __init__(self, schemas: Schemas, examples: WireExamples, *, asynchronous: bool) -> None:
        self._schemas = schemas
        self._names = schemas.catalog.names
        self._examples = examples
        self._asynchronous = asynchronous

    def of(self, active: Active) -> Iterator[tuple[str, str, Schema]]:
        """Path below the root of the service, method, and operation, for each way to call a verb."""
        verb = active.plan.verb
        name = self._names.verb(active.name)
        if verb.binding is None:
            yield f"/{name}", _method(verb), self._operation(active)
            return
        entity_set = self._names.entity_set(verb.binding.table)
        qualified = self._names.qualified(name)
        yield f"/{entity_set}({{key}})/{qualified}", _method(verb), self._operation(active)
        if verb.binding.each:
            yield f"/{entity_set}/{qualified}", "post", self._operation(active, on_set=True)

    # ---------------------------------------------------------------------------------------------------------- operations

    def _operation(self, active: Active, *, on_set: bool = False) -> Schema:
        verb = active.plan.verb
        name = self._names.verb(active.name)
        codes = joined(CREDENTIALS, ALWAYS, codes_of(active.plan.steps))
        if verb.kind == BACKGROUND:
            codes = joined(CREDENTIALS, ALWAYS, codes_of_start(active.plan), {400: (STARTED_NOT_RUN.id,)})
        made: Schema = {
            "operationId": f"{name}.each" if on_set else name,
            "tags": [active.name.rpartition(".")[0]],
            "summary": self._summary(verb, on_set),
        }
        description = "\n\n".join(self._description(verb))
        made |= {"description": description} if description else {}
        made |= {"deprecated": True} if verb.deprecated is not None else {}
        given = list(self._parameters(active, on_set))
        made |= {"parameters": given} if given else {}
        if not _is_function(verb):
            codes = joined(codes, WITH_BODY)
            made |= {"requestBody": self._body(active, on_set)} if verb.inputs or on_set else {}
        made["responses"] = self._responses(active, codes, on_set)
        return made

    def _summary(self, verb: Verb, on_set: bool) -> str:
        first = verb.doc.strip().partition("\n")[0].partition(". ")[0].rstrip(".")
        summary = first or f"{verb.short_name}"
        return f"{summary} (several rows)" if on_set else summary

    @staticmethod
    def _description(verb: Verb) -> Iterator[str]:
        if verb.doc:
            yield verb.doc.strip()
        if verb.kind == BACKGROUND:
            yield "It is started, and goes on by itself: each of its units is kept as it is done."
        if verb.deprecation is not None:
            yield f"**Deprecated.** {verb.deprecation}"
        if verb.system:
            yield "It runs with the rights of the system."
        elif verb.effects.privileges:
            yield f"Needs the privileges {', '.join(f'`{each}`' for each in verb.effects.privileges)}."

    def _parameters(self, active: Active, on_set: bool) -> Iterator[Schema]:
        verb = active.plan.verb
        if verb.binding is not None and not on_set:
            yield self._key(self._schemas.catalog.tables[verb.binding.table], verb, active.plan.hash)
        if _is_function(verb):
            literals = self._examples.literals(verb, active.plan.hash)
            for each in verb.inputs:
                told = {"example": literals[each.name]} if each.name in literals else {}
                yield parameters.argument(each, self._schemas) | told
            yield parameters.prefer([ANNOTATIONS])
            return
        if verb.binding is not None and not on_set:
            yield parameters.shared("IfMatch")
        if not (on_set and verb.outputs):
            # With a key nothing is kept of what each row gave.
            yield parameters.shared("IdempotencyKey")
        if verb.kind == BACKGROUND:
            yield parameters.prefer_started()
        else:
            yield parameters.prefer(self._preferences(verb))

    def _key(self, table: Table, verb: Verb, plan_hash: str) -> Schema:
        return parameters.key_of(table, self._schemas, self._examples.row(verb, plan_hash))

    def _preferences(self, verb: Verb) -> Iterator[tuple[str, str]]:
        yield DRY_RUN
        if verb.outputs:
            yield MINIMAL
            yield ANNOTATIONS
        if self._asynchronous:
            yield LATER

    def _body(self, active: Active, on_set: bool) -> Schema:
        verb, names = active.plan.verb, self._names
        schema = self._schemas.definitions.named(f"{names.verb(active.name)}.given", lambda: self._schemas.inputs(verb))
        content: Schema = {"schema": self._with_targets(verb) if on_set else schema}
        examples = {} if on_set else self._examples.requests(verb, active.plan.hash)
        content |= {"examples": examples} if examples else {}
        needed = on_set or any(not each.optional and each.default is None for each in verb.inputs)
        return {"required": needed, "content": {"application/json": content}}

    def _with_targets(self, verb: Verb) -> Schema:
        """The body of a call on several rows."""
        assert verb.binding is not None
        schema = self._schemas.inputs(verb)
        rows = {"type": "array", "items": self._schemas.definitions.row_given([verb.binding.table])}
        targets = {TARGETS: rows | {"description": "The rows, in their order."}}
        return schema | {
            "properties": targets | schema["properties"],
            "required": [TARGETS, *schema.get("required", ())],
        }

    # ----------------------------------------------------------------------------------------------------------- responses

    def _responses(self, active: Active, codes: Codes, on_set: bool) -> Schema:
        verb = active.plan.verb
        if verb.kind == BACKGROUND:
            return STARTED_RESPONSES | responses(codes, self._examples.refusals(active.plan.hash))
        headers: Schema = {} if _is_function(verb) else {"Idempotency-Replayed": REPLAYED}
        headers |= {"ETag": ETAG} if verb.binding is not None and not on_set else {}
        headers |= DEPRECATION if verb.deprecated is not None else {}
        told = {"headers": headers} if headers else {}
        found: Schema = {}
        if verb.outputs:
            found["200"] = {"description": self._what_came(verb)} | told | {"content": self._answer(active, on_set)}
        if not _is_function(verb):
            without = (
                "Done; nothing is returned."
                if not verb.outputs
                else "Done, and `Prefer: return=minimal` was asked for."
            )
            found["204"] = {"description": without} | told
            if self._asynchronous:
                found["202"] = {
                    "description": "Taken, as `Prefer: respond-async` asked for: the answer is found at `Location`.",
                    "headers": WHERE,
                }
        return dict(sorted(found.items())) | responses(codes, self._examples.refusals(active.plan.hash))

    @staticmethod
    def _what_came(verb: Verb) -> str:
        names = ", ".join(f"`{WireNames.property(each.name)}`" for each in verb.outputs)
        return f"What came of it: {names}."

    def _answer(self, active: Active, on_set: bool) -> Schema:
        verb = active.plan.verb
        response = self._names.response(active.name)
        schema = self._schemas.definitions.named(response, lambda: self._schemas.outputs(verb))
        if on_set:
            items = {"type": "array", "items": schema, "description": "One for each row, in their order."}
            return {
                "application/json": {
                    "schema": {"type": "object", "properties": {"value": items}, "required": ["value"]}
                }
            }
        examples = self._examples.answers(verb, active.plan.hash)
        return {"application/json": {"schema": schema} | ({"examples": examples} if examples else {})}


def _is_function(verb: Verb) -> bool:
    return verb.kind.endswith("function")


def _method(verb: Verb) -> str:
    return "get" if _is_function(verb) else "post"
