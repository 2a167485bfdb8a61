"""Memory once a server is ready: all that is there then stays there."""

from __future__ import annotations

import gc

MOST_NEW = 10_000
"""Objects made and not freed after which Python looks at the new ones. A call makes and frees some thousand."""


def settle() -> None:
    """Have Python's collector, which stops all threads while it looks, not look again at what is there, nor after every few
    hundred new objects, as is right for small programs. For a process that does nothing but serve."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MOST_NEW)
