"""The standard library: scripts that the package carries along."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from actionlang.compile.reading import decode_source
from actionlang.diagnostics.source import Source

FOLDER = "stdlib"
"""What stands before the names of its scripts, as in `stdlib/core.act`."""


@cache
def standard_modules() -> tuple[str, ...]:
    """Names of the standard library's modules."""
    return tuple(sorted(path.stem for path in _folder().glob("*.act")))


def standard_source(name: str) -> Source:
    """The source of a standard library module."""
    return decode_source((_folder() / f"{name}.act").read_bytes(), f"{FOLDER}/{name}.act")


@cache
def _folder() -> Path:
    # Imported late: where nothing has to be looked up in the library, its place is not asked for.
    from importlib import resources

    return Path(str(resources.files("actionlang.stdlib")))
