"""What closures pass around: the frame of a running verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Frame = list[Any]
"""The unit, the outputs returned so far, then the locals."""

Evaluate = Callable[[Frame], Any]
"""An expression: gives its value."""

Execute = Callable[[Frame], "bool | None"]
"""A step or block: does it, and says True when the verb ends with it."""

UNIT = 0
OUTPUTS = 1
FIRST_LOCAL = 2
