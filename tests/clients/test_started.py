"""Background actions by the Python client, over a socket: started once, asked for, waited for, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import attrs
import httpx2
import pytest

from actionlang.clients.contract import named_contract
from actionlang.clients.python.runtime._started import Pending, outcome_of
from actionlang.clients.python.runtime._values import nothing
from actionlang.durable.background import Background
from tests.clients.made import desk_contract, imported, python_package
from tests.clients.server import answer, losing, started_by_hand

GOES_ON = answer("202 Accepted", "Retry-After: 0")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package."""
    with imported(python_package(tmp_path_factory.mktemp("python") / "desk_that_starts")) as package:
        yield package


@pytest.fixture
def server() -> Iterator[tuple[str, Background]]:
    with started_by_hand() as server:
        yield server


@pytest.fixture
def url(server: tuple[str, Background]) -> str:
    return server[0]


@pytest.fixture
def work(server: tuple[str, Background]) -> Background:
    """What goes on with the runs."""
    return server[1]


@pytest.fixture
def ann(desk: ModuleType, url: str) -> Iterator[Any]:
    with desk.Client(url, token="ann") as client:
        yield client


@pytest.fixture
def sample(ann: Any) -> Any:
    """A sample whose count is 1."""
    return ann.take_sample(code="S").made


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_it_is_started_and_goes_on_by_itself(desk: ModuleType, kind: str) -> None:
    with started_by_hand(kind) as (url, work), desk.Client(url, token="ann") as client:
        sample = client.take_sample(code="S").made
        started = client.count_slowly(sample, step=2)
        assert repr(started) == f"Started(id='{started.id}')"
        assert started.address == f"{url}/api/data/v9.2/$calls({started.id})"
        assert started.outcome() == desk.Pending(1.0)
        assert client.samples.get(sample).count == 1
        work.work_once()
        assert started.outcome() == started.wait() == desk.CountSlowlyResult(count=5)
        with desk.Client(url, token="ann") as another:
            again = another.count_slowly_started(started.id)
            assert again == started
            assert again.wait(timeout=0).count == 5
        with desk.Client(url, token="bob") as other, pytest.raises(desk.ActionLangError) as raised:
            other.count_slowly_started(started.id).outcome()
        assert (raised.value.status, raised.value.code) == (404, "E1127")


def test_what_it_failed_with_is_raised(desk: ModuleType, ann: Any, sample: Any, work: Background) -> None:
    started = ann.count_slowly(sample, step=0)
    work.work_once()
    for ask in (started.outcome, started.wait):
        with pytest.raises(desk.ActionLangError) as raised:
            ask()
        error = raised.value
        assert (error.status, str(error), error.run) == (422, "E0701: Count by one at least.", started.id)


def test_what_is_sensitive_is_not_told_and_stops_nobody(tmp_path: Path) -> None:
    known = desk_contract()
    verbs = {each.name: each for each in known.verbs}
    slowly = verbs["verbs.desk.CountSlowly"]
    secret = attrs.evolve(slowly, outputs=tuple(attrs.evolve(each, sensitive=True) for each in slowly.outputs))
    contract = named_contract({**verbs, slowly.name: secret}, known.tables, known.choices, known.names)
    with imported(python_package(tmp_path / "desk_with_a_secret", contract)) as package:
        read = package.CountSlowlyResult.from_wire
        assert read({"count": None}).count is None


def test_a_dry_run_starts_nothing(desk: ModuleType, ann: Any, sample: Any, url: str, work: Background) -> None:
    assert ann.count_slowly_dry_run(sample, step=2) is None
    for token, row, given, status in (
        ("ann", desk.SampleRef(99), {}, 404),
        ("dan", sample, {}, 403),
        ("ann", sample, {"step": 2**70}, 400),
        ("ann", sample, {"expected": 'W/"0000000000000000"'}, 412),
    ):
        with desk.Client(url, token=token) as client:
            for method in (client.count_slowly_dry_run, client.count_slowly):
                with pytest.raises(desk.ActionLangError) as raised:
                    method(row, **given)
                assert raised.value.status == status
    assert work.list() == ()


def test_a_lost_answer_is_asked_for_again_and_one_run_started(
    desk: ModuleType, ann: Any, sample: Any, url: str, work: Background
) -> None:
    with losing(url, [None]) as proxy, desk.Client(proxy, token="ann") as client:
        started = client.count_slowly(sample)
    assert [run.id for run in work.list()] == [started.id]
    one, other = (ann.count_slowly(sample, step=3, key="k") for _ in range(2))
    assert one == other != started


