"""The targets themselves: real scripts and plans keep every promise, and so does what once broke one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import seeds
from tests.fuzz.targets import TARGETS, altered, plans_of

FOUND = sorted((Path(__file__).parent / "found").glob("*/*"))


@pytest.mark.parametrize("target", ["read", "check", "format"])
def test_scripts(target: str) -> None:
    tried = 0
    for script in list(seeds.scripts())[::7]:
        TARGETS[target](script)
        tried += 1
    assert tried > 50


def test_plans() -> None:
    plans = list(seeds.plans())[::4]
    assert len(plans) > 20
    for number, plan in enumerate(plans):
        TARGETS["load"](plan)
        TARGETS["load"](altered(plan, Random(number)))


def test_what_once_broke_a_promise() -> None:
    for file in FOUND:
        TARGETS[file.parent.name](file.read_bytes())


def test_sound_scripts_become_plans() -> None:
    assert len(plans_of(b"action A < stop >")) == 1
    assert plans_of(b"action A < stop") == []


@pytest.mark.parametrize(
    ("target", "broken"),
    [("read", "actionlang.syntax.parser.Parser.diagnostics"), ("format", "tests.fuzz.targets.format_source")],
)
def test_a_target_tells_of_a_broken_promise(target: str, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(broken, raise_)
    with pytest.raises(RuntimeError, match="broken"):
        TARGETS[target](b"action A < stop >")


def _same(data: bytes) -> bytes:
    return data


@pytest.mark.parametrize("change", [_same, lambda data: altered(data, Random(1))])
def test_what_is_no_json_is_left_alone(change: Callable[[bytes], bytes]) -> None:
    assert change(b"{no json") == b"{no json"
