"""The server does what its document says: schemathesis asks it, with all of its checks.

Two things it is told, because no document can say them. A verb may refuse what is well formed (422), and a row may be of another
version than a made-up `If-Match` says (412): both are answers to valid requests. And a batch is more than its schema: ids stand in
it once, and what a request depends on stands before it (400).
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import engine
from schemathesis.config import SchemathesisConfig

from tests.server.openapi.serving import serving

ANSWERS = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429"]
EXAMPLES = 2
OTHER_TABLES = "/(accounts|contacts|memberships|notes|notifications|queues|tasks|teams|users)"
"""Rows of all tables are read by the same means; cases and samples have all that there is."""

CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
}
"""Checks that must have looked at something."""

CONDITIONS = st.recursive(
    st.sampled_from(["id ne null", "id eq null", "not (id eq null)"]),
    lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=4,
)


def settings(key: str) -> SchemathesisConfig:
    """What schemathesis is told."""
    return SchemathesisConfig.from_dict(
        {
            "seed": 20261126,
            "headers": {"X-Api-Key": key},
            "auth": {"openapi": {"apiKey": {"api_key": key}}},
            "generation": {"allow-x00": False, "max-examples": EXAMPLES, "database": "none"},
            "checks": {"positive_data_acceptance": {"expected-statuses": ANSWERS}},
            "operations": [
                {
                    "include-operation-id": "service.batch",
                    "checks": {"positive_data_acceptance": {"expected-statuses": [*ANSWERS, "400"]}},
                }
            ],
        }
    )


@pytest.mark.process
def test_no_check_of_schemathesis_fails() -> None:
    schemathesis.openapi.format("odata-filter", CONDITIONS)
    with serving("sqlite") as desk:
        schema = schemathesis.openapi.from_url(
            f"{desk.base}/openapi.json", config=settings(desk.key), headers={"X-Api-Key": desk.key}
        )
        failures, cases, checks = run(schema.exclude(path_regex=OTHER_TABLES))
    assert failures == []
    assert cases > 500
    assert checks >= CHECKS


def run(schema: Any) -> tuple[list[str], int, set[str]]:
    """What failed, how many requests were made, and by which checks their answers were looked at."""
    failures: list[str] = []
    names: set[str] = set()
    cases = 0
    for event in engine.from_schema(schema).execute():
        if isinstance(event, engine.events.NonFatalError | engine.events.FatalError):
            failures.append(str(event))
        if isinstance(event, engine.events.ScenarioFinished):
            cases += len(event.recorder.interactions)
            for name, checks in event.recorder.checks.items():
                names |= {check.name for check in checks}
                failures += [
                    f"{event.label}: {check.name} {check.failure_info.failure.message}\n{event.recorder.interactions[name].request.uri}"
                    for check in checks
                    if check.failure_info is not None
                ]
    return failures, cases, names
