"""The functions that the host has are those that plans may call."""

from __future__ import annotations

from actionlang.engine.functions.registry import FUNCTIONS
from actionlang.plan.host_functions import host_functions


def test_every_declared_function_is_there_and_no_other() -> None:
    assert FUNCTIONS.keys() == host_functions().keys()
