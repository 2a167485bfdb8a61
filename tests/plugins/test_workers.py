"""Calls in threads of their own, whatever they are for."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import ContextVar
from threading import Event, Thread, current_thread
from typing import Any

import pytest

from actionlang.plugins.workers import MOST_HANGING, Desk, Ended, Late, Workers

AMOUNT: ContextVar[int] = ContextVar("AMOUNT")


def test_what_a_call_gives_and_raises() -> None:
    workers = Workers()
    assert workers.call("x", 10, lambda desk: 42) == 42
    with pytest.raises(ZeroDivisionError):
        workers.call("x", 10, lambda desk: 1 // 0)


def test_what_a_call_asks_for_is_done_by_the_thread_that_waits() -> None:
    workers = Workers()
    found = workers.call("x", 10, lambda desk: (current_thread(), desk.ask(current_thread)))
    assert found[1] is current_thread()
    assert found[0] is not current_thread()


def test_what_goes_wrong_with_it_is_raised_where_it_was_asked_for() -> None:
    def call(desk: Desk) -> str:
        with pytest.raises(ZeroDivisionError):
            desk.ask(lambda: 1 // 0)
        return "went on"

    assert Workers().call("x", 10, call) == "went on"


def test_calls_inside_of_calls() -> None:
    workers = Workers()

    def call(depth: int) -> Callable[[Desk], int]:
        return lambda desk: depth if depth == 20 else desk.ask(lambda: workers.call("x", 10, call(depth + 1)))

    assert workers.call("x", 10, call(0)) == 20


def test_a_call_sees_the_context_of_whoever_waits() -> None:
    AMOUNT.set(7)
    assert Workers().call("x", 10, lambda desk: AMOUNT.get()) == 7


def test_a_late_call_is_left_alone() -> None:
    workers, go, told = Workers(), Event(), list[Any]()
    over = Event()

    def call(desk: Desk) -> None:
        go.wait()
        try:
            desk.ask(lambda: told.append("done"))
        except Ended:
            told.append("ended")
        over.set()

    with pytest.raises(Late):
        workers.call("x", 0.01, call)
    go.set()
    assert over.wait(10)
    assert told == ["ended"]


def test_calls_that_hang_are_counted_until_they_end() -> None:
    workers, go = Workers(), Event()
    for _ in range(MOST_HANGING):
        with pytest.raises(Late):
            workers.call("x", 0.001, lambda desk: go.wait())
    with pytest.raises(Late) as late:
        workers.call("x", 10, lambda desk: None)
    assert late.value.hanging == MOST_HANGING
    assert workers.call("y", 10, lambda desk: "another one's") == "another one's"
    go.set()
    while True:
        # They end when they get to it.
        try:
            assert workers.call("x", 10, lambda desk: "at last") == "at last"
            break
        except Late:
            continue


def test_an_interrupted_wait_leaves_its_call_alone() -> None:
    workers, go, ended = Workers(), Event(), Event()

    def interrupt() -> None:
        raise KeyboardInterrupt

    def call(desk: Desk) -> None:
        try:
            desk.ask(interrupt)
        except Ended:
            ended.set()
        go.wait()

    with pytest.raises(KeyboardInterrupt):
        workers.call("x", 10, call)
    assert ended.wait(10)
    go.set()


def test_many_threads_at_once() -> None:
    workers, wrong = Workers(), list[str]()

    def work(number: int) -> None:
        for turn in range(50):
            found = workers.call(number, 10, lambda desk, turn=turn: (number, desk.ask(lambda: turn)))  # type: ignore[misc]
            if found != (number, turn):
                wrong.append(f"{number} got {found}")

    threads = [Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_process_that_is_forked_off_has_workers_of_its_own() -> None:
    workers = Workers()
    workers.call("x", 10, lambda desk: None)
    child = os.fork()
    if child == 0:
        os._exit(0 if workers.call("x", 10, lambda desk: 42) == 42 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
