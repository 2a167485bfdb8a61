"""A part of the matrix of faults: each kind of fault in each work, at some of its statements. `python -m tests.faults.matrix --all`
tries all statements; its table is in docs/explanation/reliability.md."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.matrix import scene
from tests.faults.matrix.child import CHILD
from tests.faults.matrix.places import Place, in_file, on_server, own_server
from tests.faults.matrix.trying import statements_of, try_fault
from tests.faults.matrix.works import ALL, BY_NAME, NOTHING, WORKS, run_again, run_state
from tests.forking import Children, children

pytestmark = pytest.mark.process

PAGE_BYTES, FRAME_HEAD, LOG_HEAD = 4096, 24, 32
"""SQLite's write-ahead log: a head, then for each page that was written a head and the page."""


@pytest.fixture(scope="module")
def ready() -> Iterator[Children]:
    with children(CHILD) as started:
        yield started


@pytest.fixture(scope="module")
def file() -> Iterator[Place]:
    with in_file() as place:
        yield place


@pytest.fixture(scope="module")
def database() -> Iterator[Place]:
    with on_server() as place:
        yield place


@pytest.fixture(scope="module")
def server() -> Iterator[Place]:
    with own_server() as place:
        yield place


def some(statements: int, parts: int) -> list[int]:
    """The last statement but one, with which most works end, and others at like distances before it."""
    return sorted({max(1, (statements - 1) * part // parts) for part in range(1, parts + 1)})


@pytest.mark.parametrize("work", BY_NAME)
def test_killed_on_sqlite(work: str, file: Place, ready: Children) -> None:
    statements = statements_of(BY_NAME[work], file, ready)
    for fault in file.faults:
        tried = try_fault(BY_NAME[work], file, fault, ready, statements, some(statements, 4))
        assert tried.tried == 4


@pytest.mark.parametrize("work", BY_NAME)
def test_killed_and_cut_off_on_postgres(work: str, database: Place, ready: Children) -> None:
    statements = statements_of(BY_NAME[work], database, ready)
    for fault in database.faults:
        tried = try_fault(BY_NAME[work], database, fault, ready, statements, some(statements, 2))
        assert tried.tried == 2


@pytest.mark.parametrize("work", BY_NAME)
def test_the_server_stops(work: str, server: Place, ready: Children) -> None:
    statements = statements_of(BY_NAME[work], server, ready)
    tried = try_fault(BY_NAME[work], server, "server stopped after", ready, statements, [statements - 1])
    assert tried.tried == 1


def test_no_work_is_forgotten() -> None:
    assert [work.name for work in WORKS] == ["run", "activation", "delivery", "sealing"]


def test_a_commit_that_was_torn(file: Place, ready: Children, tmp_path: Path) -> None:
    """What a crash leaves of SQLite's log when it comes while the commit is being written: any beginning of it. Then all of the run
    is there, or nothing."""
    statements = statements_of(BY_NAME["run"], file, ready)
    url = file.fresh()
    out = tmp_path / "out"
    ended = ready.run(file.environment, name="run", url=url, out=str(out), fault="killed after", at=statements - 1)
    assert ended.code == -9
    path = Path(url.removeprefix("sqlite:///"))
    log = Path(f"{path}-wal").read_bytes()
    frames = (len(log) - LOG_HEAD) // (PAGE_BYTES + FRAME_HEAD)
    assert frames > 3
    ends = [LOG_HEAD + (PAGE_BYTES + FRAME_HEAD) * number for number in range(frames + 1)]
    states = {cut: _state_of(path, log[:cut], tmp_path) for end in ends for cut in (end - 7, end, end + 100)}
    assert {states[cut] for cut in states if cut < len(log)} == {NOTHING}
    assert states[len(log)] == ALL


def _state_of(path: Path, log: bytes, folder: Path) -> str:
    """How much of the run is there with this much of the log; it can be gone on from there."""
    torn = folder / "torn.db"
    for each in folder.glob("torn.db*"):
        each.unlink()
    shutil.copy(path, torn)
    Path(f"{torn}-wal").write_bytes(log)
    with scene.opened(f"sqlite:///{torn}") as database:
        state = run_state(database, folder)
        run_again(database, folder)
    return state
