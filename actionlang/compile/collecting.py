"""Work that makes many objects, none of them garbage before its end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Keep Python's collector of reference cycles from running: it would go through every tree that is kept again and again, for
    a fifth of the whole time, and find nothing. What it would have found is found afterwards."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
