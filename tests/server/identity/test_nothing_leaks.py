"""Whatever goes wrong, no answer of any door holds SQL, a path, a place in a script, a trace or a plan; nor whether a row exists that
the caller may not see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionlang.runtime.database import Database
from tests.server.identity.asking import Asking, Told
from tests.server.identity.whole import key_of, whole_server
from tests.server.world import desk

ROOT = "/api/data/v9.2"
JSON = ("Content-Type", "application/json")

TELLING = re.compile(
    r"""
    \bSELECT\b .{0,200} \bFROM\b | \bINSERT\ INTO\b | \bUPDATE\b .{0,80} \bSET\b | \bDELETE\ FROM\b | \bWHERE\ \w+\ = |
    sqlite | sqlalchemy | psycopg | postgres | syntax\ error\ at | no\ such\ (table|column): | relation\ " |
    Traceback | File\ " | ,\ line\ \d+,\ in\  | \.py\b | \.act\b | site-packages | /work/ | /tmp/ | /root/ | /home/ | /usr/ |
    sha256: | plan_hash | actionlang_(run|role|grant|api_key|key) | \bon\ column\b | errno | 0x[0-9a-f]{8}
    """,
    re.VERBOSE | re.IGNORECASE,
)

ADDRESSES = (
    "/", "/nothing", "/healthz/x", "/readyz/../etc/passwd", "/%00", "/%ff%fe", "/mcp", "/openapi.json/x", "/docs/../../etc/passwd",
    f"{ROOT}", f"{ROOT}/nothings", f"{ROOT}/cases('", f"{ROOT}/cases(1)", f"{ROOT}/cases(number='CAS-1", f"{ROOT}/cases(number='x')",
    f"{ROOT}/cases(00000000-0000-0000-0000-000000000000)", f"{ROOT}/cases('%27%20OR%201=1--')", f"{ROOT}/samples(99999999999999999999)",
    f"{ROOT}/cases?$filter=", f"{ROOT}/cases?$filter=number eq", f"{ROOT}/cases?$filter=number eq 'x' or 1 eq 'x'",
    f"{ROOT}/cases?$filter=nothing eq 1", f"{ROOT}/cases?$filter=number eq '\0'", f"{ROOT}/cases?$filter=contains(number,1)",
    f"{ROOT}/cases?$orderby=number;drop table case", f"{ROOT}/cases?$select=*,x", f"{ROOT}/cases?$expand=owner($expand=x)",
    f"{ROOT}/cases?$top=-1", f"{ROOT}/cases?$skip=99999999999999999999999", f"{ROOT}/cases?$skiptoken=%%%", f"{ROOT}/cases?$apply=x",
    f"{ROOT}/samples_of(grade=x)", f"{ROOT}/samples_of", f"{ROOT}/weight_of(first=@a)?@a=(", f"{ROOT}/$metadata?$format=x", f"{ROOT}/$batch",
    f"{ROOT}/cases('CAS-1')/Microsoft.Dynamics.CRM.Nothing", f"{ROOT}/$calls(1)", f"{ROOT}/cases?$filter={'(' * 300}",
)  # fmt: skip

BODIES = (
    b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a": 1}', b'{"reason": 1}', b'{"reason": " "}', b'{"code": null}', b'{"code": "%s"}' % (b"x" * 99),
    b'{"code": "S-1", "price": "1e400"}', b'{"code": "S-1", "count": 1e99}', b'{"code": "S-1", "parent@odata.bind": "samples(7)"}',
    b'{"code": "S-1", "made_at": "tomorrow"}', b'{"code": "\\u0000"}', b"[" * 2000, b'{"a":' * 500, b'{"requests": 7}',
    b'{"requests": [{"id": "1", "method": "GET", "url": "cases(\'"}]}',
)  # fmt: skip

CALLED = (
    f"{ROOT}/TakeSample", f"{ROOT}/cases(number='CAS-1')/Microsoft.Dynamics.CRM.Escalate", f"{ROOT}/GradeAll", f"{ROOT}/$batch", "/mcp",
)  # fmt: skip


def encoded(path: str) -> str:
    return quote(path, safe="/%?$=&'()@,;*:")


@contextmanager
def asked(database: Database) -> Iterator[tuple[Asking, str]]:
    with whole_server(database) as ask:
        yield ask, key_of("ann", database)


def see(told: Told, sent: str) -> None:
    """See that an answer tells nothing that it must not, other than what was sent."""
    for text in (told.text, *told.headers.values()):
        for found in TELLING.finditer(text):
            assert found[0].lower() in sent.lower(), (found[0], told)


@pytest.fixture(scope="module")
def kept(kept_desk: Database) -> Iterator[tuple[Asking, str]]:
    with asked(kept_desk) as made:
        yield made


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "TRACE"])
def test_addresses(kept: tuple[Asking, str], method: str) -> None:
    ask, key = kept
    statuses = set()
    for path in ADDRESSES:
        told = ask.raw(encoded(path), method, [("Authorization", f"Bearer {key}")])
        statuses.add(told.status)
        see(told, path)
    assert 500 not in statuses, statuses


def test_bodies(kept: tuple[Asking, str]) -> None:
    ask, key = kept
    for path in CALLED:
        for body in BODIES:
            for kind in ("application/json", "multipart/mixed; boundary=x", "text/xml"):
                header = [
                    ("Authorization", f"Bearer {key}"),
                    ("Content-Type", kind),
                    ("Accept", "application/json, text/event-stream"),
                ]
                told = ask.raw(path, "POST", header, body)
                see(told, body.decode("latin-1"))
                assert told.status != 500, (path, body, told)


def test_headers(kept: tuple[Asking, str]) -> None:
    ask, key = kept
    wrong = {
        "If-Match": "W/\"' OR 1=1", "Prefer": "odata.maxpagesize=x;;=", "OData-Version": "9", "Accept": "x/y;q=z", "Idempotency-Key": "x" * 999,
        "CallerObjectId": "'; DROP TABLE", "MSCRMCallerID": "x", "Content-Encoding": "x", "X-Request-Id": "/tmp/x", "Host": "evil",
        "OData-MaxVersion": "-", "Content-Type": "application/json; charset=klingon", "Accept-Charset": "\xff",
    }  # fmt: skip
    for name, value in wrong.items():
        told = ask.raw(CALLED[1], "POST", [("Authorization", f"Bearer {key}"), (name, value)], b'{"reason": "x"}')
        see(told, value)
        assert told.status != 500, (name, told)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(("GET", "POST")), st.text(max_size=40), st.text(max_size=40), st.binary(max_size=40))
def test_anything_at_all(kept: tuple[Asking, str], method: str, path: str, query: str, body: bytes) -> None:
    ask, key = kept
    address = f"{ROOT}/{quote(path, safe='/()')}?{quote(query, safe='=$&')}"
    told = ask.raw(address, method, [("Authorization", f"Bearer {key}"), ("Content-Type", "application/json")], body)
    see(told, f"{path} {query} {body.decode('latin-1')}")
    assert told.status != 500, told


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_database_that_fails(kind: str) -> None:
    """Tables go, and a trigger fails, while the server runs: callers are told a number, and its operators the rest."""
    failing = {
        "sqlite": "CREATE TRIGGER t BEFORE UPDATE ON \"case\" BEGIN SELECT RAISE(ABORT, 'SELECT secret FROM /tmp/x.py'); END",
        "postgresql": "CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'SELECT secret FROM /tmp/x.py'; END $$; "
        'CREATE TRIGGER t BEFORE UPDATE ON "case" FOR EACH ROW EXECUTE FUNCTION t()',
    }
    with desk(kind) as database, asked(database) as (ask, key):
        header = [("Authorization", f"Bearer {key}"), ("Content-Type", "application/json")]
        _do(database, failing[database.dialect.name])
        told = [ask.raw(CALLED[1], "POST", header, b'{"reason": "late"}')]
        _do(database, "DROP TABLE sample" if kind == "sqlite" else "DROP TABLE sample CASCADE")
        told += [
            ask.raw(f"{ROOT}/samples", "GET", header),
            ask.raw(f"{ROOT}/TakeSample", "POST", header, b'{"code": "S-1"}'),
        ]
        told += [ask.raw(f"{ROOT}/samples(1)/Microsoft.Dynamics.CRM.Touch", "POST", header)]
        batch = {
            "requests": [
                {"id": "1", "method": "GET", "url": "samples"},
                {"id": "2", "method": "POST", "url": "TakeSample", "body": {}},
            ]
        }
        told += [ask.raw(f"{ROOT}/$batch", "POST", header, json.dumps(batch).encode())]
        for table in ("actionlang_grant", "actionlang_api_key"):
            _do(database, f"DROP TABLE {table}")
            told += [ask.raw(path, "GET", header) for path in (f"{ROOT}/cases", f"{ROOT}/$metadata", "/readyz")]
            told += [ask.raw(CALLED[1], "POST", header, b'{"reason": "late"}')]
        told += [ask.raw(f"{ROOT}/cases", "GET", [("X-Api-Key", key_text)]) for key_text in (key, "al_live_x")]
        assert sum(each.status >= 500 for each in told) >= 5, [each.status for each in told]
        for each in told:
            see(each, "")


def _do(database: Database, statements: str) -> None:
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text(statements.replace(":", "\\:")))


def test_a_body_sets_nothing_but_what_the_contract_names(database: Database) -> None:
    """No mass assignment: columns that are no parameters, by any of their names, are refused, and nothing is made."""
    with asked(database) as (ask, key):
        header = [("Authorization", f"Bearer {key}"), JSON]
        for more in (
            '"id": 7',
            '"owner@odata.bind": "users(1)"',
            '"owner": "x"',
            '"_owner_value": "x"',
            '"caller": "bob"',
            '"Code": "x"',
        ):
            told = ask.raw(f"{ROOT}/TakeSample", "POST", header, f'{{"code": "S-1", {more}}}'.encode())
            assert told.status == 400, (more, told)
        assert ask(f"{ROOT}/samples", token=key).data["value"] == []
        for method in ("PATCH", "PUT", "DELETE"):
            assert ask.raw(f"{ROOT}/cases(number='CAS-1')", method, header, b'{"title": "x"}').status == 405
        assert ask.raw(f"{ROOT}/cases", "POST", header, b'{"title": "x"}').status == 405


def test_another_users_row_is_as_if_it_were_not_there(database: Database) -> None:
    """Cara may read her own samples alone: Ann's is told of as one that never was, by every way to it."""
    with asked(database) as (ask, ann):
        cara = key_of("cara", database)
        made = ask.raw(f"{ROOT}/TakeSample", "POST", [("X-Api-Key", ann), JSON], b'{"code": "S-1"}')
        assert made.status == 200, made
        ways = (
            ("GET", "samples({})", b""),
            ("POST", "samples({})/Microsoft.Dynamics.CRM.CountUp", b'{"step": 1}'),
            ("POST", "samples({})/Microsoft.Dynamics.CRM.CountUp", b'{"step": "x"}'),
            ("GET", "samples({})/Microsoft.Dynamics.CRM.price_of()", b""),
            ("GET", "samples({})/code", b""),
        )
        for method, way, body in ways:
            answers = []
            for id_, code in ((1, "S-1"), (4711, "S-4711")):
                for key in (str(id_), f"code='{code}'"):
                    told = ask.raw(f"{ROOT}/{way.format(key)}", method, [("X-Api-Key", cara), JSON], body)
                    answers.append((told.status, re.sub(r"\b(1|4711)\b", "N", told.text)))
            there, gone = answers[:2], answers[2:]
            assert there == gone, (way, answers)
            assert all(status in (400, 403, 404) for status, _ in answers), (way, answers)
        assert ask(f"{ROOT}/samples", X_Api_Key=cara).data["value"] == []
        assert len(ask(f"{ROOT}/samples", X_Api_Key=ann).data["value"]) == 1
