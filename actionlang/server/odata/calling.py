"""A verb called over HTTP: from the request to a call of the service, and from what it gives to the response."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.catalogue.server import WRONG_METHOD
from actionlang.metadata.wire_names import WireNames
from actionlang.server.catalog import Catalog
from actionlang.server.etags import etag_of, expected_of
from actionlang.server.idempotency import REPLAYED, key_of
from actionlang.server.messages import Request, Response
from actionlang.server.odata.deprecated import Deprecations
from actionlang.server.odata.headers import Conventions, answering, conventions_of, see_json
from actionlang.server.odata.json_body import bad_body, parse_json
from actionlang.server.odata.literals import parse_literal
from actionlang.server.odata.prepared import PreparedVerb, PreparedVerbs
from actionlang.server.odata.resources import VerbAt
from actionlang.server.odata.segments import Segment, bad_address
from actionlang.server.odata.settings import ODataSettings
from actionlang.server.odata.urls import Query, key_in, query_of
from actionlang.server.refusal import Refusal
from actionlang.server.service import Answer, Service, VerbCall, refusing
from actionlang.server.statuses import BAD_REQUEST, UNPROCESSABLE

METHOD_NOT_ALLOWED = 405
ABOUT_ARGUMENT = re.compile(r"`([^`]+)` takes ")
SYSTEM_OPTIONS = frozenset({"$format"})
"""What may stand behind the question mark where a verb is called, besides parameters."""


@attrs.frozen
class Called:
    """A call as it was asked for: how it is to be answered, the verb, the row or the rows, the arguments."""

    conventions: Conventions
    prepared: PreparedVerb
    call: VerbCall
    rows: tuple[object, ...] | None = None


class Calling:
    """Calls verbs. What reads and writes their values is made once a version."""

    def __init__(self, settings: ODataSettings) -> None:
        self._settings = settings
        self._prepared = PreparedVerbs()
        self._deprecations = Deprecations()

    def read(self, request: Request, catalog: Catalog, at: VerbAt) -> Called:
        """What a request asks for. Raises Refusal."""
        see_method(request, at)
        query = query_of(request.query)
        for name in query.system:
            if name not in SYSTEM_OPTIONS:
                raise bad_address(f"{name} does not go with a verb.", target=name)
        conventions = conventions_of(request.headers, query.system.get("$format"))
        prepared = self._prepared.of(catalog, at.active)
        row = None if at.row is None or at.table is None else key_in(at.row, at.table, prepared.wire, prepared.keys)
        given = self._given(request, query, at)
        rows = prepared.targets(given) if at.on_set else None
        call = VerbCall(
            at.active.name,
            request.identity,
            row,
            prepared.arguments(given),
            key_of(request.headers),
            expected_of(request.headers),
            conventions.preferences.dry_run,
        )
        return Called(conventions, prepared, call, rows)

    def answer(self, called: Called, service: Service, catalog: Catalog, root: str) -> Response:
        """Call the verb, and answer with what it gives. Raises Refusal."""
        if called.rows is not None:
            return self._answer_many(called, service, root)
        prepared = called.prepared
        try:
            answer = service.call(called.call)
        except Refusal as refusal:
            raise _pointing(refusal, prepared) from None
        if answer.active.plan is not prepared.active.plan:
            # It was activated anew a moment ago.
            prepared = PreparedVerb(answer.active, catalog.names)
        result, conventions = answer.result, called.conventions
        text = None
        if prepared.verb.outputs and not _is_minimal(called):
            text = prepared.body(result.outputs, conventions.writing, root)
        return respond(called, text, self._told(answer, service), result.run, prepared)

    def _answer_many(self, called: Called, service: Service, root: str) -> Response:
        assert called.rows is not None
        wants = bool(called.prepared.verb.outputs) and not _is_minimal(called)
        try:
            result = service.call_many(called.call, called.rows, outputs=wants)
        except Refusal as refusal:
            raise _pointing(refusal, called.prepared) from None
        text = None
        if wants:
            text = called.prepared.set_body(result.outputs or (), called.conventions.writing, root)
        headers = {REPLAYED: "true"} if result.replayed else {}
        return respond(called, text, headers, next(iter(result.runs), None), called.prepared)

    def _told(self, answer: Answer, service: Service) -> dict[str, str]:
        """Headers that tell of a run: the version that its row has now, that an earlier one is meant, that the verb is
        deprecated."""
        headers: dict[str, str] = {}
        if answer.result.version is not None:
            headers["ETag"] = etag_of(answer.result.version)
        if answer.result.replayed:
            headers[REPLAYED] = "true"
        if answer.result.warnings:
            with refusing():
                headers |= self._deprecations.headers(answer, service.database)
        return headers

    # ------------------------------------------------------------------------------------------------------- arguments

    def _given(self, request: Request, query: Query, at: VerbAt) -> dict[str, object]:
        """What is given for parameters, by their names on the wire."""
        if is_function(at):
            return _of_function(at.last, query, {WireNames.property(each.name) for each in at.verb.inputs})
        if at.last.inner:
            raise bad_address(f"{at.last.name} is an action: its arguments are members of the body.")
        if not request.body:
            return {}
        see_json(request.headers.get("content-type"), request.headers.get("content-encoding"))
        data = parse_json(request.body, self._settings.deepest)
        if not isinstance(data, dict):
            raise bad_body("The body is no object.", 'send the arguments as its members: {"reason": "..."}')
        return data


def _of_function(segment: Segment, query: Query, names: set[str]) -> dict[str, object]:
    """The arguments of a function: in the parentheses, as literals or aliases; those that are not there, behind the question mark
    by their names, with the sign of an alias or without (OData Protocol 4.01, 11.5.4.1)."""
    literals: dict[str, str | None] = {}
    for name, literal in segment.arguments():
        if name is None:
            raise bad_address(f"{segment.name} takes its arguments by name: {segment.name}(NAME=VALUE).")
        literals[name] = query.aliases.get(literal) if literal.startswith("@") else literal
    for name in names - literals.keys():
        for given in (query.aliases.get(f"@{name}"), query.others.get(name)):
            if given is not None:
                literals[name] = given
    return {name: None if text is None else _literal(name, text) for name, text in literals.items()}


def _literal(name: str, text: str) -> object:
    try:
        return parse_literal(text)
    except ValueError:
        shown = text if len(text) <= 40 else f"{text[:37]}..."
        raise bad_address(
            f"The value of `{name}` can not be read: {shown}.", "texts stand in 'quotes'", target=name
        ) from None


def is_function(at: VerbAt) -> bool:
    """Whether a verb is called by GET."""
    return at.verb.kind.endswith("function")


def see_method(request: Request, at: VerbAt) -> None:
    """See that a verb is called by the method that is for it. Raises Refusal with 405."""
    allowed = ("GET", "HEAD") if is_function(at) else ("POST",)
    if request.method not in allowed:
        kind = "a function: GET" if is_function(at) else "an action: POST"
        raise wrong_method(f"{at.last.name} is {kind} it.", allowed, at.active.name)


def wrong_method(message: str, allowed: tuple[str, ...], verb: str | None = None) -> Refusal:
    """The refusal of a method."""
    headers = {"Allow": ", ".join(allowed)}
    return Refusal(METHOD_NOT_ALLOWED, WRONG_METHOD.id, message, headers=headers, verb=verb)


def _is_minimal(called: Called) -> bool:
    """Whether an action is to be answered without its outputs."""
    return called.conventions.preferences.minimal and not called.prepared.verb.kind.endswith("function")


def _pointing(refusal: Refusal, prepared: PreparedVerb) -> Refusal:
    """A refusal of an argument that only the run could read, with its target and with 422: its form was seen to here, and what is
    wrong is what it says, such as a row that is not there."""
    if refusal.code != WRONG_ARGUMENT.id or refusal.status != BAD_REQUEST:
        return refusal
    about = ABOUT_ARGUMENT.match(refusal.message)
    known = about is not None and about[1] in {each.name for each in prepared.verb.inputs}
    target = WireNames.property(about[1]) if about is not None and known else refusal.target
    return attrs.evolve(refusal, status=UNPROCESSABLE, target=target)


def respond(
    called: Called, text: str | None, told: Mapping[str, str], run: str | None, prepared: PreparedVerb
) -> Response:
    """A response with a body, or 204 without one."""
    conventions, preferences = called.conventions, called.conventions.preferences
    applied = {"return=minimal": _is_minimal(called), "dry-run": preferences.dry_run}
    if text is not None and preferences.formatted and preferences.annotations is not None:
        applied[f'odata.include-annotations="{preferences.annotations}"'] = True
    headers = {**answering(conventions, applied), **told}
    if text is None:
        return Response(204, headers, b"", run, prepared.active.name)
    return Response(
        200, {"Content-Type": conventions.content_type, **headers}, text.encode(), run, prepared.active.name
    )
