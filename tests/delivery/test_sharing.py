"""Several deliverers in several processes share the work: `actionlang deliver`, as its users run it."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import defaultdict

import pytest

from actionlang.delivery.secret import SecretPlace
from actionlang.runtime.database import Database
from tests.cli.running import COMMAND, environment
from tests.delivery.conftest import SECRET, subscribe
from tests.delivery.outbox import emit_many, event_row
from tests.delivery.receiver import Answer, Got, Receiver

pytestmark = pytest.mark.process

DELIVERERS, WORKERS = 3, 3
EVENTS, ROWS = 1000, 100


def test_deliverers_share_a_thousand_events(postgres_url: str, receiver: Receiver, secret: SecretPlace) -> None:
    with Database.connect(postgres_url) as database:
        subscribe(database, receiver.url, secret)
        events = emit_many(
            database, [event_row("desk.Moved", f"CAS-{number % ROWS}", at=number) for number in range(EVENTS)]
        )
    all_at_work = threading.Barrier(DELIVERERS * WORKERS)
    met = threading.Event()

    def meet(_: Got) -> Answer:
        # As long as they have not met, nobody gets an answer: so each of them has its share.
        if not met.is_set():
            all_at_work.wait(60)
            met.set()
        return Answer()

    receiver.answer = meet
    command = [*COMMAND, "deliver", "--once", "--json", "--workers", str(WORKERS), "--timeout", "60", "--lease", "200"]
    running = [
        subprocess.Popen(
            [*command, "--db", postgres_url], env=environment(DESK_SECRET=SECRET), stdout=subprocess.PIPE, text=True
        )
        for _ in range(DELIVERERS)
    ]
    shares = [[json.loads(line) for line in process.communicate(timeout=120)[0].splitlines()] for process in running]
    assert [process.returncode for process in running] == [0] * DELIVERERS
    assert sorted(receiver.ids) == sorted(events), "each came, and none of them twice"
    assert all(len(share) >= WORKERS for share in shares)
    told = [attempt["event"] for share in shares for attempt in share]
    assert sorted(told) == sorted(events)
    came = defaultdict(list)
    for got in receiver.got:
        came[got.data["row"]["key"]].append(got.data["data"]["at"])
    assert len(came) == ROWS
    assert all(numbers == sorted(numbers) for numbers in came.values())
