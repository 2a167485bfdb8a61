"""`actionlang deliver`, `deliveries` and `subscriptions`, as their users run them."""

from __future__ import annotations

import io
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from actionlang.delivery.secret import SecretPlace
from actionlang.runtime.database import Database
from tests.cli.inside import Command, command
from tests.cli.running import COMMAND, Done, actionlang, environment
from tests.delivery.conftest import SECRET
from tests.delivery.outbox import emit, emit_many, event_row, states
from tests.delivery.receiver import Answer, Receiver

__all__ = ["command"]

Run = Callable[..., Done]


@pytest.fixture
def run(sqlite_url: str, command: Command, secret: SecretPlace) -> Run:
    """Runs a command line on desk.db, in its folder."""
    return lambda *arguments: command(*arguments, "--db", "desk.db")


def test_from_a_subscription_to_a_dead_letter_and_back(run: Run, on_sqlite: Database, receiver: Receiver) -> None:
    assert run("subscriptions", "list").fine() == "No subscriptions.\n"
    add = ("--event", "helpdesk.*", "--url", receiver.url, "--allow-private", "--secret-env", "DESK_SECRET")
    added = run("subscriptions", "add", "hub", *add)
    assert added.fine() == f"Added hub: helpdesk.* to {receiver.url}.\n"
    event = emit(on_sqlite, row="CAS-1", reason="smoke")
    receiver.answer = lambda _: Answer(500)
    failed = run("deliver", "--once", "--attempts", "1")
    assert (failed.status, failed.error) == (1, "")
    assert failed.out == (
        "dead       helpdesk.Escalated to hub (case CAS-1): the receiver answered 500 Internal Server Error\n"
        "1 dead (see actionlang deliveries --dead).\n"
    )
    (dead,) = json.loads(run("deliveries", "--dead", "--json").fine())
    assert dead == {
        "id": 1,
        "event": event,
        "name": "helpdesk.Escalated",
        "row": {"table": "helpdesk.case", "key": "CAS-1"},
        "emitted": "2026-11-24T09:30:00Z",
        "subscription": "hub",
        "state": "dead",
        "attempts": 1,
        "due": None,
        "settled": dead["settled"],
        "error": "the receiver answered 500 Internal Server Error",
    }
    lines = run("deliveries").fine().splitlines()
    assert lines[0].split() == ["id", "event", "about", "to", "state", "attempts", "when", "why"]
    assert "case CAS-1" in lines[2]
    receiver.answer = lambda _: Answer()
    assert run("deliveries", "replay", "1").fine() == "1 delivery will be sent again.\n"
    line = json.loads(run("deliver", "--once", "--json").fine())
    assert (line["event"], line["state"], line["attempt"], line["kept"]) == (event, "delivered", 1, True)
    assert set(line) == {
        *("delivery", "event", "name", "subscription", "row", "attempt"),
        *("state", "error", "due", "took_ms", "kept"),
    }
    assert receiver.ids == [event, event]
    assert run("deliver", "--once").fine() == "Nothing was due.\n"
    assert run("deliveries", "prune", "--before", "2100-01-01").fine() == "1 delivery and 1 event deleted.\n"
    assert run("deliveries").fine() == "None.\n"


def test_pausing_resuming_removing(
    run: Run, tmp_path: Path, on_sqlite: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = ("--event", "*", "--url", receiver.url, "--allow-private", "--secret-file", "secret")
    made = json.loads(run("subscriptions", "add", "hub", *add, "--json").fine())
    assert made["settings"] == {
        "url": receiver.url,
        "secret": {"file": str(tmp_path / "secret")},
        "allow_private": True,
    }
    emit(on_sqlite)
    run("subscriptions", "pause", "hub", "--why", "moving").fine()
    run("deliver", "--once").fine()
    (told,) = json.loads(run("subscriptions", "list", "--json").fine())
    assert (told["pending"], told["pause_reason"]) == (1, "moving")
    assert "paused: moving" in run("subscriptions", "list").fine()
    assert run("subscriptions", "resume", "hub").fine() == "Resumed hub.\n"
    without = run("deliver", "--once")
    assert without.status == 1
    assert "error[E0963]" in without.error
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    asked = run("subscriptions", "remove", "hub")
    assert (asked.status, asked.out) == (1, "")
    assert asked.error == "Remove hub, with 1 that did not arrive? [y/N]: Nothing was removed.\n"
    assert run("subscriptions", "remove", "hub", "--yes").fine() == "Removed hub, with 1 that did not arrive.\n"
    assert states(on_sqlite) == {}


def test_mail_is_kept_until_there_is_a_mail_server(run: Run, on_sqlite: Database) -> None:
    emit(on_sqlite, "core.Email", to="ann@example.com", subject="Hello", body="Hi")
    assert run("deliver", "--once").fine() == (
        "Nothing was due.\n1 waits for a subscription email, which there is not: "
        "actionlang subscriptions email --smtp HOST --from ADDRESS\n"
    )
    added = run("subscriptions", "email", "--smtp", "localhost:1", "--from", "a@b.eu", "--security", "none")
    assert added.fine() == "Added email: core.Email to localhost:1.\n"
    sent = run("deliver", "--once")
    assert sent.status == 1
    assert "the mail server localhost can not be reached" in sent.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("subscriptions", "add", "a", "--event", "*", "--url", "https://x.eu"), "Where is the secret"),
        (("subscriptions", "email", "--smtp", "x:y", "--from", "a@b.eu"), "y is no port of a mail server."),
        (
            ("subscriptions", "email", "--smtp", "x", "--from", "a@b.eu", "--secret-env", "A", "--secret-file", "b"),
            "not both",
        ),
        (("deliveries", "replay"), "Which deliveries?"),
        (("deliveries", "drop", "1", "--all-dead"), "Which deliveries?"),
        (("deliveries", "replay", "1", "--subscription", "a"), "--subscription goes with --all-dead."),
        (("deliveries", "prune", "--before", "2026-02-30"), "2026-02-30 is no date"),
        (("deliver", "--lease", "20"), "--lease 20 is shorter than twice --timeout 15."),
        (("subscriptions", "pause", "nobody"), "error[E0960]"),
        (("deliver", "--subscribers", "nothing_like_it"), "error[E0965]"),
    ],
)
def test_what_is_wrong_is_told(run: Run, arguments: tuple[str, ...], told: str) -> None:
    done = run(*arguments)
    assert done.status == 2
    assert told in done.error


