"""The Python client calls a server over a socket: values of every type there and back, errors, pages, answers that are lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import anyio
import httpx2
import pytest

from tests.clients.made import imported, python_package
from tests.clients.server import answer, losing, serving


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package."""
    with imported(python_package(tmp_path_factory.mktemp("python") / "desk_of_tests")) as package:
        yield package


@pytest.fixture
def url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def ann(desk: ModuleType, url: str) -> Iterator[Any]:
    with desk.Client(url, token="ann") as client:
        yield client


VALUES: dict[str, Any] = {
    "note": 'it\'s 100% “ü” \\ / ? # & + "quoted"\n',
    "count": 2**62,
    "weight": Decimal("12345678.9012"),
    "price": Decimal("-0.0001"),
    "ready": True,
    "made_on": date(2026, 2, 28),
    "made_at": datetime(2026, 11, 24, 9, 30, 0, 123456, UTC),
    "wait": timedelta(days=-3, hours=2, microseconds=7),
}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_values_of_every_type_come_back_as_they_went(desk: ModuleType, kind: str) -> None:
    with serving(kind) as url, desk.Client(url, api_key="ann") as client:
        first = client.take_sample(code="S-1").made
        taken = client.take_sample(code="S-'2'/%", grade=desk.Priority.HIGH, parent=first, **VALUES)
        assert (taken.price, taken.grade) == (VALUES["price"], desk.Priority.HIGH)
        row = client.samples.get(desk.SampleByCode("S-'2'/%"))
        assert {name: getattr(row, name) for name in VALUES} == VALUES
        assert (row.id, row.grade, row.parent) == (taken.made.id, desk.Priority.HIGH, first)
        assert client.users.get(row.owner).email == "ann@example.com"
        weighed = client.weight_of(first=taken.made, others=[row, desk.SampleByCode("S-1")], factor=Decimal("0.50"))
        assert weighed == desk.WeightOfResult(weight=Decimal("6172839.4506"), all=(taken.made, first))
        assert client.samples_of(grade=desk.Priority.LOW) == desk.SamplesOfResult(
            total=0, above=(desk.Priority.NORMAL, desk.Priority.HIGH)
        )
        counted = client.count_all([taken.made, desk.SampleByCode("S-1")], step=-1)
        assert counted == (desk.CountAllResult(count=0), desk.CountAllResult(count=2**62 - 1)), "in the order of keys"
        ticket = client.escalate(desk.CaseByNumber("CAS-1"), reason="It burns").ticket
        assert client.tasks.get(ticket).subject == "Call back: Case 1"


def test_a_time_in_another_zone_is_the_same_moment(desk: ModuleType, ann: Any) -> None:
    from zoneinfo import ZoneInfo

    moment = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    made = ann.take_sample(code="S", made_at=moment).made
    assert ann.samples.get(made).made_at == moment
    with pytest.raises(ValueError, match="has no time zone"):
        ann.take_sample(code="T", made_at=datetime(2026, 7, 1))
    with pytest.raises(ValueError, match="no number that can be sent"):
        ann.take_sample(code="T", price=Decimal("NaN"))


def test_refusals_are_errors_with_all_that_was_told(desk: ModuleType, ann: Any, url: str) -> None:
    with pytest.raises(desk.ActionLangError) as raised:
        ann.escalate(desk.CaseByNumber("CAS-1"), reason=" ")
    error = raised.value
    assert (error.status, error.code, str(error)) == (422, "E0701", "E0701: Say why the case is escalated.")
    assert error.run
    with pytest.raises(desk.ActionLangError) as raised:
        ann.take_sample(code="x" * 21, weight=Decimal(10**20))
    assert (raised.value.status, raised.value.target) == (400, "code")
    assert {each["target"] for each in raised.value.details} == {"code", "weight"}
    for token, row, status in (("ann", desk.SampleRef(99), 404), ("dan", desk.SampleRef(1), 403), (None, None, 401)):
        with desk.Client(url, token=token) as client, pytest.raises(desk.ActionLangError) as raised:
            client.touch(row or desk.SampleRef(1))
        assert raised.value.status == status


def test_what_is_no_answer_of_a_server_is_told(desk: ModuleType, url: str) -> None:
    page = answer("200 OK", body="<html>Welcome!</html>")
    with losing(url, [page, answer("502 Bad Gateway")]) as proxy, desk.Client(proxy, token="ann") as client:
        with pytest.raises(desk.UnexpectedAnswer, match="answered with something else than a JSON object"):
            client.samples_of(grade=desk.Priority.LOW)
        with pytest.raises(desk.ActionLangError) as raised:
            client.samples_of(grade=desk.Priority.LOW)
    assert (raised.value.status, str(raised.value)) == (502, "HTTP 502: Bad Gateway")


