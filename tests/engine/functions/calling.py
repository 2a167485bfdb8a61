"""Calling a host function as a plan does: by name and overload."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

from actionlang.engine.functions.registry import FUNCTIONS
from actionlang.engine.unit import Unit

NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)


def call(name: str, overload: str, *arguments: Any, zone: tzinfo = UTC) -> Any:
    """What a function gives."""
    function = FUNCTIONS[name, overload]
    return function.call(Unit(NOW, zone), *arguments) if function.takes_unit else function.call(*arguments)