def test_a_database_without_the_tables(command: Command) -> None:
    for words in (("deliver", "--once"), ("deliveries",), ("subscriptions", "list")):
        done = command(*words, "--db", "sqlite://")
        assert done.status == 1
        assert "error[E0806]" in done.error
        assert "actionlang registry init" in done.error


@pytest.mark.process
def test_without_the_library_for_webhooks(run: Run, tmp_path: Path, on_sqlite: Database, receiver: Receiver) -> None:
    """Whoever sends mail only needs none."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "sitecustomize.py").write_text("import sys\nsys.modules['httpx2'] = None\n")
    deliver = ("deliver", "--once", "--db", "desk.db")
    assert actionlang(tmp_path, *deliver, PYTHONPATH="hidden").fine() == "Nothing was due.\n"
    add = ("--event", "*", "--url", receiver.url, "--allow-private", "--secret-env", "DESK_SECRET")
    run("subscriptions", "add", "hub", *add).fine()
    emit(on_sqlite)
    done = actionlang(tmp_path, *deliver, PYTHONPATH="hidden")
    assert done.status == 2
    assert "error[E0911]: This needs httpx2, which is not installed." in done.error
    assert "pip install 'actionlang[deliver]'" in done.error


@pytest.mark.process
def test_functions_in_python(tmp_path: Path, sqlite_url: str, on_sqlite: Database) -> None:
    (tmp_path / "chat.py").write_text(
        "from actionlang.delivery.subscribers import subscriber\n\n\n"
        "@subscriber('helpdesk.*', name='chat')\n"
        "def tell(event):\n"
        "    print('told', event.payload['reason'], flush=True)\n"
    )
    deliver = ("deliver", "--once", "--subscribers", "chat", "--db", "desk.db")
    actionlang(tmp_path, *deliver).fine()
    emit(on_sqlite, reason="smoke")
    done = actionlang(tmp_path, *deliver).fine()
    assert done.splitlines() == ["told smoke", "delivered  helpdesk.Escalated to chat", "1 delivered."]


@pytest.mark.process
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_it_is_asked_to_and_finishes_what_it_sends(
    run: Run, tmp_path: Path, on_sqlite: Database, receiver: Receiver, how: int
) -> None:
    add = ("--event", "*", "--url", receiver.url, "--allow-private", "--secret-env", "DESK_SECRET")
    run("subscriptions", "add", "hub", *add).fine()
    emit_many(on_sqlite, [event_row("a.B") for _ in range(40)])
    with subprocess.Popen(
        [*COMMAND, "deliver", "--workers", "1", "--db", "desk.db"],
        cwd=tmp_path,
        env=environment(DESK_SECRET=SECRET),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:

        def ask_once(_: object) -> Answer:
            if len(receiver.got) == 1:
                process.send_signal(how)
            return Answer()

        receiver.answer = ask_once
        out, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (0, "")
    done = [event for event, state in states(on_sqlite).items() if state == "delivered"]
    assert 1 <= len(done) < 40
    assert sorted(done) == sorted(receiver.ids), "what was sent is written down"
    assert out.splitlines()[-1] == f"{len(done)} delivered."
    with on_sqlite.connection() as connection:
        held = connection.exec_driver_sql("SELECT count(*) FROM actionlang_delivery WHERE lease IS NOT NULL").scalar()
    assert held == 0, "the rest is given back"