def test_rows_are_read_page_by_page(desk: ModuleType, ann: Any) -> None:
    numbers = [case.number for case in ann.cases.list(where="priority eq 2", order_by="number desc", page_size=2)]
    assert numbers == [f"CAS-{number}" for number in range(9, 0, -1)]
    assert [case.number for case in ann.cases.list(order_by="number", top=3, page_size=2)] == [
        "CAS-1",
        "CAS-2",
        "CAS-3",
    ]
    assert list(ann.cases.list(where="number eq 'it''s & #'")) == []
    with pytest.raises(desk.ActionLangError) as raised:
        list(ann.cases.list(where="nothing eq 1"))
    assert raised.value.status == 400


def test_a_next_page_elsewhere_is_not_asked_with_the_callers_token(desk: ModuleType, url: str) -> None:
    body = '{"value": [], "@odata.nextLink": "http://evil.example.com/api/data/v9.2/cases?$skip=1"}'
    with (
        losing(url, [answer("200 OK", body=body)]) as proxy,
        desk.Client(proxy, token="ann") as client,
        pytest.raises(desk.UnexpectedAnswer, match=r"evil\.example\.com"),
    ):
        list(client.cases.list())


def test_a_dry_run_keeps_nothing_and_an_old_version_is_refused(desk: ModuleType, ann: Any) -> None:
    made = ann.take_sample(code="S").made
    assert ann.count_up(made, step=5, dry_run=True).count == 6
    row = ann.samples.get(made)
    assert row.count == 1
    assert ann.count_up(made, expected=row.etag).count == 2
    with pytest.raises(desk.ActionLangError) as raised:
        ann.count_up(made, expected=row.etag)
    assert (raised.value.status, raised.value.code) == (412, "E0725")


def test_a_key_acts_once(desk: ModuleType, ann: Any) -> None:
    made = ann.take_sample(code="S").made
    key = 'order "7" \\ 8'
    assert [ann.count_up(made, step=5, key=key).count for _ in range(3)] == [6, 6, 6]
    with pytest.raises(desk.ActionLangError) as raised:
        ann.count_up(made, step=6, key=key)
    assert raised.value.code == "E0813"


def test_a_lost_answer_is_asked_for_again_and_the_verb_acts_once(desk: ModuleType, ann: Any, url: str) -> None:
    made = ann.take_sample(code="S").made
    answers: list[bytes | None] = [None, None, answer("503 Service Unavailable", "Retry-After: 0")]
    with losing(url, answers) as proxy, desk.Client(proxy, token="ann") as client:
        assert client.count_up(made).count == 2
        assert not answers
    assert ann.samples.get(made).count == 2


def test_without_retries_a_lost_answer_is_an_error(desk: ModuleType, ann: Any, url: str) -> None:
    made = ann.take_sample(code="S").made
    with (
        losing(url, [None]) as proxy,
        desk.Client(proxy, token="ann", retries=0) as client,
        pytest.raises(httpx2.TransportError),
    ):
        client.count_up(made)
    assert ann.samples.get(made).count == 2, "it was done, once"


def test_a_token_is_asked_for_before_each_try(desk: ModuleType, url: str) -> None:
    tokens = iter(["ann", "ann", "bob"])
    with (
        losing(url, [answer("429 Too Many Requests", "Retry-After: 0")]) as proxy,
        desk.Client(proxy, token=lambda: next(tokens)) as client,
    ):
        client.samples_of(grade=desk.Priority.LOW)
    assert list(tokens) == ["bob"]


def test_several_things_at_once(desk: ModuleType, url: str) -> None:
    async def token() -> str:
        return "ann"

    async def story() -> tuple[list[str], list[int]]:
        async with desk.AsyncClient(url, token=token) as client:
            made = (await client.take_sample(code="S")).made
            counts: list[int] = []

            async def count() -> None:
                counts.append((await client.count_up(made)).count)

            async with anyio.create_task_group() as group:
                for _ in range(5):
                    group.start_soon(count)
            with pytest.raises(desk.ActionLangError):
                await client.count_up(made, step=0)
            return [case.number async for case in client.cases.list(order_by="number", page_size=4)], sorted(counts)

    numbers, counts = anyio.run(story)
    assert numbers == [f"CAS-{number}" for number in range(1, 10)]
    assert counts == [2, 3, 4, 5, 6]


def test_lost_answers_of_the_async_client_act_once(desk: ModuleType, ann: Any, url: str) -> None:
    made = ann.take_sample(code="S").made

    async def count() -> int:
        async with desk.AsyncClient(proxy, api_key="ann") as client:
            return int((await client.count_up(made)).count)

    with losing(url, [None]) as proxy:
        assert anyio.run(count) == 2
    assert ann.samples.get(made).count == 2
