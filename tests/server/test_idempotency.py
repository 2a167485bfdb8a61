"""Idempotency-Key: how it is written, whose it is, and that of many with one key one acts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from actionlang.runtime.database import Database
from actionlang.server.app import Application, Mounted
from actionlang.server.idempotency import kept_key, key_of
from actionlang.server.identity.identity import Identity
from actionlang.server.odata.door import ODataDoor
from actionlang.server.odata.settings import ODataSettings
from actionlang.server.refusal import Refusal
from actionlang.server.service import VerbCall
from tests.server.live import live
from tests.server.world import desk, service, somebody

ANN, BOB = somebody("ann"), somebody("bob")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database


def sent(*keys: str) -> str | None:
    return key_of(Headers(raw=[(b"idempotency-key", key.encode("latin-1")) for key in keys]))


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("order-17", "order-17"),
        ('"order-17"', "order-17"),
        (' "8e03978e-40d5-43dd-bc93-6894a57f9324" ', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        (r'"a \"b\" \\c"', r'a "b" \c'),
        ('a"b', 'a"b'),
        ("a, b", "a, b"),
        ("x" * 160, "x" * 160),
    ],
)
def test_keys(written: str, key: str) -> None:
    assert sent(written) == key


def test_no_key() -> None:
    assert sent() is None


@pytest.mark.parametrize(
    "keys", [("",), (" ",), ('""',), ('"a',), ('"a"b"',), (r'"a\n"',), ("\xe4",), ("a\tb",), ("x" * 161,), ("a", "a")]
)
def test_what_is_no_key(keys: tuple[str, ...]) -> None:
    with pytest.raises(Refusal) as raised:
        sent(*keys)
    assert (raised.value.status, raised.value.code, raised.value.target) == (400, "E1145", "Idempotency-Key")


@given(st.text(), st.text(), st.text(), st.text())
def test_keys_of_two_are_two(subject: str, key: str, other_subject: str, other_key: str) -> None:
    kept = kept_key(key, Identity(subject))
    assert (kept == kept_key(other_key, Identity(other_subject))) is ((subject, key) == (other_subject, other_key))


def test_a_longest_key_is_kept(database: Database) -> None:
    call = VerbCall("TakeSample", ANN, arguments={"code": "S-1"}, key="k" * 160)
    assert not service(database).call(call).result.replayed
    assert service(database).call(call).result.replayed


def test_keys_are_everybodys_own(database: Database) -> None:
    """Nobody finds out about a key of somebody else's: it is as if it were free."""
    call = VerbCall("TakeSample", ANN, arguments={"code": "S-1"}, key="k-1")
    first = service(database).call(call).result
    other = service(database).call(attrs.evolve(call, identity=BOB, arguments={"code": "S-2"})).result
    assert not other.replayed
    assert other.run != first.run
    with pytest.raises(Refusal) as raised:
        service(database).call(attrs.evolve(call, arguments={"code": "S-3"}))
    assert (raised.value.status, raised.value.code) == (422, "E0813")
    assert raised.value.message.startswith("The key k-1 was taken by a run of TakeSample with another")


@attrs.frozen
class Told:
    """A response over a socket."""

    status: int
    headers: dict[str, str]
    body: dict[str, object]


def post(url: str, body: object, **headers: str) -> Told:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json", **told})
    try:
        with urlopen(request) as response:
            return Told(response.status, {k.lower(): v for k, v in response.headers.items()}, json.load(response))
    except HTTPError as error:
        with error:
            return Told(error.code, {k.lower(): v for k, v in error.headers.items()}, json.load(error))


def by_name(headers: Headers, _: str) -> Identity:
    return somebody(headers["x-test-user"])


@pytest.mark.process
def test_of_twenty_with_one_key_one_acts(database: Database) -> None:
    door = ODataDoor(service(database), ODataSettings(async_workers=0))
    application = Application([Mounted("/api/data/", door)], by_name)
    together = Barrier(20)

    def call(_: int) -> Told:
        together.wait()
        return post(f"{base}/api/data/v9.2/TakeSample", {"code": "S-1"}, Idempotency_Key='"k-1"', X_Test_User="ann")

    with live(application) as base, ThreadPoolExecutor(20) as pool:
        found = list(pool.map(call, range(20)))
        other = post(f"{base}/api/data/v9.2/TakeSample", {"code": "S-2"}, Idempotency_Key="k-1", X_Test_User="ann")
    assert {each.status for each in found} == {200}
    assert len({json.dumps(each.body["made"]) for each in found}) == 1
    replayed = [each.headers.get("idempotency-replayed") for each in found]
    assert sorted(replayed, key=str) == [None, *["true"] * 19]
    assert [run.outcome for run in database.log.runs()] == ["done"]
    assert (other.status, other.body["error"]["code"]) == (422, "E0813")  # type: ignore[index]
