"""Time-outs: a plug-in that hangs fails its run, and can do nothing to it any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, current_thread

import pytest

from actionlang.plugins import AFTER, Context, Plugins
from actionlang.plugins.workers import MOST_HANGING
from actionlang.runtime.result import RunInterrupted
from tests.plugins.desk import PLACES, open_desk


@contextmanager
def hanging() -> Iterator[Event]:
    """What plug-ins wait for; it comes when the test is over."""
    event = Event()
    try:
        yield event
    finally:
        event.set()


@pytest.mark.parametrize("place", PLACES)
def test_a_plug_in_that_hangs_fails_its_run(plugins: Plugins, place: str) -> None:
    with hanging() as event:

        @plugins.on_verb("example.Escalate", stage=AFTER, name="acme.slow", timeout=0.05)
        def slow(context: Context) -> None:
            event.wait()

        with open_desk(place, plugins) as desk:
            (told,) = desk.refused("Escalate", "1", reason="x").diagnostics
            assert told.code.id == "E0976"
            assert told.message == "The plug-in acme.slow did not end within 0.05 seconds."
            assert "plug-in: acme.slow" in told.notes
            assert desk.runs() == [("example.Escalate", "failed", "E0976")]
            assert desk.tasks() == []
            # The connection is as good as ever.
            desk.run("Note", text="x")
            assert desk.tasks() == ["x"]


@pytest.mark.parametrize("place", PLACES)
def test_what_is_late_can_do_nothing_any_more(plugins: Plugins, place: str) -> None:
    ended: list[str] = []
    over = Event()
    with hanging() as event:

        @plugins.on_verb("example.Escalate", performs=("example.Note",), timeout=0.05)
        def slow(context: Context) -> None:
            event.wait()
            for do in (
                lambda: context.perform("example.Note", text="late"),
                lambda: context.set_argument("reason", "late"),
            ):
                try:
                    do()
                except Exception as error:  # noqa: BLE001 - what it is, is what this is about
                    ended.append(type(error).__name__)
            over.set()

        with open_desk(place, plugins) as desk:
            desk.refused("Escalate", "1", reason="x")
            event.set()
            assert over.wait(10)
            assert ended == ["Ended", "Ended"]
            assert desk.tasks() == []


def test_what_ends_in_time_is_called_in_a_thread_of_its_own(plugins: Plugins) -> None:
    threads: list[str] = []
    plugins.on_verb("example.Note", order=1, timeout=10)(lambda context: threads.append(current_thread().name))
    plugins.on_verb("example.Note", order=2, timeout=None, name="x")(lambda c: threads.append(current_thread().name))
    with open_desk("memory", plugins) as desk:
        desk.run("Note", text="x")
    assert threads == ["actionlang plug-in", current_thread().name]


def test_as_long_as_many_calls_hang_no_other_is_begun(plugins: Plugins) -> None:
    begun: list[int] = []
    ended = [Event() for _ in range(MOST_HANGING)]
    with hanging() as event:

        @plugins.on_verb("example.Note", name="acme.slow", timeout=0.01)
        def slow(context: Context) -> None:
            number = len(begun)
            begun.append(number)
            event.wait()
            if number < MOST_HANGING:
                ended[number].set()

        with open_desk("memory", plugins) as desk:
            for _ in range(MOST_HANGING):
                desk.refused("Note", text="x")
            (told,) = desk.refused("Note", text="x").diagnostics
            assert told.code.id == "E0976"
            assert (
                told.message
                == f"{MOST_HANGING} earlier calls of the plug-in acme.slow have not ended, so no other is begun."
            )
            assert len(begun) == MOST_HANGING
            event.set()
            assert all(each.wait(10) for each in ended)


@pytest.mark.parametrize("timeout", [None, 10.0])
def test_ctrl_c_in_a_plug_in_interrupts_the_run(plugins: Plugins, timeout: float | None) -> None:
    @plugins.on_verb("example.Note", stage=AFTER, timeout=timeout)
    def stop(context: Context) -> None:
        raise KeyboardInterrupt

    with open_desk("memory", plugins) as desk:
        with pytest.raises(RunInterrupted):
            desk.run("Note", text="x")
        assert desk.runs() == [("example.Note", "interrupted", "E0807")]
        assert desk.tasks() == []
