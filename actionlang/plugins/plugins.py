"""The plug-ins and implementations of a host, found and checked once, at its start."""

from __future__ import annotations

import attrs


@attrs.frozen(eq=False)
class Plugins:
    """Everything that a host has registered."""
