"""One set of plug-ins for all threads of a host."""

from __future__ import annotations

from threading import Barrier, Lock, Thread

import pytest

from actionlang.plugins import AFTER, Context, Plugins
from tests.plugins.desk import open_desk

THREADS, RUNS = 32, 4


@pytest.mark.parametrize("place", ["sqlite", "postgres"])
@pytest.mark.parametrize("timeout", [None, 60.0])
def test_many_threads_run_verbs_with_plug_ins(plugins: Plugins, place: str, timeout: float | None) -> None:
    seen: set[tuple[object, str | None]] = set()
    lock, together, wrong = Lock(), Barrier(THREADS), list[BaseException]()

    @plugins.on_table("example.task", "create", timeout=timeout)
    def tag(context: Context) -> None:
        context.set_argument("subject", f"{context.arguments['subject']}!")

    @plugins.on_verb("example.Note", stage=AFTER, timeout=timeout, performs=("example.Echo",))
    def echo(context: Context) -> None:
        assert context.depth == 1
        told = context.perform("example.Echo", text=context.arguments["text"])["told"]
        with lock:
            seen.add((told, context.run))

    with open_desk(place, plugins, busy_timeout=60.0) as desk:

        def work(number: int) -> None:
            try:
                together.wait()
                for turn in range(RUNS):
                    desk.run("Note", text=f"{number} {turn}")
            except BaseException as error:  # noqa: BLE001 - told by the test
                wrong.append(error)

        threads = [Thread(target=work, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        expected = {f"{number} {turn}" for number in range(THREADS) for turn in range(RUNS)}
        assert desk.tasks() == sorted(f"{text}!" for text in expected)
        done = {run for (run,) in desk.query("SELECT id FROM actionlang_run WHERE verb = 'example.Note'")}
        assert len(done) == THREADS * RUNS
        # A run that met another one on its way was attempted again, and its plug-ins were called again.
        assert {told for told, _ in seen} == expected
        assert {run for _, run in seen} == done
