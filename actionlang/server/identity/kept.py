"""Credentials that held a moment ago, so that not each request asks the database and the issuer.

They count for a second. In the second half of it one of the requests that come with them verifies them anew while the others go
on, so that of many at once not all wait when the second is over.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import attrs

from actionlang.server.identity.identity import Identity

MOST_KEPT = 10_000


@attrs.define
class _Entry:
    identity: Identity
    renewed: float
    ends: float
    is_being_renewed: bool = False


class Kept:
    """Credentials by a digest of theirs. Serves any number of threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._lock = Lock()

    def find(self, name: bytes) -> Identity | None:
        """Whose they are; None where they are to be verified."""
        entry = self._entries.get(name)
        now = self._now()
        if entry is None or now >= entry.ends:
            return None
        if now >= entry.renewed:
            with self._lock:
                if not entry.is_being_renewed:
                    entry.is_being_renewed = True
                    return None
        return entry.identity

    def knows(self, name: bytes) -> bool:
        """Whether they held once, not long ago."""
        return name in self._entries

    def keep(self, name: bytes, identity: Identity, since: float, seconds: float) -> None:
        """They hold, as was looked up at a moment, and for so many seconds from then."""
        with self._lock:
            self._entries[name] = _Entry(identity, since + seconds / 2, since + seconds)
            self._entries.move_to_end(name)
            if len(self._entries) > MOST_KEPT:
                self._entries.popitem(last=False)

    def forget(self, name: bytes) -> None:
        """They do not hold any more."""
        with self._lock:
            self._entries.pop(name, None)
