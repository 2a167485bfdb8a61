"""What is in the middle of being done when a fault comes, and what has to hold afterwards.

Each work looks at the database first as the fault left it: all of the work is there, or nothing (for a delivery: as much as was
sent). Then it is done once more, as a caller, an operator or a service does who starts again, and has to be there once.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.audit.sealing import Sealer
from actionlang.audit.verifying import verify
from actionlang.delivery.deliverer import Deliverer, Pace
from actionlang.delivery.events import Delivered
from actionlang.delivery.subscribers import Subscriber, Subscribers
from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from tests.faults.matrix import scene
from tests.registry import board

KEY = "once"
NOTHING, ALL, SOME = "nothing", "all", "some"


@attrs.frozen
class Work:
    """`do` does it, on a database, with a file for what goes out of it. `state` says how much of it is there, having seen that it is
    consistent. `again` does it once more after the fault and sees that all of it is there, once."""

    name: str
    do: Callable[[Database, Path], Any]
    state: Callable[[Database, Path], str]
    again: Callable[[Database, Path], Any]


def ask(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """Rows."""
    with database.connection() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def one(database: Database, statement: str) -> Any:
    """One value."""
    ((found,),) = ask(database, statement)
    return found


# ------------------------------------------------------------------------------------------------------------------ a run


def run(database: Database, _: Path) -> Any:
    """A run with a key that writes three rows, of two tables, and emits two events."""
    return scene.plan("Close").run(database, on=1, key=KEY, engine="interpreter")


def run_state(database: Database, _: Path) -> str:
    """The row, its trail, its record with all its changes, its events and its key: all of them or none."""
    closed = one(database, "SELECT closed FROM ticket WHERE number = 1") - 1
    assert closed in (0, 1)
    made = one(database, "SELECT max(id) FROM actionlang_run WHERE verb = 'example.Close' AND outcome = 'done'")
    runs = one(database, "SELECT count(*) FROM actionlang_run WHERE verb = 'example.Close' AND outcome = 'done'")
    assert runs == 2 + closed
    assert one(database, "SELECT count(*) FROM trail WHERE ticket = 1") == 2 + 2 * closed
    changes = ask(database, f"SELECT sequence FROM actionlang_change WHERE run = '{made}' ORDER BY sequence")
    assert changes == [(1,), (2,), (3,)]
    events = ask(database, f"SELECT sequence, name FROM actionlang_event WHERE run = '{made}' ORDER BY position")
    assert events == [(1, "example.Closed"), (2, "example.Told")]
    assert one(database, "SELECT count(*) FROM actionlang_event") == scene.WAITING + 2 * closed
    assert one(database, "SELECT count(*) FROM actionlang_change WHERE run NOT IN (SELECT id FROM actionlang_run)") == 0
    keys = ask(database, "SELECT key, run, outputs FROM actionlang_key")
    assert keys == [(KEY, made, '{"times":2}')] * closed
    return ALL if closed else NOTHING


def run_again(database: Database, out: Path) -> None:
    """The caller calls again with the same key."""
    before = run_state(database, out)
    result = run(database, out)
    assert (result.replayed, result["times"]) == (before == ALL, 2)
    assert run_state(database, out) == ALL


# ------------------------------------------------------------------------------------------------------------ an activation


def activate(database: Database, _: Path) -> Any:
    """A new version of three verbs, which perform one another."""
    return board.activate(database, board.LOUD)


def registry_state(database: Database, _: Path) -> str:
    """The active versions are all old or all new, each there and readable, and the history has no gap."""
    active = board.active(database)
    assert active in (
        {"Clear": 1, "Note": 1, "Often": 1, "Twice": 1},
        {"Clear": 1, "Note": 2, "Often": 2, "Twice": 2},
    )
    activations = [number for (number,) in ask(database, "SELECT number FROM actionlang_activation ORDER BY number")]
    assert activations == list(range(1, one(database, "SELECT generation FROM actionlang_registry") + 1))
    for verb, number in active.items():
        numbers = ask(database, f"SELECT number FROM actionlang_version WHERE verb = 'board.{verb}' ORDER BY number")
        assert numbers == [(each,) for each in range(1, number + 1)]
        moves = ask(
            database, f"SELECT before, after FROM actionlang_activated WHERE verb = 'board.{verb}' ORDER BY activation"
        )
        assert moves == [(None, 1), (1, 2)][:number]
    found = Verbs.open(database).snapshot().all()
    assert {each.plan.verb.short_name: each.version for each in found} == active
    return ALL if active["Note"] == 2 else NOTHING


def activate_again(database: Database, out: Path) -> None:
    """The operator activates again."""
    before = registry_state(database, out)
    published = activate(database, out)
    assert (published.entry is None) == (before == ALL)
    assert registry_state(database, out) == ALL


# --------------------------------------------------------------------------------------------------------------- a delivery

LEASE = timedelta(seconds=60)
START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
"""The same in each process, whenever that began."""


def deliver(database: Database, out: Path, *, at: datetime = START) -> Any:
    """All events that wait, to a subscriber who notes each in a file that is on the disk before it says so."""
    subscribers = Subscribers([Subscriber("notes", ("*",), lambda event: note(event, out))])
    return Deliverer(database, subscribers=subscribers, pace=Pace(workers=1), now=lambda: at).run_once()


def note(event: Delivered, out: Path) -> None:
    """Write an event down."""
    told = {
        "id": event.id,
        "name": event.name,
        "row": None if event.row is None else event.row.key,
        "payload": event.payload,
    }
    with out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(told, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())


def received(out: Path) -> list[dict[str, Any]]:
    """What has come, in order."""
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []


def delivery_state(database: Database, out: Path) -> str:
    """What came is what was emitted, each event as it is; what is marked as delivered has come."""
    emitted = {
        id_: (name, None if key is None else json.loads(key), json.loads(payload))
        for id_, name, key, payload in ask(database, "SELECT id, name, row_key, payload FROM actionlang_event")
    }
    came = received(out)
    assert all(emitted[each["id"]] == (each["name"], each["row"], each["payload"]) for each in came)
    delivered = {id_ for (id_,) in ask(database, "SELECT event FROM actionlang_delivery WHERE state = 'delivered'")}
    assert delivered <= {each["id"] for each in came}
    assert one(database, "SELECT count(*) - count(DISTINCT event) FROM actionlang_delivery") == 0
    return NOTHING if not came else ALL if len({each["id"] for each in came}) == len(emitted) else SOME


def deliver_again(database: Database, out: Path) -> None:
    """Another deliverer, once the lease of the first has ended: none is lost, and the order of each row is kept."""
    deliver(database, out, at=START + 2 * LEASE)
    assert delivery_state(database, out) == ALL
    order = [id_ for (id_,) in ask(database, "SELECT id FROM actionlang_event ORDER BY position")]
    states = ask(database, "SELECT DISTINCT state FROM actionlang_delivery")
    assert states == [("delivered",)]
    assert one(database, "SELECT count(*) FROM actionlang_delivery") == len(order)
    came = received(out)
    times = Counter(each["id"] for each in came)
    assert set(times.values()) <= {1, 2}, "what comes again comes twice"
    for row in {json.dumps(each["row"]) for each in came}:
        places = [order.index(each["id"]) for each in came if json.dumps(each["row"]) == row]
        assert places == sorted(places)


# -------------------------------------------------------------------------------------------------------------- a sealing


def seal(database: Database, _: Path) -> Any:
    """The records of all runs become a part of the chain."""
    return Sealer(database).seal()


def chain_state(database: Database, _: Path) -> str:
    """What is sealed is whole."""
    found = verify(database)
    assert found.problems == ()
    return ALL if not found.unsealed else NOTHING


def seal_again(database: Database, out: Path) -> None:
    """Another sealer."""
    seal(database, out)
    assert chain_state(database, out) == ALL


WORKS: Sequence[Work] = (
    Work("run", run, run_state, run_again),
    Work("activation", activate, registry_state, activate_again),
    Work("delivery", deliver, delivery_state, deliver_again),
    Work("sealing", seal, chain_state, seal_again),
)
BY_NAME = {work.name: work for work in WORKS}


def sound(database: Database, out: Path) -> None:
    """Whatever the fault was in the middle of, all the rest is as it was: no other work has begun or is harmed."""
    for work in WORKS:
        work.state(database, out)
