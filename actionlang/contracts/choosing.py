"""Which rules of compatibility count. This module is read with every project file, so it knows no rule itself."""

from __future__ import annotations

import attrs


@attrs.frozen
class Chosen:
    """Rules and categories that count, and those that do not although they are in a category that does."""

    use: tuple[str, ...] = ("source",)
    without: tuple[str, ...] = ()