def test_waiting_asks_again_until_it_is_done_or_the_time_is_over(
    desk: ModuleType, ann: Any, sample: Any, url: str, work: Background
) -> None:
    started = ann.count_slowly(sample)
    with pytest.raises(TimeoutError, match=started.id):
        started.wait(timeout=0)
    work.work_once()
    answers: list[bytes | None] = [GOES_ON, None, GOES_ON]
    with losing(url, answers) as proxy, desk.Client(proxy, token="ann") as client:
        assert client.count_slowly_started(started.id).wait(timeout=60).count == 3
        assert not answers
        answers += [answer("202 Accepted", "Retry-After: 3600")] * 2
        with pytest.raises(TimeoutError):
            client.count_slowly_started(started.id).wait(timeout=0.1)
        assert not answers, "asked a last time when the time was over"


def test_what_waits_is_taken_back_and_what_it_did_stays(
    desk: ModuleType, ann: Any, sample: Any, url: str, work: Background
) -> None:
    started = ann.count_slowly(sample, pause=timedelta(hours=2))
    work.work_once()
    assert started.outcome() == desk.Pending(3600.0), "an hour at most"
    assert ann.samples.get(sample).count == 2
    with losing(url, [None]) as proxy, desk.Client(proxy, token="ann") as client:
        client.count_slowly_started(started.id).cancel()
    assert work.find(started.id).state == "cancelled"
    for ask in (started.outcome, started.wait, ann.count_slowly_started("no-such").cancel):
        with pytest.raises(desk.ActionLangError) as raised:
            ask()
        assert (raised.value.status, raised.value.code) == (404, "E1127")
    ended = ann.count_slowly(sample)
    work.work_once()
    ended.cancel()
    with pytest.raises(desk.ActionLangError):
        ended.outcome()


def test_what_is_at_work_is_not_taken_back(desk: ModuleType, url: str) -> None:
    body = '{"error": {"code": "E1127", "message": "The call is being made: it can not be taken back."}}'
    with losing(url, [answer("409 Conflict", body=body)]) as proxy, desk.Client(proxy, token="ann") as client:
        with pytest.raises(desk.ActionLangError) as raised:
            client.count_slowly_started("some-run").cancel()
        assert raised.value.status == 409


def test_credentials_go_to_no_other_server(desk: ModuleType, sample: Any, url: str) -> None:
    elsewhere = answer("202 Accepted", "Location: http://evil.example.com/api/data/v9.2/$calls(some-run)")
    with losing(url, [elsewhere, GOES_ON]) as proxy, desk.Client(proxy, token="ann") as client:
        started = client.count_slowly(sample)
        assert started.address == f"{proxy}/api/data/v9.2/$calls(some-run)"
        assert isinstance(started.outcome(), desk.Pending)
        assert client.count_slowly_started("@evil/../..?a#b").address.endswith("/$calls(%40evil%2F..%2F..%3Fa%23b)")


def test_what_is_no_answer_of_a_server_is_told(desk: ModuleType, sample: Any, url: str) -> None:
    told = [answer("202 Accepted"), answer("204 No Content"), answer("200 OK", body="{}")]
    with losing(url, [*told]) as proxy, desk.Client(proxy, token="ann") as client:
        for _ in range(2):
            with pytest.raises(desk.UnexpectedAnswer, match="does not say what it has started"):
                client.count_slowly(sample)
        with pytest.raises(desk.UnexpectedAnswer, match="does not say what became of the run"):
            client.count_slowly_started("some-run").outcome()


def test_what_returns_nothing_gives_none() -> None:
    done = httpx2.Response(200, headers={"AsyncResult": "204"})
    assert outcome_of(done, nothing) is None


@pytest.mark.parametrize(
    ("told", "after"), [(None, 1), ("0", 0.1), ("7", 7), ("99999", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", 1)]
)
def test_when_to_ask_again(told: str | None, after: float) -> None:
    response = httpx2.Response(202, headers={} if told is None else {"Retry-After": told})
    assert outcome_of(response, nothing) == Pending(after)


def test_the_async_client_does_the_same(desk: ModuleType, ann: Any, sample: Any, url: str, work: Background) -> None:
    async def story() -> None:
        async with desk.AsyncClient(proxy, token="ann") as client:
            assert await client.count_slowly_dry_run(sample) is None
            started = await client.count_slowly(sample, step=2)
            assert isinstance(await started.outcome(), desk.Pending)
            with pytest.raises(TimeoutError):
                await started.wait(timeout=0)
            work.work_once()
            answers.append(GOES_ON)
            assert (await started.wait(timeout=60)).count == 5
            again = client.count_slowly_started(started.id)
            assert again == started
            assert again.address == f"{proxy}/api/data/v9.2/$calls({started.id})"
            assert (await again.outcome()).count == 5

            failing = await client.count_slowly(sample, step=0)
            work.work_once()
            with pytest.raises(desk.ActionLangError) as raised:
                await failing.wait()
            assert (raised.value.status, raised.value.run) == (422, failing.id)

            answers.append(None)
            await failing.cancel()
            with pytest.raises(desk.ActionLangError) as raised:
                await failing.outcome()
            assert raised.value.status == 404

    answers: list[bytes | None] = [b"", None]
    with losing(url, answers) as proxy:
        anyio.run(story)
    assert len(work.list()) == 2
