"""Calling for others: who may, for whom, with whose rights, and what the records say of it."""

from __future__ import annotations

from contextlib import chdir

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from starlette.datastructures import Headers

from actionlang.access import api_keys
from actionlang.cli.group import actionlang
from actionlang.runtime.database import Database
from actionlang.server.identity.acting import acting
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.identity import Identity
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.refusal import Refusal
from actionlang.server.service import VerbCall
from tests.server.world import DESK, desk, service

IDS = {name: f"00000000-0000-4000-8000-00010000000{at}" for at, name in enumerate(("ann", "bob", "cara", "dan"))}
ALL = frozenset({"read", "verb:*", "act-for"})
ANN = Identity("key ann", {"id": IDS["ann"]}, ALL)
BY_ID = Headers({"MSCRMCallerID": IDS["bob"]})


def refused(identity: Identity, headers: dict[str, str], database: Database) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        acting(identity, Headers(headers), database)
    return caught.value.status, caught.value.code


def test_the_records_have_both(database: Database) -> None:
    bob = acting(ANN, BY_ID, database)
    assert (bob.subject, bob.origin, bob.allows("act-for")) == (f"key ann for {IDS['bob']}", ANN, False)
    made = service(database).call(VerbCall("TakeSample", bob, arguments={"code": "S-1"}))
    (run,) = database.log.runs(limit=1)
    assert (run.id, run.caller, run.called_by, run.outcome) == (made.result.run, IDS["bob"], IDS["ann"], "done")
    with pytest.raises(Refusal):
        service(database).call(VerbCall("Escalate", bob, "CAS-1", {"reason": " "}))
    (failed,) = database.log.runs(limit=1)
    assert (failed.caller, failed.called_by, failed.outcome) == (IDS["bob"], IDS["ann"], "failed")
    url = database.engine.url.render_as_string(hide_password=False)
    with chdir(DESK):
        shown, sealed, verified = (
            CliRunner().invoke(actionlang, ["log", *words, "--db", url], standalone_mode=False)
            for words in ((run.id,), ("seal",), ("verify",))
        )
    assert "called by  user ann@example.com" in shown.output, shown.output
    assert not sealed.return_value and not verified.return_value, verified.output


def test_a_verb_that_runs_inside_the_server_names_both_too(database: Database) -> None:
    """PostgreSQL runs verbs that are called often by a function of its own, which knows of one caller only."""
    verbs = service(database)
    for code in ("S-1", "S-2", "S-3"):
        verbs.call(VerbCall("TakeSample", Identity("bob", {"id": IDS["bob"]}), arguments={"code": code}))
    verbs.call(VerbCall("TakeSample", acting(ANN, BY_ID, database), arguments={"code": "S-4"}))
    told = [(run.caller, run.called_by) for run in database.log.runs(limit=2)]
    assert told == [(IDS["bob"], IDS["ann"]), (IDS["bob"], None)]


def test_the_rights_are_those_of_whom_is_called_for(database: Database) -> None:
    dan = acting(ANN, Headers({"CallerObjectId": f"{{{IDS['dan'].upper()}}}"}), database)
    with pytest.raises(Refusal) as caught:
        service(database).call(VerbCall("Escalate", dan, "CAS-1", {"reason": "x"}))
    assert (caught.value.status, caught.value.code) == (403, "E0730")
    with pytest.raises(Refusal) as caught:
        service(database).call(VerbCall("Touch", acting(ANN, BY_ID, database), "S-9"))
    assert caught.value.status == 404


def test_who_may_not(kept_desk: Database) -> None:
    for scopes in (frozenset({"verb:*", "read"}), frozenset(), frozenset({"verb:act-for"})):
        limited = Identity("key", {"id": IDS["ann"]}, scopes)
        assert refused(limited, {"MSCRMCallerID": IDS["bob"]}, kept_desk) == (403, "E1110")
    nobody = Identity("key", None, ALL)
    assert refused(nobody, {"MSCRMCallerID": IDS["bob"]}, kept_desk) == (403, "E1116")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"MSCRMCallerID": "00000000-0000-4000-8000-000100000077"}, 403, "E0733"),
        ({"CallerObjectId": "00000000-0000-4000-8000-000100000077"}, 403, "E0733"),
        ({"MSCRMCallerID": "bob@example.com"}, 400, "E1113"),
        ({"MSCRMCallerID": "' OR 1=1 --"}, 400, "E1113"),
        ({"MSCRMCallerID": ""}, 400, "E1113"),
        ({"MSCRMCallerID": IDS["bob"], "CallerObjectId": IDS["dan"]}, 400, "E1113"),
    ],
)
def test_for_whom_not(kept_desk: Database, headers: dict[str, str], status: int, code: str) -> None:
    assert refused(ANN, headers, kept_desk) == (status, code)


def test_for_oneself(kept_desk: Database) -> None:
    assert acting(ANN, Headers({"MSCRMCallerID": IDS["ann"]}), kept_desk) == ANN
    assert acting(ANN, Headers({}), kept_desk) is ANN


def test_a_part_of_a_batch_names_somebody_else(kept_desk: Database) -> None:
    """What counts is whose credentials they are, not for whom the request as a whole is."""
    bob = acting(ANN, BY_ID, kept_desk)
    assert acting(bob, BY_ID, kept_desk) == bob
    assert acting(bob, Headers({"MSCRMCallerID": IDS["cara"]}), kept_desk).subject.endswith(IDS["cara"])
    assert acting(bob, Headers({"MSCRMCallerID": IDS["ann"]}), kept_desk) == ANN


def test_users_who_are_not_active(database: Database) -> None:
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("UPDATE \"user\" SET active = false WHERE name = 'Bob'"))
    assert refused(ANN, {"MSCRMCallerID": IDS["bob"]}, database) == (403, "E0733")
    bob = Identity("key bob", {"email": "bob@example.com"}, ALL)
    assert refused(bob, {"MSCRMCallerID": IDS["ann"]}, database) == (403, "E0733")


def test_without_rules_of_access_nobody_calls_for_others() -> None:
    with desk("sqlite") as database:
        plain = Database.connect(database.engine.url)
        try:
            assert refused(ANN, {"MSCRMCallerID": IDS["bob"]}, plain) == (403, "E1116")
        finally:
            plain.close()


@pytest.fixture
def key(database: Database) -> str:
    url = database.engine.url.render_as_string(hide_password=False)
    words = ["key", "create", "sync", "--as", "ann@example.com", "--scope", "verb:*", "--scope", "act-for", "--db", url]
    return CliRunner().invoke(actionlang, words, standalone_mode=False).stdout.strip()


def test_the_header_of_a_request(database: Database, key: str) -> None:
    who = Authenticator(database, IdentitySettings())
    told = who(Headers({"X-Api-Key": key, "CallerObjectId": IDS["cara"]}))
    assert told.subject == f"key {api_keys.name_of(key)} for {IDS['cara']}"
    assert who(Headers({"X-Api-Key": key})).subject == f"key {api_keys.name_of(key)}"
