"""How often somebody may call: token buckets, one a caller, and for wrong credentials one an address.

They are this process's own: several workers let a caller do so much each. What is told follows
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (RateLimit, RateLimit-Policy) and RFC 9110 (Retry-After).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from threading import Lock
from time import monotonic

from actionlang.diagnostics.catalogue.server import TOO_OFTEN
from actionlang.server.identity.challenges import TOO_MANY
from actionlang.server.refusal import Refusal

MOST_KNOWN = 10_000
"""Buckets kept; the one that was used longest ago makes room for another: a full one is no loss."""


ROOM = 1.0 - 1e-6
"""Of a token, what has to be there for it to be taken: whoever waited for as long as was told is not refused for what rounding
took. It is owed."""


class Rates:
    """Buckets by name, each of which holds `burst` tokens and gets `per_second` new ones. Serves any number of threads."""

    def __init__(self, name: str, per_second: float, burst: int, now: Callable[[], float] = monotonic) -> None:
        self._name = name
        self._per_second = per_second
        self._burst = burst
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, whose: str) -> None:
        """Take a token. Raises Refusal with 429 when there is none."""
        if self._per_second and (held := self._taken(whose, 1.0)) < ROOM:
            raise self._refusal(held)

    def note(self, whose: str) -> None:
        """Take a token where there is one."""
        if self._per_second:
            self._taken(whose, 1.0)

    def charge(self, whose: str, many: int) -> None:
        """Take many tokens at once, also those that are not there yet: whoever has taken them waits the longer."""
        if self._per_second and many > 0:
            self._taken(whose, float(many), though_empty=True)

    def see(self, whose: str) -> None:
        """See that there is a token, which stays where it is. Raises Refusal with 429 when there is none."""
        if self._per_second and (held := self._taken(whose, 0.0)) < ROOM:
            raise self._refusal(held)

    def _taken(self, whose: str, many: float, *, though_empty: bool = False) -> float:
        """Take tokens, if there is one; gives how many there were."""
        now = self._now()
        with self._lock:
            held, since = self._buckets.pop(whose, (float(self._burst), now))
            held = min(float(self._burst), held + (now - since) * self._per_second)
            self._buckets[whose] = (held - many if held >= ROOM or though_empty else held), now
            if len(self._buckets) > MOST_KNOWN:
                self._buckets.popitem(last=False)
        return held

    def _refusal(self, held: float) -> Refusal:
        wait = max(1, ceil((1.0 - held) / self._per_second))
        window = max(1, ceil(self._burst / self._per_second))
        headers = {
            "Retry-After": str(wait),
            "RateLimit-Policy": f'"{self._name}";q={self._burst};w={window}',
            "RateLimit": f'"{self._name}";r=0;t={wait}',
        }
        return Refusal(TOO_MANY, TOO_OFTEN.id, "There were too many requests. Wait, and try again.", headers=headers)
